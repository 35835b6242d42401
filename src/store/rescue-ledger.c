/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/rescue-ledger.h"

#include "base/error.h"
#include "base/file.h"
#include "store/carried-private.h"
#include "store/contact-pool.h"
#include "store/draft.h"
#include "store/hand-in.h"
#include "store/vault.h"

/* Of one rescue: its envelopes, what is in them, how many contacts the central was told of in one,
 * and the last sequence used. */
#define BATCH_TYPE "(asastt)"
#define LEDGER_TYPE "a" BATCH_TYPE
#define MAX_BYTES (64u << 20)

struct _PlazaRescueLedger
{
  PlazaCarried *carried; /* not owned */
  PlazaStore *store;
  char *path;
  GPtrArray *batches; /* GVariant, those that hold */
  GHashTable *known;  /* ids of entries and contacts, marks of drafts, of these */
  guint64 told;
  guint64 sequence;
  gint64 last;      /* envelope that was there before */
  GPtrArray *fresh; /* what is put into envelopes now */
};

static void
take_batch (PlazaRescueLedger *self, GVariant *batch)
{
  const char *fingerprint = plaza_store_get_campaign (self->store)->fingerprint;
  g_autofree const char **envelopes = NULL;
  g_autofree const char **content = NULL;
  guint64 told, sequence;

  g_variant_get (batch, "(^a&s^a&stt)", &envelopes, &content, &told, &sequence);
  for (guint i = 0; envelopes[i] != NULL; i++)
    if (!plaza_carried_knows_envelope (self->carried, fingerprint, envelopes[i]))
      return;
  for (guint i = 0; content[i] != NULL; i++)
    g_hash_table_add (self->known, g_strdup (content[i]));
  self->told = MAX (self->told, told);
  self->sequence = MAX (self->sequence, sequence);
  g_ptr_array_add (self->batches, g_variant_ref (batch));
}

static GBytes *
place (void)
{
  return plaza_vault_place ("rescue-ledger", NULL);
}

static void
load (PlazaRescueLedger *self)
{
  g_autoptr (GBytes) where = place ();
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GVariant) batches = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    return;
  sealed = plaza_file_read (self->path, MAX_BYTES, &error);
  if (sealed != NULL)
    batches = plaza_vault_open_variant (plaza_store_get_values_key (self->store), sealed,
                                        LEDGER_TYPE, where, &error);
  if (batches == NULL)
    g_warning ("what was rescued before is not known: %s", error->message);
  for (gsize i = 0; batches != NULL && i < g_variant_n_children (batches); i++)
    {
      g_autoptr (GVariant) batch = g_variant_get_child_value (batches, i);

      take_batch (self, batch);
    }
}

PlazaRescueLedger *
plaza_rescue_ledger_open (const char *data_root,
                          PlazaCarried *carried,
                          PlazaStore *store,
                          const char *profile)
{
  const char *fingerprint = plaza_store_get_campaign (store)->fingerprint;
  g_autofree char *folder = plaza_carried_folder (data_root, fingerprint, PLAZA_CARRIED_RESCUED);
  g_autofree char *name = g_strconcat (profile, ".ledger", NULL);
  PlazaRescueLedger *self = g_new0 (PlazaRescueLedger, 1);

  self->carried = carried;
  self->store = g_object_ref (store);
  self->path = g_build_filename (folder, name, NULL);
  self->batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->fresh = g_ptr_array_new_with_free_func (g_free);
  load (self);
  return self;
}

void
plaza_rescue_ledger_free (PlazaRescueLedger *self)
{
  g_object_unref (self->store);
  g_free (self->path);
  g_ptr_array_unref (self->batches);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->fresh);
  g_free (self);
}

/* The first column of every row. */
static gboolean
add_texts (PlazaDatabase *db, GPtrArray *out, gint64 after, const char *sql, GError **error)
{
  g_autoptr (PlazaRows) rows = plaza_database_query (db, error, sql, "i", after);
  GError *local = NULL;

  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    g_ptr_array_add (out, g_strdup (plaza_rows_text (rows, 0)));
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
apply_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaRescueLedger *self = data;
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_free);
  gint64 sequence;

  if (!add_texts (db, waiting, 0, "SELECT id FROM entry WHERE state = 1 AND number > ?", error))
    return FALSE;
  for (guint i = 0; i < waiting->len; i++)
    {
      const char *id = g_ptr_array_index (waiting, i);

      if (g_hash_table_contains (self->known, id) &&
          !plaza_database_run (db, error, "UPDATE entry SET state = 2 WHERE id = ?", "t", id))
        return FALSE;
    }
  if (!plaza_store_count (db, PLAZA_COUNTER_SEQUENCE, 0, &sequence, error) ||
      ((gint64) self->sequence > sequence &&
       !plaza_store_count (db, PLAZA_COUNTER_SEQUENCE, (gint64) self->sequence - sequence, NULL,
                           error)))
    return FALSE;
  return plaza_contact_pool_forget (store, db, self->known, self->told, error) &&
         plaza_contact_pool_list (store, db, self->fresh, error) &&
         plaza_database_get_int (db, 0, &self->last, error,
                                 "SELECT coalesce (max (number), 0) FROM envelope", "");
}

gboolean
plaza_rescue_ledger_apply (PlazaRescueLedger *self, GError **error)
{
  return plaza_store_call (self->store, PLAZA_STORE_WRITE, apply_job, self, error);
}

typedef struct
{
  const char *response;
  char *mark;
} Marking;

/* A draft is told from what it was at another time by the whole of it, as it lies sealed: text in
 * progress, then its events. */
static gboolean
mark_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Marking *marking = data;
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  GError *local = NULL;
  PlazaHash hash;

  g_byte_array_append (whole, (const guint8 *) marking->response,
                       (guint) strlen (marking->response));
  rows = plaza_database_query (
      db, error,
      "SELECT 0 AS number, d.text AS sealed FROM response AS r JOIN draft AS d ON d.response = "
      "r.number WHERE r.id = ? AND d.text IS NOT NULL UNION ALL "
      "SELECT e.number, e.sealed FROM response AS r JOIN draft AS d ON d.response = r.number JOIN "
      "event AS e ON e.number BETWEEN d.number * ? AND d.number * ? + ? WHERE r.id = ? "
      "ORDER BY number",
      "tiiit", marking->response, (gint64) PLAZA_DRAFT_EVENTS, (gint64) PLAZA_DRAFT_EVENTS,
      (gint64) PLAZA_DRAFT_EVENTS - 1, marking->response);
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 1);
      PlazaHash part;

      plaza_hash_bytes (sealed, &part);
      g_byte_array_append (whole, part.bytes, sizeof part.bytes);
    }
  plaza_hash_data (whole->data, whole->len, &hash);
  marking->mark = plaza_hash_to_string (&hash);
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

gboolean
plaza_rescue_ledger_end_draft (PlazaRescueLedger *self, const char *response, GError **error)
{
  Marking marking = { .response = response };
  g_autofree char *mark = NULL;
  gboolean ok = plaza_store_call (self->store, PLAZA_STORE_READ, mark_job, &marking, error);

  mark = marking.mark;
  if (!ok || g_hash_table_contains (self->known, mark))
    return ok;
  if (!plaza_hand_in_end_partial (self->store, response, error))
    return FALSE;
  g_ptr_array_add (self->fresh, g_steal_pointer (&mark));
  return TRUE;
}

static const char *const *
as_strv (GPtrArray *texts)
{
  g_ptr_array_add (texts, NULL);
  return (const char *const *) texts->pdata;
}

static gboolean
keep_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaRescueLedger *self = data;
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func (g_free);
  guint64 told;
  gint64 sequence;

  if (!add_texts (db, envelopes, self->last, "SELECT id FROM envelope WHERE number > ?", error) ||
      !add_texts (db, self->fresh, self->last, "SELECT id FROM entry WHERE envelope > ?", error) ||
      !plaza_contact_pool_ever (store, db, &told, error) ||
      !plaza_store_count (db, PLAZA_COUNTER_SEQUENCE, 0, &sequence, error))
    return FALSE;
  if (envelopes->len > 0)
    g_ptr_array_add (self->batches, g_variant_ref_sink (g_variant_new (
                                        "(^as^astt)", as_strv (envelopes), as_strv (self->fresh),
                                        told, (guint64) sequence)));
  return TRUE;
}

gboolean
plaza_rescue_ledger_keep (PlazaRescueLedger *self, GError **error)
{
  guint before = self->batches->len;
  g_autoptr (GBytes) where = place ();
  g_autoptr (GBytes) sealed = NULL;
  g_autofree char *folder = g_path_get_dirname (self->path);

  if (!plaza_store_call (self->store, PLAZA_STORE_WRITE, keep_job, self, error))
    return FALSE;
  if (self->batches->len == before)
    return TRUE;
  sealed = plaza_vault_seal_variant (plaza_store_get_values_key (self->store),
                                     g_variant_new_array (G_VARIANT_TYPE (BATCH_TYPE),
                                                          (GVariant *const *) self->batches->pdata,
                                                          self->batches->len),
                                     where);
  return plaza_dir_make (folder, error) && plaza_file_write (self->path, sealed, error);
}

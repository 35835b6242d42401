/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/outbox-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/carried-private.h"
#include "store/joining.h"

#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

typedef struct
{
  gint64 number;
  gint64 state;
  guint entries;
} Envelope;

static gboolean
find_envelope (PlazaDatabase *db, const char *id, Envelope *out, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT number, state, entries FROM envelope WHERE id = ?", "t", id);
  if (rows == NULL)
    return FALSE;
  if (plaza_rows_next (rows, &local))
    {
      out->number = plaza_rows_int (rows, 0);
      out->state = plaza_rows_int (rows, 1);
      out->entries = plaza_rows_int (rows, 2);
      return TRUE;
    }
  if (local == NULL)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "no envelope of this profile");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

typedef struct
{
  const PlazaReceipt *receipt;
  Envelope envelope;
  guint delivered;
} Marking;

static gboolean
mark_entry (PlazaDatabase *db, const Marking *marking, guint position, GError **error)
{
  PlazaReceiptStatus status = marking->receipt->statuses[position];
  gboolean delivered = plaza_receipt_status_is_delivered (status);
  gint64 now = plaza_clock_now_ms ();

  if (delivered)
    return plaza_database_run (db, error,
                               "UPDATE entry SET state = 3, delivered_ms = ?, problem = NULL "
                               "WHERE envelope = ? AND position = ?",
                               "iii", now, marking->envelope.number, (gint64) position);
  return plaza_database_run (
      db, error, "UPDATE entry SET state = 4, problem = ? WHERE envelope = ? AND position = ?",
      "tii", plaza_receipt_status_name (status), marking->envelope.number, (gint64) position);
}

/* Most receipts say the same of every entry. */
static gboolean
mark_all (PlazaDatabase *db, const Marking *marking, GError **error)
{
  return plaza_database_run (db, error,
                             "UPDATE entry SET state = 3, delivered_ms = ?, problem = NULL "
                             "WHERE envelope = ?",
                             "ii", plaza_clock_now_ms (), marking->envelope.number);
}

static gboolean
mark_envelope (PlazaStore *store, PlazaDatabase *db, Marking *marking, GError **error)
{
  guint delivered = 0;

  for (guint i = 0; i < marking->envelope.entries; i++)
    delivered += plaza_receipt_status_is_delivered (marking->receipt->statuses[i]);
  if (delivered == marking->envelope.entries && !mark_all (db, marking, error))
    return FALSE;
  for (guint i = 0; delivered < marking->envelope.entries && i < marking->envelope.entries; i++)
    if (!mark_entry (db, marking, i, error))
      return FALSE;
  /* The bytes of one that was not taken whole are kept: of contacts there is no other copy. */
  if (!plaza_database_run (
          db, error,
          delivered == marking->envelope.entries
              ? "UPDATE envelope SET state = 3, delivered_ms = ?, problem = NULL, bytes = NULL "
                "WHERE number = ?"
              : "UPDATE envelope SET state = 4, delivered_ms = ?, problem = 'receipt' "
                "WHERE number = ?",
          "ii", plaza_clock_now_ms (), marking->envelope.number) ||
      !plaza_store_settle_envelope (db, marking->envelope.number, error))
    return FALSE;
  marking->delivered = delivered;
  plaza_store_touch (store, NULL);
  return TRUE;
}

/* Receipts are taken in together: what they prove, in one transaction; then the files of their
 * envelopes go; last the receipts themselves. */

typedef struct
{
  char *path;
  char *id;
  gboolean is_false;
} Kept;

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_free (kept->path);
  g_free (kept->id);
  g_free (kept);
}

/* Takes @path. */
static void
add_kept (GPtrArray *all, char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  Kept *kept = g_new0 (Kept, 1);

  kept->path = path;
  kept->id = g_strndup (name, strlen (name) - strlen (".rcp"));
  g_ptr_array_add (all, kept);
}

/* What the receipt proves; in a transaction. */
static gboolean
absorb_receipt (
    PlazaStore *store, PlazaDatabase *db, const Kept *kept, guint *delivered, GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  g_autoptr (GBytes) bytes = plaza_file_read (kept->path, PLAZA_RECEIPT_MAX_BYTES, error);
  g_autoptr (PlazaReceipt) receipt = NULL;
  Marking marking = { 0 };
  PlazaHash hash;

  if (bytes == NULL || !plaza_hash_parse (kept->id, &hash, error) ||
      !find_envelope (db, kept->id, &marking.envelope, error))
    return FALSE;
  if (marking.envelope.state == PLAZA_ENTRY_DELIVERED)
    return TRUE;
  receipt =
      plaza_receipt_verify (bytes, &hash, marking.envelope.entries, &campaign->key_central_sign,
                            &campaign->key_central_sign_spare, error);
  if (receipt == NULL)
    return FALSE;
  marking.receipt = receipt;
  if (!mark_envelope (store, db, &marking, error))
    return FALSE;
  *delivered += marking.delivered;
  return TRUE;
}

static gboolean
is_false (const GError *error)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_INVALID) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
}

static gboolean
absorb_receipts (
    PlazaStore *store, PlazaDatabase *db, GPtrArray *all, guint *delivered, GError **error)
{
  for (guint i = 0; i < all->len; i++)
    {
      Kept *kept = g_ptr_array_index (all, i);
      g_autoptr (GError) local = NULL;

      if (absorb_receipt (store, db, kept, delivered, &local))
        continue;
      kept->is_false = is_false (local);
      if (!kept->is_false)
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local), "receipt %s: ", kept->id);
          return FALSE;
        }
      g_warning ("receipt %s proves nothing and is put aside: %s", kept->id, local->message);
    }
  return TRUE;
}

static gboolean
absorb_in_transaction (
    PlazaStore *store, PlazaDatabase *db, GPtrArray *all, guint *delivered, GError **error)
{
  guint count = 0;

  if (!plaza_database_begin (db, error))
    return FALSE;
  if (!absorb_receipts (store, db, all, &count, error))
    {
      plaza_database_rollback (db);
      return FALSE;
    }
  if (!plaza_database_commit (db, error))
    return FALSE;
  *delivered += count;
  return TRUE;
}

/* The folder is not synced. */
static gboolean
unlink_file (const char *path, GError **error)
{
  return g_unlink (path) == 0 || errno == ENOENT ||
         plaza_throw (error, PLAZA_ERROR_DISK, "removing a delivered envelope: %s",
                      g_strerror (errno));
}

static gboolean
move_file (const char *from, const char *to, GError **error)
{
  return g_rename (from, to) == 0 ||
         plaza_throw (error, PLAZA_ERROR_DISK, "moving a receipt: %s", g_strerror (errno));
}

static gboolean
remove_envelopes (PlazaStore *store, GPtrArray *all, GError **error)
{
  const char *profile = plaza_store_get_folder (store);
  g_autofree char *folder = g_build_filename (profile, "outbox", NULL);

  for (guint i = 0; i < all->len; i++)
    {
      const Kept *kept = g_ptr_array_index (all, i);
      g_autofree char *file = plaza_outbox_path (profile, kept->id, ".plz");
      g_autofree char *refused = plaza_outbox_path (profile, kept->id, ".refused");

      if (!kept->is_false && (!unlink_file (file, error) || !unlink_file (refused, error)))
        return FALSE;
    }
  return !g_file_test (folder, G_FILE_TEST_IS_DIR) || plaza_dir_sync (folder, error);
}

/* A receipt that was taken in is known on this laptop for a while, whoever is unlocked. */
static gboolean
carry_on (PlazaStore *store, GPtrArray *all, GError **error)
{
  g_autofree char *from = g_build_filename (plaza_store_get_folder (store), "receipts", NULL);
  g_autofree char *any = plaza_carried_receipt_of (store, "");
  g_autofree char *to = g_path_get_dirname (any);
  gboolean moved = FALSE;

  if (!plaza_dir_make (to, error))
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    {
      const Kept *kept = g_ptr_array_index (all, i);
      g_autofree char *place = kept->is_false ? g_strconcat (kept->path, ".false", NULL)
                                              : plaza_carried_receipt_of (store, kept->id);

      if (strcmp (place, kept->path) == 0)
        continue;
      if (!move_file (kept->path, place, error))
        return FALSE;
      moved = TRUE;
    }
  /* First where they are now: a power cut must not leave them in neither. */
  return !moved || (plaza_dir_sync (to, error) &&
                    (!g_file_test (from, G_FILE_TEST_IS_DIR) || plaza_dir_sync (from, error)));
}

static gboolean
take_receipts (
    PlazaStore *store, PlazaDatabase *db, GPtrArray *all, guint *delivered, GError **error)
{
  /* The envelopes before the receipts, or a crash between would list them as waiting again. */
  return all->len == 0 || (absorb_in_transaction (store, db, all, delivered, error) &&
                           remove_envelopes (store, all, error) && carry_on (store, all, error));
}

/* Envelopes that the delivery set aside, or takes up again, show so in their responses. */

static gboolean
note_reason (PlazaDatabase *db, gint64 envelope, const char *reason, GError **error)
{
  return plaza_database_run (db, error, "UPDATE envelope SET problem = ? WHERE number = ?", "ti",
                             reason, envelope) &&
         plaza_database_run (db, error,
                             reason ? "UPDATE entry SET state = 4, problem = ? WHERE envelope = ?"
                                    : "UPDATE entry SET state = 2, problem = ? WHERE envelope = ?",
                             "ti", reason, envelope) &&
         plaza_store_settle_envelope (db, envelope, error);
}

static gboolean
note_reasons_job (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT number, id, problem FROM envelope WHERE state = 2", "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autofree char *reason =
          plaza_outbox_read_reason (plaza_store_get_folder (store), plaza_rows_text (rows, 1));

      if (g_strcmp0 (reason, plaza_rows_text (rows, 2)) == 0)
        continue;
      if (!note_reason (db, plaza_rows_int (rows, 0), reason, &local))
        break;
      plaza_store_touch (store, NULL);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
note_reasons (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  if (!plaza_database_begin (db, error))
    return FALSE;
  if (note_reasons_job (store, db, error))
    return plaza_database_commit (db, error);
  plaza_database_rollback (db);
  return FALSE;
}

/* Purging */

typedef struct
{
  gint64 now_ms;
  guint purged;
} Purge;

static gboolean
purge_rows (PlazaStore *store, PlazaDatabase *db, Purge *purge, GError **error)
{
  gint64 before = purge->now_ms - plaza_store_get_campaign (store)->retention_days * DAY_MS;

  /* While a correction is begun its parent stays. */
  if (!plaza_database_run (
          db, error,
          "DELETE FROM content WHERE number IN (SELECT number FROM entry WHERE state = 3 AND "
          "delivered_ms <= ? AND coalesce (response, 0) NOT IN (SELECT response FROM draft))",
          "i", before))
    return FALSE;
  purge->purged = plaza_database_changes (db);
  if (purge->purged == 0)
    return TRUE;
  plaza_store_touch (store, NULL);
  plaza_store_shred (store, PLAZA_SHRED_ALL);
  return plaza_database_run (
      db, error,
      "UPDATE response SET purged = 1 WHERE purged = 0 AND state = 3 AND NOT EXISTS "
      "(SELECT 1 FROM entry AS e JOIN content AS c ON c.number = e.number WHERE e.response = "
      "response.number)",
      "");
}

static gboolean
purge_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  return purge_rows (store, db, data, error);
}

gboolean
plaza_outbox_purge (PlazaStore *store, gint64 now_ms, guint *out_purged, GError **error)
{
  Purge purge = { .now_ms = now_ms };

  if (!plaza_store_call (store, PLAZA_STORE_WRITE, purge_job, &purge, error))
    return FALSE;
  if (out_purged != NULL)
    *out_purged = purge.purged;
  return TRUE;
}

static gboolean
purge_now (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  Purge purge = { .now_ms = plaza_clock_now_ms () };

  if (!plaza_database_begin (db, error))
    return FALSE;
  if (purge_rows (store, db, &purge, error))
    return plaza_database_commit (db, error);
  plaza_database_rollback (db);
  return FALSE;
}

/* Absorbing */

/* Receipts that came while this profile's file of the envelope was not there. */
static gboolean
find_carried (PlazaStore *store, PlazaDatabase *db, GPtrArray *all, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error, "SELECT id FROM envelope WHERE state = 2", "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autofree char *path = plaza_carried_receipt_of (store, plaza_rows_text (rows, 0));

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        add_kept (all, g_steal_pointer (&path));
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

/* A device that the central does not know gets no receipt: whoever has one was registered, by
 * whatever way the registration went. */
static gboolean
settle_registration (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  PlazaProfile *profile = plaza_store_get_profile (store);
  gint64 receipted;

  if (plaza_profile_get_registration_state (profile, NULL) == PLAZA_REGISTERED)
    return TRUE;
  return plaza_database_get_int (db, 0, &receipted, error,
                                 "SELECT EXISTS (SELECT 1 FROM envelope WHERE state = 3)", "") &&
         (receipted == 0 || plaza_profile_settle_registration (profile, PLAZA_RESULT_OK, error));
}

static gboolean
absorb_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  guint *delivered = data;
  g_autofree char *folder = g_build_filename (plaza_store_get_folder (store), "receipts", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".rcp", NULL);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (kept_free);
  g_autoptr (GPtrArray) carried = g_ptr_array_new_with_free_func (kept_free);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    add_kept (kept, g_build_filename (folder, names[i], NULL));
  return take_receipts (store, db, kept, delivered, error) &&
         find_carried (store, db, carried, error) &&
         take_receipts (store, db, carried, delivered, error) &&
         plaza_outbox_publish (store, db, error) && note_reasons (store, db, error) &&
         settle_registration (store, db, error) && purge_now (store, db, error);
}

gboolean
plaza_outbox_absorb (PlazaStore *store, guint *out_delivered, GError **error)
{
  guint delivered = 0;

  if (!plaza_store_call (store, PLAZA_STORE_PLAIN, absorb_job, &delivered, error))
    return FALSE;
  if (out_delivered != NULL)
    *out_delivered = delivered;
  return TRUE;
}

void
plaza_outbox_absorb_async (PlazaStore *store,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (store, cancellable, callback, user_data);

  g_task_set_source_tag (task, plaza_outbox_absorb_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_new0 (guint, 1), g_free);
  plaza_store_queue (store, PLAZA_STORE_PLAIN, absorb_job, g_task_get_task_data (task), task);
}

gboolean
plaza_outbox_absorb_finish (PlazaStore *store,
                            GAsyncResult *result,
                            guint *out_delivered,
                            GError **error)
{
  const guint *delivered = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (out_delivered != NULL)
    *out_delivered = *delivered;
  return TRUE;
}

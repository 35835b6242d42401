/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/outbox-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/carried-private.h"

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

/* What the receipt at @path proves, in one transaction. */
static gboolean
absorb_receipt (PlazaStore *store,
                PlazaDatabase *db,
                const char *path,
                const char *id,
                guint *delivered,
                GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_RECEIPT_MAX_BYTES, error);
  g_autoptr (PlazaReceipt) receipt = NULL;
  Marking marking = { 0 };
  PlazaHash hash;

  if (bytes == NULL || !plaza_hash_parse (id, &hash, error) ||
      !find_envelope (db, id, &marking.envelope, error))
    return FALSE;
  if (marking.envelope.state == PLAZA_ENTRY_DELIVERED)
    return TRUE;
  receipt =
      plaza_receipt_verify (bytes, &hash, marking.envelope.entries, &campaign->key_central_sign,
                            &campaign->key_central_sign_spare, error);
  if (receipt == NULL)
    return FALSE;
  marking.receipt = receipt;
  if (!plaza_database_begin (db, error))
    return FALSE;
  if (!mark_envelope (store, db, &marking, error))
    {
      plaza_database_rollback (db);
      return FALSE;
    }
  if (!plaza_database_commit (db, error))
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
remove_envelope_files (PlazaStore *store, const char *id, GError **error)
{
  const char *folder = plaza_store_get_folder (store);
  g_autofree char *file = plaza_outbox_path (folder, id, ".plz");
  g_autofree char *refused = plaza_outbox_path (folder, id, ".refused");

  return plaza_file_remove (file, error) && plaza_file_remove (refused, error);
}

/* A receipt that was taken in is known on this laptop for a while, whoever is unlocked. */
static gboolean
carry_on (PlazaStore *store, const char *path, const char *id, GError **error)
{
  g_autofree char *carried = plaza_carried_receipt_of (store, id);
  g_autofree char *folder = g_path_get_dirname (carried);
  g_autoptr (GBytes) bytes = NULL;

  if (strcmp (carried, path) == 0)
    return TRUE;
  bytes = plaza_file_read (path, PLAZA_RECEIPT_MAX_BYTES, error);
  return bytes != NULL && plaza_dir_make (folder, error) &&
         plaza_file_write (carried, bytes, error) && plaza_file_remove (path, error);
}

static gboolean
take_receipt (PlazaStore *store,
              PlazaDatabase *db,
              const char *folder,
              const char *name,
              guint *delivered,
              GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (".rcp"));
  g_autoptr (GError) local = NULL;

  if (absorb_receipt (store, db, path, id, delivered, &local))
    /* First the envelope, or a crash between would list it as waiting again. */
    return remove_envelope_files (store, id, error) && carry_on (store, path, id, error);
  if (is_false (local))
    {
      g_autofree char *aside = g_strconcat (path, ".false", NULL);

      g_warning ("receipt %s proves nothing and is put aside: %s", name, local->message);
      if (g_rename (path, aside) != 0)
        return plaza_throw (error, PLAZA_ERROR_DISK, "putting a receipt aside: %s",
                            g_strerror (errno));
      return TRUE;
    }
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "receipt %s: ", name);
  return FALSE;
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
absorb_carried (PlazaStore *store, PlazaDatabase *db, guint *delivered, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error, "SELECT id FROM envelope WHERE state = 2", "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autofree char *path = plaza_carried_receipt_of (store, plaza_rows_text (rows, 0));

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add (known, g_steal_pointer (&path));
    }
  for (guint i = 0; i < known->len && local == NULL; i++)
    {
      const char *path = g_ptr_array_index (known, i);
      g_autofree char *folder = g_path_get_dirname (path);
      g_autofree char *name = g_path_get_basename (path);

      take_receipt (store, db, folder, name, delivered, &local);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
absorb_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  guint *delivered = data;
  g_autofree char *folder = g_build_filename (plaza_store_get_folder (store), "receipts", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".rcp", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!take_receipt (store, db, folder, names[i], delivered, error))
      return FALSE;
  return absorb_carried (store, db, delivered, error) && plaza_outbox_publish (store, db, error) &&
         note_reasons (store, db, error) && purge_now (store, db, error);
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

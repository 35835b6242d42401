/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/outbox-private.h"

#include <glib/gstdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/contact-pool.h"
#include "store/unreadable-private.h"
#include "wire/envelope.h"

/* Compression and sealing add less than this to what they are given, and an entry's own header. */
#define ENVELOPE_OVERHEAD 65536u
#define ENTRY_OVERHEAD 64u
/* Contacts of one envelope at most. */
#define MAX_CONTACTS 200u
/* Contacts leave so long after the last responses, so that nobody sees both arrive together. */
#define CONTACT_DELAY_MS (30 * 60 * 1000)

char *
plaza_outbox_path (const char *profile_folder, const char *envelope, const char *suffix)
{
  g_autofree char *name = g_strconcat (envelope, suffix, NULL);

  return g_build_filename (profile_folder, "outbox", name, NULL);
}

/* Packing: what goes into the next envelope, chosen, sealed and numbered in one transaction. */

typedef struct
{
  PlazaPackFlags flags;
  PlazaPackLimits limits;
  PlazaPacked packed;
  gboolean more;
} Packing;

typedef struct
{
  gint64 number;
  gint64 response;
} Chosen;

static gboolean
has_room (const GPtrArray *entries, gsize size, gsize added, guint max_entries)
{
  return entries->len < max_entries &&
         (entries->len == 0 || size + added + ENVELOPE_OVERHEAD <= PLAZA_OUTBOX_MAX_BYTES);
}

/* What a damaged store cannot give back is kept and shown; it does not stop the rest. */
static gboolean
mark_unreadable (PlazaDatabase *db, const Chosen *row, GError **error)
{
  return plaza_database_run (db, error,
                             "UPDATE entry SET state = 4, problem = 'unreadable' WHERE number = ?",
                             "i", row->number) &&
         (row->response == 0 || plaza_store_settle_state (db, row->response, error));
}

/* Entries in their order until an envelope is full, numbered on from @sequence. */
static gboolean
choose_entries (PlazaStore *store,
                PlazaDatabase *db,
                guint64 sequence,
                guint max_entries,
                GPtrArray *entries,
                GArray *chosen,
                gboolean *more,
                GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;
  gsize size = 0;

  rows = plaza_database_query (db, error,
                               "SELECT e.number, e.response, e.kind, e.id, c.key, c.sealed FROM "
                               "entry AS e LEFT JOIN content AS c ON c.number = e.number WHERE "
                               "e.state = 1 ORDER BY e.number LIMIT ?",
                               "i", (gint64) max_entries + 1);
  if (rows == NULL)
    return FALSE;
  while (local == NULL && plaza_rows_next (rows, &local))
    {
      const Chosen row = { plaza_rows_int (rows, 0), plaza_rows_int (rows, 1) };
      g_autoptr (PlazaEntry) entry = NULL;
      g_autoptr (GError) damage = NULL;
      gsize added;

      entry = plaza_store_open_entry (store, rows, 2, sequence + entries->len + 1, &damage);
      if (entry == NULL && plaza_unreadable_is_damage (damage))
        {
          g_warning ("an entry is left out: %s", damage->message);
          mark_unreadable (db, &row, &local);
          continue;
        }
      if (entry == NULL)
        {
          local = g_steal_pointer (&damage);
          break;
        }
      added = g_bytes_get_size (entry->payload) + ENTRY_OVERHEAD;
      if (!has_room (entries, size, added, max_entries))
        {
          *more = TRUE;
          break;
        }
      size += added;
      g_ptr_array_add (entries, g_steal_pointer (&entry));
      g_array_append_val (chosen, row);
    }
  if (local != NULL)
    g_propagate_prefixed_error (error, local, "packing: ");
  return local == NULL;
}

static gboolean
seal_envelope (PlazaStore *store,
               PlazaDatabase *db,
               GPtrArray *entries,
               gboolean contacts,
               gint64 *out_number,
               gsize *out_size,
               GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  g_autoptr (GBytes) dictionary = plaza_campaign_dictionary (campaign);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *id_text = NULL;
  PlazaHash id;

  if (enrolment == NULL)
    return FALSE;
  bytes = plaza_envelope_pack (&campaign->key_campaign, enrolment->device,
                               plaza_store_get_device_secret (store), &campaign->key_central_seal,
                               dictionary, entries, &id, error);
  if (bytes == NULL)
    return FALSE;
  id_text = plaza_hash_to_string (&id);
  if (!plaza_database_run (
          db, error,
          "INSERT INTO envelope (id, contacts, state, entries, size, packed_ms, bytes) "
          "VALUES (?, ?, 2, ?, ?, ?, ?)",
          "tiiiib", id_text, (gint64) contacts, (gint64) entries->len,
          (gint64) g_bytes_get_size (bytes), plaza_clock_now_ms (), bytes))
    return FALSE;
  *out_number = plaza_database_last_id (db);
  *out_size = g_bytes_get_size (bytes);
  return TRUE;
}

static gboolean
mark_packed (
    PlazaDatabase *db, gint64 envelope, GPtrArray *entries, const GArray *chosen, GError **error)
{
  for (guint i = 0; i < chosen->len; i++)
    {
      const Chosen *row = &g_array_index (chosen, Chosen, i);
      const PlazaEntry *entry = g_ptr_array_index (entries, i);

      if (!plaza_database_run (db, error,
                               "UPDATE entry SET state = 2, sequence = ?, envelope = ?, "
                               "position = ? WHERE number = ?",
                               "iiii", (gint64) entry->sequence, envelope, (gint64) i, row->number))
        return FALSE;
    }
  return plaza_store_settle_envelope (db, envelope, error);
}

static gboolean
pack_entries_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Packing *packing = data;
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (Chosen));
  guint max_entries = packing->limits.entries > 0
                          ? MIN (packing->limits.entries, PLAZA_OUTBOX_MAX_ENTRIES)
                          : PLAZA_OUTBOX_MAX_ENTRIES;
  gint64 sequence, envelope;
  gsize size;

  packing->more = FALSE;
  if (!plaza_store_count (db, PLAZA_COUNTER_SEQUENCE, 0, &sequence, error) ||
      !choose_entries (store, db, sequence, max_entries, entries, chosen, &packing->more, error))
    return FALSE;
  if (entries->len == 0)
    return TRUE;
  if (!seal_envelope (store, db, entries, FALSE, &envelope, &size, error) ||
      !mark_packed (db, envelope, entries, chosen, error) ||
      !plaza_store_count (db, PLAZA_COUNTER_SEQUENCE, entries->len, NULL, error))
    return FALSE;
  packing->packed.envelopes++;
  packing->packed.entries += entries->len;
  packing->packed.bytes += size;
  plaza_store_touch (store, NULL);
  return TRUE;
}

/* Whether no response is on its way, or was a moment ago. What the central refused is on no way. */
static gboolean
is_quiet (PlazaStore *store, PlazaDatabase *db, gboolean *out, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT id, state, max (packed_ms, coalesce (delivered_ms, 0)) FROM "
                               "envelope WHERE contacts = 0 ORDER BY number DESC LIMIT 100",
                               "");
  if (rows == NULL)
    return FALSE;
  *out = TRUE;
  while (*out && plaza_rows_next (rows, &local))
    {
      gint64 passed = plaza_clock_now_ms () - plaza_rows_int (rows, 2);
      g_autofree char *refused =
          plaza_outbox_path (plaza_store_get_folder (store), plaza_rows_text (rows, 0), ".refused");

      /* A clock that was set back says nothing. */
      *out = (passed < 0 || passed >= CONTACT_DELAY_MS) &&
             (plaza_rows_int (rows, 1) != 2 || g_file_test (refused, G_FILE_TEST_EXISTS));
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

/* At hand-in the central is told how many contacts there were ever. */
static gboolean
add_total (PlazaStore *store, PlazaDatabase *db, GPtrArray *entries, GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  PlazaEntry *total;
  guint64 ever;

  if (enrolment == NULL || !plaza_contact_pool_tell (store, db, &ever, error))
    return FALSE;
  total = plaza_entry_new_contact_total (enrolment->device, ever, error);
  if (total == NULL)
    return FALSE;
  g_ptr_array_add (entries, total);
  return TRUE;
}

static gboolean
pack_contacts_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Packing *packing = data;
  gboolean hand_in = (packing->flags & PLAZA_PACK_HAND_IN) != 0;
  g_autoptr (GPtrArray) contacts = NULL;
  gboolean quiet, untold;
  gint64 envelope;
  guint waiting;
  gsize size;

  packing->more = FALSE;
  if (!plaza_contact_pool_count (store, db, &waiting, &untold, error) ||
      !is_quiet (store, db, &quiet, error))
    return FALSE;
  if (hand_in ? waiting == 0 && !untold : waiting < PLAZA_ENVELOPE_MIN_CONTACTS || !quiet)
    return TRUE;
  contacts = plaza_contact_pool_take (store, db, MAX_CONTACTS, error);
  if (contacts == NULL)
    return FALSE;
  packing->more = waiting > contacts->len;
  if ((hand_in && !packing->more && !add_total (store, db, contacts, error)) ||
      !seal_envelope (store, db, contacts, TRUE, &envelope, &size, error))
    return FALSE;
  packing->packed.contacts++;
  plaza_store_touch (store, NULL);
  return TRUE;
}

static gboolean
has_size (const char *path, gint64 size)
{
  GStatBuf info;

  return g_lstat (path, &info) == 0 && S_ISREG (info.st_mode) && info.st_size == size;
}

static gboolean
run_in_transaction (
    PlazaStore *store, PlazaDatabase *db, PlazaStoreJob job, gpointer data, GError **error)
{
  if (!plaza_database_begin (db, error))
    return FALSE;
  if (job (store, db, data, error))
    return plaza_database_commit (db, error);
  plaza_database_rollback (db);
  return FALSE;
}

static gboolean
give_up_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  const GArray *lost = data;

  for (guint i = 0; i < lost->len; i++)
    if (!plaza_outbox_give_up (store, db, g_array_index (lost, gint64, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
publish_row (PlazaStore *store, PlazaRows *rows, GArray *lost, GError **error)
{
  gint64 number = plaza_rows_int (rows, 0);
  const char *id = plaza_rows_text (rows, 1);
  g_autofree char *path = plaza_outbox_path (plaza_store_get_folder (store), id, ".plz");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) whole = NULL;

  if (has_size (path, plaza_rows_int (rows, 2)))
    return TRUE;
  bytes = plaza_rows_bytes (rows, 3);
  whole = plaza_outbox_whole (store, id, bytes);
  if (whole != NULL)
    return plaza_dir_make (folder, error) && plaza_file_write (path, whole, error);
  g_array_append_val (lost, number);
  return TRUE;
}

/* Files of the outbox: what the database holds and a receipt has not ended. One that was cut is
 * written again; one damaged within, plaza_outbox_read() takes away. */
gboolean
plaza_outbox_publish (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT number, id, size, bytes FROM envelope WHERE state = 2 AND bytes IS NOT NULL", "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local) && publish_row (store, rows, lost, &local))
    ;
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  g_clear_pointer (&rows, plaza_rows_free);
  return lost->len == 0 || run_in_transaction (store, db, give_up_job, lost, error);
}

static gboolean
count_left (PlazaDatabase *db, guint *out, GError **error)
{
  g_autoptr (PlazaRows) rows =
      plaza_database_query (db, error, "SELECT count(*) FROM entry WHERE state = 1", "");
  GError *local = NULL;

  if (rows == NULL)
    return FALSE;
  if (plaza_rows_next (rows, &local))
    *out = (guint) plaza_rows_int (rows, 0);
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
pack_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Packing *packing = data;
  guint most = packing->limits.envelopes;
  gboolean all;

  do
    if (!run_in_transaction (store, db, pack_entries_job, packing, error))
      return FALSE;
  while (packing->more && (most == 0 || packing->packed.envelopes < most));
  all = !packing->more;
  if (!all && !count_left (db, &packing->packed.left, error))
    return FALSE;
  packing->more = all && (packing->flags & PLAZA_PACK_NO_CONTACTS) == 0;
  while (packing->more)
    if (!run_in_transaction (store, db, pack_contacts_job, packing, error))
      return FALSE;
  return plaza_outbox_publish (store, db, error);
}

gboolean
plaza_outbox_pack (PlazaStore *store, PlazaPackFlags flags, guint *out_packed, GError **error)
{
  Packing packing = { .flags = flags };

  if (!plaza_store_call (store, PLAZA_STORE_PLAIN, pack_job, &packing, error))
    return FALSE;
  if (out_packed != NULL)
    *out_packed = packing.packed.envelopes + packing.packed.contacts;
  return TRUE;
}

void
plaza_outbox_pack_async (PlazaStore *store,
                         PlazaPackFlags flags,
                         const PlazaPackLimits *limits,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (store, cancellable, callback, user_data);
  Packing *packing = g_new0 (Packing, 1);

  packing->flags = flags;
  packing->limits = *limits;
  g_task_set_source_tag (task, plaza_outbox_pack_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, packing, g_free);
  plaza_store_queue (store, PLAZA_STORE_PLAIN, pack_job, packing, task);
}

gboolean
plaza_outbox_pack_finish (PlazaStore *store, GAsyncResult *result, PlazaPacked *out, GError **error)
{
  const Packing *packing = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *out = packing->packed;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/replica.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "store/store-private.h"
#include "store/vault.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

typedef struct
{
  PlazaFeedCursor cursor;
  gint64 read_ms;
} Progress;

static gboolean
read_progress (PlazaDatabase *db, Progress *out, GError **error)
{
  g_autoptr (PlazaRows) rows =
      plaza_database_query (db, error, "SELECT cursor, read_ms FROM replica_progress", "");
  g_autoptr (GError) local = NULL;

  *out = (Progress){ 0 };
  if (rows == NULL)
    return FALSE;
  if (!plaza_rows_next (rows, &local))
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  out->read_ms = plaza_rows_int (rows, 1);
  return plaza_feed_cursor_parse (plaza_rows_text (rows, 0), &out->cursor, error);
}

static gboolean
write_progress (PlazaDatabase *db, const Progress *progress, GError **error)
{
  g_autofree char *cursor = plaza_feed_cursor_to_string (&progress->cursor);

  return plaza_database_run (db, error,
                             "INSERT OR REPLACE INTO replica_progress (number, cursor, read_ms) "
                             "VALUES (1, ?, ?)",
                             "ti", cursor, progress->read_ms);
}

/* Taking a page */

static gboolean
put_revision (PlazaStore *store, PlazaDatabase *db, const PlazaFeedItem *item, GError **error)
{
  g_autoptr (GBytes) place = plaza_vault_place ("replica", item->revision, NULL);
  g_autoptr (GBytes) sealed =
      plaza_vault_seal (plaza_store_get_values_key (store), item->payload, place);

  return plaza_database_run (
      db, error,
      "INSERT OR REPLACE INTO replica_revision (id, response, received_ms, sealed) "
      "VALUES (?, ?, ?, ?)",
      "ttib", item->revision, item->response, item->received_ms, sealed);
}

static gboolean
take_item (PlazaStore *store,
           PlazaDatabase *db,
           const PlazaFeedItem *item,
           gboolean *shred,
           GError **error)
{
  gboolean withdrawn = item->kind == PLAZA_FEED_WITHDRAWN;

  if (item->kind == PLAZA_FEED_REVISION && !put_revision (store, db, item, error))
    return FALSE;
  if (withdrawn)
    {
      if (!plaza_database_run (db, error, "DELETE FROM replica_revision WHERE response = ?", "t",
                               item->response))
        return FALSE;
      *shred = *shred || plaza_database_changes (db) > 0;
    }
  return plaza_database_run (
      db, error,
      "INSERT INTO replica_response (id, effective, flags, withdrawn, marks) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET effective = excluded.effective, "
      "flags = excluded.flags, withdrawn = excluded.withdrawn, marks = excluded.marks",
      "ttiit", item->response, item->effective, (gint64) item->flags, (gint64) withdrawn,
      item->marks);
}

static gboolean
empty (PlazaDatabase *db, GError **error)
{
  return plaza_database_exec (db, PLAZA_REPLICA_EMPTY, error);
}

static gboolean
take_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  const PlazaFeedPage *page = data;
  Progress progress;
  gboolean shred = page->afresh;

  if (!read_progress (db, &progress, error))
    return FALSE;
  if (memcmp (progress.cursor.bytes, page->asked.bytes, PLAZA_FEED_CURSOR_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the page does not go on from here");
  if (page->afresh && !empty (db, error))
    return FALSE;
  for (guint i = 0; i < page->items->len; i++)
    if (!take_item (store, db, page->items->pdata[i], &shred, error))
      return FALSE;
  progress.cursor = page->next;
  progress.read_ms = plaza_clock_now_ms ();
  if (shred)
    plaza_store_shred (store, NULL);
  return write_progress (db, &progress, error);
}

void
plaza_replica_take_async (PlazaStore *store,
                          PlazaFeedPage *page,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  plaza_store_queue (store, PLAZA_STORE_WRITE, take_job, page,
                     g_task_new (store, cancellable, callback, user_data));
}

gboolean
plaza_replica_take_finish (PlazaStore *store, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, store), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Reading */

static gboolean
cursor_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Progress progress;

  if (!read_progress (db, &progress, error))
    return FALSE;
  *(PlazaFeedCursor *) data = progress.cursor;
  return TRUE;
}

gboolean
plaza_replica_get_cursor (PlazaStore *store, PlazaFeedCursor *out, GError **error)
{
  return plaza_store_call (store, PLAZA_STORE_READ, cursor_job, out, error);
}

static gboolean
counts_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaReplicaCounts *out = data;
  Progress progress;
  gint64 responses, revisions;

  if (!read_progress (db, &progress, error) ||
      !plaza_database_get_int (db, 0, &responses, error, "SELECT count (*) FROM replica_response",
                               "") ||
      !plaza_database_get_int (db, 0, &revisions, error, "SELECT count (*) FROM replica_revision",
                               ""))
    return FALSE;
  out->responses = (guint) responses;
  out->revisions = (guint) revisions;
  out->read_ms = progress.read_ms;
  return TRUE;
}

gboolean
plaza_replica_get_counts (PlazaStore *store, PlazaReplicaCounts *out, GError **error)
{
  return plaza_store_call (store, PLAZA_STORE_READ, counts_job, out, error);
}

typedef struct
{
  const char *id;
  PlazaRevision *revision;
} Read;

static gboolean
read_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Read *read = data;
  g_autoptr (PlazaRows) rows = plaza_database_query (
      db, error, "SELECT sealed FROM replica_revision WHERE id = ?", "t", read->id);
  g_autoptr (GBytes) place = plaza_vault_place ("replica", read->id, NULL);
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  g_autoptr (GError) local = NULL;

  if (rows == NULL)
    return FALSE;
  if (!plaza_rows_next (rows, &local))
    {
      if (local == NULL)
        return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the replica has no revision %s",
                            read->id);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  sealed = plaza_rows_bytes (rows, 0);
  payload = plaza_vault_open (plaza_store_get_values_key (store), sealed, place, error);
  entry =
      payload != NULL ? plaza_entry_new (PLAZA_ENTRY_REVISION, read->id, 1, payload, error) : NULL;
  read->revision = entry != NULL ? plaza_entry_get_revision (entry, error) : NULL;
  return read->revision != NULL;
}

PlazaRevision *
plaza_replica_read (PlazaStore *store, const char *id, GError **error)
{
  Read read = { .id = id };

  return plaza_store_call (store, PLAZA_STORE_READ, read_job, &read, error) ? read.revision : NULL;
}

/* Expiring */

typedef struct
{
  gint64 now_ms;
  gboolean expired;
} Expiry;

static gboolean
expire_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Expiry *expiry = data;
  Progress progress;

  if (!read_progress (db, &progress, error))
    return FALSE;
  expiry->expired =
      progress.read_ms != 0 && expiry->now_ms - progress.read_ms > PLAZA_REPLICA_DAYS * DAY_MS;
  if (!expiry->expired)
    return TRUE;
  plaza_store_shred (store, NULL);
  return empty (db, error);
}

gboolean
plaza_replica_expire (PlazaStore *store, gint64 now_ms, gboolean *out_expired, GError **error)
{
  Expiry expiry = { .now_ms = now_ms };

  if (!plaza_store_call (store, PLAZA_STORE_WRITE, expire_job, &expiry, error))
    return FALSE;
  if (out_expired != NULL)
    *out_expired = expiry.expired;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "wire/entry.h"
#include "wire/feed.h"

G_BEGIN_DECLS

/** A replica that had no contact with the central for so long is destroyed. */
#define PLAZA_REPLICA_DAYS 30

/** SQL that leaves no replica. */
#define PLAZA_REPLICA_EMPTY \
  "DELETE FROM replica_revision; DELETE FROM replica_response; DELETE FROM replica_progress"

/**
 * The replica: what a coordinator's laptop read from the central's feed, sealed again under this
 * profile's keys. In clear are ids, times and states. Backups leave it out: it can be read again.
 */

typedef struct
{
  guint responses; /* withdrawn ones included, as tombstones */
  guint revisions; /* with content */
  gint64 read_ms;  /* when the central last answered; 0: never */
} PlazaReplicaCounts;

gboolean plaza_replica_get_counts (PlazaStore *store, PlazaReplicaCounts *out, GError **error);

/** plaza_replica_get_cursor: where to read on; all zero at the beginning. */
gboolean plaza_replica_get_cursor (PlazaStore *store, PlazaFeedCursor *out, GError **error);

/**
 * plaza_replica_take_async: keeps a verified @page and where to go on, in one transaction; durable
 * when it ends. A page that does not go on from the cursor kept is PLAZA_ERROR_INVALID, unless it
 * begins afresh. What was withdrawn is destroyed here.
 * @page: must not change until then
 */
void plaza_replica_take_async (PlazaStore *store,
                               PlazaFeedPage *page,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean plaza_replica_take_finish (PlazaStore *store, GAsyncResult *result, GError **error);

/** plaza_replica_read: (transfer full): the exact revision @id. PLAZA_ERROR_NOT_FOUND. */
PlazaRevision *plaza_replica_read (PlazaStore *store, const char *id, GError **error);

/**
 * plaza_replica_expire: destroys the replica when the central was last read longer ago than
 * PLAZA_REPLICA_DAYS before @now_ms.
 * @out_expired: (out) (nullable)
 */
gboolean
plaza_replica_expire (PlazaStore *store, gint64 now_ms, gboolean *out_expired, GError **error);

G_END_DECLS

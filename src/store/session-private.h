/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/session.h"
#include "store/store-private.h"

G_BEGIN_DECLS

/** plaza_session_get_number: its row. */
gint64 plaza_session_get_number (PlazaSession *self);
PlazaStore *plaza_session_get_store (PlazaSession *self);

/** plaza_session_peek: an already loaded session. (transfer none) (nullable) */
PlazaSession *plaza_session_peek (PlazaStore *store, const char *id);

/** PlazaSessionChangeSet: what plaza_session_correct() writes in one transaction. */
GPtrArray *plaza_session_revise (PlazaSession *self,
                                 const PlazaSessionFields *fields,
                                 GPtrArray *changes,
                                 GError **error);

/** PlazaNewRevision: a revision to be stored for an existing response. */
typedef struct
{
  gint64 response_number;
  char *response;
  PlazaEntry *entry;
  PlazaSecret *key;
} PlazaNewRevision;

void plaza_new_revision_free (PlazaNewRevision *revision);

/** plaza_new_revision_store: worker only, in a transaction. */
gboolean plaza_new_revision_store (PlazaStore *store,
                                   PlazaDatabase *db,
                                   PlazaNewRevision *revision,
                                   GError **error);

G_END_DECLS

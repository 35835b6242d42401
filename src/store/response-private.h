/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/response.h"
#include "store/store-private.h"

G_BEGIN_DECLS

/**
 * plaza_response_query: worker only: snapshots of responses, newest first. (element-type
 * PlazaResponse)
 * @id: one of them, or NULL
 * @since_ms: those that began or ended at or after it, and all drafts
 * @session: and those of this session, or NULL
 */
GPtrArray *plaza_response_query (PlazaStore *store,
                                 PlazaDatabase *db,
                                 const char *id,
                                 gint64 since_ms,
                                 const char *session,
                                 GError **error);

G_END_DECLS

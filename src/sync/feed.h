/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "sync/client.h"

G_BEGIN_DECLS

/**
 * PlazaFeedProgress: after each page was kept: how many items came so far. In the main context.
 */
typedef void (*PlazaFeedProgress) (guint items, gpointer data);

/**
 * plaza_feed_pull_async: reads what is new at the central into the replica of @profile, page after
 * page, from where it was left, until nothing is new. Each page is verified and durable before the
 * next is asked for, so it may be cut anywhere.
 * @client: of the profile's campaign, with its token
 * @progress: (nullable)
 *
 * Errors: PlazaClient's (PLAZA_ERROR_REFUSED with PLAZA_RESULT_FORBIDDEN: nothing is theirs to
 * read), the page's, the store's. What was kept before stays.
 */
void plaza_feed_pull_async (PlazaClient *client,
                            PlazaProfile *profile,
                            PlazaFeedProgress progress,
                            gpointer progress_data,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/** plaza_feed_pull_finish: @out_items: (out) (nullable): revisions and changes that came. */
gboolean plaza_feed_pull_finish (PlazaClient *client,
                                 GAsyncResult *result,
                                 guint *out_items,
                                 GError **error);

G_END_DECLS

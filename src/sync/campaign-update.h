/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/client.h"
#include "wire/campaign.h"

G_BEGIN_DECLS

/**
 * plaza_campaign_update_async: asks the central whether there is a newer package of @current's
 * campaign and fetches it. When @current is what the central has, that is one small request (its
 * hash is the ETag, the answer 304). The package comes in pieces; what came is kept below
 * @data_root as campaigns/<fingerprint>.<hash>.part, so that a download cut at any byte goes on
 * from there, tomorrow too, unless the central has another package by then. The call keeps nothing
 * else: what to do with a newer package is the caller's.
 *
 * Main thread, in the context of @client.
 */
void plaza_campaign_update_async (PlazaClient *client,
                                  PlazaCampaign *current,
                                  const char *data_root,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/**
 * plaza_campaign_update_finish: @out_newer: (out) (transfer full) (nullable): the package of the
 * same campaign key, its signature and every file verified, with a larger serial than @current's;
 * NULL when there is none. Besides PlazaClient's errors: PLAZA_ERROR_SIGNATURE, PLAZA_ERROR_INVALID
 * or PLAZA_ERROR_NEWER when what came is not to be believed (it is thrown away), PLAZA_ERROR_DISK.
 */
gboolean plaza_campaign_update_finish (PlazaClient *client,
                                       GAsyncResult *result,
                                       PlazaCampaign **out_newer,
                                       GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "sync/client.h"

G_BEGIN_DECLS

/**
 * plaza_renew_async: a new token for @profile, which the central gives to whoever holds its device
 * key. When it succeeds the token is durable in the profile and the following requests of @client
 * bear it. A device that the central does not know yet registers first: see
 * plaza_registrations_send_async().
 *
 * Errors: PlazaClient's; of a refusal, PLAZA_RESULT_DEVICE_REVOKED says that there is no way back
 * and PLAZA_RESULT_SIGNATURE that the central does not know this device. PLAZA_ERROR_LOCKED,
 * PLAZA_ERROR_DISK.
 */
void plaza_renew_async (PlazaClient *client,
                        PlazaProfile *profile,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
gboolean plaza_renew_finish (PlazaClient *client, GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "wire/device-list.h"

G_BEGIN_DECLS

/** The laptops of a campaign, for coordinators (of their organisation) and administrators. Errors
 * are PlazaClient's (sync/client.h); PLAZA_ERROR_REFUSED when the role does not allow it. */

/** plaza_devices_role_may: whether somebody enrolled with @role sees other laptops. */
gboolean plaza_devices_role_may (const char *role);

/** plaza_devices_fetch_async: asks the central, and keeps its answer for plaza_devices_read_kept().
 * @profile is unlocked. */
void plaza_devices_fetch_async (PlazaProfile *profile,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/** plaza_devices_fetch_finish: (transfer full) (element-type PlazaDeviceSummary) */
GPtrArray *plaza_devices_fetch_finish (PlazaProfile *profile, GAsyncResult *result, GError **error);

/** plaza_devices_read_kept: the last list that came. (transfer full) (nullable): NULL without
 * @error when none ever did. @out_ms: (out): when it came */
GPtrArray *plaza_devices_read_kept (PlazaProfile *profile, gint64 *out_ms, GError **error);

/** plaza_devices_revoke_async: what the device delivered stands, what arrives later is kept apart.
 * @reason: at most PLAZA_REVOCATION_MAX_CHARS characters, may be "" */
void plaza_devices_revoke_async (PlazaProfile *profile,
                                 const char *device,
                                 const char *reason,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean plaza_devices_revoke_finish (PlazaProfile *profile, GAsyncResult *result, GError **error);

G_END_DECLS

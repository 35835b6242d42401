/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "sync/join-kit.h"
#include "wire/joinlink.h"

G_BEGIN_DECLS

/**
 * PlazaJoin: how a laptop joins a campaign, as one piece of work: (1) get the signed package and
 * verify it against the link's fingerprint; (2) make the profile with its device key, sealed
 * under the passphrase; (3) trade the code for a device slot at the central; (4) write the slot
 * into the profile. Each step is durable before the next begins and the whole may be repeated: a
 * laptop that dies between (3) and (4) asks again with the same key and is answered the same.
 *
 * Without a connection the package comes from a folder, and the invitation in it that the code
 * opens takes the central's place in (3): the profile works at once and leaves its registration
 * (store/joining.h).
 *
 * Properties, all for reading from the main thread: "title" and "message" (words for people,
 * translated), "progress" (0 to 1), "clock-doubt" (see plaza_client_get_clock_doubt()).
 */
#define PLAZA_TYPE_JOIN (plaza_join_get_type ())
G_DECLARE_FINAL_TYPE (PlazaJoin, plaza_join, PLAZA, JOIN, GObject)

/**
 * plaza_join_new: @data_root is the folder that holds campaigns/ and profiles/. @link comes from
 * plaza_join_link_parse() and is copied. @package is an opened campaign package, or NULL to fetch
 * it from the link's server; a bare code needs it. Returns: (transfer full)
 */
PlazaJoin *plaza_join_new (const char *data_root, const PlazaJoinLink *link, GBytes *package);

/**
 * plaza_join_set_folder: where a coordinator's stick, or a copy of it, is: used for a bare code,
 * and for a link when its server cannot be reached. Without one, what an earlier joining left on
 * this laptop is used. Before step 1.
 */
void plaza_join_set_folder (PlazaJoin *self, const char *folder);

/**
 * plaza_join_prepare_async: step 1, so that people see which campaign they are about to join before
 * choosing a passphrase. PLAZA_ERROR_SIGNATURE when the package is not that of the fingerprint;
 * PLAZA_ERROR_NOT_FOUND or PLAZA_ERROR_REFUSED as plaza_join_get_verdict() says.
 */
void plaza_join_prepare_async (PlazaJoin *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean plaza_join_prepare_finish (PlazaJoin *self, GAsyncResult *result, GError **error);

/** plaza_join_get_campaign: after step 1, else NULL. Owned by the join. */
PlazaCampaign *plaza_join_get_campaign (PlazaJoin *self);

/** plaza_join_get_invitation: after step 1, when it will be joined without a connection: whose the
 * code is. Owned by the join. (nullable) */
const PlazaInvitation *plaza_join_get_invitation (PlazaJoin *self);

/** plaza_join_get_verdict: what became of looking into the folder; PLAZA_JOIN_KIT_GOOD when nobody
 * looked. */
PlazaJoinKitVerdict plaza_join_get_verdict (PlazaJoin *self);

/** plaza_join_get_expiry: with PLAZA_JOIN_KIT_CODE_EXPIRED: until when the code was good, ms since
 * 1970. */
gint64 plaza_join_get_expiry (PlazaJoin *self);

/**
 * plaza_join_run_async: steps 2 to 4 (and 1 when it was not done). @name is the display name of the
 * profile, @passphrase is copied and wiped afterwards. Besides PlazaClient's errors:
 * PLAZA_ERROR_PASSPHRASE when the rules refuse it, PLAZA_ERROR_EXISTS when a profile of this
 * campaign has the name already, PLAZA_ERROR_REFUSED when the code is unknown, used by another
 * device or out of date, PLAZA_ERROR_DISK.
 */
void plaza_join_run_async (PlazaJoin *self,
                           const char *name,
                           const char *passphrase,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/** plaza_join_run_finish: the new profile, unlocked. Returns: (transfer full) */
PlazaProfile *plaza_join_run_finish (PlazaJoin *self, GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/recovery.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * A forgotten passphrase on the laptop's side (seal/recovery.h). The profile is locked throughout.
 * A request that was made is kept in the profile's folder until it is answered or forgotten, or for
 * 30 days, so that the laptop may be off while the answer is on its way.
 */

#define PLAZA_RECOVERY_DAYS 30

/** plaza_recovery_ask: the request that waits, or a new one. (transfer full)
 * Errors: PLAZA_ERROR_BUSY (unlocked here or elsewhere), PLAZA_ERROR_CORRUPT (no keyfile),
 * PLAZA_ERROR_DISK. */
GBytes *plaza_recovery_ask (PlazaProfile *profile, GError **error);

/** plaza_recovery_is_asked: a request waits for its answer. */
gboolean plaza_recovery_is_asked (PlazaProfile *profile);

/** plaza_recovery_forget: the request is not answered any more; any answer to it is of no use. */
gboolean plaza_recovery_forget (PlazaProfile *profile, GError **error);

/** plaza_recovery_check: whether @answer gives the key that opens this profile's store. Errors:
 * plaza_recovery_answer_open()'s; PLAZA_ERROR_NOT_FOUND (no request waits); PLAZA_ERROR_BUSY. */
gboolean plaza_recovery_check (PlazaProfile *profile, GBytes *answer, GError **error);

/**
 * plaza_recovery_finish: gives the profile its new passphrase. At the next unlock the profile key,
 * which the answering person has held, is exchanged for a new one. Blocks as unlocking does; any
 * thread. Errors: plaza_recovery_check()'s; PLAZA_ERROR_PASSPHRASE (the rules refuse it).
 */
gboolean plaza_recovery_finish (PlazaProfile *profile,
                                GBytes *answer,
                                const char *new_passphrase,
                                GError **error);

/** plaza_recovery_give: the coordinator's side: the answer to @request, noted in @data_root's
 * journal. @recovery: the campaign's recovery secret. (transfer full) */
GBytes *plaza_recovery_give (const char *data_root,
                             GBytes *request,
                             const PlazaSecret *recovery,
                             GError **error);

/** plaza_recovery_key_load: the recovery secret in the file that `plaza-central campaign build`
 * wrote; @campaign: (nullable): it must be that campaign's, else PLAZA_ERROR_SIGNATURE. */
PlazaSecret *plaza_recovery_key_load (const char *path, PlazaCampaign *campaign, GError **error);

G_END_DECLS

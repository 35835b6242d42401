/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "store/backup.h"
#include "store/data.h"
#include "wire/enrol.h"
#include "wire/token.h"

G_BEGIN_DECLS

typedef struct _PlazaStore PlazaStore;

/**
 * PlazaProfile: one enrolment on this laptop: one device key, one store, one passphrase. Locked it
 * knows its name and campaign; unlocked it has a PlazaStore. Main thread only.
 *
 * Properties (read-only): "id", "name", "campaign-fingerprint", "unlocked" (notified).
 */
#define PLAZA_TYPE_PROFILE (plaza_profile_get_type ())
G_DECLARE_FINAL_TYPE (PlazaProfile, plaza_profile, PLAZA, PROFILE, GObject)

/**
 * plaza_profile_list: every profile below @data_root, by name. A folder whose keyfile cannot be
 * read is left out with a warning. (transfer full) (element-type PlazaProfile)
 */
GPtrArray *plaza_profile_list (const char *data_root, GError **error);

/** plaza_profile_load: by id. PLAZA_ERROR_NOT_FOUND. */
PlazaProfile *plaza_profile_load (const char *data_root, const char *id, GError **error);

/**
 * plaza_profile_create: a new profile with its own device key, unlocked, not enrolled yet. It
 * appears below @data_root whole or not at all. The campaign's package is kept too. Takes as long
 * as argon2id: call it in a thread, or see plaza_profile_create_async().
 * PLAZA_ERROR_PASSPHRASE when the rules refuse it.
 */
PlazaProfile *plaza_profile_create (const char *data_root,
                                    PlazaCampaign *campaign,
                                    const char *name,
                                    const char *passphrase,
                                    GError **error);
void plaza_profile_create_async (const char *data_root,
                                 PlazaCampaign *campaign,
                                 const char *name,
                                 const char *passphrase,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
PlazaProfile *plaza_profile_create_finish (GAsyncResult *result, GError **error);

/**
 * plaza_profile_set_enrolment: what the central answered when it took the device key: durable when
 * it returns. The same enrolment again is no error; another device is PLAZA_ERROR_EXISTS.
 * PLAZA_ERROR_LOCKED.
 */
gboolean
plaza_profile_set_enrolment (PlazaProfile *self, const PlazaEnrolment *enrolment, GError **error);

/**
 * plaza_profile_sign_challenge: asks for a new token in the name of the device key.
 * @challenge: from plaza_challenge_parse(). PLAZA_ERROR_LOCKED, PLAZA_ERROR_REFUSED while not
 * enrolled.
 */
gboolean plaza_profile_sign_challenge (PlazaProfile *self,
                                       GBytes *challenge,
                                       PlazaTokenRequest *out,
                                       GError **error);

/**
 * plaza_profile_discard: removes an unlocked profile that was never enrolled, and so holds nothing:
 * the central refused its code. PLAZA_ERROR_REFUSED when it is enrolled, PLAZA_ERROR_LOCKED.
 */
gboolean plaza_profile_discard (PlazaProfile *self, GError **error);

/**
 * plaza_profile_unlock: opens the store: passphrase, exclusive lock, check, migrations, receipts
 * that others brought. Blocks about 0.3 s.
 * Errors: PLAZA_ERROR_PASSPHRASE; PLAZA_ERROR_REFUSED (too soon after wrong tries: see
 * plaza_profile_get_wait()); PLAZA_ERROR_BUSY (open in another process); PLAZA_ERROR_NEWER;
 * PLAZA_ERROR_NOT_FOUND (its campaign package is gone); PLAZA_ERROR_CORRUPT (the check failed:
 * offer plaza_profile_repair(); what was delivered is safe at the central, what the backup has is
 * safe here).
 */
gboolean plaza_profile_unlock (PlazaProfile *self, const char *passphrase, GError **error);
void plaza_profile_unlock_async (PlazaProfile *self,
                                 const char *passphrase,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean plaza_profile_unlock_finish (PlazaProfile *self, GAsyncResult *result, GError **error);

/** plaza_profile_get_wait: seconds until the next try is allowed, 0 for now. Kept on disk: 1 s
 * after the third wrong try, doubling to 5 minutes; never a wipe. */
guint plaza_profile_get_wait (PlazaProfile *self);

/** plaza_profile_check_passphrase: whether it is this profile's (leaving self-completion); counts
 * wrong tries as unlocking does. Blocks as unlocking does; may be called in a thread. */
gboolean
plaza_profile_check_passphrase (PlazaProfile *self, const char *passphrase, GError **error);

/**
 * plaza_profile_lock: packs what is finished into envelopes, closes the store, zeroes every key. No
 * capture, session or list of the store may be used afterwards. Locks also when packing fails;
 * the error then says what waits.
 */
gboolean plaza_profile_lock (PlazaProfile *self, GError **error);

/** plaza_profile_repair: see plaza_backup_repair(); the profile must be locked. */
gboolean plaza_profile_repair (PlazaProfile *self, PlazaRepair *out, GError **error);

/** plaza_profile_change_passphrase: needs the old one; blocks. Old backups keep working. */
gboolean plaza_profile_change_passphrase (PlazaProfile *self,
                                          const char *old_passphrase,
                                          const char *new_passphrase,
                                          GError **error);

const char *plaza_profile_get_id (PlazaProfile *self);
const char *plaza_profile_get_name (PlazaProfile *self);
const char *plaza_profile_get_campaign_fingerprint (PlazaProfile *self);
const char *plaza_profile_get_data_root (PlazaProfile *self);
/** plaza_profile_get_folder: profiles/<id> below the data root. */
const char *plaza_profile_get_folder (PlazaProfile *self);
gboolean plaza_profile_is_unlocked (PlazaProfile *self);

/* The rest needs an unlocked profile, else NULL or FALSE. */

/** plaza_profile_get_store: (transfer none) (nullable) */
PlazaStore *plaza_profile_get_store (PlazaProfile *self);
/** plaza_profile_get_campaign: (transfer none) (nullable) */
PlazaCampaign *plaza_profile_get_campaign (PlazaProfile *self);
/** plaza_profile_is_campaign_damaged: the campaign's package on disk is damaged or gone, and the
 * profile works with a copy of the one before: it should be fetched again. */
gboolean plaza_profile_is_campaign_damaged (PlazaProfile *self);
/**
 * plaza_profile_refresh_campaign: after plaza_campaign_take(): a newer package on disk is used from
 * now on (PlazaStore::campaign-changed); interviews that were begun go on as they are. A locked
 * profile finds it when it is unlocked.
 */
gboolean plaza_profile_refresh_campaign (PlazaProfile *self, GError **error);
/** plaza_profile_get_enrolment: (transfer none) (nullable): NULL too while not enrolled. */
const PlazaEnrolment *plaza_profile_get_enrolment (PlazaProfile *self);
/** plaza_profile_get_device_key: public half of the device key, for enrolling. */
gboolean plaza_profile_get_device_key (PlazaProfile *self, PlazaPublicKey *out);

G_END_DECLS

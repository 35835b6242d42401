/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/keyfile.h"
#include "store/database.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * A new profile key in the place of one that somebody else has seen. Wanted is remembered in the
 * folder; it is done while the profile is being unlocked, because then the passphrase is known and
 * nobody else has the store.
 *
 * Files: `rotate` (wanted), `profile.key.next` (the new key under the same passphrase). What the
 * profile key seals and wraps changes in one transaction of the database, so at any moment the
 * store opens with the key of `profile.key` or that of `profile.key.next`.
 */

#define PLAZA_ROTATION_NEXT "profile.key.next"

/** plaza_rotation_want: durable. @folder: of the profile */
gboolean plaza_rotation_want (const char *folder, GError **error);

/** plaza_rotation_is_pending: something is wanted or was not ended. */
gboolean plaza_rotation_is_pending (const char *folder);

/**
 * plaza_rotation_run: rotates, or ends what was interrupted. Nobody may have the store open.
 * @key: the key of profile.key
 * Returns: (transfer full): the key that opens the store now: @key itself when it could not be
 * done, with @error; then everything is as it was, or goes on at the next unlock.
 */
PlazaSecret *plaza_rotation_run (PlazaProfile *profile,
                                 const PlazaPublicKey *recovery,
                                 const char *passphrase,
                                 const PlazaSecret *key,
                                 GError **error);

/** plaza_rotation_opens: whether @key is that of the store in @folder, damaged or not. */
gboolean plaza_rotation_opens (const char *folder, const char *profile_id, const PlazaSecret *key);

/** plaza_rotation_columns: the columns "table.column" that hold what is sealed or wrapped under the
 * profile key, NULL-terminated: all that a rotation must reach. */
const char *const *plaza_rotation_columns (void);

G_END_DECLS

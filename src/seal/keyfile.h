/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/sign.h"

G_BEGIN_DECLS

/**
 * PlazaKeyfile: `profile.key`, which holds a profile's key twice: wrapped by argon2id of the
 * passphrase, and sealed to the campaign's recovery key. What stands in clear (profile, display
 * name, campaign, cost) is authenticated with the wrapped key. Immutable, reference counted.
 *
 * Bytes: "PLZKEY01" ‖ u32le length ‖ canonical JSON header ‖ sealed recovery copy (80) ‖ nonce (24)
 * ‖ wrapped key (48) ‖ BLAKE2b-256 of all before, which tells damage from a wrong passphrase.
 */
typedef struct _PlazaKeyfile PlazaKeyfile;

/** Cost of argon2id for new files: 3 passes over 64 MiB. */
#define PLAZA_KEYFILE_OPS 3u
#define PLAZA_KEYFILE_MEMORY (64u << 20)

/**
 * plaza_keyfile_new: makes a new profile key and its keyfile. The passphrase must pass
 * plaza_passphrase_check() with the display name as context (callers check with more context
 * before); it is used in NFC and whole.
 * @profile_id: UUID
 * @display_name: 1 to 200 characters
 * @campaign: fingerprint of the campaign, base32
 * @recovery: the campaign's recovery key
 * @out_key: (out) (transfer full): 32 bytes
 */
PlazaKeyfile *plaza_keyfile_new (const char *profile_id,
                                 const char *display_name,
                                 const char *campaign,
                                 const PlazaPublicKey *recovery,
                                 const char *passphrase,
                                 PlazaSecret **out_key,
                                 GError **error);

/**
 * plaza_keyfile_parse: reads @bytes. Errors: PLAZA_ERROR_CORRUPT (damaged), PLAZA_ERROR_NEWER,
 * PLAZA_ERROR_LIMIT (a cost outside the bounds: 3 to 10 passes, 64 MiB to 1 GiB).
 */
PlazaKeyfile *plaza_keyfile_parse (GBytes *bytes, GError **error);

/** plaza_keyfile_load: plaza_keyfile_parse() of the file at @path. */
PlazaKeyfile *plaza_keyfile_load (const char *path, GError **error);

/** plaza_keyfile_save: durable and whole or not at all. */
gboolean plaza_keyfile_save (PlazaKeyfile *keyfile, const char *path, GError **error);

/** plaza_keyfile_to_bytes: Returns: (transfer full). */
GBytes *plaza_keyfile_to_bytes (PlazaKeyfile *keyfile);

/**
 * plaza_keyfile_unlock: the profile key (32 bytes). Takes about 0.2 s of one core and the memory of
 * the cost; call it in a thread. PLAZA_ERROR_PASSPHRASE when the passphrase does not fit.
 */
PlazaSecret *plaza_keyfile_unlock (PlazaKeyfile *keyfile, const char *passphrase, GError **error);

/**
 * plaza_keyfile_change: a keyfile with the same profile key under @new_passphrase; needs the old
 * one. Save the result over the old file. Returns: (transfer full).
 */
PlazaKeyfile *plaza_keyfile_change (PlazaKeyfile *keyfile,
                                    const char *old_passphrase,
                                    const char *new_passphrase,
                                    GError **error);

/** plaza_keyfile_recover: the profile key through the campaign's recovery secret (32 bytes). */
PlazaSecret *
plaza_keyfile_recover (PlazaKeyfile *keyfile, const PlazaSecret *recovery, GError **error);

/** plaza_keyfile_rewrap: as plaza_keyfile_change() for somebody who holds the profile key itself.
 */
PlazaKeyfile *plaza_keyfile_rewrap (PlazaKeyfile *keyfile,
                                    const PlazaSecret *key,
                                    const char *new_passphrase,
                                    GError **error);

PlazaKeyfile *plaza_keyfile_ref (PlazaKeyfile *keyfile);
void plaza_keyfile_unref (PlazaKeyfile *keyfile);

const char *plaza_keyfile_profile_id (PlazaKeyfile *keyfile);
const char *plaza_keyfile_display_name (PlazaKeyfile *keyfile);
/** plaza_keyfile_campaign: Returns: (transfer none): the campaign's fingerprint. */
const char *plaza_keyfile_campaign (PlazaKeyfile *keyfile);
/** plaza_keyfile_recovery_copy: (transfer none): the profile key sealed to the recovery key. */
GBytes *plaza_keyfile_recovery_copy (PlazaKeyfile *keyfile);
/** plaza_keyfile_created_ms: when the profile was made, ms since 1970. */
gint64 plaza_keyfile_created_ms (PlazaKeyfile *keyfile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaKeyfile, plaza_keyfile_unref)

G_END_DECLS

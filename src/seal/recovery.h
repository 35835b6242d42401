/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/keyfile.h"

G_BEGIN_DECLS

/**
 * A forgotten passphrase, mended without a network: the laptop asks with a request, whoever holds
 * the campaign's recovery key answers, and only that laptop opens the answer. Both travel as a
 * file, as a QR code or as lines that a person reads aloud; neither is secret.
 *
 * Request: "PLZRRQ01" ‖ profile (16) ‖ device (16, zeros when not known) ‖ the request's own X25519
 * public key (32) ‖ the profile key sealed to the recovery key (80) ‖ check (8).
 * Answer: "PLZRAN01" ‖ BLAKE2b-128 of the request (16) ‖ the profile key sealed to the request's
 * own key (80) ‖ check (8).
 * The check is the beginning of BLAKE2b-256 of all before it.
 */

#define PLAZA_RECOVERY_REQUEST_SIZE 160u
#define PLAZA_RECOVERY_ANSWER_SIZE 112u
#define PLAZA_RECOVERY_REQUEST_SUFFIX ".plzrrq"
#define PLAZA_RECOVERY_ANSWER_SUFFIX ".plzran"

/** PlazaRecoveryRequest: what a request says in clear. */
typedef struct
{
  char profile[37]; /* UUID */
  char device[37];  /* UUID, or "" when the locked profile does not know it */
} PlazaRecoveryRequest;

/**
 * plaza_recovery_request_new: asks for the key of @keyfile's profile.
 * @device: (nullable): UUID
 * @out_secret: (out) (transfer full): 32 bytes, the only thing that opens the answer
 * Returns: (transfer full): PLAZA_RECOVERY_REQUEST_SIZE bytes
 */
GBytes *plaza_recovery_request_new (PlazaKeyfile *keyfile,
                                    const char *device,
                                    PlazaSecret **out_secret,
                                    GError **error);

/** plaza_recovery_request_parse: PLAZA_ERROR_INVALID (cut, changed, something else),
 * PLAZA_ERROR_NEWER. */
gboolean plaza_recovery_request_parse (GBytes *request, PlazaRecoveryRequest *out, GError **error);

/**
 * plaza_recovery_code: 16 characters in four groups that both screens show and both people compare
 * by voice, so that nobody in between exchanged the request. Returns: (transfer full).
 */
char *plaza_recovery_code (GBytes *request);

/**
 * plaza_recovery_answer_new: seals the profile key again, to the request's own key.
 * @recovery: the campaign's recovery secret (32 bytes)
 * Errors: plaza_recovery_request_parse()'s; PLAZA_ERROR_SIGNATURE (of another recovery key).
 * Returns: (transfer full): PLAZA_RECOVERY_ANSWER_SIZE bytes
 */
GBytes *plaza_recovery_answer_new (GBytes *request, const PlazaSecret *recovery, GError **error);

/**
 * plaza_recovery_answer_open: the profile key (32 bytes). Whoever knew the request could have made
 * the answer, so the key is only believed when it opens the profile's store.
 * Errors: PLAZA_ERROR_INVALID (cut, changed), PLAZA_ERROR_NEWER, PLAZA_ERROR_SIGNATURE (to another
 * request).
 */
PlazaSecret *plaza_recovery_answer_open (GBytes *answer,
                                         GBytes *request,
                                         const PlazaSecret *secret,
                                         GError **error);

/** plaza_recovery_to_text: a request or an answer as lines to be read over the phone: four groups
 * of four characters and two that check the line and its place. Digits and letters only:
 * Crockford's base32 with U instead of V, which in Spanish sounds as B does. Returns: (transfer
 * full). */
char *plaza_recovery_to_text (GBytes *bytes);

/**
 * plaza_recovery_from_text: reads plaza_recovery_to_text() back, of any case and spacing; V
 * is taken as B, O as 0, I and L as 1.
 * @out_line: (out) (nullable): the first line that is not right, from 1; 0 when none is to blame
 * Errors: PLAZA_ERROR_INVALID. Returns: (transfer full)
 */
GBytes *plaza_recovery_from_text (const char *text, guint *out_line, GError **error);

G_END_DECLS

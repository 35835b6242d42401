/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/hand-in.h"

G_BEGIN_DECLS

/**
 * The proof that a laptop was handed in: person, device, campaign, counts, envelopes with their
 * receipts, what was discarded and why; no answer and nobody who answered. Text for people in the
 * language of the program, signed by the device key before that is destroyed, and the same as PDF.
 *
 * The text ends with three lines of its own: "----- PLZPRF01", "device-key <base64url>" and
 * "signature <base64url>"; the signature covers all before them (plaza_hand_in_sign()).
 */

#define PLAZA_PROOF_FOLDER "proofs"
#define PLAZA_PROOF_MAX_BYTES (8u << 20)

/** PlazaProof: where it was saved. */
typedef struct
{
  char *text; /* path of the signed text */
  char *pdf;  /* path of the same for printing */
} PlazaProof;

void plaza_proof_clear (PlazaProof *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaProof, plaza_proof_clear)

/**
 * plaza_proof_make: gathers the facts, signs, and saves both files durably in
 * <data root>/PLAZA_PROOF_FOLDER. The profile is unlocked, and complete by
 * plaza_hand_in_state_is_complete(), else PLAZA_ERROR_REFUSED.
 */
gboolean plaza_proof_make (PlazaProfile *profile, PlazaProof *out, GError **error);

/** plaza_proof_copy: saves both files in @folder too, which the person chose. */
gboolean plaza_proof_copy (const PlazaProof *self, const char *folder, GError **error);

/** plaza_proof_verify: checks the signature inside a signed text. @out_key: (out): the device key
 * that it names; who has that device the central knows. PLAZA_ERROR_INVALID (no proof),
 * PLAZA_ERROR_SIGNATURE (changed). */
gboolean plaza_proof_verify (GBytes *text, PlazaPublicKey *out_key, GError **error);

G_END_DECLS

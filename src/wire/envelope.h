/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/entry.h"

G_BEGIN_DECLS

/**
 * `PLZENV01`: the one unit of transfer, the same bytes by network and by USB.
 *
 * "PLZENV01" (8) ‖ campaign key hash (32) ‖ author device (16) ‖ recipient key id (16) ‖ dictionary
 * id (16, zero for none) ‖ session key sealed to the recipient (80) ‖ stream header (24) ‖
 * secretstream chunks of 64 KiB, all before as additional data ‖ Ed25519 signature (64) of the
 * BLAKE2b-256 of all before. That hash is the envelope's id.
 *
 * Inside, compressed with zstd (and the campaign's dictionary): u32le count, then per entry u8 kind
 * ‖ id (16) ‖ u64le sequence ‖ hash (32) ‖ u32le length ‖ payload.
 */

/** Largest envelope, as the server takes it; keep what is packed under it. */
#define PLAZA_ENVELOPE_MAX_BYTES (4u << 20)
/** Most entries of one envelope, and most bytes once opened. */
#define PLAZA_ENVELOPE_MAX_ENTRIES 2000u
#define PLAZA_ENVELOPE_MAX_PLAIN (64u << 20)
/** Contact envelopes wait for at least so many, unless it is hand-in. */
#define PLAZA_ENVELOPE_MIN_CONTACTS 5u

/** PlazaEnvelopeInfo: what stands in clear. */
typedef struct
{
  PlazaHash id;
  PlazaHash campaign; /* BLAKE2b-256 of the campaign key: the bytes of the fingerprint */
  char device[37];    /* UUID of the author's device */
  guint8 recipient[PLAZA_KEY_ID_SIZE];
  guint8 dictionary[PLAZA_KEY_ID_SIZE];
  gboolean has_dictionary;
} PlazaEnvelopeInfo;

/** plaza_dictionary_id: BLAKE2b-128 of a zstd dictionary. */
void plaza_dictionary_id (GBytes *dictionary, guint8 out[PLAZA_KEY_ID_SIZE]);

/**
 * plaza_envelope_pack: compresses, seals and signs @entries once.
 * @campaign_key: the campaign's public signing key
 * @device: UUID of the author's device
 * @device_secret: its Ed25519 secret
 * @recipient: the central's sealing key
 * @dictionary: (nullable)
 * @entries: (element-type PlazaEntry): 1 to 2,000, either all of contact kinds or none; contacts
 * are shuffled here
 * @out_id: (out) (nullable)
 * Errors: PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT (result over 4 MiB: pack fewer).
 */
GBytes *plaza_envelope_pack (const PlazaPublicKey *campaign_key,
                             const char *device,
                             const PlazaSecret *device_secret,
                             const PlazaPublicKey *recipient,
                             GBytes *dictionary,
                             GPtrArray *entries,
                             PlazaHash *out_id,
                             GError **error);

/** plaza_envelope_peek: the clear part of what looks like an envelope; nothing is verified yet. */
gboolean plaza_envelope_peek (GBytes *envelope, PlazaEnvelopeInfo *out, GError **error);

/** plaza_envelope_verify: the author's signature, without any secret key. */
gboolean plaza_envelope_verify (GBytes *envelope,
                                const PlazaPublicKey *device_key,
                                PlazaEnvelopeInfo *out,
                                GError **error);

/**
 * plaza_envelope_open: plaza_envelope_verify(), then opens with @recipient_secret; every hash
 * inside is recomputed and every entry checked.
 * @recipient_secret: X25519, the one that info.recipient names
 * @dictionary: (nullable): the one that info.dictionary names
 * Errors: PLAZA_ERROR_SIGNATURE (signature, seal, truncated stream), PLAZA_ERROR_NOT_FOUND (another
 * recipient or dictionary), PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT.
 * Returns: (transfer full) (element-type PlazaEntry)
 */
GPtrArray *plaza_envelope_open (GBytes *envelope,
                                const PlazaPublicKey *device_key,
                                const PlazaSecret *recipient_secret,
                                GBytes *dictionary,
                                PlazaEnvelopeInfo *out,
                                GError **error);

/** plaza_envelope_train_dictionary: a zstd dictionary of at most 16 KiB from sample payloads. */
GBytes *plaza_envelope_train_dictionary (GPtrArray *samples, GError **error);

G_END_DECLS

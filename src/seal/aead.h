/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/secret.h"

G_BEGIN_DECLS

/** Bytes that sealing adds: 24 of nonce in front, 16 of tag behind. */
#define PLAZA_AEAD_OVERHEAD 40

/**
 * plaza_aead_seal: XChaCha20-Poly1305 with a random nonce: nonce ‖ ciphertext ‖ tag.
 * @key: 32 bytes
 * @ad: (nullable): additional data, authenticated and not stored; what the value belongs to, so
 * that a sealed value moved to another row does not open Returns: (transfer full)
 */
GBytes *plaza_aead_seal (const PlazaSecret *key, GBytes *plain, GBytes *ad);

/** plaza_aead_open: Returns: (transfer full): or NULL with PLAZA_ERROR_SIGNATURE. */
GBytes *plaza_aead_open (const PlazaSecret *key, GBytes *sealed, GBytes *ad, GError **error);

/**
 * plaza_aead_seal_padded: as plaza_aead_seal() after padding the plaintext to 64, 256, 1024 or 4096
 * bytes, then multiples of 4096 (at least one byte of padding), so that the size of an answer tells
 * little.
 */
GBytes *plaza_aead_seal_padded (const PlazaSecret *key, GBytes *plain, GBytes *ad);

/** plaza_aead_open_padded: opens what plaza_aead_seal_padded() made and takes the padding off. */
GBytes *plaza_aead_open_padded (const PlazaSecret *key, GBytes *sealed, GBytes *ad, GError **error);

/**
 * plaza_key_wrap: seals @key (an interview's) under @wrapping (the profile's) for the place @ad
 * names. Destroying the result and every backup of it shreds whatever @key sealed. Returns:
 * (transfer full): 72 bytes for a 32-byte key.
 */
GBytes *plaza_key_wrap (const PlazaSecret *wrapping, const PlazaSecret *key, GBytes *ad);

/** plaza_key_unwrap: Returns: (transfer full): or NULL with PLAZA_ERROR_SIGNATURE. */
PlazaSecret *
plaza_key_unwrap (const PlazaSecret *wrapping, GBytes *wrapped, GBytes *ad, GError **error);

/** plaza_key_derive: a 32-byte subkey of @key for @purpose (BLAKE2b keyed), e.g. "backup". */
PlazaSecret *plaza_key_derive (const PlazaSecret *key, const char *purpose);

G_END_DECLS

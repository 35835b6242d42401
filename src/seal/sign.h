/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/secret.h"

G_BEGIN_DECLS

#define PLAZA_SIGNATURE_SIZE 64
#define PLAZA_KEY_ID_SIZE 16

/** PlazaPublicKey: an Ed25519 or X25519 public key; its text is base64url without padding. */
typedef struct
{
  guint8 bytes[32];
} PlazaPublicKey;

/** plaza_public_key_to_string: Returns: (transfer full): 43 characters. */
char *plaza_public_key_to_string (const PlazaPublicKey *key);
gboolean plaza_public_key_parse (const char *text, PlazaPublicKey *out, GError **error);
gboolean plaza_public_key_equal (const PlazaPublicKey *a, const PlazaPublicKey *b);
/** plaza_public_key_id: BLAKE2b-128 of the key, which names it without showing it. */
void plaza_public_key_id (const PlazaPublicKey *key, guint8 out[PLAZA_KEY_ID_SIZE]);

/**
 * plaza_public_key_fingerprint: how people compare a campaign: BLAKE2b-256 of the key in Crockford
 * base32, 52 characters, not grouped. Returns: (transfer full).
 */
char *plaza_public_key_fingerprint (const PlazaPublicKey *key);

/**
 * plaza_sign_keypair: a new Ed25519 pair (campaign, central, device).
 * @secret: (out) (transfer full): 64 bytes
 */
void plaza_sign_keypair (PlazaPublicKey *public_key, PlazaSecret **secret);

/** plaza_sign_public: the public half of a 64-byte secret. */
gboolean plaza_sign_public (const PlazaSecret *secret, PlazaPublicKey *public_key, GError **error);

/** plaza_sign: detached signature of @length bytes at @data. */
void plaza_sign (const PlazaSecret *secret,
                 const void *data,
                 gsize length,
                 guint8 signature[PLAZA_SIGNATURE_SIZE]);

/** plaza_sign_verify: TRUE, or FALSE with PLAZA_ERROR_SIGNATURE. */
gboolean plaza_sign_verify (const PlazaPublicKey *public_key,
                            const void *data,
                            gsize length,
                            const guint8 signature[PLAZA_SIGNATURE_SIZE],
                            GError **error);

G_END_DECLS

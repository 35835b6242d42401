/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/sign.h"

#include <sodium.h>
#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "seal/hash.h"

G_STATIC_ASSERT (PLAZA_SIGNATURE_SIZE == crypto_sign_BYTES);

char *
plaza_public_key_to_string (const PlazaPublicKey *key)
{
  return plaza_base64url_encode (key->bytes, sizeof key->bytes);
}

gboolean
plaza_public_key_parse (const char *text, PlazaPublicKey *out, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_base64url_decode (text, sizeof out->bytes, error);

  if (bytes == NULL)
    {
      g_prefix_error (error, "Public key: ");
      return FALSE;
    }
  memcpy (out->bytes, g_bytes_get_data (bytes, NULL), sizeof out->bytes);
  return TRUE;
}

gboolean
plaza_public_key_equal (const PlazaPublicKey *a, const PlazaPublicKey *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void
plaza_public_key_id (const PlazaPublicKey *key, guint8 out[PLAZA_KEY_ID_SIZE])
{
  plaza_seal_init ();
  crypto_generichash (out, PLAZA_KEY_ID_SIZE, key->bytes, sizeof key->bytes, NULL, 0);
}

char *
plaza_public_key_fingerprint (const PlazaPublicKey *key)
{
  PlazaHash hash;

  plaza_hash_data (key->bytes, sizeof key->bytes, &hash);
  return plaza_base32_encode (hash.bytes, sizeof hash.bytes);
}

void
plaza_sign_keypair (PlazaPublicKey *public_key, PlazaSecret **secret)
{
  *secret = plaza_secret_new (crypto_sign_SECRETKEYBYTES);
  crypto_sign_keypair (public_key->bytes, plaza_secret_bytes (*secret));
}

gboolean
plaza_sign_public (const PlazaSecret *secret, PlazaPublicKey *public_key, GError **error)
{
  if (plaza_secret_length (secret) != crypto_sign_SECRETKEYBYTES)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an Ed25519 secret key");
  crypto_sign_ed25519_sk_to_pk (public_key->bytes, plaza_secret_bytes (secret));
  return TRUE;
}

void
plaza_sign (const PlazaSecret *secret,
            const void *data,
            gsize length,
            guint8 signature[PLAZA_SIGNATURE_SIZE])
{
  g_assert (plaza_secret_length (secret) == crypto_sign_SECRETKEYBYTES);
  crypto_sign_detached (signature, NULL, data, length, plaza_secret_bytes (secret));
}

gboolean
plaza_sign_verify (const PlazaPublicKey *public_key,
                   const void *data,
                   gsize length,
                   const guint8 signature[PLAZA_SIGNATURE_SIZE],
                   GError **error)
{
  plaza_seal_init ();
  if (crypto_sign_verify_detached (signature, data, length, public_key->bytes) != 0)
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "The signature does not verify");
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/secret.h"

#include <sodium.h>
#include <string.h>

struct _PlazaSecret
{
  gatomicrefcount refs;
  gsize length;
  guint8 *bytes;
};

void
plaza_seal_init (void)
{
  /* sodium_init() is made for being called again, from any thread. */
  if (sodium_init () < 0)
    g_error ("libsodium cannot start");
}

PlazaSecret *
plaza_secret_new (gsize length)
{
  PlazaSecret *secret;

  plaza_seal_init ();
  secret = g_new0 (PlazaSecret, 1);
  g_atomic_ref_count_init (&secret->refs);
  secret->length = length;
  secret->bytes = sodium_malloc (length);
  if (secret->bytes == NULL)
    g_error ("No memory for a secret");
  memset (secret->bytes, 0, length);
  return secret;
}

PlazaSecret *
plaza_secret_new_random (gsize length)
{
  PlazaSecret *secret = plaza_secret_new (length);

  randombytes_buf (secret->bytes, length);
  return secret;
}

PlazaSecret *
plaza_secret_new_copy (const void *data, gsize length)
{
  PlazaSecret *secret = plaza_secret_new (length);

  if (length > 0)
    memcpy (secret->bytes, data, length);
  return secret;
}

PlazaSecret *
plaza_secret_new_key (void)
{
  return plaza_secret_new_random (crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
}

PlazaSecret *
plaza_secret_ref (PlazaSecret *secret)
{
  g_atomic_ref_count_inc (&secret->refs);
  return secret;
}

void
plaza_secret_unref (PlazaSecret *secret)
{
  if (!g_atomic_ref_count_dec (&secret->refs))
    return;
  sodium_free (secret->bytes);
  g_free (secret);
}

guint8 *
plaza_secret_bytes (const PlazaSecret *secret)
{
  return secret->bytes;
}

gsize
plaza_secret_length (const PlazaSecret *secret)
{
  return secret->length;
}

gboolean
plaza_secret_equal (const PlazaSecret *a, const PlazaSecret *b)
{
  return a->length == b->length && sodium_memcmp (a->bytes, b->bytes, a->length) == 0;
}

void
plaza_secret_wipe_string (char *text)
{
  if (text != NULL)
    sodium_memzero (text, strlen (text));
  g_free (text);
}

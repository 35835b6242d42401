/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/hash.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

G_STATIC_ASSERT (PLAZA_HASH_SIZE == crypto_generichash_BYTES);

void
plaza_hash_data (const void *data, gsize length, PlazaHash *out)
{
  plaza_seal_init ();
  crypto_generichash (out->bytes, PLAZA_HASH_SIZE, data, length, NULL, 0);
}

void
plaza_hash_bytes (GBytes *bytes, PlazaHash *out)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  plaza_hash_data (data, length, out);
}

void
plaza_hash_parts (const PlazaHashPart *parts, gsize n_parts, PlazaHash *out)
{
  crypto_generichash_state state;

  plaza_seal_init ();
  crypto_generichash_init (&state, NULL, 0, PLAZA_HASH_SIZE);
  for (gsize i = 0; i < n_parts; i++)
    crypto_generichash_update (&state, parts[i].data, parts[i].length);
  crypto_generichash_final (&state, out->bytes, PLAZA_HASH_SIZE);
}

void
plaza_hash_keyed (const PlazaSecret *key, const void *data, gsize length, PlazaHash *out)
{
  g_assert (plaza_secret_length (key) >= crypto_generichash_KEYBYTES_MIN &&
            plaza_secret_length (key) <= crypto_generichash_KEYBYTES_MAX);
  crypto_generichash (out->bytes, PLAZA_HASH_SIZE, data, length, plaza_secret_bytes (key),
                      plaza_secret_length (key));
}

gboolean
plaza_hash_equal (const PlazaHash *a, const PlazaHash *b)
{
  return sodium_memcmp (a->bytes, b->bytes, PLAZA_HASH_SIZE) == 0;
}

char *
plaza_hash_to_string (const PlazaHash *hash)
{
  char *text = g_malloc (2 * PLAZA_HASH_SIZE + 1);

  return sodium_bin2hex (text, 2 * PLAZA_HASH_SIZE + 1, hash->bytes, PLAZA_HASH_SIZE);
}

gboolean
plaza_hash_parse (const char *text, PlazaHash *out, GError **error)
{
  if (text == NULL || strlen (text) != 2 * PLAZA_HASH_SIZE ||
      strspn (text, "0123456789abcdef") != 2 * PLAZA_HASH_SIZE)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a hash");
  for (gsize i = 0; i < PLAZA_HASH_SIZE; i++)
    out->bytes[i] =
        (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]));
  return TRUE;
}

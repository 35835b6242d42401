/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/aead.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "seal/padding.h"

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES

G_STATIC_ASSERT (PLAZA_AEAD_OVERHEAD == NONCE_SIZE + TAG_SIZE);

static GBytes *
seal (const PlazaSecret *key, const guint8 *plain, gsize length, GBytes *ad)
{
  guint8 *sealed = g_malloc (length + PLAZA_AEAD_OVERHEAD);
  gsize ad_length = 0;
  const guint8 *ad_data = ad != NULL ? g_bytes_get_data (ad, &ad_length) : NULL;

  g_assert (plaza_secret_length (key) == KEY_SIZE);
  randombytes_buf (sealed, NONCE_SIZE);
  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + NONCE_SIZE, NULL, plain, length, ad_data,
                                              ad_length, NULL, sealed, plaza_secret_bytes (key));
  return g_bytes_new_take (sealed, length + PLAZA_AEAD_OVERHEAD);
}

/* Opens into @plain, which has room for the sealed length less the overhead. */
static gboolean
open_into (const PlazaSecret *key, GBytes *sealed, GBytes *ad, guint8 *plain, GError **error)
{
  gsize length, ad_length = 0;
  const guint8 *data = g_bytes_get_data (sealed, &length);
  const guint8 *ad_data = ad != NULL ? g_bytes_get_data (ad, &ad_length) : NULL;

  if (plaza_secret_length (key) != KEY_SIZE ||
      crypto_aead_xchacha20poly1305_ietf_decrypt (plain, NULL, NULL, data + NONCE_SIZE,
                                                  length - NONCE_SIZE, ad_data, ad_length, data,
                                                  plaza_secret_bytes (key)) != 0)
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "A sealed value does not open");
  return TRUE;
}

static gboolean
check_length (GBytes *sealed, GError **error)
{
  if (g_bytes_get_size (sealed) < PLAZA_AEAD_OVERHEAD)
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "A sealed value is cut");
  return TRUE;
}

GBytes *
plaza_aead_seal (const PlazaSecret *key, GBytes *plain, GBytes *ad)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (plain, &length);

  return seal (key, data, length, ad);
}

GBytes *
plaza_aead_open (const PlazaSecret *key, GBytes *sealed, GBytes *ad, GError **error)
{
  g_autofree guint8 *plain = NULL;
  gsize size;

  if (!check_length (sealed, error))
    return NULL;
  size = g_bytes_get_size (sealed) - PLAZA_AEAD_OVERHEAD;
  plain = g_malloc (size + 1);
  if (!open_into (key, sealed, ad, plain, error))
    return NULL;
  return plaza_wiping_bytes (g_steal_pointer (&plain), size);
}

/* The smallest step that holds @length bytes and at least one of padding. */
static gsize
padded_size (gsize length)
{
  static const gsize steps[] = { 64, 256, 1024 };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (length < steps[i])
      return steps[i];
  return (length / 4096 + 1) * 4096;
}

GBytes *
plaza_aead_seal_padded (const PlazaSecret *key, GBytes *plain, GBytes *ad)
{
  gsize size = padded_size (g_bytes_get_size (plain));
  guint8 *padded = plaza_pad (plain, size);
  GBytes *sealed = seal (key, padded, size, ad);

  plaza_wipe_free (padded, size);
  return sealed;
}

GBytes *
plaza_aead_open_padded (const PlazaSecret *key, GBytes *sealed, GBytes *ad, GError **error)
{
  g_autoptr (GBytes) padded = plaza_aead_open (key, sealed, ad, error);
  gssize length;

  if (padded == NULL)
    return NULL;
  length = plaza_unpad (g_bytes_get_data (padded, NULL), g_bytes_get_size (padded));
  if (length < 0)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "A sealed value has no padding");
      return NULL;
    }
  return g_bytes_new_from_bytes (padded, 0, (gsize) length);
}

GBytes *
plaza_key_wrap (const PlazaSecret *wrapping, const PlazaSecret *key, GBytes *ad)
{
  return seal (wrapping, plaza_secret_bytes (key), plaza_secret_length (key), ad);
}

PlazaSecret *
plaza_key_unwrap (const PlazaSecret *wrapping, GBytes *wrapped, GBytes *ad, GError **error)
{
  g_autoptr (PlazaSecret) key = NULL;

  if (!check_length (wrapped, error))
    return NULL;
  key = plaza_secret_new (g_bytes_get_size (wrapped) - PLAZA_AEAD_OVERHEAD);
  if (!open_into (wrapping, wrapped, ad, plaza_secret_bytes (key), error))
    return NULL;
  return g_steal_pointer (&key);
}

PlazaSecret *
plaza_key_derive (const PlazaSecret *key, const char *purpose)
{
  PlazaSecret *derived = plaza_secret_new (KEY_SIZE);

  crypto_generichash (plaza_secret_bytes (derived), KEY_SIZE, (const guint8 *) purpose,
                      strlen (purpose), plaza_secret_bytes (key), plaza_secret_length (key));
  return derived;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/sealbox.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "seal/padding.h"

G_STATIC_ASSERT (PLAZA_SEALBOX_OVERHEAD == crypto_box_SEALBYTES);

void
plaza_sealbox_keypair (PlazaPublicKey *public_key, PlazaSecret **secret)
{
  *secret = plaza_secret_new (crypto_box_SECRETKEYBYTES);
  crypto_box_keypair (public_key->bytes, plaza_secret_bytes (*secret));
}

gboolean
plaza_sealbox_public (const PlazaSecret *secret, PlazaPublicKey *public_key, GError **error)
{
  if (plaza_secret_length (secret) != crypto_box_SECRETKEYBYTES ||
      crypto_scalarmult_base (public_key->bytes, plaza_secret_bytes (secret)) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an X25519 secret key");
  return TRUE;
}

static GBytes *
seal (const PlazaPublicKey *recipient, const guint8 *plain, gsize length, GError **error)
{
  g_autofree guint8 *sealed = g_malloc (length + PLAZA_SEALBOX_OVERHEAD);

  plaza_seal_init ();
  if (crypto_box_seal (sealed, plain, length, recipient->bytes) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Not an X25519 public key");
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&sealed), length + PLAZA_SEALBOX_OVERHEAD);
}

GBytes *
plaza_sealbox_seal (const PlazaPublicKey *recipient, GBytes *plain, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (plain, &length);

  return seal (recipient, data, length, error);
}

GBytes *
plaza_sealbox_open (const PlazaSecret *secret, GBytes *sealed, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (sealed, &length);
  g_autofree guint8 *plain = NULL;
  PlazaPublicKey public_key;

  if (!plaza_sealbox_public (secret, &public_key, error))
    return NULL;
  if (length < PLAZA_SEALBOX_OVERHEAD)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "A sealed box is cut");
      return NULL;
    }
  plain = g_malloc (length - PLAZA_SEALBOX_OVERHEAD + 1);
  if (crypto_box_seal_open (plain, data, length, public_key.bytes, plaza_secret_bytes (secret)) !=
      0)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "A sealed box does not open");
      return NULL;
    }
  return plaza_wiping_bytes (g_steal_pointer (&plain), length - PLAZA_SEALBOX_OVERHEAD);
}

#ifdef PLAZA_TEST_UNSEALED
/* In a copy of this file for one test, never installed: the scan for contact details must be seen
 * to find some. */
static GBytes *
seal_contact (const PlazaPublicKey *recipient, const guint8 *plain, gsize length, GError **error)
{
  guint8 *clear = g_malloc0 (length + PLAZA_SEALBOX_OVERHEAD);

  memcpy (clear + PLAZA_SEALBOX_OVERHEAD, plain, length);
  return g_bytes_new_take (clear, length + PLAZA_SEALBOX_OVERHEAD);
}
#else
#define seal_contact seal
#endif

GBytes *
plaza_sealbox_seal_padded (const PlazaPublicKey *recipient, GBytes *plain, GError **error)
{
  gsize size = (g_bytes_get_size (plain) / PLAZA_SEALBOX_BLOCK + 1) * PLAZA_SEALBOX_BLOCK;
  guint8 *padded = plaza_pad (plain, size);
  GBytes *sealed = seal_contact (recipient, padded, size, error);

  plaza_wipe_free (padded, size);
  return sealed;
}

GBytes *
plaza_sealbox_open_padded (const PlazaSecret *secret, GBytes *sealed, GError **error)
{
  g_autoptr (GBytes) padded = plaza_sealbox_open (secret, sealed, error);
  gssize length;

  if (padded == NULL)
    return NULL;
  length = plaza_unpad (g_bytes_get_data (padded, NULL), g_bytes_get_size (padded));
  if (length < 0)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "A sealed box has no padding");
      return NULL;
    }
  return g_bytes_new_from_bytes (padded, 0, (gsize) length);
}

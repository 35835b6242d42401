/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "base/error.h"
#include "base/uuid.h"
#include "seal/sealbox.h"
#include "wire/entry.h"

/* A campaign's keys and one device, for the tests of the formats. */

#define FINGERPRINT "0000000000000000000000000000000000000000000000000000"
#define DEVICE "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define SESSION "017f22e2-79b0-7cc3-98c4-dc0c0c073990"

typedef struct
{
  PlazaPublicKey campaign, device, central, custody;
  PlazaSecret *campaign_secret, *device_secret, *central_secret, *custody_secret;
} Keys;

static inline void
keys_init (Keys *keys)
{
  plaza_sign_keypair (&keys->campaign, &keys->campaign_secret);
  plaza_sign_keypair (&keys->device, &keys->device_secret);
  plaza_sealbox_keypair (&keys->central, &keys->central_secret);
  plaza_sealbox_keypair (&keys->custody, &keys->custody_secret);
}

static inline void
keys_clear (Keys *keys)
{
  plaza_secret_unref (keys->campaign_secret);
  plaza_secret_unref (keys->device_secret);
  plaza_secret_unref (keys->central_secret);
  plaza_secret_unref (keys->custody_secret);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, keys_clear)

/* The header of a finished interview; revise it and plaza_header_clear(). */
static inline void
header_init (PlazaHeader *header)
{
  *header = (PlazaHeader){
    .campaign = g_strdup (FINGERPRINT),
    .form_id = g_strdup ("consulta_temas"),
    .form_version = g_strdup ("2019052402"),
    .response = plaza_uuid_v7 (),
    .revision = plaza_uuid_random (),
    .device = g_strdup (DEVICE),
    .author = g_strdup ("F16"),
    .mode = g_strdup ("interview"),
    .session = g_strdup (SESSION),
    .session_state = g_strdup ("26"),
    .session_municipality = g_strdup ("26043"),
    .session_date = g_strdup ("2019-05-29"),
    .organisation = g_strdup ("sfp"),
    .batch = g_strdup ("K7"),
    .folio = g_strdup ("26-K7-00001-Z"),
    .outcome = PLAZA_OUTCOME_COMPLETED,
    .ended = g_strdup ("2019-05-29T14:31:39.679-05:00"),
  };
}

static inline PlazaEntry *
new_revision (guint64 sequence)
{
  g_auto (PlazaHeader) header = { 0 };
  g_autofree char *text = g_strdup_printf (
      "<data id=\"consulta_temas\"><problema>No hay agua en la colonia desde hace %u "
      "meses</problema></data>",
      (guint) sequence);
  g_autoptr (GBytes) xml = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  PlazaEntry *entry;

  header_init (&header);
  entry = plaza_entry_new_revision (&header, sequence, xml, NULL, NULL, &error);
  g_assert_no_error (error);
  return entry;
}

static inline GPtrArray *
new_entries (guint n)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (entries, new_revision (i + 1));
  return entries;
}

static inline GBytes *
flip_bit (GBytes *bytes, gsize bit)
{
  gsize length = g_bytes_get_size (bytes);
  guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);

  copy[bit / 8] ^= (guint8) (1 << bit % 8);
  return g_bytes_new_take (copy, length);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "base/file.h"
#include "wire/envelope.h"

/*
 * Opens envelopes as the central does and prints one line an entry:
 * envelope, device, kind, id, sequence, payload in base64.
 *
 *   look CENTRAL-SEAL-KEY DEVICE-KEY-HEX DICTIONARY|- ENVELOPE…
 */

static void
check (gboolean ok, const char *what, GError *const *error)
{
  if (!ok)
    g_error ("%s: %s", what, error && *error ? (*error)->message : "no");
}

static PlazaSecret *
load_secret (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  check (g_file_get_contents (path, &text, NULL, &error), path, &error);
  bytes = plaza_base64url_decode (g_strstrip (text), 32, &error);
  check (bytes != NULL, path, &error);
  return plaza_secret_new_copy (g_bytes_get_data (bytes, NULL), 32);
}

static void
load_device (const char *hex, PlazaPublicKey *out)
{
  check (strlen (hex) == 2 * sizeof out->bytes, "the device's key", NULL);
  for (gsize i = 0; i < sizeof out->bytes; i++)
    out->bytes[i] =
        (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
}

static void
look (const char *path,
      const PlazaSecret *central,
      const PlazaPublicKey *device,
      GBytes *dictionary)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_ENVELOPE_MAX_BYTES, &error);
  g_autoptr (GPtrArray) entries = NULL;
  PlazaEnvelopeInfo info;

  check (bytes != NULL && plaza_envelope_peek (bytes, &info, &error), path, &error);
  entries = plaza_envelope_open (bytes, device, central, info.has_dictionary ? dictionary : NULL,
                                 &info, &error);
  check (entries != NULL, path, &error);
  for (guint i = 0; i < entries->len; i++)
    {
      const PlazaEntry *entry = entries->pdata[i];
      g_autofree char *envelope = plaza_hash_to_string (&info.id);
      gsize length;
      const guchar *data = g_bytes_get_data (entry->payload, &length);
      g_autofree char *payload = g_base64_encode (data, length);

      printf ("%s %s %s %s %" G_GUINT64_FORMAT " %s\n", envelope, info.device,
              plaza_entry_kind_name (entry->kind), entry->id, entry->sequence, payload);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (PlazaSecret) central = NULL;
  g_autoptr (GBytes) dictionary = NULL;
  g_autoptr (GError) error = NULL;
  PlazaPublicKey device;

  if (argc < 5)
    return 2;
  central = load_secret (argv[1]);
  load_device (argv[2], &device);
  if (strcmp (argv[3], "-") != 0)
    {
      dictionary = plaza_file_read (argv[3], 1 << 20, &error);
      check (dictionary != NULL, argv[3], &error);
    }
  for (int i = 4; i < argc; i++)
    look (argv[i], central, &device, dictionary);
  return 0;
}

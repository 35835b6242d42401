/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "central/archive.h"
#include "fuzz.h"

/*
 * The input is what anybody can seal to a backup key: the inside of an archive. One that begins
 * with 'r' is the sealed stream itself.
 */

static GOutputStream *
begin_file (const char *name, gpointer data, GError **error)
{
  if (name[0] == '/' || name[0] == '.' || strstr (name, "/.") != NULL ||
      strstr (name, "//") != NULL)
    fuzz_fail ("a name that leads out of its folder");
  return g_memory_output_stream_new_resizable ();
}

static gboolean
end_file (const char *name, const char *digest, gpointer data, GError **error)
{
  return TRUE;
}

static GBytes *
seal (const PlazaPublicKey *key, const guint8 *data, gsize size)
{
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (PlazaStreamSealer) sealer = plaza_stream_sealer_new (out, key, NULL);

  if (sealer == NULL || !plaza_stream_sealer_write (sealer, data, size, NULL) ||
      !plaza_stream_sealer_finish (sealer, NULL) || !g_output_stream_close (out, NULL, NULL))
    fuzz_fail ("sealing failed");
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const PlazaArchiveSink sink = { begin_file, end_file };
  static PlazaPublicKey key;
  static PlazaSecret *secret;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GInputStream) in = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaStreamOpener) opener = NULL;
  gboolean raw = size > 0 && data[0] == 'r';

  if (secret == NULL)
    plaza_sealbox_keypair (&key, &secret);
  bytes = raw ? g_bytes_new (data + 1, size - 1) : seal (&key, data, size);
  in = g_memory_input_stream_new_from_bytes (bytes);
  opener = plaza_stream_opener_new (in, secret, NULL, &error);
  if ((opener == NULL) == (error == NULL))
    fuzz_fail ("neither opened nor refused");
  if (opener != NULL && plaza_archive_read (opener, &sink, NULL, &error) != (error == NULL))
    fuzz_fail ("neither read nor refused");
  return 0;
}

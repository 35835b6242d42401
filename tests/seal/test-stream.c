/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was sealed as it came is opened whole, by its key alone, or not at all. */
#include <string.h>

#include "base/error.h"
#include "seal/stream.h"

static GBytes *
seal (const PlazaPublicKey *key, const guint8 *data, gsize length, gsize step)
{
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaStreamSealer) sealer = plaza_stream_sealer_new (out, key, &error);

  g_assert_no_error (error);
  for (gsize at = 0; at < length; at += step)
    g_assert_true (plaza_stream_sealer_write (sealer, data + at, MIN (step, length - at), &error));
  g_assert_true (plaza_stream_sealer_finish (sealer, &error));
  g_assert_true (g_output_stream_close (out, NULL, &error));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static gboolean
open_all (const PlazaSecret *secret, GBytes *sealed, guint8 *data, gsize length, GError **error)
{
  g_autoptr (GInputStream) in = g_memory_input_stream_new_from_bytes (sealed);
  g_autoptr (PlazaStreamOpener) opener = plaza_stream_opener_new (in, secret, NULL, error);

  return opener != NULL && plaza_stream_opener_read (opener, data, length, error) &&
         plaza_stream_opener_finish (opener, error);
}

typedef struct
{
  PlazaPublicKey key;
  PlazaSecret *secret;
} Pair;

static void
pair_init (Pair *pair)
{
  plaza_sealbox_keypair (&pair->key, &pair->secret);
}

static void
test_lengths (void)
{
  static const gsize lengths[] = { 0, 1, 65535, 65536, 65537, 131072, 200001 };
  static const gsize steps[] = { 1000, 65536, 300000 };
  Pair pair;

  pair_init (&pair);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    for (guint j = 0; j < G_N_ELEMENTS (steps); j++)
      {
        g_autofree guint8 *data = g_malloc (lengths[i] + 1);
        g_autofree guint8 *back = g_malloc0 (lengths[i] + 1);
        g_autoptr (GBytes) sealed = NULL;
        g_autoptr (GError) error = NULL;

        for (gsize k = 0; k < lengths[i]; k++)
          data[k] = (guint8) (k * 31 + k / 997);
        sealed = seal (&pair.key, data, lengths[i], steps[j]);
        open_all (pair.secret, sealed, back, lengths[i], &error);
        g_assert_no_error (error);
        g_assert_cmpmem (data, lengths[i], back, lengths[i]);
      }
  plaza_secret_unref (pair.secret);
}

/* Every bit of the beginning, and some of each chunk; every cut near a border; what is appended */
static void
test_changes (void)
{
  Pair pair;
  g_autofree guint8 *data = g_malloc0 (70000);
  g_autofree guint8 *back = g_malloc0 (70000);
  g_autoptr (GBytes) sealed = NULL;
  gsize size;

  pair_init (&pair);
  sealed = seal (&pair.key, data, 70000, 70000);
  size = g_bytes_get_size (sealed);
  for (gsize at = 0; at < size; at += at < 300 ? 1 : 997)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (sealed, NULL), size);
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (GError) error = NULL;

        changed[at] ^= (guint8) (1u << bit);
        bytes = g_bytes_new (changed, size);
        g_assert_false (open_all (pair.secret, bytes, back, 70000, &error));
        g_assert_true (error->domain == PLAZA_ERROR);
      }
  for (gsize cut = 0; cut < size; cut += cut < 200 || cut > size - 40 ? 1 : 1013)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (sealed, 0, cut);
      g_autoptr (GError) error = NULL;

      g_assert_false (open_all (pair.secret, bytes, back, 70000, &error));
      g_assert_true (error->domain == PLAZA_ERROR);
    }
  {
    g_autoptr (GByteArray) more = g_byte_array_new ();
    g_autoptr (GBytes) bytes = NULL;
    g_autoptr (GError) error = NULL;

    g_byte_array_append (more, g_bytes_get_data (sealed, NULL), (guint) size);
    g_byte_array_append (more, (const guint8 *) "x", 1);
    bytes = g_bytes_new (more->data, more->len);
    g_assert_false (open_all (pair.secret, bytes, back, 70000, &error));
  }
  plaza_secret_unref (pair.secret);
}

static void
test_keys (void)
{
  Pair pair, other;
  guint8 data[100] = { 1 }, back[100];
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) fewer = NULL;

  pair_init (&pair);
  pair_init (&other);
  sealed = seal (&pair.key, data, sizeof data, sizeof data);
  g_assert_false (open_all (other.secret, sealed, back, sizeof back, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  /* who stops early does not take a part for the whole */
  g_assert_false (open_all (pair.secret, sealed, back, 50, &fewer));
  g_assert_error (fewer, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  plaza_secret_unref (pair.secret);
  plaza_secret_unref (other.secret);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream/lengths", test_lengths);
  g_test_add_func ("/stream/changes", test_changes);
  g_test_add_func ("/stream/keys", test_keys);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/envelope.h"

#include <sodium.h>
#include <zstd.h>

#include "sample.h"

static GBytes *
pack (const Keys *keys, GBytes *dictionary, GPtrArray *entries, PlazaHash *id)
{
  g_autoptr (GError) error = NULL;
  GBytes *envelope = plaza_envelope_pack (&keys->campaign, DEVICE, keys->device_secret,
                                          &keys->central, dictionary, entries, id, &error);

  g_assert_no_error (error);
  return envelope;
}

static GPtrArray *
open_with (const Keys *keys, GBytes *envelope, GError **error)
{
  PlazaEnvelopeInfo info;

  return plaza_envelope_open (envelope, &keys->device, keys->central_secret, NULL, &info, error);
}

static void
test_round_trip (void)
{
  static const guint sizes[] = { 1, 3, 1000 };
  g_auto (Keys) keys = { 0 };

  keys_init (&keys);
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (GPtrArray) entries = new_entries (sizes[s]);
      PlazaHash id, campaign;
      g_autoptr (GBytes) envelope = pack (&keys, NULL, entries, &id);
      PlazaEnvelopeInfo info;
      g_autoptr (GPtrArray) opened = NULL;

      opened = plaza_envelope_open (envelope, &keys.device, keys.central_secret, NULL, &info, NULL);
      g_assert_cmpuint (opened->len, ==, sizes[s]);
      for (guint i = 0; i < opened->len; i++)
        {
          PlazaEntry *in = entries->pdata[i], *out = opened->pdata[i];

          g_assert_cmpint (in->kind, ==, out->kind);
          g_assert_cmpstr (in->id, ==, out->id);
          g_assert_cmpuint (in->sequence, ==, out->sequence);
          g_assert_true (g_bytes_equal (in->payload, out->payload));
        }
      g_assert_true (plaza_hash_equal (&info.id, &id));
      g_assert_cmpstr (info.device, ==, DEVICE);
      g_assert_false (info.has_dictionary);
      plaza_hash_data (keys.campaign.bytes, 32, &campaign);
      g_assert_true (plaza_hash_equal (&info.campaign, &campaign));
      g_test_message ("%u entries: %" G_GSIZE_FORMAT " bytes", sizes[s],
                      g_bytes_get_size (envelope));
    }
}

static void
test_dictionary (void)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) training = new_entries (300);
  g_autoptr (GPtrArray) entries = new_entries (1);
  g_autoptr (GPtrArray) opened = NULL;
  g_autoptr (GBytes) dictionary = NULL;
  g_autoptr (GBytes) other = g_bytes_new_static ("another dictionary", 18);
  g_autoptr (GBytes) with = NULL;
  g_autoptr (GBytes) without = NULL;
  g_autoptr (GError) error = NULL;
  PlazaEnvelopeInfo info;

  keys_init (&keys);
  for (guint i = 0; i < training->len; i++)
    g_ptr_array_add (samples, g_bytes_ref (((PlazaEntry *) training->pdata[i])->payload));
  dictionary = plaza_envelope_train_dictionary (samples, &error);
  g_assert_no_error (error);
  with = pack (&keys, dictionary, entries, NULL);
  without = pack (&keys, NULL, entries, NULL);
  g_assert_cmpuint (g_bytes_get_size (with), <, g_bytes_get_size (without));
  opened = plaza_envelope_open (with, &keys.device, keys.central_secret, dictionary, &info, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (opened->len, ==, 1);
  g_assert_null (
      plaza_envelope_open (with, &keys.device, keys.central_secret, NULL, &info, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (
      plaza_envelope_open (with, &keys.device, keys.central_secret, other, &info, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
}

static void
test_wrong_keys (void)
{
  g_auto (Keys) keys = { 0 };
  g_auto (Keys) others = { 0 };
  g_autoptr (GPtrArray) entries = new_entries (2);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GError) error = NULL;
  PlazaEnvelopeInfo info;

  keys_init (&keys);
  keys_init (&others);
  envelope = pack (&keys, NULL, entries, NULL);
  g_assert_true (plaza_envelope_verify (envelope, &keys.device, &info, NULL));
  g_assert_false (plaza_envelope_verify (envelope, &others.device, &info, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (
      plaza_envelope_open (envelope, &keys.device, others.central_secret, NULL, &info, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
}

static void
test_damage (void)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (GPtrArray) entries = new_entries (1);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) longer = NULL;
  gsize length;

  keys_init (&keys);
  envelope = pack (&keys, NULL, entries, NULL);
  length = g_bytes_get_size (envelope);
  for (gsize bit = 0; bit < 8 * length; bit++)
    {
      g_autoptr (GBytes) flipped = flip_bit (envelope, bit);

      g_assert_null (open_with (&keys, flipped, NULL));
    }
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (envelope, 0, cut);

      g_assert_null (open_with (&keys, bytes, NULL));
    }
  {
    g_autofree guint8 *copy = g_malloc0 (length + 1);

    memcpy (copy, g_bytes_get_data (envelope, NULL), length);
    longer = g_bytes_new (copy, length + 1);
    g_assert_null (open_with (&keys, longer, NULL));
  }
}

/* Signs @length bytes of @data as the device itself would, whatever they are. */
static GBytes *
sign_again (const Keys *keys, const guint8 *data, gsize length)
{
  GByteArray *out = g_byte_array_new ();
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaHash hash;

  plaza_hash_data (data, length, &hash);
  plaza_sign (keys->device_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, data, (guint) length);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (out);
}

/* Even a device that signs anew what it cut or changed is refused by the stream. */
static void
test_resigned (void)
{
  const gsize head = 8 + 32 + 16 + 16 + 16 + 80 + 24;
  g_auto (Keys) keys = { 0 };
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  g_autofree guint8 *noise = g_malloc (300000);
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 *data;
  gsize length;

  keys_init (&keys);
  randombytes_buf (noise, 300000);
  xml = g_bytes_new (noise, 300000);
  {
    g_auto (PlazaHeader) header = { 0 };

    header_init (&header);
    g_ptr_array_add (entries, plaza_entry_new_revision (&header, 1, xml, NULL, NULL, NULL));
  }
  envelope = pack (&keys, NULL, entries, NULL);
  data = g_bytes_get_data (envelope, &length);
  g_assert_cmpuint (length, >, 4 * 65536);

  {
    g_autoptr (GBytes) cut = sign_again (&keys, data, head + 65536 + 17);

    g_assert_null (open_with (&keys, cut, &error));
    g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
    g_clear_error (&error);
  }
  for (gsize at = 40; at < head; at += 7)
    {
      g_autofree guint8 *copy = g_memdup2 (data, length);
      g_autoptr (GBytes) changed = NULL;

      copy[at] ^= 1;
      changed = sign_again (&keys, copy, length - PLAZA_SIGNATURE_SIZE);
      g_assert_null (open_with (&keys, changed, NULL));
    }
  {
    /* Two chunks changing places. */
    g_autofree guint8 *copy = g_memdup2 (data, length);
    g_autoptr (GBytes) changed = NULL;

    memcpy (copy + head, data + head + 65553, 65553);
    memcpy (copy + head + 65553, data + head, 65553);
    changed = sign_again (&keys, copy, length - PLAZA_SIGNATURE_SIZE);
    g_assert_null (open_with (&keys, changed, &error));
    g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  }
}

/* An envelope by a device gone bad: sealed and signed rightly around @packed. */
static GBytes *
wrap_content (const Keys *keys, const guint8 *packed, gsize length)
{
  GByteArray *out = g_byte_array_new ();
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 key[32], sealed[80], header[24], id[16] = { 0 }, device[16];
  guint8 chunk[65536 + 17];
  PlazaHash campaign;
  gsize at = 0;
  GBytes *envelope;

  plaza_hash_data (keys->campaign.bytes, 32, &campaign);
  plaza_uuid_parse (DEVICE, device, NULL);
  crypto_secretstream_xchacha20poly1305_keygen (key);
  g_assert_cmpint (crypto_box_seal (sealed, key, 32, keys->central.bytes), ==, 0);
  g_byte_array_append (out, (const guint8 *) "PLZENV01", 8);
  g_byte_array_append (out, campaign.bytes, 32);
  g_byte_array_append (out, device, 16);
  plaza_public_key_id (&keys->central, id);
  g_byte_array_append (out, id, 16);
  memset (id, 0, sizeof id);
  g_byte_array_append (out, id, 16);
  g_byte_array_append (out, sealed, 80);
  crypto_secretstream_xchacha20poly1305_init_push (&state, header, key);
  g_byte_array_append (out, header, 24);
  do
    {
      gsize n = MIN (length - at, 65536);

      crypto_secretstream_xchacha20poly1305_push (
          &state, chunk, NULL, packed + at, n, out->data, 192,
          at + n == length ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
      g_byte_array_append (out, chunk, (guint) n + 17);
      at += n;
    }
  while (at < length);
  envelope = sign_again (keys, out->data, out->len);
  g_byte_array_unref (out);
  return envelope;
}

static GError *
refusal (const Keys *keys, const guint8 *plain, gsize length)
{
  gsize bound = ZSTD_compressBound (length);
  g_autofree guint8 *packed = g_malloc (bound);
  gsize n = ZSTD_compress (packed, bound, plain, length, 1);
  g_autoptr (GBytes) envelope = wrap_content (keys, packed, n);
  GError *error = NULL;

  g_assert_null (open_with (keys, envelope, &error));
  g_assert_nonnull (error);
  return error;
}

static void
test_bombs (void)
{
  g_auto (Keys) keys = { 0 };
  gsize size = (gsize) PLAZA_ENVELOPE_MAX_PLAIN + 100000;
  g_autofree guint8 *zeros = g_malloc0 (size);
  g_autoptr (GError) bomb = NULL;
  g_autoptr (GError) many = NULL;
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) cut = NULL;
  g_autoptr (GError) nothing = NULL;
  g_autoptr (GBytes) garbage = NULL;
  guint8 count[5] = { 0xFF, 0xFF, 0, 0, 1 };
  gint64 begin = g_get_monotonic_time ();

  keys_init (&keys);
  bomb = refusal (&keys, zeros, size);
  g_assert_error (bomb, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  many = refusal (&keys, count, 4);
  g_assert_error (many, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  count[1] = count[0] = 0;
  none = refusal (&keys, count, 4);
  g_assert_error (none, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  count[0] = 1;
  cut = refusal (&keys, count, 5);
  g_assert_error (cut, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  garbage = wrap_content (&keys, (const guint8 *) "not zstd", 8);
  g_assert_null (open_with (&keys, garbage, &nothing));
  g_assert_error (nothing, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
}

static void
test_mixing (void)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (GPtrArray) entries = new_entries (1);
  g_autoptr (GPtrArray) contacts =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  g_autoptr (GPtrArray) empty = g_ptr_array_new ();
  g_autoptr (GBytes) plain = g_bytes_new_static ("{}", 2);
  gboolean shuffled = FALSE;

  keys_init (&keys);
  for (int i = 0; i < 12; i++)
    g_ptr_array_add (contacts,
                     plaza_entry_new_contact (&keys.custody, "2019-05-24", plain, NULL, NULL));
  g_ptr_array_add (entries, plaza_entry_ref (contacts->pdata[0]));
  g_assert_null (plaza_envelope_pack (&keys.campaign, DEVICE, keys.device_secret, &keys.central,
                                      NULL, entries, NULL, NULL));
  g_assert_null (plaza_envelope_pack (&keys.campaign, DEVICE, keys.device_secret, &keys.central,
                                      NULL, empty, NULL, NULL));
  g_assert_null (plaza_envelope_pack (&keys.campaign, "x", keys.device_secret, &keys.central, NULL,
                                      contacts, NULL, NULL));
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) envelope = pack (&keys, NULL, contacts, NULL);
      g_autoptr (GPtrArray) opened = open_with (&keys, envelope, NULL);

      g_assert_cmpuint (opened->len, ==, contacts->len);
      for (guint j = 0; j < opened->len; j++)
        shuffled = shuffled || strcmp (((PlazaEntry *) opened->pdata[j])->id,
                                       ((PlazaEntry *) contacts->pdata[j])->id) != 0;
    }
  g_assert_true (shuffled);
}

static void
test_speed (void)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (GPtrArray) entries = new_entries (1000);
  gint64 begin, packed, opened;

  keys_init (&keys);
  begin = g_get_monotonic_time ();
  g_autoptr (GBytes) envelope = pack (&keys, NULL, entries, NULL);
  packed = g_get_monotonic_time ();
  g_autoptr (GPtrArray) back = open_with (&keys, envelope, NULL);
  opened = g_get_monotonic_time ();
  g_assert_cmpuint (back->len, ==, 1000);
  g_test_message ("1,000 revisions packed in %.1f ms, opened in %.1f ms",
                  (double) (packed - begin) / 1000, (double) (opened - packed) / 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/envelope/round-trip", test_round_trip);
  g_test_add_func ("/wire/envelope/dictionary", test_dictionary);
  g_test_add_func ("/wire/envelope/wrong-keys", test_wrong_keys);
  g_test_add_func ("/wire/envelope/damage", test_damage);
  g_test_add_func ("/wire/envelope/resigned", test_resigned);
  g_test_add_func ("/wire/envelope/bombs", test_bombs);
  g_test_add_func ("/wire/envelope/mixing", test_mixing);
  g_test_add_func ("/wire/envelope/speed", test_speed);
  return g_test_run ();
}

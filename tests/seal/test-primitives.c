/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "seal/aead.h"
#include "seal/hash.h"
#include "seal/sealbox.h"
#include "seal/sign.h"

static GBytes *
from_hex (const char *hex)
{
  gsize n = strlen (hex) / 2;
  guint8 *bytes = g_malloc (n + 1);

  for (gsize i = 0; i < n; i++)
    bytes[i] =
        (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return g_bytes_new_take (bytes, n);
}

static GBytes *
of_size (gsize size)
{
  guint8 *bytes = g_malloc (size + 1);

  memset (bytes, 0x5A, size);
  return g_bytes_new_take (bytes, size);
}

static void
test_hash (void)
{
  const PlazaHashPart parts[] = { { "a", 1 }, { NULL, 0 }, { "bc", 2 } };
  g_autoptr (PlazaSecret) key = plaza_secret_new_key ();
  PlazaHash abc, parted, parsed, keyed;
  g_autofree char *text = NULL;

  plaza_hash_data ("abc", 3, &abc);
  text = plaza_hash_to_string (&abc);
  /* BLAKE2b-256 of "abc", as `b2sum -l 256` gives it. */
  g_assert_cmpstr (text, ==, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  plaza_hash_parts (parts, G_N_ELEMENTS (parts), &parted);
  g_assert_true (plaza_hash_equal (&abc, &parted));
  g_assert_true (plaza_hash_parse (text, &parsed, NULL));
  g_assert_true (plaza_hash_equal (&abc, &parsed));
  text[0] = 'B';
  g_assert_false (plaza_hash_parse (text, &parsed, NULL));
  g_assert_false (plaza_hash_parse ("bd", &parsed, NULL));
  plaza_hash_keyed (key, "abc", 3, &keyed);
  g_assert_false (plaza_hash_equal (&abc, &keyed));
}

static void
test_sign (void)
{
  /* RFC 8032, 7.1, test 2. */
  g_autoptr (GBytes) secret =
      from_hex ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  g_autoptr (GBytes) known =
      from_hex ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  g_autoptr (PlazaSecret) key = plaza_secret_new_copy (g_bytes_get_data (secret, NULL), 64);
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaPublicKey public_key, parsed;
  g_autofree char *text = NULL;
  g_autofree char *fingerprint = NULL;
  g_autoptr (GError) error = NULL;

  plaza_sign (key, "\x72", 1, signature);
  g_assert_cmpmem (signature, sizeof signature, g_bytes_get_data (known, NULL), 64);
  g_assert_true (plaza_sign_public (key, &public_key, NULL));
  g_assert_true (plaza_sign_verify (&public_key, "\x72", 1, signature, NULL));
  g_assert_false (plaza_sign_verify (&public_key, "\x73", 1, signature, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  text = plaza_public_key_to_string (&public_key);
  g_assert_cmpuint (strlen (text), ==, 43);
  g_assert_true (plaza_public_key_parse (text, &parsed, NULL));
  g_assert_true (plaza_public_key_equal (&public_key, &parsed));
  g_assert_false (plaza_public_key_parse ("AAAA", &parsed, NULL));
  fingerprint = plaza_public_key_fingerprint (&public_key);
  g_assert_cmpuint (strlen (fingerprint), ==, 52);
}

static void
test_aead_known (void)
{
  /* draft-irtf-cfrg-xchacha, A.3.1: nonce, ciphertext and tag put end to end. */
  static const char plain[] =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one "
      "tip for the future, sunscreen would be it.";
  g_autoptr (GBytes) key_bytes =
      from_hex ("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  g_autoptr (PlazaSecret) key = plaza_secret_new_copy (g_bytes_get_data (key_bytes, NULL), 32);
  g_autoptr (GBytes) ad = from_hex ("50515253c0c1c2c3c4c5c6c7");
  g_autoptr (GBytes) sealed =
      from_hex ("404142434445464748494a4b4c4d4e4f5051525354555657"
                "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                "21f9664c97637da9768812f615c68b13b52e"
                "c0875924c1c7987947deafd8780acf49");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) opened = plaza_aead_open (key, sealed, ad, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (opened, NULL), g_bytes_get_size (opened), plain,
                   strlen (plain));
}

static void
test_aead (void)
{
  static const gsize sizes[][2] = { { 0, 64 },      { 63, 64 },     { 64, 256 },
                                    { 255, 256 },   { 1023, 1024 }, { 1024, 4096 },
                                    { 4095, 4096 }, { 4096, 8192 }, { 20000, 20480 } };
  g_autoptr (PlazaSecret) key = plaza_secret_new_key ();
  g_autoptr (PlazaSecret) other = plaza_secret_new_key ();
  g_autoptr (GBytes) here = g_bytes_new_static ("row 1", 5);
  g_autoptr (GBytes) elsewhere = g_bytes_new_static ("row 2", 5);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) plain = of_size (sizes[i][0]);
      g_autoptr (GBytes) sealed = plaza_aead_seal_padded (key, plain, here);
      g_autoptr (GBytes) opened = plaza_aead_open_padded (key, sealed, here, NULL);

      g_assert_cmpuint (g_bytes_get_size (sealed), ==, sizes[i][1] + PLAZA_AEAD_OVERHEAD);
      g_assert_true (g_bytes_equal (plain, opened));
    }
  {
    g_autoptr (GBytes) plain = of_size (100);
    g_autoptr (GBytes) sealed = plaza_aead_seal (key, plain, here);
    g_autoptr (GBytes) opened = plaza_aead_open (key, sealed, here, NULL);
    gsize length = g_bytes_get_size (sealed);

    g_assert_true (g_bytes_equal (plain, opened));
    g_assert_null (plaza_aead_open (other, sealed, here, NULL));
    g_assert_null (plaza_aead_open (key, sealed, elsewhere, NULL));
    g_assert_null (plaza_aead_open (key, sealed, NULL, NULL));
    for (gsize bit = 0; bit < 8 * length; bit++)
      {
        g_autofree guint8 *flipped = g_memdup2 (g_bytes_get_data (sealed, NULL), length);
        g_autoptr (GBytes) bytes = NULL;

        flipped[bit / 8] ^= (guint8) (1 << bit % 8);
        bytes = g_bytes_new (flipped, length);
        g_assert_null (plaza_aead_open (key, bytes, here, NULL));
      }
    for (gsize cut = 0; cut < length; cut++)
      {
        g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (sealed, 0, cut);

        g_assert_null (plaza_aead_open (key, bytes, here, NULL));
      }
    /* Not padded, so it must not open as padded: 0x5A ends it. */
    g_assert_null (plaza_aead_open_padded (key, sealed, here, NULL));
  }
}

static void
test_wrap (void)
{
  g_autoptr (PlazaSecret) profile = plaza_secret_new_key ();
  g_autoptr (PlazaSecret) interview = plaza_secret_new_key ();
  g_autoptr (GBytes) place = g_bytes_new_static ("response", 8);
  g_autoptr (GBytes) wrapped = plaza_key_wrap (profile, interview, place);
  g_autoptr (PlazaSecret) back = plaza_key_unwrap (profile, wrapped, place, NULL);
  g_autoptr (PlazaSecret) a = plaza_key_derive (profile, "backup");
  g_autoptr (PlazaSecret) b = plaza_key_derive (profile, "backup");
  g_autoptr (PlazaSecret) c = plaza_key_derive (profile, "index");
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (wrapped, 0, 39);

  g_assert_cmpuint (g_bytes_get_size (wrapped), ==, 72);
  g_assert_true (plaza_secret_equal (interview, back));
  g_assert_null (plaza_key_unwrap (interview, wrapped, place, NULL));
  g_assert_null (plaza_key_unwrap (profile, wrapped, NULL, NULL));
  g_assert_null (plaza_key_unwrap (profile, cut, place, NULL));
  g_assert_true (plaza_secret_equal (a, b));
  g_assert_false (plaza_secret_equal (a, c));
}

static void
test_sealbox (void)
{
  static const gsize sizes[][2] = { { 0, 2048 }, { 2047, 2048 }, { 2048, 4096 } };
  PlazaPublicKey key, other_key, again;
  PlazaSecret *secret_pointer, *other_pointer;

  plaza_sealbox_keypair (&key, &secret_pointer);
  plaza_sealbox_keypair (&other_key, &other_pointer);
  g_autoptr (PlazaSecret) secret = secret_pointer;
  g_autoptr (PlazaSecret) other = other_pointer;

  g_assert_true (plaza_sealbox_public (secret, &again, NULL));
  g_assert_true (plaza_public_key_equal (&key, &again));
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) plain = of_size (sizes[i][0]);
      g_autoptr (GBytes) sealed = plaza_sealbox_seal_padded (&key, plain, NULL);
      g_autoptr (GBytes) opened = plaza_sealbox_open_padded (secret, sealed, NULL);
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (sealed, 0, g_bytes_get_size (sealed) - 1);

      g_assert_cmpuint (g_bytes_get_size (sealed), ==, sizes[i][1] + PLAZA_SEALBOX_OVERHEAD);
      g_assert_true (g_bytes_equal (plain, opened));
      g_assert_null (plaza_sealbox_open_padded (other, sealed, NULL));
      g_assert_null (plaza_sealbox_open_padded (secret, cut, NULL));
    }
  {
    /* A public key of small order would make a box that anybody opens. */
    PlazaPublicKey zero = { { 0 } };
    g_autoptr (GBytes) plain = of_size (10);

    g_assert_null (plaza_sealbox_seal (&zero, plain, NULL));
  }
}

static gpointer
churn (gpointer data)
{
  PlazaSecret *kept[600];

  for (guint8 round = 1; round < 20; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
        {
          kept[i] = plaza_secret_new (i % 5 == 0 ? 100 : 32);
          for (gsize j = 0; j < plaza_secret_length (kept[i]); j++)
            g_assert_cmpuint (plaza_secret_bytes (kept[i])[j], ==, 0);
          memset (plaza_secret_bytes (kept[i]), round, plaza_secret_length (kept[i]));
        }
      for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
        {
          for (gsize j = 0; j < plaza_secret_length (kept[i]); j++)
            g_assert_cmpuint (plaza_secret_bytes (kept[i])[j], ==, round);
          plaza_secret_unref (kept[i]);
        }
    }
  return NULL;
}

/* No two secrets share a byte, and a new one holds nothing of an old one. */
static void
test_secrets (void)
{
  GThread *threads[3];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("secrets", churn, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/secrets", test_secrets);
  g_test_add_func ("/seal/hash", test_hash);
  g_test_add_func ("/seal/sign", test_sign);
  g_test_add_func ("/seal/aead/known", test_aead_known);
  g_test_add_func ("/seal/aead/round-trip", test_aead);
  g_test_add_func ("/seal/wrap", test_wrap);
  g_test_add_func ("/seal/sealbox", test_sealbox);
  return g_test_run ();
}

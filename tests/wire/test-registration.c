/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/registration.h"

#include "sample.h"
#include "seal/hash.h"
#include "wire/joinlink.h"

static GBytes *
make (const Keys *keys, const PlazaRegistration *registration)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes =
      plaza_registration_make (registration, &keys->central, keys->device_secret, &error);

  g_assert_no_error (error);
  return bytes;
}

static void
sample (const Keys *keys, PlazaRegistration *out)
{
  *out = (PlazaRegistration){ .campaign = plaza_public_key_fingerprint (&keys->campaign),
                              .device = g_strdup (DEVICE),
                              .code = plaza_join_code_new (),
                              .person = g_strdup ("Jacinta Ñeco"),
                              .joined_ms = 1559000000000 };
}

static void
test_round_trip (void)
{
  g_auto (Keys) keys = { 0 };
  g_auto (PlazaRegistration) registration = { 0 };
  g_auto (PlazaRegistration) seen = { 0 };
  g_auto (PlazaRegistration) opened = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  keys_init (&keys);
  sample (&keys, &registration);
  bytes = make (&keys, &registration);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, PLAZA_REGISTRATION_SIZE);

  g_assert_true (plaza_registration_check (bytes, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (seen.campaign, ==, registration.campaign);
  g_assert_cmpstr (seen.device, ==, DEVICE);
  g_assert_true (plaza_public_key_equal (&seen.device_key, &keys.device));
  g_assert_null (seen.code);
  g_assert_null (seen.person);

  g_assert_true (plaza_registration_open (bytes, keys.central_secret, &opened, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (opened.device, ==, DEVICE);
  g_assert_cmpstr (opened.code, ==, registration.code);
  g_assert_cmpstr (opened.person, ==, "Jacinta Ñeco");
  g_assert_cmpint (opened.joined_ms, ==, 1559000000000);
  plaza_registration_clear (&opened);
  g_assert_false (plaza_registration_open (bytes, keys.custody_secret, &opened, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
}

static void
test_damage (void)
{
  g_auto (Keys) keys = { 0 };
  g_auto (PlazaRegistration) registration = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_autoptr (GBytes) appended = NULL;
  PlazaRegistration ignored;

  keys_init (&keys);
  sample (&keys, &registration);
  bytes = make (&keys, &registration);
  for (gsize bit = 0; bit < 8 * PLAZA_REGISTRATION_SIZE; bit++)
    {
      g_autoptr (GBytes) flipped = flip_bit (bytes, bit);

      g_assert_false (plaza_registration_check (flipped, &ignored, NULL));
    }
  for (gsize cut = 0; cut < PLAZA_REGISTRATION_SIZE; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, cut);

      g_assert_false (plaza_registration_check (part, &ignored, NULL));
    }
  g_byte_array_append (longer, g_bytes_get_data (bytes, NULL), PLAZA_REGISTRATION_SIZE);
  g_byte_array_append (longer, (const guint8 *) "", 1);
  appended = g_byte_array_free_to_bytes (g_steal_pointer (&longer));
  g_assert_false (plaza_registration_check (appended, &ignored, NULL));
}

/* A carrier who puts another's box, and with it the code, under a key of its own. */
static void
test_stolen_box (void)
{
  g_auto (Keys) keys = { 0 };
  g_auto (Keys) thief = { 0 };
  g_auto (PlazaRegistration) registration = { 0 };
  g_auto (PlazaRegistration) ignored = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) stolen = NULL;
  g_autoptr (GError) error = NULL;
  guint8 *copy;
  PlazaHash hash;

  keys_init (&keys);
  keys_init (&thief);
  sample (&keys, &registration);
  bytes = make (&keys, &registration);
  copy = g_memdup2 (g_bytes_get_data (bytes, NULL), PLAZA_REGISTRATION_SIZE);
  memcpy (copy + 8 + 32 + 16, thief.device.bytes, 32);
  plaza_hash_data (copy, PLAZA_REGISTRATION_SIZE - PLAZA_SIGNATURE_SIZE, &hash);
  plaza_sign (thief.device_secret, hash.bytes, PLAZA_HASH_SIZE,
              copy + PLAZA_REGISTRATION_SIZE - PLAZA_SIGNATURE_SIZE);
  stolen = g_bytes_new_take (copy, PLAZA_REGISTRATION_SIZE);
  g_assert_true (plaza_registration_check (stolen, &ignored, NULL));
  plaza_registration_clear (&ignored);
  g_assert_false (plaza_registration_open (stolen, keys.central_secret, &ignored, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
}

static void
test_fields (void)
{
  g_auto (Keys) keys = { 0 };
  g_auto (PlazaRegistration) good = { 0 };
  PlazaRegistration bad;

  keys_init (&keys);
  sample (&keys, &good);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;

      bad = good;
      if (i == 0)
        bad.campaign = (char *) "nothing";
      else if (i == 1)
        bad.device = (char *) "nothing";
      else if (i == 2)
        bad.code = (char *) "nothing";
      else if (i == 3)
        bad.person = (char *) " ";
      else
        bad.joined_ms = -1;
      g_assert_null (plaza_registration_make (&bad, &keys.central, keys.device_secret, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/registration/round-trip", test_round_trip);
  g_test_add_func ("/wire/registration/damage", test_damage);
  g_test_add_func ("/wire/registration/stolen-box", test_stolen_box);
  g_test_add_func ("/wire/registration/fields", test_fields);
  return g_test_run ();
}

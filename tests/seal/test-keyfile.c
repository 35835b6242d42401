/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/keyfile.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "seal/hash.h"
#include "seal/sealbox.h"

#define PASSPHRASE "la milpa crece despacio en abril"
#define CAMPAIGN "0000000000000000000000000000000000000000000000000000"
#define PROFILE "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

typedef struct
{
  PlazaPublicKey recovery;
  PlazaSecret *recovery_secret;
  PlazaSecret *key;
  PlazaKeyfile *keyfile;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  plaza_sealbox_keypair (&f->recovery, &f->recovery_secret);
  f->keyfile = plaza_keyfile_new (PROFILE, "Xóchitl Ñáñez", CAMPAIGN, &f->recovery, PASSPHRASE,
                                  &f->key, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  plaza_keyfile_unref (f->keyfile);
  plaza_secret_unref (f->key);
  plaza_secret_unref (f->recovery_secret);
}

static void
test_unlock (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_keyfile_to_bytes (f->keyfile);
  g_autoptr (PlazaKeyfile) read = plaza_keyfile_parse (bytes, NULL);
  g_autoptr (PlazaSecret) key = plaza_keyfile_unlock (read, PASSPHRASE, &error);
  g_autoptr (PlazaSecret) recovered = plaza_keyfile_recover (read, f->recovery_secret, NULL);
  g_autoptr (PlazaSecret) stranger = plaza_secret_new_random (32);

  g_assert_no_error (error);
  g_assert_true (plaza_secret_equal (key, f->key));
  g_assert_true (plaza_secret_equal (recovered, f->key));
  g_assert_null (plaza_keyfile_recover (read, stranger, NULL));
  g_assert_cmpstr (plaza_keyfile_display_name (read), ==, "Xóchitl Ñáñez");
  g_assert_cmpstr (plaza_keyfile_profile_id (read), ==, PROFILE);
  g_assert_cmpstr (plaza_keyfile_campaign (read), ==, CAMPAIGN);
  g_assert_cmpint (plaza_keyfile_created_ms (read), >, 0);
  g_assert_null (plaza_keyfile_unlock (read, PASSPHRASE " ", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
}

/* However the accents were typed, and however long the passphrase is. */
static void
test_whole_nfc (Fixture *f, gconstpointer data)
{
  static const char composed[] = "el niño mañana irá al cerro";
  static const char decomposed[] = "el nin\u0303o man\u0303ana ira\u0301 al cerro";
  g_autoptr (GString) long_one = g_string_new (NULL);
  g_autoptr (PlazaKeyfile) changed = plaza_keyfile_change (f->keyfile, PASSPHRASE, composed, NULL);
  g_autoptr (PlazaSecret) key = plaza_keyfile_unlock (changed, decomposed, NULL);
  g_autoptr (PlazaKeyfile) longer = NULL;
  g_autoptr (PlazaSecret) long_key = NULL;

  g_assert_true (plaza_secret_equal (key, f->key));
  for (int i = 0; i < 200; i++)
    g_string_append_printf (long_one, "pregunta %d ", i * i);
  longer = plaza_keyfile_rewrap (changed, key, long_one->str, NULL);
  long_key = plaza_keyfile_unlock (longer, long_one->str, NULL);
  g_assert_true (plaza_secret_equal (long_key, f->key));
  g_string_truncate (long_one, long_one->len - 1);
  g_assert_null (plaza_keyfile_unlock (longer, long_one->str, NULL));
}

static void
test_change (Fixture *f, gconstpointer data)
{
  g_autofree char *dir = g_dir_make_tmp ("plaza-keyfile-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "profile.key", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaKeyfile) changed = NULL;
  g_autoptr (PlazaKeyfile) loaded = NULL;
  g_autoptr (PlazaSecret) key = NULL;

  g_assert_true (plaza_keyfile_save (f->keyfile, path, NULL));
  g_assert_null (plaza_keyfile_change (f->keyfile, "no es esta la mera buena",
                                       "otra frase de cinco palabras", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_null (plaza_keyfile_change (f->keyfile, PASSPHRASE, "corta", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  changed = plaza_keyfile_change (f->keyfile, PASSPHRASE, "otra frase de cinco tortugas", NULL);
  g_assert_true (plaza_keyfile_save (changed, path, NULL));
  loaded = plaza_keyfile_load (path, NULL);
  g_assert_null (plaza_keyfile_unlock (loaded, PASSPHRASE, NULL));
  key = plaza_keyfile_unlock (loaded, "otra frase de cinco tortugas", NULL);
  g_assert_true (plaza_secret_equal (key, f->key));
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_damage (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = plaza_keyfile_to_bytes (f->keyfile);
  gsize length = g_bytes_get_size (bytes);

  for (gsize bit = 0; bit < 8 * length; bit++)
    {
      g_autofree guint8 *flipped = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
      g_autoptr (GBytes) damaged = NULL;
      g_autoptr (GError) error = NULL;

      flipped[bit / 8] ^= (guint8) (1 << bit % 8);
      damaged = g_bytes_new (flipped, length);
      g_assert_null (plaza_keyfile_parse (damaged, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
    }
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) damaged = g_bytes_new_from_bytes (bytes, 0, cut);

      g_assert_null (plaza_keyfile_parse (damaged, NULL));
    }
}

/* Replaces @from by @to, of the same length, as somebody would who can make the checksum right. */
static GBytes *
forge (GBytes *bytes, const char *from, const char *to)
{
  gsize length = g_bytes_get_size (bytes);
  guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
  guint8 *at = memmem (copy, length, from, strlen (from));
  PlazaHash check;

  g_assert_nonnull (at);
  g_assert_cmpuint (strlen (from), ==, strlen (to));
  memcpy (at, to, strlen (to));
  plaza_hash_data (copy, length - PLAZA_HASH_SIZE, &check);
  memcpy (copy + length - PLAZA_HASH_SIZE, check.bytes, PLAZA_HASH_SIZE);
  return g_bytes_new_take (copy, length);
}

static void
test_forged (Fixture *f, gconstpointer data)
{
  static const char *const costs[][2] = { { "\"memory\":67108864", "\"memory\":07108864" },
                                          { "\"memory\":67108864", "\"memory\":10000000" },
                                          { "\"memory\":67108864", "\"memory\":9.108864" },
                                          { "\"ops\":3", "\"ops\":1" },
                                          { "argon2id13", "argon2id99" },
                                          { "\"profile\"", "\"prof1le\"" } };
  g_autoptr (GBytes) bytes = plaza_keyfile_to_bytes (f->keyfile);
  g_autoptr (GBytes) renamed = forge (bytes, "Xóchitl", "Xóchil2");
  g_autoptr (GBytes) newer = forge (bytes, "PLZKEY01", "PLZKEY02");
  g_autoptr (PlazaKeyfile) named = plaza_keyfile_parse (renamed, NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      g_autoptr (GBytes) forged = forge (bytes, costs[i][0], costs[i][1]);

      g_assert_null (plaza_keyfile_parse (forged, NULL));
    }
  /* The name is readable without the passphrase, and yet cannot be changed without it. */
  g_assert_nonnull (named);
  g_assert_null (plaza_keyfile_unlock (named, PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_null (plaza_keyfile_parse (newer, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NEWER);
}

static void
test_arguments (Fixture *f, gconstpointer data)
{
  PlazaSecret *key = NULL;

  g_assert_null (plaza_keyfile_new ("x", "A", CAMPAIGN, &f->recovery, PASSPHRASE, &key, NULL));
  g_assert_null (plaza_keyfile_new (PROFILE, " ", CAMPAIGN, &f->recovery, PASSPHRASE, &key, NULL));
  g_assert_null (plaza_keyfile_new (PROFILE, "A", "00", &f->recovery, PASSPHRASE, &key, NULL));
  g_assert_null (plaza_keyfile_new (PROFILE, "A", CAMPAIGN, &f->recovery, "corta", &key, NULL));
  g_assert_null (key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/seal/keyfile/unlock", Fixture, NULL, set_up, test_unlock, tear_down);
  g_test_add ("/seal/keyfile/whole-nfc", Fixture, NULL, set_up, test_whole_nfc, tear_down);
  g_test_add ("/seal/keyfile/change", Fixture, NULL, set_up, test_change, tear_down);
  g_test_add ("/seal/keyfile/damage", Fixture, NULL, set_up, test_damage, tear_down);
  g_test_add ("/seal/keyfile/forged", Fixture, NULL, set_up, test_forged, tear_down);
  g_test_add ("/seal/keyfile/arguments", Fixture, NULL, set_up, test_arguments, tear_down);
  return g_test_run ();
}

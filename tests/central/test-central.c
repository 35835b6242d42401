/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The central's directory, its campaigns, codes and limits. */
#include <glib/gstdio.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/file.h"
#include "central/enrolment.h"
#include "central/limiter.h"
#include "central/package.h"
#include "central/qr.h"
#include "fixture.h"

static void
test_modes (void)
{
  static const char *const files[] = { "central.conf", "keys/central-sign.key",
                                       "keys/central-seal.key", "keys/codes.key",
                                       "tls/server.key" };
  g_autoptr (Fixture) fixture = fixture_new ("sqlite");

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture->directory, files[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (PlazaCentral) open = NULL;

      g_assert_cmpint (g_chmod (path, 0640), ==, 0);
      open = plaza_central_open (fixture->directory, &error);
      g_assert_null (open);
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
      g_assert_cmpint (g_chmod (path, 0600), ==, 0);
    }
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (plaza_central_create (fixture->directory, "https://127.0.0.1:1", "sqlite:x.db",
                                          FALSE, &error));
    g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  }
}

/* A practice campaign does not enter a real central, nor one that was made for another */
static void
test_practice (void)
{
  g_autoptr (Fixture) practice = fixture_new ("sqlite");
  g_autoptr (Fixture) other = fixture_new ("sqlite");
  g_autoptr (GError) error = NULL;
  GBytes *package = plaza_campaign_package (practice->campaign);

  g_assert_false (plaza_central_install (other->central, package, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);
  practice->central->practice = FALSE;
  g_assert_false (plaza_central_install (practice->central, package, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  practice->central->practice = TRUE;
}

static void
test_batches (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;

  for (guint64 number = 1; number <= 40000; number++)
    {
      char *code = plaza_enrolment_batch_code (number, FALSE, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (strlen (code), >=, 2);
      g_assert_cmpuint (strlen (code), <=, 4);
      g_assert_cmpint (code[0], !=, 'Z');
      g_assert_true (g_hash_table_add (seen, code));
    }
  for (guint64 number = 1; number <= 2000; number++)
    {
      char *code = plaza_enrolment_batch_code (number, TRUE, &error);

      g_assert_cmpint (code[0], ==, 'Z');
      g_assert_true (g_hash_table_add (seen, code));
    }
  g_assert_null (plaza_enrolment_batch_code (G_MAXUINT32, FALSE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
}

static void
test_limiter (void)
{
  g_autoptr (PlazaLimiter) limiter = plaza_limiter_new (10, 900);
  gint64 now = 1000 * G_USEC_PER_SEC;

  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpuint (plaza_limiter_get_wait (limiter, "a", now), ==, 0);
      plaza_limiter_charge (limiter, "a", now);
    }
  g_assert_cmpuint (plaza_limiter_get_wait (limiter, "a", now), ==, 90);
  g_assert_cmpuint (plaza_limiter_get_wait (limiter, "b", now), ==, 0);
  g_assert_cmpuint (plaza_limiter_get_wait (limiter, "a", now + 90 * G_USEC_PER_SEC), ==, 0);
  for (guint i = 0; i < 70000; i++)
    {
      g_autofree char *source = g_strdup_printf ("s%u", i);

      plaza_limiter_charge (limiter, source, now);
    }
}

/* The canonical questionnaire becomes a campaign with a dictionary, and a signed one is taken in */
static void
test_package (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("sqlite");
  g_autofree char *root = g_path_get_dirname (g_getenv ("PLAZA_TEST_SRCDIR"));
  g_autofree char *folder =
      g_build_filename (root, "data", "questionnaires", "consulta_temas", NULL);
  g_autofree char *form = g_build_filename (folder, "consulta-temas.xml", NULL);
  g_autofree char *media = g_build_filename (fixture->directory, "media", NULL);
  g_autofree char *keys = g_build_filename (fixture->directory, "new-keys", NULL);
  g_autofree char *key = g_build_filename (keys, PLAZA_PACKAGE_CAMPAIGN_KEY, NULL);
  g_autofree char *out = g_build_filename (fixture->directory, "unsigned", NULL);
  g_autofree char *warning = NULL;
  const char *const organisations[] = { "SFP=Función Pública", NULL };
  PlazaPackageSources sources = { form, media, keys, NULL, organisations, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) package = NULL;
  g_autoptr (PlazaCampaign) campaign = NULL;
  g_autoptr (GBytes) dictionary = NULL;
  const char *const from[] = { folder, "catalogues" };

  if (!g_file_test (form, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the canonical questionnaire is not in the tree");
      return;
    }
  plaza_dir_make (media, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (from); i++)
    {
      g_autofree char *source =
          i == 0 ? g_strdup (from[i]) : g_build_filename (root, "data", from[i], NULL);
      g_auto (GStrv) names = plaza_dir_list (source, ".csv", &error);

      g_assert_no_error (error);
      for (guint j = 0; names[j] != NULL; j++)
        {
          g_autofree char *path = g_build_filename (source, names[j], NULL);
          g_autofree char *copy = g_build_filename (media, names[j], NULL);
          g_autoptr (GBytes) bytes = plaza_file_read (path, 1 << 20, &error);

          g_assert_no_error (error);
          plaza_file_write (copy, bytes, &error);
          g_assert_no_error (error);
        }
    }
  plaza_package_new_keys (keys, &error);
  g_assert_no_error (error);
  g_assert_false (plaza_package_new_keys (keys, NULL));
  plaza_package_build (fixture->central, &sources, out, &warning, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (warning, ==, NULL);
  package = plaza_package_sign (out, key, &error);
  g_assert_no_error (error);
  plaza_central_install (fixture->central, package, &error);
  g_assert_no_error (error);
  campaign = plaza_campaign_parse (package, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (campaign->practice);
  dictionary = plaza_campaign_dictionary (campaign);
  g_assert_cmpuint (g_bytes_get_size (dictionary), >, 1000);
  {
    guint8 id[PLAZA_KEY_ID_SIZE];
    g_autoptr (GBytes) kept = NULL;

    plaza_dictionary_id (dictionary, id);
    kept = plaza_central_dictionary (fixture->central, id, &error);
    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (kept, dictionary));
  }
}

static void
test_qr (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = plaza_qr_draw ("plaza://join?c=1", PLAZA_QR_PNG, &error);
  g_autoptr (GBytes) svg = plaza_qr_draw ("plaza://join?c=1", PLAZA_QR_SVG, &error);
  g_autofree char *path = NULL;
  g_autofree char *program = g_find_program_in_path ("zbarimg");
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *read = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (svg, NULL), -1, "<svg"));
  g_assert_null (plaza_qr_draw (long_text, PLAZA_QR_PNG, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  g_clear_error (&error);
  if (program == NULL)
    return;
  path = g_build_filename (g_get_tmp_dir (), "plaza-qr-test.png", NULL);
  plaza_file_write (path, png, &error);
  g_assert_no_error (error);
  {
    char *argv[] = { program, (char *) "-q", (char *) "--raw", path, NULL };

    g_spawn_sync (NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &read, NULL, NULL,
                  &error);
    g_assert_no_error (error);
    g_assert_cmpstr (g_strstrip (read), ==, "plaza://join?c=1");
  }
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  g_test_add_func ("/central/modes", test_modes);
  g_test_add_func ("/central/practice", test_practice);
  g_test_add_func ("/central/batches", test_batches);
  g_test_add_func ("/central/limiter", test_limiter);
  g_test_add_func ("/central/package", test_package);
  g_test_add_func ("/central/qr", test_qr);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/campaign-update.h"

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "fake-central.h"

/* A newer package arrives whole, over any link, and nothing else is ever believed. */

#define BALLAST (300 * 1024)

typedef struct
{
  FakeCentral *central;
  char *root;
  PlazaClient *client;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  fixture->client =
      plaza_client_new_for_campaign (fake_central_campaign (fixture->central), &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->client);
  fake_central_free (fixture->central);
  fake_laptop_remove (fixture->root);
  g_free (fixture->root);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
update (Fixture *fixture, PlazaCampaign **newer, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_campaign_update_async (fixture->client, fake_central_campaign (fixture->central),
                               fixture->root, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_campaign_update_finish (fixture->client, result, newer, error);
}

static void
publish (Fixture *fixture, gint64 serial)
{
  g_autofree guint8 *bytes = g_malloc (BALLAST);

  plaza_random_fill (bytes, BALLAST);
  g_autoptr (GBytes) ballast = g_bytes_new_take (g_steal_pointer (&bytes), BALLAST);
  fake_central_publish (fixture->central, serial, ballast);
}

static char *
find_part (Fixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->root, "campaigns", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".part", NULL);

  g_assert_cmpuint (names ? g_strv_length (names) : 0, <=, 1);
  return names && names[0] ? g_build_filename (folder, names[0], NULL) : NULL;
}

static void
assert_no_part (Fixture *fixture)
{
  g_autofree char *path = find_part (fixture);

  g_assert_null (path);
}

static void
test_same (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaCampaign) newer = NULL;
  g_autoptr (GError) error = NULL;

  update (fixture, &newer, &error);
  g_assert_no_error (error);
  g_assert_null (newer);
  FakeCounts counts = fake_central_counts (fixture->central);
  g_assert_cmpuint (counts.requests, ==, 1);
  g_assert_cmpuint (counts.bytes, <, 1000);
  assert_no_part (fixture);
}

static void
test_newer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaCampaign) newer = NULL;
  g_autoptr (GError) error = NULL;

  publish (fixture, 7);
  update (fixture, &newer, &error);
  g_assert_no_error (error);
  g_assert_nonnull (newer);
  g_assert_cmpint (newer->serial, ==, 7);
  g_assert_cmpstr (newer->fingerprint, ==, fake_central_campaign (fixture->central)->fingerprint);
  assert_no_part (fixture);
}

static void
test_older (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaCampaign) newer = NULL;
  g_autoptr (GError) error = NULL;

  publish (fixture, 0);
  update (fixture, &newer, &error);
  g_assert_no_error (error);
  g_assert_null (newer);
  assert_no_part (fixture);
}

/* Cut again and again, each time with a client of its own, as if the laptop had been off. */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaCampaign) newer = NULL;
  g_autoptr (GError) error = NULL;
  guint cuts = 0;

  publish (fixture, 1);
  fake_server_cut (fake_central_server (fixture->central), -1, 30000);
  while (!update (fixture, &newer, &error))
    {
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
      g_clear_error (&error);
      g_assert_cmpuint (++cuts, <, 30);
      g_clear_object (&fixture->client);
      fixture->client =
          plaza_client_new_for_campaign (fake_central_campaign (fixture->central), &error);
      g_assert_no_error (error);
      fake_server_cut (fake_central_server (fixture->central), -1,
                       g_test_rand_int_range (20000, 60000));
    }
  g_assert_cmpint (newer->serial, ==, 1);
  g_assert_cmpuint (cuts, >=, 3);
  assert_no_part (fixture);
}

/* The package is replaced while it is fetched: the newest arrives. */
static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaCampaign) newer = NULL;
  g_autoptr (GError) error = NULL;

  publish (fixture, 1);
  fake_server_cut (fake_central_server (fixture->central), -1, 40000);
  g_assert_false (update (fixture, &newer, &error));
  g_clear_error (&error);
  g_autofree char *part = find_part (fixture);
  g_assert_nonnull (part);

  fake_server_cut (fake_central_server (fixture->central), -1, -1);
  publish (fixture, 2);
  update (fixture, &newer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (newer->serial, ==, 2);
  assert_no_part (fixture);
}

/* What lies on the disk in its place is found out. */
static void
test_damaged_part (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaCampaign) newer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  publish (fixture, 1);
  fake_server_cut (fake_central_server (fixture->central), -1, 40000);
  g_assert_false (update (fixture, &newer, &error));
  g_clear_error (&error);
  g_autofree char *part = find_part (fixture);
  g_file_get_contents (part, &text, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, >, 100);
  fake_server_cut (fake_central_server (fixture->central), -1, -1);
  text[100] ^= 1;
  g_file_set_contents (part, text, (gssize) length, &error);
  g_assert_no_error (error);

  g_assert_false (update (fixture, &newer, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_assert_null (newer);
  g_clear_error (&error);
  assert_no_part (fixture);
  update (fixture, &newer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (newer->serial, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/campaign-update/same", test_same);
  ADD ("/campaign-update/newer", test_newer);
  ADD ("/campaign-update/older", test_older);
  ADD ("/campaign-update/cut", test_cut);
  ADD ("/campaign-update/replaced", test_replaced);
  ADD ("/campaign-update/damaged-part", test_damaged_part);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/campaign-watch.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "fake-central.h"
#include "store/store.h"

/* An unlocked profile works with the newest package that the central has. */

typedef struct
{
  FakeCentral *central;
  char *root;
  PlazaProfile *profile;
  PlazaCampaignWatch *watch;
  guint changes;
} Fixture;

static void
on_changed (PlazaStore *store, guint *changes)
{
  (*changes)++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  fixture->profile = fake_laptop_profile (fixture->central, fixture->root, "Ana");
  fixture->watch = plaza_campaign_watch_new (fixture->profile);
  g_signal_connect (plaza_profile_get_store (fixture->profile), "campaign-changed",
                    G_CALLBACK (on_changed), &fixture->changes);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->watch);
  g_clear_object (&fixture->profile);
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
check (Fixture *fixture, gboolean *newer, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_campaign_watch_check_async (fixture->watch, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_campaign_watch_check_finish (fixture->watch, result, newer, error);
}

static void
publish (Fixture *fixture, gint64 serial)
{
  g_autoptr (GBytes) ballast = g_bytes_new_static ("ballast", 7);

  fake_central_publish (fixture->central, serial, ballast);
}

static void
test_newer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean newer;

  g_assert_true (plaza_campaign_watch_is_due (fixture->watch));
  g_assert_true (check (fixture, &newer, &error));
  g_assert_no_error (error);
  g_assert_false (newer);
  g_assert_cmpuint (fixture->changes, ==, 0);
  /* Asked for a few hours, by whoever opens this laptop next. */
  g_assert_false (plaza_campaign_watch_is_due (fixture->watch));
  plaza_clock_set_shift (PLAZA_CAMPAIGN_WATCH_HOURS * 3600 * 1000);
  g_assert_true (plaza_campaign_watch_is_due (fixture->watch));
  plaza_clock_set_shift (-365 * 86400 * G_GINT64_CONSTANT (1000));
  g_assert_true (plaza_campaign_watch_is_due (fixture->watch));
  plaza_clock_set_shift (0);

  publish (fixture, 2);
  g_assert_true (check (fixture, &newer, &error));
  g_assert_no_error (error);
  g_assert_true (newer);
  g_assert_cmpuint (fixture->changes, ==, 1);
  g_assert_cmpint (plaza_profile_get_campaign (fixture->profile)->serial, ==, 2);

  g_assert_true (plaza_profile_lock (fixture->profile, &error));
  g_assert_true (plaza_profile_unlock (fixture->profile, FAKE_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plaza_profile_get_campaign (fixture->profile)->serial, ==, 2);
}

/* A damaged file is read from its copy, and mended by asking, also when nothing newer is there. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  PlazaCampaign *campaign = fake_central_campaign (fixture->central);
  g_autofree char *name = g_strconcat (campaign->fingerprint, ".plzcmp", NULL);
  g_autofree char *path = g_build_filename (fixture->root, "campaigns", name, NULL);
  g_autoptr (GBytes) junk = g_bytes_new_static ("PLZCMP01 junk", 13);
  g_autoptr (PlazaCampaign) mended = NULL;
  g_autoptr (GError) error = NULL;
  gboolean newer;

  g_assert_true (check (fixture, &newer, &error));
  g_assert_true (plaza_profile_lock (fixture->profile, &error));
  g_assert_true (plaza_file_write (path, junk, &error));
  g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*read from its copy*");
  g_assert_true (plaza_profile_unlock (fixture->profile, FAKE_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_campaign_watch_is_due (fixture->watch));
  g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*read from its copy*");
  g_assert_true (check (fixture, &newer, &error));
  g_assert_no_error (error);
  g_test_assert_expected_messages ();
  g_assert_false (newer);
  g_assert_false (plaza_profile_is_campaign_damaged (fixture->profile));
  mended = plaza_campaign_load (path, campaign->fingerprint, &error);
  g_assert_no_error (error);
}

static void
test_without_network (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean newer = TRUE;

  publish (fixture, 2);
  fake_server_stop (fake_central_server (fixture->central));
  g_assert_false (check (fixture, &newer, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_true (plaza_campaign_watch_is_due (fixture->watch));
  g_assert_true (plaza_profile_lock (fixture->profile, &error));
  g_assert_false (check (fixture, &newer, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LOCKED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/campaign-watch/newer", test_newer);
  ADD ("/campaign-watch/damaged", test_damaged);
  ADD ("/campaign-watch/without-network", test_without_network);
  return g_test_run ();
}

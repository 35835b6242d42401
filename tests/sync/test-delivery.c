/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/delivery.h"

#include <string.h>

#include "base/error.h"
#include "fake-central.h"
#include "store/outbox.h"
#include "store/response-list.h"

/* Nothing is ever delivered without a receipt, nothing is ever lost, nothing ever counts twice. */

typedef struct
{
  FakeCentral *central;
  char *root;
  PlazaProfile *profile;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  fixture->profile = fake_laptop_profile (fixture->central, fixture->root, "Ana");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (plaza_profile_is_unlocked (fixture->profile))
    plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);
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
deliver_once (PlazaDelivery *delivery, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_delivery_round_async (delivery, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_delivery_round_finish (delivery, result, error);
}

static void
stop (PlazaDelivery *delivery)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_delivery_stop_async (delivery, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_delivery_stop_finish (delivery, result, NULL));
  g_assert_cmpint (plaza_delivery_get_state (delivery), ==, PLAZA_DELIVERY_STOPPED);
}

static PlazaCounts
counts_of (PlazaProfile *profile)
{
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  plaza_store_get_counts (plaza_profile_get_store (profile), &counts, &error);
  g_assert_no_error (error);
  return counts;
}

/* Every finished response is at the central, byte by byte, once. */
static void
assert_arrived (FakeCentral *central, PlazaProfile *profile, guint n)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaResponseList) list = plaza_response_list_new (store, 0, &error);
  PlazaCounts counts = counts_of (profile);

  g_assert_no_error (error);
  g_assert_cmpuint (counts.delivered, ==, n);
  g_assert_cmpuint (counts.waiting, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PlazaResponse) response = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_assert_cmpint (plaza_response_get_state (response), ==, PLAZA_RESPONSE_DELIVERED);
      g_autoptr (PlazaRevision) revision =
          plaza_response_read (store, plaza_response_get_id (response), &error);
      g_assert_no_error (error);
      g_autoptr (GBytes) there = fake_central_xml (central, revision->header.revision);
      g_assert_nonnull (there);
      g_assert_true (g_bytes_equal (there, revision->xml));
    }
}

static void
test_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 25);
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  assert_arrived (fixture->central, fixture->profile, 25);
  /* The session goes along. */
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 26);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 1);
  g_assert_cmpuint (plaza_delivery_get_delivered (delivery), ==, 26);
  g_assert_cmpfloat (plaza_delivery_get_progress (delivery), ==, 1);

  /* Nothing new: nothing is sent. */
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

static void
test_lies (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    FakeLie lie;
    PlazaDeliveryProblem problem;
  } cases[] = {
    { LIE_HALF_READ, PLAZA_DELIVERY_OFFLINE },
    { LIE_HTML, PLAZA_DELIVERY_PORTAL },
    { LIE_REDIRECT, PLAZA_DELIVERY_PORTAL },
    { LIE_OK_JSON, PLAZA_DELIVERY_PORTAL },
    { LIE_GARBAGE, PLAZA_DELIVERY_RECEIPT },
    { LIE_FORGED, PLAZA_DELIVERY_RECEIPT },
    { LIE_OTHER_ENVELOPE, PLAZA_DELIVERY_RECEIPT },
    { LIE_TRUNCATED, PLAZA_DELIVERY_RECEIPT },
    { LIE_BUSY, PLAZA_DELIVERY_BUSY },
    { LIE_TOKEN, PLAZA_DELIVERY_TOKEN },
  };
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("lie %d", cases[i].lie);
      if (cases[i].problem == PLAZA_DELIVERY_RECEIPT)
        g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*was not delivered*");
      fake_central_lie (fixture->central, cases[i].lie);
      g_assert_false (deliver_once (delivery, &error));
      g_test_assert_expected_messages ();
      g_assert_nonnull (error);
      g_clear_error (&error);
      g_assert_cmpint (plaza_delivery_get_problem (delivery), ==, cases[i].problem);
      g_assert_cmpstr (plaza_delivery_get_message (delivery), !=, "");
      g_assert_cmpuint (counts_of (fixture->profile).delivered, ==, 0);
      g_assert_cmpuint (counts_of (fixture->profile).waiting, ==, 10);
    }
  fake_central_lie (fixture->central, LIE_NONE);
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), >, 0);
  assert_arrived (fixture->central, fixture->profile, 10);
}

/* What was taken in and whose receipt got lost is asked for, not sent again. */
static void
test_lost_receipt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 10);
  fake_central_lie (fixture->central, LIE_SWALLOW);
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  assert_arrived (fixture->central, fixture->profile, 10);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
  g_assert_cmpuint (fake_central_counts (fixture->central).asked, ==, 1);
}

/* A receipt for fewer entries than were sent is found out when the profile takes it in. */
static void
test_short_receipt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 5);
  fake_central_lie (fixture->central, LIE_SHORT);
  g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*");
  deliver_once (delivery, &error);
  g_test_assert_expected_messages ();
  g_clear_error (&error);
  g_assert_cmpuint (counts_of (fixture->profile).delivered, ==, 0);
  g_assert_cmpuint (counts_of (fixture->profile).waiting, ==, 5);

  fake_central_lie (fixture->central, LIE_NONE);
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  assert_arrived (fixture->central, fixture->profile, 5);
}

static void
test_set_aside (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 3);
  plaza_outbox_pack (plaza_profile_get_store (fixture->profile), PLAZA_PACK_NONE, NULL, &error);
  g_assert_no_error (error);
  fake_laptop_respond (fixture->profile, 4);

  fake_central_lie (fixture->central, LIE_REFUSE);
  g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*is set aside*");
  deliver_once (delivery, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_set_aside (delivery), ==, 1);
  g_assert_cmpuint (counts_of (fixture->profile).delivered, ==, 4);

  /* It stays: kept, not sent again, not lost. */
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_set_aside (delivery), ==, 1);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 1);
  g_assert_cmpuint (counts_of (fixture->profile).delivered, ==, 4);

  /* The central was mended. */
  fake_central_lie (fixture->central, LIE_NONE);
  plaza_delivery_take_back (delivery, &error);
  g_assert_no_error (error);
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_set_aside (delivery), ==, 0);
  assert_arrived (fixture->central, fixture->profile, 7);
}

/* One profile takes along what another, locked, left in sealed envelopes. */
static void
test_carry (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) other = fake_laptop_profile (fixture->central, fixture->root, "Benita");

  fake_laptop_respond (fixture->profile, 6);
  plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);

  fake_laptop_respond (other, 2);
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (other);
  deliver_once (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_carried (delivery), ==, 1);
  assert_arrived (fixture->central, other, 2);
  g_clear_object (&delivery);
  plaza_profile_lock (other, &error);
  g_assert_no_error (error);

  plaza_profile_unlock (fixture->profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  assert_arrived (fixture->central, fixture->profile, 6);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

/* Forged receipts brought by anybody change nothing. */
static void
test_foreign_receipt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 3);
  plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) items = plaza_outbox_list (fixture->root, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 1);
  const PlazaOutboxItem *item = items->pdata[0];
  g_autofree char *name = g_strconcat (item->envelope, ".rcp", NULL);
  g_autofree char *folder =
      g_build_filename (plaza_profile_get_folder (fixture->profile), "receipts", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_mkdir_with_parents (folder, 0700);
  g_file_set_contents (path, "PLZRCP01 everything arrived, believe me", -1, &error);
  g_assert_no_error (error);

  g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*");
  plaza_profile_unlock (fixture->profile, FAKE_PASSPHRASE, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_cmpuint (counts_of (fixture->profile).delivered, ==, 0);
  g_assert_cmpuint (counts_of (fixture->profile).waiting, ==, 3);
}

static gboolean
on_restart_time (gpointer user_data)
{
  fake_server_start (user_data);
  return G_SOURCE_REMOVE;
}

/* Left alone with no server, it waits; when the server is back, it delivers by itself. */
static void
test_keeps_trying (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  FakeServer *server = fake_central_server (fixture->central);
  gboolean waited = FALSE;

  fake_laptop_respond (fixture->profile, 5);
  fake_server_stop (server);
  g_timeout_add (500, on_restart_time, server);
  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    {
      g_main_context_iteration (NULL, TRUE);
      if (plaza_delivery_get_state (delivery) == PLAZA_DELIVERY_WAITING)
        {
          waited = TRUE;
          g_assert_cmpint (plaza_delivery_get_problem (delivery), ==, PLAZA_DELIVERY_OFFLINE);
        }
    }
  g_assert_true (waited);
  assert_arrived (fixture->central, fixture->profile, 5);

  /* What is finished later goes when it is told. */
  fake_laptop_respond (fixture->profile, 2);
  plaza_delivery_now (delivery);
  do
    g_main_context_iteration (NULL, TRUE);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE);
  assert_arrived (fixture->central, fixture->profile, 7);
  stop (delivery);
}

static gpointer
kill_and_restart (gpointer user_data)
{
  FakeServer *server = user_data;

  for (int i = 0; i < 12; i++)
    {
      g_usleep ((gulong) g_test_rand_int_range (1, 60) * 1000);
      fake_server_stop (server);
      g_usleep ((gulong) g_test_rand_int_range (1, 30) * 1000);
      fake_server_start (server);
    }
  return NULL;
}

/* The server dies and comes back at random moments, and loses answers it had given. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  FakeServer *server = fake_central_server (fixture->central);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 12; i++)
    {
      fake_laptop_respond (fixture->profile, 5);
      plaza_outbox_pack (plaza_profile_get_store (fixture->profile), PLAZA_PACK_NONE, NULL, &error);
      g_assert_no_error (error);
    }
  fake_central_lie_at_random (fixture->central, TRUE);
  GThread *killer = g_thread_new ("killer", kill_and_restart, server);
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  gboolean done = FALSE;
  for (int round = 0; !done && round < 500; round++)
    {
      g_clear_error (&error);
      done = deliver_once (delivery, &error);
    }
  g_thread_join (killer);
  g_assert_true (done);
  assert_arrived (fixture->central, fixture->profile, 60);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 12);
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 6; i++)
    {
      fake_laptop_respond (fixture->profile, 2);
      plaza_outbox_pack (plaza_profile_get_store (fixture->profile), PLAZA_PACK_NONE, NULL, &error);
      g_assert_no_error (error);
    }
  plaza_delivery_start (delivery);
  while (fake_central_n_envelopes (fixture->central) < 2)
    g_main_context_iteration (NULL, TRUE);
  stop (delivery);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), <, 6);

  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  stop (delivery);
  assert_arrived (fixture->central, fixture->profile, 12);
}

static void
test_backoff (void)
{
  for (guint attempt = 0; attempt < 200; attempt++)
    {
      guint ceiling = attempt < 9 ? 2000u << attempt : 15 * 60 * 1000;
      ceiling = MIN (ceiling, 15 * 60 * 1000);
      g_assert_cmpuint (plaza_delivery_backoff (attempt, 0, 0), ==, 0);
      g_assert_cmpuint (plaza_delivery_backoff (attempt, 0.5, 0), ==, ceiling / 2);
      g_assert_cmpuint (plaza_delivery_backoff (attempt, 0.9999999, 0), <=, ceiling);
      g_assert_cmpuint (plaza_delivery_backoff (attempt, 0, 30), ==, 30000);
      g_assert_cmpuint (plaza_delivery_backoff (attempt, 0, 86400), ==, 15 * 60 * 1000);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/delivery/all", test_all);
  ADD ("/delivery/lies", test_lies);
  ADD ("/delivery/lost-receipt", test_lost_receipt);
  ADD ("/delivery/short-receipt", test_short_receipt);
  ADD ("/delivery/set-aside", test_set_aside);
  ADD ("/delivery/carry", test_carry);
  ADD ("/delivery/foreign-receipt", test_foreign_receipt);
  ADD ("/delivery/keeps-trying", test_keeps_trying);
  ADD ("/delivery/killed", test_killed);
  ADD ("/delivery/stop", test_stop);
  g_test_add_func ("/delivery/backoff", test_backoff);
  return g_test_run ();
}

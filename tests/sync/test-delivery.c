/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "delivery-case.h"
#include "store/outbox.h"
#include "store/response-list.h"

/* Nothing is ever delivered without a receipt, nothing is ever lost, nothing ever counts twice. */

/* What the laptop calls delivered, the central has. */
static void
assert_nothing_marked_that_is_not_there (FakeCentral *central, PlazaProfile *profile)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaResponseList) list = plaza_response_list_new (store, 0, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (PlazaResponse) response = g_list_model_get_item (G_LIST_MODEL (list), i);
      if (plaza_response_get_state (response) != PLAZA_RESPONSE_DELIVERED)
        continue;
      g_autoptr (PlazaRevision) revision =
          plaza_response_read (store, plaza_response_get_id (response), &error);
      g_assert_no_error (error);
      g_autoptr (GBytes) there = fake_central_xml (central, revision->header.revision);
      g_assert_nonnull (there);
    }
}

static void
test_all (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 25);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 25);
  /* The session goes along. */
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 26);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 1);
  g_assert_cmpuint (plaza_delivery_get_delivered (delivery), ==, 26);
  g_assert_cmpfloat (plaza_delivery_get_progress (delivery), ==, 1);

  /* Nothing new: nothing is sent. */
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

static void
test_lies (DeliveryCase *fixture, gconstpointer data)
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
      g_assert_false (delivery_case_round (delivery, &error));
      g_test_assert_expected_messages ();
      g_assert_nonnull (error);
      g_clear_error (&error);
      g_assert_cmpint (plaza_delivery_get_problem (delivery), ==, cases[i].problem);
      g_assert_cmpstr (plaza_delivery_get_message (delivery), !=, "");
      g_assert_cmpuint (delivery_case_counts (fixture->profile).delivered, ==, 0);
      g_assert_cmpuint (delivery_case_counts (fixture->profile).waiting, ==, 10);
    }
  fake_central_lie (fixture->central, LIE_NONE);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), >, 0);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 10);
}

/* What was taken in and whose receipt got lost is asked for, not sent again. */
static void
test_lost_receipt (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 10);
  fake_central_lie (fixture->central, LIE_SWALLOW);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 10);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
  g_assert_cmpuint (fake_central_counts (fixture->central).asked, ==, 1);
}

typedef struct
{
  double last;
  guint n_steps;
} Progress;

static void
on_progress (PlazaDelivery *delivery, GParamSpec *pspec, gpointer user_data)
{
  Progress *progress = user_data;
  double now = plaza_delivery_get_progress (delivery);

  g_assert_cmpfloat (now, >=, progress->last);
  progress->last = now;
  progress->n_steps++;
}

/* However often it is cut, what is told of it never goes back, and is all only in the end. */
static void
test_progress (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  FakeServer *server = fake_central_server (fixture->central);
  Progress progress = { 0 };
  gboolean done = FALSE;

  fake_laptop_respond_at_length (fixture->profile, 10, 9000);
  g_signal_connect (delivery, "notify::progress", G_CALLBACK (on_progress), &progress);
  for (guint rounds = 0; !done; rounds++)
    {
      g_autoptr (GError) error = NULL;
      fake_server_cut (server, g_test_rand_int_range (4000, 24000), -1);
      delivery_case_round (delivery, &error);
      done = !error;
      g_assert_cmpint (plaza_delivery_get_progress (delivery) < 1, ==, !done);
      g_assert_cmpuint (rounds, <, 100);
    }
  g_assert_cmpuint (progress.n_steps, >, 1);
  fake_server_cut (server, -1, -1);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 10);
}

/* A receipt for fewer entries than were sent is found out when the profile takes it in. */
static void
test_short_receipt (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 5);
  fake_central_lie (fixture->central, LIE_SHORT);
  g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*");
  delivery_case_round (delivery, &error);
  g_test_assert_expected_messages ();
  g_clear_error (&error);
  g_assert_cmpuint (delivery_case_counts (fixture->profile).delivered, ==, 0);
  g_assert_cmpuint (delivery_case_counts (fixture->profile).waiting, ==, 5);

  fake_central_lie (fixture->central, LIE_NONE);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 5);
}

static void
test_set_aside (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 3);
  plaza_outbox_pack (plaza_profile_get_store (fixture->profile), PLAZA_PACK_NONE, NULL, &error);
  g_assert_no_error (error);
  fake_laptop_respond (fixture->profile, 4);

  fake_central_lie (fixture->central, LIE_REFUSE);
  g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*is set aside*");
  delivery_case_round (delivery, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_set_aside (delivery), ==, 1);
  g_assert_cmpuint (delivery_case_counts (fixture->profile).delivered, ==, 4);

  /* It stays: kept, not sent again, not lost. */
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_set_aside (delivery), ==, 1);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 1);
  g_assert_cmpuint (delivery_case_counts (fixture->profile).delivered, ==, 4);

  /* The central was mended. */
  fake_central_lie (fixture->central, LIE_NONE);
  plaza_delivery_take_back (delivery, &error);
  g_assert_no_error (error);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_set_aside (delivery), ==, 0);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 7);
}

/* One profile takes along what another, locked, left in sealed envelopes. */
static void
test_carry (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) other = fake_laptop_profile (fixture->central, fixture->root, "Benita");

  fake_laptop_respond (fixture->profile, 6);
  plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);

  fake_laptop_respond (other, 2);
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (other);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_delivery_get_carried (delivery), ==, 1);
  delivery_case_assert_arrived (fixture->central, other, 2);
  g_clear_object (&delivery);
  plaza_profile_lock (other, &error);
  g_assert_no_error (error);

  plaza_profile_unlock (fixture->profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 6);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

/* Forged receipts brought by anybody change nothing. */
static void
test_foreign_receipt (DeliveryCase *fixture, gconstpointer data)
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
  g_assert_cmpuint (delivery_case_counts (fixture->profile).delivered, ==, 0);
  g_assert_cmpuint (delivery_case_counts (fixture->profile).waiting, ==, 3);
}

static gboolean
on_restart_time (gpointer user_data)
{
  fake_server_start (user_data);
  return G_SOURCE_REMOVE;
}

/* Left alone with no server, it waits; when the server is back, it delivers by itself. */
static void
test_keeps_trying (DeliveryCase *fixture, gconstpointer data)
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
  delivery_case_assert_arrived (fixture->central, fixture->profile, 5);

  /* What is finished later goes when it is told. */
  fake_laptop_respond (fixture->profile, 2);
  plaza_delivery_now (delivery);
  do
    g_main_context_iteration (NULL, TRUE);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 7);
  delivery_case_stop (delivery);
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
test_killed (DeliveryCase *fixture, gconstpointer data)
{
  FakeServer *server = fake_central_server (fixture->central);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 12; i++)
    {
      /* Every third goes in pieces. */
      fake_laptop_respond_at_length (fixture->profile, 5, i % 3 == 0 ? 9000 : 0);
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
      done = delivery_case_round (delivery, &error);
      assert_nothing_marked_that_is_not_there (fixture->central, fixture->profile);
    }
  g_thread_join (killer);
  g_assert_true (done);
  g_assert_cmpuint (fake_central_counts (fixture->central).pieces, >, 0);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 60);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 12);
}

static void
test_stop (DeliveryCase *fixture, gconstpointer data)
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
  delivery_case_stop (delivery);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), <, 6);

  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  delivery_case_stop (delivery);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 12);
}

static void
pack_each (PlazaProfile *profile, guint n)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      fake_laptop_respond (profile, 2);
      plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_NONE, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
test_two_at_once (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  pack_each (fixture->profile, 8);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 16);
  g_assert_cmpuint (fake_server_connections (fake_central_server (fixture->central)), ==, 2);
}

/* Few entries at first, more when the link takes them. */
static void
test_packs_as_it_goes (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->profile, 400);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 400);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), >=, 3);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), <=, 6);
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
#define ADD(name, function) \
  g_test_add (name, DeliveryCase, NULL, delivery_case_set_up, function, delivery_case_tear_down)
  ADD ("/delivery/all", test_all);
  ADD ("/delivery/lies", test_lies);
  ADD ("/delivery/lost-receipt", test_lost_receipt);
  ADD ("/delivery/progress", test_progress);
  ADD ("/delivery/short-receipt", test_short_receipt);
  ADD ("/delivery/set-aside", test_set_aside);
  ADD ("/delivery/carry", test_carry);
  ADD ("/delivery/foreign-receipt", test_foreign_receipt);
  ADD ("/delivery/keeps-trying", test_keeps_trying);
  ADD ("/delivery/killed", test_killed);
  ADD ("/delivery/stop", test_stop);
  ADD ("/delivery/two-at-once", test_two_at_once);
  ADD ("/delivery/packs-as-it-goes", test_packs_as_it_goes);
  g_test_add_func ("/delivery/backoff", test_backoff);
  return g_test_run ();
}

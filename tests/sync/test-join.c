/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/join.h"

#include <string.h>

#include "base/error.h"
#include "fake-central.h"

typedef struct
{
  FakeCentral *central;
  char *root;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fake_central_free (fixture->central);
  fake_laptop_remove (fixture->root);
  g_free (fixture->root);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static PlazaProfile *
join_with (Fixture *fixture,
           const char *text,
           GBytes *package,
           const char *name,
           const char *passphrase,
           GError **error)
{
  g_autoptr (PlazaJoinLink) link = plaza_join_link_parse (text, error);
  g_autoptr (GAsyncResult) result = NULL;

  if (!link)
    return NULL;
  g_autoptr (PlazaJoin) join = plaza_join_new (fixture->root, link, package);
  plaza_join_run_async (join, name, passphrase, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_join_run_finish (join, result, error);
}

static guint
count_profiles (Fixture *fixture)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (fixture->root, NULL);

  return profiles ? profiles->len : 0;
}

static void
lock (PlazaProfile *profile)
{
  g_autoptr (GError) error = NULL;

  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
}

static void
test_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = fake_central_link (fixture->central);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile =
      join_with (fixture, link, NULL, "Ana", FAKE_PASSPHRASE, &error);

  g_assert_no_error (error);
  g_assert_true (plaza_profile_is_unlocked (profile));
  g_assert_cmpstr (plaza_profile_get_name (profile), ==, "Ana");
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->batch, ==, "K7");
  g_assert_cmpuint (fake_central_n_devices (fixture->central), ==, 1);
  lock (profile);

  /* The passphrase opens it, the network is not needed any more. */
  fake_server_stop (fake_central_server (fixture->central));
  plaza_profile_unlock (profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->token, ==, "ccd_token");
  lock (profile);
}

/* A package brought by hand and a typed code. */
static void
test_code (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = fake_central_link (fixture->central);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaJoinLink) link = plaza_join_link_parse (text, &error);
  g_assert_no_error (error);
  g_autofree char *typed = g_ascii_strdown (link->code, -1);

  g_autoptr (PlazaProfile) without =
      join_with (fixture, typed, NULL, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_null (without);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);

  GBytes *package = plaza_campaign_package (fake_central_campaign (fixture->central));
  g_autoptr (PlazaProfile) profile =
      join_with (fixture, typed, package, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (profile);
  lock (profile);
}

/* The server's answer is lost after it took the device: asking again gives the same device. */
static void
test_lost_answer (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = fake_central_link (fixture->central);
  g_autoptr (GError) error = NULL;

  fake_central_enrol_then_cut (fixture->central);
  g_autoptr (PlazaProfile) first = join_with (fixture, link, NULL, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_null (first);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_cmpuint (fake_central_n_devices (fixture->central), ==, 1);
  g_assert_cmpuint (count_profiles (fixture), ==, 1);

  g_autoptr (PlazaProfile) profile =
      join_with (fixture, link, NULL, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (plaza_profile_get_enrolment (profile));
  g_assert_cmpuint (fake_central_n_devices (fixture->central), ==, 1);
  g_assert_cmpuint (count_profiles (fixture), ==, 1);
  lock (profile);
}

static void
test_used_code (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = fake_central_link (fixture->central);
  g_autofree char *fresh = fake_central_link (fixture->central);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) ana = join_with (fixture, link, NULL, "Ana", FAKE_PASSPHRASE, &error);

  g_assert_no_error (error);
  g_autoptr (PlazaProfile) thief = join_with (fixture, link, NULL, "Otra", FAKE_PASSPHRASE, &error);
  g_assert_null (thief);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_cmpuint (count_profiles (fixture), ==, 1);
  lock (ana);

  /* The name is taken; another one with a code of its own is a second profile. */
  g_autoptr (PlazaProfile) again =
      join_with (fixture, fresh, NULL, "Ana", "otra frase de paso distinta", &error);
  g_assert_null (again);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  g_clear_error (&error);
  g_autoptr (PlazaProfile) benita =
      join_with (fixture, fresh, NULL, "Benita", FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  lock (benita);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = fake_central_link (fixture->central);
  g_autoptr (FakeCentral) other = fake_central_new ();
  g_autofree char *elsewhere = fake_central_link (other);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaJoinLink) link = plaza_join_link_parse (text, &error);
  g_autoptr (PlazaJoinLink) wrong = plaza_join_link_parse (elsewhere, &error);
  g_assert_no_error (error);

  /* Another campaign's package, signed by its own key, is not the one of the link. */
  g_autoptr (PlazaJoinLink) mixed =
      plaza_join_link_new (link->url, link->ca, wrong->fingerprint, link->code);
  g_autofree char *mixed_text = plaza_join_link_to_uri (mixed);
  g_autoptr (PlazaProfile) profile =
      join_with (fixture, mixed_text, NULL, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_null (profile);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);

  /* Another authority: somebody in between. */
  g_autoptr (PlazaJoinLink) between =
      plaza_join_link_new (link->url, wrong->ca, link->fingerprint, link->code);
  g_autofree char *between_text = plaza_join_link_to_uri (between);
  profile = join_with (fixture, between_text, NULL, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_null (profile);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL);
  g_clear_error (&error);

  profile = join_with (fixture, text, NULL, "Ana", "corta", &error);
  g_assert_null (profile);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);

  fake_server_stop (fake_central_server (fixture->central));
  profile = join_with (fixture, text, NULL, "Ana", FAKE_PASSPHRASE, &error);
  g_assert_null (profile);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
  g_assert_cmpuint (count_profiles (fixture), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/join/link", test_link);
  ADD ("/join/code", test_code);
  ADD ("/join/lost-answer", test_lost_answer);
  ADD ("/join/used-code", test_used_code);
  ADD ("/join/refused", test_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/join.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "fake-central.h"
#include "store/joining.h"

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
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  g_clear_error (&error);
  /* as on another laptop, which knows nothing of it */
  g_autofree char *known = g_build_filename (plaza_profile_get_folder (ana), "code", NULL);
  g_assert_cmpint (g_unlink (known), ==, 0);
  thief = join_with (fixture, link, NULL, "Otra", FAKE_PASSPHRASE, &error);
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

/* Without a connection */

#define FAR_MS 4102444800000 /* 2100 */

/* As join_with(), with a folder. @verdict: (out) */
static PlazaProfile *
join_from (Fixture *fixture,
           const char *text,
           const char *folder,
           const char *name,
           PlazaJoinKitVerdict *verdict,
           GError **error)
{
  g_autoptr (PlazaJoinLink) link = plaza_join_link_parse (text, error);
  g_autoptr (PlazaJoin) join = plaza_join_new (fixture->root, link, NULL);
  g_autoptr (GAsyncResult) result = NULL;

  plaza_join_set_folder (join, folder);
  plaza_join_run_async (join, name, FAKE_PASSPHRASE, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  if (verdict)
    *verdict = plaza_join_get_verdict (join);
  return plaza_join_run_finish (join, result, error);
}

/* A stick with a coordinator's things some folders down, among much else. */
static char *
make_stick (Fixture *fixture)
{
  return g_build_filename (fixture->root, "usb", "Fotos", "Plaza", "campaña", NULL);
}

static char *
stick_root (Fixture *fixture)
{
  return g_build_filename (fixture->root, "usb", NULL);
}

static void
test_offline (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = make_stick (fixture);
  g_autofree char *stick = stick_root (fixture);
  g_autofree char *link = fake_central_link (fixture->central);
  g_autofree char *code = fake_central_kit (fixture->central, deep, FAR_MS, NULL);
  g_autofree char *typed = g_ascii_strdown (code, -1);
  g_autofree char *device = NULL;
  g_autoptr (GError) error = NULL;

  fake_server_stop (fake_central_server (fixture->central));
  g_autoptr (PlazaJoinLink) parsed = plaza_join_link_parse (typed, &error);
  g_autoptr (PlazaJoin) join = plaza_join_new (fixture->root, parsed, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  plaza_join_set_folder (join, stick);
  plaza_join_prepare_async (join, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_join_prepare_finish (join, result, &error));
  g_assert_no_error (error);
  /* Whose it is and of what campaign stands there before a passphrase is chosen. */
  g_assert_cmpstr (plaza_join_get_invitation (join)->person, ==, "Rufina");
  g_assert_cmpstr (plaza_join_get_campaign (join)->fingerprint, ==,
                   fake_central_campaign (fixture->central)->fingerprint);

  g_autoptr (PlazaProfile) profile = join_from (fixture, typed, stick, "Rufina", NULL, &error);
  g_assert_no_error (error);
  device = g_strdup (plaza_profile_get_enrolment (profile)->device);
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->batch, ==, "R7");
  g_assert_cmpint (plaza_profile_get_registration_state (profile, NULL), ==,
                   PLAZA_REGISTRATION_WAITING);
  fake_laptop_respond (profile, 2);
  lock (profile);
  plaza_profile_unlock (profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->device, ==, device);
  lock (profile);

  /* The same name again is taken, with and without the stick: it is on the laptop now. */
  g_autoptr (PlazaProfile) twice = join_from (fixture, typed, NULL, "Rufina", NULL, &error);
  g_assert_null (twice);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
}

/* A link whose server is not there falls back to the stick, and not to another campaign's. */
static void
test_link_without_network (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = make_stick (fixture);
  g_autofree char *stick = stick_root (fixture);
  g_autofree char *bare = fake_central_kit (fixture->central, deep, FAR_MS, NULL);
  PlazaCampaign *campaign = fake_central_campaign (fixture->central);
  g_autoptr (FakeCentral) other = fake_central_new ();
  g_autofree char *foreign = fake_central_link (other);
  g_autoptr (GError) error = NULL;
  PlazaJoinKitVerdict verdict;
  g_autoptr (PlazaJoinLink) link =
      plaza_join_link_new (campaign->server_url, NULL, campaign->fingerprint, bare);
  g_autofree char *text = plaza_join_link_to_uri (link);

  fake_server_stop (fake_central_server (fixture->central));
  fake_server_stop (fake_central_server (other));
  g_autoptr (PlazaProfile) none = join_from (fixture, text, NULL, "Rufina", NULL, &error);
  g_assert_null (none);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
  g_clear_error (&error);
  none = join_from (fixture, foreign, stick, "Rufina", &verdict, &error);
  g_assert_null (none);
  g_assert_cmpint (verdict, ==, PLAZA_JOIN_KIT_FOREIGN);
  g_clear_error (&error);

  g_autoptr (PlazaProfile) profile = join_from (fixture, text, stick, "Rufina", &verdict, &error);
  g_assert_no_error (error);
  g_assert_cmpint (verdict, ==, PLAZA_JOIN_KIT_GOOD);
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->batch, ==, "R7");
  lock (profile);
}

static void
check_refused (Fixture *fixture, const char *code, PlazaJoinKitVerdict wanted)
{
  g_autofree char *stick = stick_root (fixture);
  g_autoptr (GError) error = NULL;
  PlazaJoinKitVerdict verdict;
  g_autoptr (PlazaProfile) profile = join_from (fixture, code, stick, "Ana", &verdict, &error);

  g_assert_null (profile);
  g_assert_nonnull (error);
  g_assert_cmpint (verdict, ==, wanted);
  g_assert_cmpuint (count_profiles (fixture), ==, 0);
}

static void
cut_file (const char *path)
{
  g_assert_cmpint (truncate (path, 300), ==, 0);
}

/* Each thing that can be wrong with a stick is told apart; nothing is left behind. */
static void
test_bad_sticks (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = make_stick (fixture);
  g_autofree char *stick = stick_root (fixture);
  g_autofree char *package = g_build_filename (deep, "campaign.plzcmp", NULL);
  g_autofree char *list = g_build_filename (deep, "invitations.plzinv", NULL);
  g_autofree char *fifo = g_build_filename (stick, "pipe.plzcmp", NULL);
  g_autofree char *loop = g_build_filename (stick, "loop", NULL);
  g_autofree char *linked = g_build_filename (stick, "linked.plzinv", NULL);
  g_autofree char *stranger = plaza_join_code_new ();
  g_autoptr (PlazaSecret) forger = NULL;
  PlazaPublicKey key;

  check_refused (fixture, stranger, PLAZA_JOIN_KIT_NO_FOLDER);
  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  check_refused (fixture, stranger, PLAZA_JOIN_KIT_NO_PACKAGE);
  g_autofree char *good = fake_central_kit (fixture->central, deep, FAR_MS, NULL);
  check_refused (fixture, stranger, PLAZA_JOIN_KIT_CODE_UNKNOWN);

  /* What is no file of ours is not opened: a pipe would wait for ever. */
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink (stick, loop), ==, 0);
  g_assert_cmpint (symlink (list, linked), ==, 0);
  check_refused (fixture, stranger, PLAZA_JOIN_KIT_CODE_UNKNOWN);
  g_assert_cmpint (g_unlink (fifo), ==, 0);

  plaza_clock_freeze (FAR_MS + 1);
  check_refused (fixture, good, PLAZA_JOIN_KIT_CODE_EXPIRED);
  plaza_clock_freeze (-1);

  cut_file (list);
  check_refused (fixture, good, PLAZA_JOIN_KIT_DAMAGED);
  plaza_sign_keypair (&key, &forger);
  g_autofree char *forged = fake_central_kit (fixture->central, deep, FAR_MS, forger);
  check_refused (fixture, forged, PLAZA_JOIN_KIT_DAMAGED);
  g_autofree char *again = fake_central_kit (fixture->central, deep, FAR_MS, NULL);
  cut_file (package);
  check_refused (fixture, again, PLAZA_JOIN_KIT_DAMAGED);
}

/* The central refused the code: the same profile goes on with another, its work with it. */
static void
test_another_code (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stick = stick_root (fixture);
  g_autofree char *code = fake_central_kit (fixture->central, stick, FAR_MS, NULL);
  g_autofree char *link = fake_central_link (fixture->central);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = join_from (fixture, code, stick, "Rufina", NULL, &error);
  g_autofree char *device = g_strdup (plaza_profile_get_enrolment (profile)->device);

  g_assert_true (plaza_profile_settle_registration (profile, PLAZA_RESULT_CODE_USED, &error));
  lock (profile);
  for (guint way = 0; way < 2; way++)
    {
      g_autofree char *other = fake_central_kit (fixture->central, stick, FAR_MS, NULL);
      g_autoptr (PlazaProfile) again =
          join_from (fixture, way == 0 ? other : link, stick, "Rufina", NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (plaza_profile_get_enrolment (again)->device, ==, device);
      g_assert_cmpint (plaza_profile_get_registration_state (again, NULL), ==,
                       PLAZA_REGISTRATION_WAITING);
      g_assert_true (plaza_profile_settle_registration (again, PLAZA_RESULT_CODE_EXPIRED, &error));
      lock (again);
    }
  g_assert_cmpuint (count_profiles (fixture), ==, 1);
}

/* One code for two profiles of one laptop: the second is refused before there is a profile. */
static void
test_code_here (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stick = stick_root (fixture);
  g_autofree char *code = fake_central_kit (fixture->central, stick, FAR_MS, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = join_from (fixture, code, stick, "Rufina", NULL, &error);

  g_assert_no_error (error);
  lock (profile);
  g_assert_null (join_from (fixture, code, stick, "Otra", NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  g_assert_cmpuint (count_profiles (fixture), ==, 1);
}

/* Two campaigns on one stick: the code says which. */
static void
test_two_campaigns (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FakeCentral) other = fake_central_new ();
  g_autofree char *stick = stick_root (fixture);
  g_autofree char *first = g_build_filename (stick, "una", NULL);
  g_autofree char *second = g_build_filename (stick, "otra", NULL);
  g_autofree char *mine = fake_central_kit (fixture->central, first, FAR_MS, NULL);
  g_autofree char *theirs = fake_central_kit (other, second, FAR_MS, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) ana = join_from (fixture, mine, stick, "Ana", NULL, &error);
  g_autoptr (PlazaProfile) benita = join_from (fixture, theirs, stick, "Benita", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_campaign_fingerprint (ana), ==,
                   fake_central_campaign (fixture->central)->fingerprint);
  g_assert_cmpstr (plaza_profile_get_campaign_fingerprint (benita), ==,
                   fake_central_campaign (other)->fingerprint);
  lock (ana);
  lock (benita);
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
  ADD ("/join/offline", test_offline);
  ADD ("/join/link-without-network", test_link_without_network);
  ADD ("/join/bad-sticks", test_bad_sticks);
  ADD ("/join/another-code", test_another_code);
  ADD ("/join/code-here", test_code_here);
  ADD ("/join/two-campaigns", test_two_campaigns);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stick-case.h"

#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "store/carried.h"
#include "store/joining.h"
#include "wire/joinlink.h"

/* What is brought by hand arrives as what is sent: whole, once, and provably. */

/* From hand to hand */

static void
test_travel (StickCase *fixture, gconstpointer data)
{
  g_autofree char *envelope = NULL;
  g_autofree char *package = NULL;
  struct stat info;

  fake_laptop_respond (fixture->ana.profile, 3);
  {
    g_autoptr (PlazaStick) stick = stick_case_saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 1);
  }
  envelope = stick_case_first (fixture, "envelopes", ".plz");
  package = stick_case_folder (fixture, "campaign.plzcmp");
  g_assert_true (g_file_test (package, G_FILE_TEST_IS_REGULAR));
  g_assert_cmpint (stat (envelope, &info), ==, 0);
  g_assert_cmpint (info.st_mtim.tv_sec % (24 * 60 * 60), ==, 0);
  /* Another person's laptop has to read it, whoever owned the files here. */
  g_assert_cmpint (info.st_mode & 0777, ==, 0644);
  {
    g_autofree char *folder = g_path_get_dirname (envelope);

    g_assert_cmpint (stat (folder, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0777);
  }

  /* Beto cannot open it and delivers it. */
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, 1);
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, 0);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 4);

  /* The receipt goes back the same way, and only it says that Ana's work is delivered. */
  g_assert_cmpuint (stick_case_counts (&fixture->ana).delivered, ==, 0);
  stick_case_save (&fixture->beto, fixture->stick);
  {
    g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS), ==, 1);
    g_assert_cmpuint (plaza_stick_get_delivered (stick), ==, 4);
  }
  g_assert_cmpuint (stick_case_counts (&fixture->ana).delivered, ==, 3);

  /* Everybody who reads it from now on sees what is there already. */
  stick_case_assert_read (&fixture->ana, fixture->stick, 0, 0, 1);
  stick_case_assert_read (&fixture->beto, fixture->stick, 0, 0, 1);
  stick_case_assert_read (&fixture->carla, fixture->stick, 0, 0, 1);
  g_assert_cmpuint (stick_case_deliver (&fixture->carla), ==, 0);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

static void
test_two_bearers (StickCase *fixture, gconstpointer data)
{
  fake_laptop_respond (fixture->ana.profile, 5);
  stick_case_save (&fixture->ana, fixture->stick);
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  stick_case_assert_read (&fixture->beto, fixture->stick, 0, 1, 0);
  stick_case_assert_read (&fixture->carla, fixture->stick, 1, 0, 0);
  /* One's own that comes back is still one's own. */
  stick_case_assert_read (&fixture->ana, fixture->stick, 0, 1, 0);
  g_assert_cmpuint (stick_case_count_carried (&fixture->ana), ==, 0);

  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 1);
  g_assert_cmpuint (stick_case_deliver (&fixture->carla), ==, 1);
  stick_case_deliver (&fixture->ana);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 6);
  g_assert_cmpuint (stick_case_counts (&fixture->ana).delivered, ==, 5);
  stick_case_assert_read (&fixture->ana, fixture->stick, 0, 0, 1);
  stick_case_assert_read (&fixture->beto, fixture->stick, 0, 0, 1);
  stick_case_assert_read (&fixture->carla, fixture->stick, 0, 0, 1);
}

/* Saving again writes nothing; what a bearer carries goes on to a third. */
static void
test_again (StickCase *fixture, gconstpointer data)
{
  g_autofree char *other = fake_laptop_root ();

  fake_laptop_respond (fixture->ana.profile, 2);
  stick_case_save (&fixture->ana, fixture->stick);
  {
    g_autoptr (PlazaStick) stick = stick_case_saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 0);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_HERE), ==, 1);
  }
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  fake_laptop_respond (fixture->beto.profile, 1);
  stick_case_save (&fixture->beto, other);
  stick_case_assert_read (&fixture->carla, other, 2, 0, 0);
  g_assert_cmpuint (stick_case_deliver (&fixture->carla), ==, 2);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 5);
  fake_laptop_remove (other);
}

/* A receipt for a profile that is locked waits for it. */
static void
test_locked (StickCase *fixture, gconstpointer data)
{
  PlazaProfile *luz = fake_laptop_profile (fixture->central, fixture->ana.root, "Luz");
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  fake_laptop_respond (luz, 2);
  plaza_profile_lock (luz, &error);
  g_assert_no_error (error);
  stick_case_save (&fixture->ana, fixture->stick);
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  stick_case_deliver (&fixture->beto);
  stick_case_save (&fixture->beto, fixture->stick);
  {
    g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS), ==, 1);
    g_assert_cmpuint (plaza_stick_get_delivered (stick), ==, 0);
  }
  g_assert_cmpuint (stick_case_deliver (&fixture->ana), ==, 0);
  plaza_profile_unlock (luz, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  plaza_store_get_counts (plaza_profile_get_store (luz), &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.delivered, ==, 2);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
  plaza_profile_lock (luz, &error);
  g_assert_no_error (error);
  g_object_unref (luz);
}

/* Receipts are given back for ninety days. */
static void
test_expiry (StickCase *fixture, gconstpointer data)
{
  const gint64 day = 24 * 60 * 60 * 1000;
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GError) error = NULL;

  fake_laptop_respond (fixture->ana.profile, 1);
  stick_case_save (&fixture->ana, fixture->stick);
  stick_case_assert_read (&fixture->beto, fixture->stick, 1, 0, 0);
  stick_case_deliver (&fixture->beto);
  plaza_carried_expire (fixture->beto.root, plaza_clock_now_ms () + 89 * day, &error);
  g_assert_no_error (error);
  before = plaza_carried_list_receipts (fixture->beto.root, NULL);
  g_assert_cmpuint (before->len, ==, 1);
  plaza_carried_expire (fixture->beto.root, plaza_clock_now_ms () + 91 * day, &error);
  g_assert_no_error (error);
  after = plaza_carried_list_receipts (fixture->beto.root, NULL);
  g_assert_cmpuint (after->len, ==, 0);
}

/* What else travels */

static gint64
serial_of (const StickPerson *person)
{
  return plaza_profile_get_campaign (person->profile)->serial;
}

/* The newest package wins, on the stick and on laptops. */
static void
test_package (StickCase *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaCampaignTaken taken_in;

  stick_case_save (&fixture->carla, fixture->stick);
  fake_central_publish (fixture->central, 5, NULL);
  plaza_campaign_take (fixture->ana.root, NULL, fake_central_published (fixture->central),
                       &taken_in, &error);
  g_assert_no_error (error);
  g_assert_cmpint (taken_in, ==, PLAZA_CAMPAIGN_TAKEN);
  {
    g_autoptr (PlazaStick) stick = stick_case_saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 1);
  }
  {
    g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->beto, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpint (serial_of (&fixture->beto), ==, 5);
  }
  /* Carla has the older one still, and leaves the newer on the stick. */
  {
    g_autoptr (PlazaStick) stick = stick_case_saved (&fixture->carla, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_HERE), ==, 1);
    g_assert_cmpint (serial_of (&fixture->carla), <, 5);
  }
  {
    g_autoptr (PlazaStick) stick = stick_case_taken (&fixture->beto, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_HERE), ==, 1);
    g_assert_cmpint (serial_of (&fixture->beto), ==, 5);
  }
}

static PlazaStickFate
fate_of_kind (const StickPerson *person, const char *folder, PlazaStickKind kind)
{
  g_autoptr (PlazaStick) stick = stick_case_taken (person, folder);
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];

      if (item->kind == kind)
        return item->fate;
    }
  g_assert_not_reached ();
}

/* Rufina joined in the sierra: her registration and her work travel together. */
static void
test_registration (StickCase *fixture, gconstpointer data)
{
  const PlazaInvitation invitation = { .person = (char *) "Rufina",
                                       .organisation = (char *) "",
                                       .role = (char *) "facilitator",
                                       .batch = (char *) "R7",
                                       .expires_ms = G_MAXINT64 / 2 };
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (GError) error = NULL;
  StickPerson rufina = { .root = fake_laptop_root () };

  rufina.profile = plaza_profile_create (rufina.root, fake_central_campaign (fixture->central),
                                         "Rufina", FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  plaza_profile_accept_invitation (rufina.profile, &invitation, code, &error);
  g_assert_no_error (error);
  fake_laptop_respond (rufina.profile, 1);
  {
    g_autoptr (PlazaStick) stick = stick_case_saved (&rufina, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_REGISTRATION, PLAZA_STICK_NEW), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
  }
  g_assert_cmpint (fate_of_kind (&rufina, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_HERE);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_NEW);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_HERE);
  g_autoptr (GPtrArray) waiting = plaza_carried_list_registrations (fixture->beto.root, NULL);
  g_assert_cmpuint (waiting->len, ==, 1);
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 1);
  g_autoptr (GPtrArray) ended = plaza_carried_list_registrations (fixture->beto.root, NULL);
  g_assert_cmpuint (ended->len, ==, 0);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_REGISTRATION), ==,
                   PLAZA_STICK_DELIVERED);

  /* Her own laptop hears of it by the receipts alone. */
  g_assert_cmpint (plaza_profile_get_registration_state (rufina.profile, NULL), ==,
                   PLAZA_REGISTRATION_WAITING);
  stick_case_save (&fixture->beto, fixture->stick);
  g_object_unref (stick_case_taken (&rufina, fixture->stick));
  g_assert_cmpuint (stick_case_counts (&rufina).delivered, ==, 1);
  g_assert_cmpint (plaza_profile_get_registration_state (rufina.profile, NULL), ==,
                   PLAZA_REGISTERED);
  stick_case_person_clear (&rufina);
}

/* The list of invitations goes on to others, the longest that there is. */
static void
test_invitations (StickCase *fixture, gconstpointer data)
{
  g_autofree char *folder = stick_case_folder (fixture, "");
  g_autofree char *path = stick_case_folder (fixture, "invitations.plzinv");
  g_autofree char *other = fake_laptop_root ();
  g_autofree char *code = NULL;

  stick_case_save (&fixture->ana, fixture->stick);
  code = fake_central_kit (fixture->central, folder, G_MAXINT64 / 2, NULL);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_NEW);
  g_assert_cmpint (fate_of_kind (&fixture->beto, fixture->stick, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_HERE);
  stick_case_save (&fixture->beto, other);
  g_assert_cmpint (fate_of_kind (&fixture->carla, other, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_NEW);

  g_autoptr (GBytes) list = stick_case_content (path);
  stick_case_put_changed (path, list, g_bytes_get_size (list) / 2);
  g_assert_cmpint (fate_of_kind (&fixture->ana, fixture->stick, PLAZA_STICK_INVITATIONS), ==,
                   PLAZA_STICK_REFUSED);
  fake_laptop_remove (other);
}

int
main (int argc, char **argv)
{
  const StickCaseTest tests[] = {
    { "/sync/stick/travel", test_travel },
    { "/sync/stick/two-bearers", test_two_bearers },
    { "/sync/stick/again", test_again },
    { "/sync/stick/locked", test_locked },
    { "/sync/stick/expiry", test_expiry },
    { "/sync/stick/package", test_package },
    { "/sync/stick/registration", test_registration },
    { "/sync/stick/invitations", test_invitations },
    { NULL },
  };

  return stick_case_run (argc, argv, tests);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stick-case.h"

#include <glib/gstdio.h>
#include <string.h>

#include "bad-stick.h"
#include "base/error.h"
#include "base/file.h"
#include "store/outbox.h"

/* Sticks that fail, are pulled out or full, or have something already; and what is begun and not
 * ended. */

/* Failing sticks */

/* Every file that was said to be saved is there, whole; nothing else has its name. */
static void
assert_whole (PlazaStick *stick, const char *folder)
{
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];
      g_autofree char *path = g_build_filename (folder, item->path, NULL);
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *id = NULL;
      PlazaEnvelopeInfo info;

      if (item->kind != PLAZA_STICK_ENVELOPE || item->fate == PLAZA_STICK_REFUSED)
        continue;
      bytes = stick_case_content (path);
      g_assert_true (plaza_envelope_peek (bytes, &info, NULL));
      id = plaza_hash_to_string (&info.id);
      g_assert_cmpstr (id, ==, item->id);
    }
}

static void
fill_outbox (const StickPerson *person, guint envelopes)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < envelopes; i++)
    {
      fake_laptop_respond (person->profile, 1);
      plaza_outbox_pack (plaza_profile_get_store (person->profile), PLAZA_PACK_NONE, NULL, &error);
      g_assert_no_error (error);
    }
}

/* Pulled out after one call more each time, until it is left in long enough. */
static void
pull_while_saving (StickCase *fixture, BadStick how, PlazaStickProblem problem)
{
  guint calls = 0;
  gboolean ended = FALSE;

  fill_outbox (&fixture->ana, 3);
  while (!ended)
    {
      g_autofree char *folder = fake_laptop_root ();
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (folder, how, calls++);
      ended = stick_case_save_on (stick, folder, &error) && !bad_stick_failed ();
      bad_stick_set (NULL, BAD_STICK_SOUND, 0);
      if (!ended)
        {
          g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
          g_assert_cmpint (plaza_stick_get_problem (stick), ==, problem);
        }
      assert_whole (stick, folder);
      stick_case_save (&fixture->ana, folder);
      {
        g_autofree char *envelopes = g_build_filename (
            folder, PLAZA_STICK_FOLDER, fake_central_campaign (fixture->central)->fingerprint,
            "envelopes", NULL);
        g_auto (GStrv) all = plaza_dir_list (envelopes, "", NULL);

        g_assert_cmpuint (g_strv_length (all), ==, 3);
      }
      fake_laptop_remove (folder);
    }
  g_test_message ("%u places to pull it", calls - 1);
  g_assert_cmpuint (calls, >, 20);
}

static void
test_pulled_saving (StickCase *fixture, gconstpointer data)
{
  pull_while_saving (fixture, BAD_STICK_PULLED, PLAZA_STICK_GONE);
}

static void
test_no_device (StickCase *fixture, gconstpointer data)
{
  pull_while_saving (fixture, BAD_STICK_NO_DEVICE, PLAZA_STICK_GONE);
}

static void
test_full_half_way (StickCase *fixture, gconstpointer data)
{
  guint filled = 0;
  gboolean ended = FALSE;

  fill_outbox (&fixture->ana, 3);
  for (guint calls = 0; !ended; calls++)
    {
      g_autofree char *folder = fake_laptop_root ();
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (folder, BAD_STICK_FULL, calls);
      ended = stick_case_save_on (stick, folder, &error);
      g_assert_true (ended != bad_stick_failed ());
      g_assert_cmpint (plaza_stick_get_problem (stick), ==,
                       ended ? PLAZA_STICK_NO_PROBLEM : PLAZA_STICK_FULL);
      bad_stick_set (NULL, BAD_STICK_SOUND, 0);
      filled += !ended;
      assert_whole (stick, folder);
      stick_case_save (&fixture->ana, folder);
      stick_case_assert_read (&fixture->beto, folder, filled == 1 ? 3 : 0, filled == 1 ? 0 : 3, 0);
      fake_laptop_remove (folder);
    }
  g_assert_cmpuint (filled, >, 3);
}

static void
test_no_room (StickCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autofree char *folder = g_build_filename (fixture->stick, PLAZA_STICK_FOLDER, NULL);
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 2);
  bad_stick_set (fixture->stick, BAD_STICK_NO_ROOM, 0);
  g_assert_false (stick_case_save_on (stick, fixture->stick, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_FULL);
  g_assert_cmpuint (plaza_stick_get_missing (stick), >, (1 << 20) - 100000);
  words = plaza_stick_problem_words (PLAZA_STICK_FULL, 2500000);
  g_assert_nonnull (strstr (words, "2.5"));
  /* It was asked before anything was written. */
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_lies (StickCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 1);
  bad_stick_set (fixture->stick, BAD_STICK_LIES, 0);
  g_assert_false (stick_case_save_on (stick, fixture->stick, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_FAULTY);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 0);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW), ==, 0);
}

static void
pull_while_reading (StickCase *fixture, BadStick how)
{
  guint calls = 0;
  guint kept = 0;
  gboolean ended = FALSE;

  fill_outbox (&fixture->ana, 4);
  stick_case_save (&fixture->ana, fixture->stick);
  while (!ended)
    {
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->beto.root, fixture->beto.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (fixture->stick, how, calls++);
      ended = stick_case_read_from (stick, fixture->stick, &error);
      g_assert_true (ended != bad_stick_failed ());
      bad_stick_set (NULL, BAD_STICK_SOUND, 0);
      /* What was read before stays, once. */
      kept += plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW);
      g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, kept);
      g_assert_cmpint (plaza_stick_get_problem (stick), ==,
                       ended ? PLAZA_STICK_NO_PROBLEM : PLAZA_STICK_GONE);
    }
  g_test_message ("%u places to pull it", calls - 1);
  g_assert_cmpuint (kept, ==, 4);
  g_assert_cmpuint (stick_case_deliver (&fixture->beto), ==, 4);
}

static void
test_pulled_reading (StickCase *fixture, gconstpointer data)
{
  pull_while_reading (fixture, BAD_STICK_PULLED);
}

static void
test_no_device_reading (StickCase *fixture, gconstpointer data)
{
  pull_while_reading (fixture, BAD_STICK_NO_DEVICE);
}

static guint
count_refused (PlazaStick *stick)
{
  guint n = 0;

  for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
    n += plaza_stick_count (stick, kind, PLAZA_STICK_REFUSED);
  return n;
}

/* Whichever read fails, one file or folder is told as unreadable and the others are taken; or, when
 * it was the look at how a file begins, the file is taken too. */
static void
test_bad_sector (StickCase *fixture, gconstpointer data)
{
  gboolean ended = FALSE;
  guint refused = 0;
  guint reads;

  fill_outbox (&fixture->ana, 4);
  stick_case_save (&fixture->ana, fixture->stick);
  for (reads = 0; !ended; reads++)
    {
      g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->beto.root, fixture->beto.profile);
      g_autoptr (GError) error = NULL;

      bad_stick_set (fixture->stick, BAD_STICK_SECTOR, reads);
      g_assert_true (stick_case_read_from (stick, fixture->stick, &error));
      g_assert_no_error (error);
      ended = !bad_stick_failed ();
      g_assert_cmpuint (count_refused (stick), <=, ended ? 0 : 1);
      if (count_refused (stick) == 0)
        g_assert_cmpuint (plaza_stick_get_items (stick)->len, ==, 5);
      else
        stick_case_assert_reason (stick, "", PLAZA_STICK_UNREADABLE);
      refused += count_refused (stick);
    }
  g_assert_cmpuint (refused, >=, 5);
  g_test_message ("%u reads", reads - 1);
  g_assert_cmpuint (reads, >, 10);
  g_assert_cmpuint (stick_case_count_carried (&fixture->beto), ==, 4);
}

/* Two laptops write into the folder of a server at once; each says the truth of its own. */
static void
test_at_once (StickCase *fixture, gconstpointer data)
{
  fill_outbox (&fixture->ana, 20);
  fill_outbox (&fixture->beto, 20);
  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (PlazaStick) first = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
      g_autoptr (PlazaStick) second = plaza_stick_new (fixture->beto.root, fixture->beto.profile);
      g_autofree char *folder = fake_laptop_root ();
      g_autoptr (GAsyncResult) one = NULL;
      g_autoptr (GAsyncResult) other = NULL;
      g_autoptr (GError) error = NULL;

      plaza_stick_save_async (first, folder, NULL, stick_case_on_done, &one);
      plaza_stick_save_async (second, folder, NULL, stick_case_on_done, &other);
      while (!one || !other)
        g_main_context_iteration (NULL, TRUE);
      plaza_stick_save_finish (first, one, &error);
      g_assert_no_error (error);
      plaza_stick_save_finish (second, other, &error);
      g_assert_no_error (error);
      assert_whole (first, folder);
      assert_whole (second, folder);
      if (round == 9)
        stick_case_assert_read (&fixture->carla, folder, 40, 0, 0);
      fake_laptop_remove (folder);
    }
}

/* What is on the stick already */

static void
test_replace (StickCase *fixture, gconstpointer data)
{
  g_autofree char *envelope = NULL;
  g_autofree char *receipts = stick_case_folder (fixture, "receipts");
  g_autofree char *package = stick_case_folder (fixture, "campaign.plzcmp");
  g_autofree char *secret = g_build_filename (fixture->beto.root, "ajeno", NULL);
  g_autoptr (GBytes) words = g_bytes_new_static ("no tocar", 8);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GBytes) untouched = NULL;

  fill_outbox (&fixture->ana, 1);
  stick_case_save (&fixture->ana, fixture->stick);
  envelope = stick_case_first (fixture, "envelopes", ".plz");
  bytes = stick_case_content (envelope);

  /* Broken: written anew. */
  stick_case_put_changed (envelope, bytes, 200);
  stick_case_put (package, words);
  stick_case_save (&fixture->ana, fixture->stick);
  after = stick_case_content (envelope);
  g_assert_true (g_bytes_equal (after, bytes));

  /* A link: replaced, and what it leads to is left. */
  stick_case_put (secret, words);
  g_assert_cmpint (unlink (envelope), ==, 0);
  g_assert_cmpint (symlink (secret, envelope), ==, 0);
  stick_case_save (&fixture->ana, fixture->stick);
  untouched = stick_case_content (secret);
  g_assert_true (g_bytes_equal (untouched, words));
  stick_case_assert_read (&fixture->carla, fixture->stick, 1, 0, 0);

  /* A folder: said, and the rest is saved. */
  g_assert_cmpint (unlink (envelope), ==, 0);
  g_assert_cmpint (g_mkdir (envelope, 0700), ==, 0);
  fill_outbox (&fixture->ana, 1);
  {
    g_autoptr (PlazaStick) stick = stick_case_saved (&fixture->ana, fixture->stick);

    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==, 1);
    g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, 1);
  }
  g_assert_false (g_file_test (receipts, G_FILE_TEST_EXISTS));
}

/* A folder of the stick that leads elsewhere is not written into. */
static void
test_folder_link (StickCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autofree char *elsewhere = fake_laptop_root ();
  g_autofree char *link_path = g_build_filename (fixture->stick, PLAZA_STICK_FOLDER, NULL);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 1);
  g_assert_cmpint (symlink (elsewhere, link_path), ==, 0);
  g_assert_false (stick_case_save_on (stick, fixture->stick, &error));
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_FOLDER);
  dir = g_dir_open (elsewhere, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  fake_laptop_remove (elsewhere);
}

static void
test_no_folder (StickCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autofree char *missing = g_build_filename (fixture->stick, "no-hay", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_assert_false (stick_case_save_on (stick, missing, &error));
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_FOLDER);
  g_assert_false (stick_case_read_from (stick, missing, &again));
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_FOLDER);
  g_assert_cmpuint (plaza_stick_get_items (stick)->len, ==, 0);
}

static void
test_cancel (StickCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, fixture->ana.profile);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 1);
  g_cancellable_cancel (cancellable);
  plaza_stick_save_async (stick, fixture->stick, cancellable, stick_case_on_done, &result);
  g_assert_true (plaza_stick_is_working (stick));
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (plaza_stick_save_finish (stick, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_CANCELLED);
  g_assert_false (plaza_stick_is_working (stick));
}

/* A stick can be saved and read with nobody unlocked. */
static void
test_nobody (StickCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaStick) stick = plaza_stick_new (fixture->ana.root, NULL);
  g_autoptr (PlazaStick) other = plaza_stick_new (fixture->beto.root, NULL);
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;

  fill_outbox (&fixture->ana, 2);
  plaza_profile_lock (fixture->ana.profile, &error);
  g_assert_no_error (error);
  g_assert_true (stick_case_save_on (stick, fixture->stick, &error));
  g_assert_no_error (error);
  words = plaza_stick_describe (stick);
  g_assert_cmpstr (words, ==, "2 envelopes saved and read back");
  g_assert_true (stick_case_read_from (other, fixture->stick, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_stick_get_message (other), ==, "2 envelopes new");
}

int
main (int argc, char **argv)
{
  const StickCaseTest tests[] = {
    { "/sync/stick-faults/pulled-saving", test_pulled_saving },
    { "/sync/stick-faults/no-device", test_no_device },
    { "/sync/stick-faults/full-half-way", test_full_half_way },
    { "/sync/stick-faults/no-room", test_no_room },
    { "/sync/stick-faults/lies", test_lies },
    { "/sync/stick-faults/pulled-reading", test_pulled_reading },
    { "/sync/stick-faults/no-device-reading", test_no_device_reading },
    { "/sync/stick-faults/bad-sector", test_bad_sector },
    { "/sync/stick-faults/at-once", test_at_once },
    { "/sync/stick-faults/replace", test_replace },
    { "/sync/stick-faults/folder-link", test_folder_link },
    { "/sync/stick-faults/no-folder", test_no_folder },
    { "/sync/stick-faults/cancel", test_cancel },
    { "/sync/stick-faults/nobody", test_nobody },
    { NULL },
  };

  return stick_case_run (argc, argv, tests);
}

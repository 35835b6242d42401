/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "laptop.h"

/* A child answers and tells each acknowledged answer through a pipe; it is killed at a random
 * moment; whatever it told must be there. */

#define ROUNDS 20

static void
tell (int pipe_fd, guint number)
{
  g_assert_cmpint (write (pipe_fd, &number, sizeof number), ==, sizeof number);
}

static void
answer_until_killed (Laptop *laptop, const char *id, const char *response, guint first, int pipe_fd)
{
  g_autoptr (PlazaProfile) profile = laptop_unlock (laptop, id);
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  capture = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  for (guint i = first;; i++)
    {
      g_autofree char *value = g_strdup_printf ("respuesta %u", i);

      laptop_answer (capture, i % 2 ? "/data/obs" : "/data/lugar/vive", value);
      tell (pipe_fd, i);
    }
}

/* The last number told before the child was killed, or @last when it told none. */
static guint
run_child (Laptop *laptop, const char *id, const char *response, guint last)
{
  int fds[2];
  guint number;
  pid_t child;

  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (fds[0]);
      answer_until_killed (laptop, id, response, last + 1, fds[1]);
      _exit (0);
    }
  close (fds[1]);
  /* The first answer says that the profile is open; then a moment by chance. */
  g_assert_cmpint (read (fds[0], &number, sizeof number), ==, sizeof number);
  last = number;
  g_usleep (g_test_rand_int_range (0, 30000));
  kill (child, SIGKILL);
  while (read (fds[0], &number, sizeof number) == sizeof number)
    last = number;
  close (fds[0]);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  return last;
}

static void
check_answers (PlazaCapture *capture, guint last)
{
  const char *newest = laptop_value (capture, last % 2 ? "/data/obs" : "/data/lugar/vive");
  const char *older = laptop_value (capture, last % 2 ? "/data/lugar/vive" : "/data/obs");
  guint64 there = g_ascii_strtoull (newest + strlen ("respuesta "), NULL, 10);
  guint64 before = g_ascii_strtoull (older + strlen ("respuesta "), NULL, 10);

  /* One more may have been committed and not told. */
  g_assert_cmpuint (there, ==, last);
  g_assert_true (before == last - 1 || before == last + 1);
}

static void
test_answers (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *id = g_strdup (plaza_profile_get_id (profile));
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autofree char *response = g_strdup (plaza_capture_get_response (capture));
  g_autoptr (GError) error = NULL;
  guint last = 1;

  laptop_answer (capture, "/data/lugar/vive", "respuesta 0");
  laptop_answer (capture, "/data/obs", "respuesta 1");
  g_clear_object (&capture);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_clear_object (&profile);
  for (guint round = 0; round < ROUNDS; round++)
    {
      last = run_child (laptop, id, response, last);
      profile = laptop_unlock (laptop, id);
      capture = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (plaza_capture_get_lost (capture), ==, 0);
      check_answers (capture, last);
      g_clear_object (&capture);
      g_assert_true (plaza_profile_lock (profile, &error));
      g_assert_no_error (error);
      g_clear_object (&profile);
    }
}

/* Finishing, packing and taking in receipts, killed at any moment: each response is counted once,
 * each entry is in one envelope. */
static void
respond_until_killed (Laptop *laptop, const char *id, int pipe_fd)
{
  g_autoptr (PlazaProfile) profile = laptop_unlock (laptop, id);

  for (guint i = 0;; i++)
    {
      g_autofree char *response = i % 2 ? laptop_respond (profile, "agua")
                                        : laptop_respond_with_contact (profile, "agua", "Epifania");

      tell (pipe_fd, i);
      if (i % 3 == 2)
        plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_NONE, NULL, NULL);
    }
}

static guint
run_responding_child (Laptop *laptop, const char *id)
{
  int fds[2];
  guint number, told = 0;
  pid_t child;

  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (fds[0]);
      respond_until_killed (laptop, id, fds[1]);
      _exit (0);
    }
  close (fds[1]);
  g_assert_cmpint (read (fds[0], &number, sizeof number), ==, sizeof number);
  told++;
  g_usleep (g_test_rand_int_range (0, 60000));
  kill (child, SIGKILL);
  while (read (fds[0], &number, sizeof number) == sizeof number)
    told++;
  close (fds[0]);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  return told;
}

static void
test_endings (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *id = g_strdup (plaza_profile_get_id (profile));
  g_autoptr (PlazaSession) session = laptop_session (profile);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;
  guint64 sequence = 0;
  guint told = 0, revisions = 0;
  PlazaCounts counts;

  g_clear_object (&session);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_clear_object (&profile);
  for (guint round = 0; round < ROUNDS / 2; round++)
    told += run_responding_child (laptop, id);
  profile = laptop_unlock (laptop, id);
  g_assert_true (
      plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_HAND_IN, NULL, &error));
  g_assert_no_error (error);
  items = plaza_outbox_list (laptop->root, NULL, &error);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GPtrArray) entries = laptop_open (laptop, profile, items->pdata[i]);

      for (guint j = 0; j < entries->len; j++)
        {
          const PlazaEntry *entry = entries->pdata[j];

          g_assert_true (g_hash_table_add (seen, g_strdup (entry->id)));
          sequence = MAX (sequence, entry->sequence);
          revisions += entry->kind == PLAZA_ENTRY_REVISION;
        }
    }
  g_assert_true (plaza_store_get_counts (plaza_profile_get_store (profile), &counts, &error));
  g_assert_cmpuint (counts.packed, ==, revisions);
  g_assert_cmpuint (revisions, >=, told);
  g_assert_cmpuint (revisions, <=, told + ROUNDS / 2);
  /* The session and every revision, numbered without a gap. */
  g_assert_cmpuint (sequence, ==, revisions + 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crash/answers", test_answers);
  g_test_add_func ("/crash/endings", test_endings);
  return g_test_run ();
}

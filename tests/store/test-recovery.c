/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/recovery.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "laptop.h"
#include "store/database.h"
#include "store/rotation.h"
#include "store/steps.h"

#define FRESH "otra frase que tampoco adivina nadie"
#define WORDS "el agua no llega desde marzo"

/* A laptop with a finished response, one that waits in an envelope, a contact and a draft. */
typedef struct
{
  Laptop *laptop;
  PlazaProfile *profile; /* locked */
  char *finished;
  char *draft;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  f->laptop = laptop_new ();
  f->profile = laptop_profile (f->laptop, "Ana");
  f->finished = laptop_respond_with_contact (f->profile, WORDS, "Doña Remedios");
  capture = laptop_start (f->profile);
  laptop_answer (capture, "/data/obs", "a medias");
  f->draft = g_strdup (plaza_capture_get_response (capture));
  g_clear_object (&capture);
  g_assert_true (plaza_store_backup (plaza_profile_get_store (f->profile), &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_lock (f->profile, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->profile);
  laptop_free (f->laptop);
  g_free (f->finished);
  g_free (f->draft);
}

static GBytes *
get_answer (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = plaza_recovery_ask (f->profile, &error);
  GBytes *answer;

  g_assert_no_error (error);
  answer = plaza_recovery_give (f->laptop->root, request, f->laptop->recovery, &error);
  g_assert_no_error (error);
  return answer;
}

static void
check_all_there (Fixture *f, PlazaProfile *profile)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *xml = laptop_xml (profile, f->finished);
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  g_assert_nonnull (strstr (xml, WORDS));
  capture = plaza_capture_resume (store, f->draft, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_capture_get_lost (capture), ==, 0);
  g_assert_cmpstr (laptop_value (capture, "/data/obs"), ==, "a medias");
  g_assert_true (plaza_store_get_counts (store, &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counts.drafts, ==, 1);
  g_assert_cmpuint (counts.contacts_waiting, ==, 1);
}

static char *
read_key (PlazaProfile *profile, const char *name)
{
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), name, NULL);
  g_autoptr (PlazaKeyfile) keyfile = plaza_keyfile_load (path, NULL);

  return keyfile != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256,
                                                         plaza_keyfile_recovery_copy (keyfile))
                         : NULL;
}

static guint
count_backups (PlazaProfile *profile)
{
  g_autofree char *folder = g_build_filename (plaza_profile_get_folder (profile), "backups", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint count = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    count += g_str_has_suffix (name, ".db");
  return count;
}

/* From the request to the new passphrase; the coordinator's key opens nothing afterwards. */
static void
test_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaKeyfile) keyfile = NULL;
  g_autoptr (PlazaSecret) seen = NULL;
  g_autofree char *path =
      g_build_filename (plaza_profile_get_folder (f->profile), "profile.key", NULL);
  g_autofree char *before = read_key (f->profile, "profile.key");
  g_autofree char *after = NULL;

  keyfile = plaza_keyfile_load (path, NULL);
  seen = plaza_keyfile_recover (keyfile, f->laptop->recovery, NULL);
  g_assert_true (plaza_rotation_opens (plaza_profile_get_folder (f->profile),
                                       plaza_profile_get_id (f->profile), seen));
  answer = get_answer (f);
  g_assert_true (plaza_recovery_check (f->profile, answer, &error));
  g_assert_no_error (error);
  g_assert_false (plaza_recovery_finish (f->profile, answer, "corta", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_true (plaza_recovery_finish (f->profile, answer, FRESH, &error));
  g_assert_no_error (error);
  g_assert_false (plaza_recovery_is_asked (f->profile));
  g_assert_true (plaza_rotation_is_pending (plaza_profile_get_folder (f->profile)));

  g_assert_false (plaza_profile_unlock (f->profile, LAPTOP_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_true (plaza_profile_unlock (f->profile, FRESH, &error));
  g_assert_no_error (error);
  check_all_there (f, f->profile);
  g_assert_true (plaza_profile_lock (f->profile, &error));
  g_assert_no_error (error);

  /* The key that was seen on the way opens neither the store nor a copy of it. */
  g_assert_false (plaza_rotation_is_pending (plaza_profile_get_folder (f->profile)));
  g_assert_false (plaza_rotation_opens (plaza_profile_get_folder (f->profile),
                                        plaza_profile_get_id (f->profile), seen));
  after = read_key (f->profile, "backups/profile.key");
  g_assert_nonnull (after);
  g_assert_cmpstr (before, !=, after);
  g_assert_cmpuint (count_backups (f->profile), ==, 1);
  g_assert_cmpuint (laptop_find (f->laptop->root, "recovery-asked"), ==, 1);
  g_assert_cmpuint (laptop_find (f->laptop->root, "recovery-answered"), ==, 1);
  g_assert_cmpuint (laptop_find (f->laptop->root, "recovery-done"), ==, 1);

  /* And once more: what is under the new key is recovered the same way. */
  g_clear_pointer (&answer, g_bytes_unref);
  answer = get_answer (f);
  g_assert_true (plaza_recovery_finish (f->profile, answer, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_unlock (f->profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  check_all_there (f, f->profile);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaSecret) stranger = plaza_secret_new_random (32);
  g_autoptr (GBytes) answer = get_answer (f);
  g_autoptr (GBytes) request = plaza_recovery_ask (f->profile, NULL);
  g_autoptr (GBytes) again = plaza_recovery_ask (f->profile, NULL);
  g_autoptr (GBytes) other = NULL;
  g_autoptr (PlazaProfile) second = NULL;
  g_autoptr (GError) error = NULL;

  /* The request stays the same until it is answered or forgotten. */
  g_assert_true (g_bytes_equal (request, again));
  g_assert_null (plaza_recovery_give (f->laptop->root, request, stranger, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);

  /* Another profile's answer, even with a good signature of the same coordinator. */
  second = laptop_profile (f->laptop, "Berta");
  g_assert_null (plaza_recovery_ask (second, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_true (plaza_profile_lock (second, NULL));
  other = plaza_recovery_ask (second, &error);
  g_assert_no_error (error);
  g_assert_false (plaza_recovery_check (second, answer, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);

  g_assert_true (plaza_recovery_forget (f->profile, NULL));
  g_assert_false (plaza_recovery_finish (f->profile, answer, FRESH, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (plaza_profile_unlock (f->profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
}

/* An answer that brings a key of somebody's own making changes nothing. */
static void
test_false_key (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaKeyfile) forged = NULL;
  g_autoptr (PlazaSecret) key = NULL;
  g_autoptr (GBytes) request = plaza_recovery_ask (f->profile, NULL);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  guint8 *bytes = g_memdup2 (g_bytes_get_data (request, NULL), PLAZA_RECOVERY_REQUEST_SIZE);
  g_autoptr (GBytes) changed = NULL;
  g_autofree char *pending =
      g_build_filename (plaza_profile_get_folder (f->profile), "recovery.pending", NULL);
  g_autofree char *content = NULL;
  gsize length;
  PlazaHash hash;

  forged =
      plaza_keyfile_new (plaza_profile_get_id (f->profile), "Ana", f->laptop->campaign->fingerprint,
                         &f->laptop->campaign->key_recovery, FRESH, &key, &error);
  g_assert_no_error (error);
  /* Into the request on its way and, since the answer names it, into the laptop's own copy. */
  memcpy (bytes + 72, g_bytes_get_data (plaza_keyfile_recovery_copy (forged), NULL), 80);
  plaza_hash_data (bytes, PLAZA_RECOVERY_REQUEST_SIZE - 8, &hash);
  memcpy (bytes + PLAZA_RECOVERY_REQUEST_SIZE - 8, hash.bytes, 8);
  changed = g_bytes_new_take (bytes, PLAZA_RECOVERY_REQUEST_SIZE);
  g_assert_true (g_file_get_contents (pending, &content, &length, NULL));
  memcpy (content, bytes, PLAZA_RECOVERY_REQUEST_SIZE);
  g_assert_true (g_file_set_contents (pending, content, (gssize) length, NULL));
  answer = plaza_recovery_answer_new (changed, f->laptop->recovery, &error);
  g_assert_no_error (error);
  g_assert_false (plaza_recovery_finish (f->profile, answer, FRESH, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_true (plaza_profile_unlock (f->profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  check_all_there (f, f->profile);
}

/* Ended without a word after every step, as by a power cut; and again while it mends itself. */

static guint stop_at;
static guint steps_seen;

static void
stop_hook (const char *step)
{
  if (++steps_seen == stop_at)
    _exit (77);
}

static int
unlock_in_child (Fixture *f, guint stop)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      g_autoptr (PlazaProfile) profile =
          plaza_profile_load (f->laptop->root, plaza_profile_get_id (f->profile), NULL);

      stop_at = stop;
      steps_seen = 0;
      plaza_steps_hook = stop_hook;
      _exit (plaza_profile_unlock (profile, FRESH, NULL) && plaza_profile_lock (profile, NULL) ? 0
                                                                                               : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_interrupted (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  for (guint stop = 1; stop <= 6; stop++)
    for (guint second = 0; second <= 1; second++)
      {
        g_autoptr (PlazaProfile) profile = NULL;

        g_assert_true (plaza_rotation_want (plaza_profile_get_folder (f->profile), &error));
        if (stop == 1 && second == 0)
          {
            g_autoptr (GBytes) answer = get_answer (f);

            g_assert_true (plaza_recovery_finish (f->profile, answer, FRESH, &error));
            g_assert_no_error (error);
          }
        g_assert_cmpint (unlock_in_child (f, stop), ==, 77);
        if (second > 0)
          g_assert_cmpint (unlock_in_child (f, 1), ==, stop == 6 ? 0 : 77);
        profile = plaza_profile_load (f->laptop->root, plaza_profile_get_id (f->profile), &error);
        g_assert_no_error (error);
        g_assert_true (plaza_profile_unlock (profile, FRESH, &error));
        g_assert_no_error (error);
        check_all_there (f, profile);
        g_assert_true (plaza_profile_lock (profile, &error));
        g_assert_no_error (error);
        g_assert_false (plaza_rotation_is_pending (plaza_profile_get_folder (profile)));
        g_assert_cmpuint (count_backups (profile), ==, 1);
      }
}

/* Whatever a migration adds that the profile key seals, a rotation must reach. */
static void
test_columns (Fixture *f, gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (plaza_profile_get_folder (f->profile), "plaza.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaDatabase) db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, &error);
  g_autoptr (PlazaRows) rows = NULL;
  /* Sealed to others, or under an interview's own key. */
  const char *others[] = { "draft.text", "event.sealed", "envelope.bytes", NULL };

  g_assert_no_error (error);
  rows = plaza_database_query (
      db, &error,
      "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info (t.name) AS c "
      "WHERE t.type = 'table' AND c.type = 'BLOB'",
      "");
  g_assert_no_error (error);
  while (plaza_rows_next (rows, &error))
    {
      const char *column = plaza_rows_text (rows, 0);

      g_test_message ("%s", column);
      g_assert_true (g_strv_contains (plaza_rotation_columns (), column) ||
                     g_strv_contains (others, column));
    }
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) \
  g_test_add ("/store/recovery/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (whole);
  ADD (refused);
  ADD (false_key);
  ADD (interrupted);
  ADD (columns);
  return g_test_run ();
}

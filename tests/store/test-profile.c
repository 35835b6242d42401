/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "laptop.h"

#include "base/clock.h"
#include "base/file.h"

#define OTHER_PASSPHRASE "otras cinco palabras bien distintas"

static void
test_unlock (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaProfile) again = NULL;
  g_autoptr (GPtrArray) profiles = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *device = g_strdup (plaza_profile_get_enrolment (profile)->device);
  PlazaPublicKey before, after;

  g_assert_true (plaza_profile_get_device_key (profile, &before));
  again = plaza_profile_load (laptop->root, plaza_profile_get_id (profile), &error);
  g_assert_no_error (error);
  g_assert_false (plaza_profile_unlock (again, LAPTOP_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  g_assert_null (plaza_profile_get_store (profile));
  g_assert_null (plaza_profile_get_enrolment (profile));

  g_assert_true (plaza_profile_unlock (again, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_enrolment (again)->device, ==, device);
  g_assert_cmpstr (plaza_profile_get_enrolment (again)->token, ==, "ccd_secreto");
  g_assert_true (plaza_profile_get_device_key (again, &after));
  g_assert_true (plaza_public_key_equal (&before, &after));

  profiles = plaza_profile_list (laptop->root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (profiles->len, ==, 1);
  g_assert_cmpstr (plaza_profile_get_name (profiles->pdata[0]), ==, "Ana");
}

static void
test_wrong_passphrase (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaProfile) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_lock (profile, &error));
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (plaza_profile_get_wait (profile), ==, 0);
      g_assert_false (plaza_profile_unlock (profile, OTHER_PASSPHRASE, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
      g_clear_error (&error);
    }
  /* Another process waits as well. */
  again = plaza_profile_load (laptop->root, plaza_profile_get_id (profile), &error);
  g_assert_cmpuint (plaza_profile_get_wait (again), ==, 1);
  g_assert_false (plaza_profile_unlock (again, LAPTOP_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);
  plaza_clock_set_shift (2000);
  g_assert_false (plaza_profile_unlock (again, OTHER_PASSPHRASE, &error));
  g_clear_error (&error);
  g_assert_cmpuint (plaza_profile_get_wait (again), ==, 2);
  /* A clock set back does not make it endless. */
  plaza_clock_set_shift (-86400000);
  g_assert_cmpuint (plaza_profile_get_wait (again), ==, 2);
  plaza_clock_set_shift (5000);
  g_assert_true (plaza_profile_unlock (again, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_profile_get_wait (again), ==, 0);
  plaza_clock_set_shift (0);
}

static void
test_change_passphrase (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (GError) error = NULL;

  g_assert_false (
      plaza_profile_change_passphrase (profile, OTHER_PASSPHRASE, OTHER_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_false (plaza_profile_change_passphrase (profile, LAPTOP_PASSPHRASE, "corta", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_true (
      plaza_profile_change_passphrase (profile, LAPTOP_PASSPHRASE, OTHER_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_false (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_clear_error (&error);
  g_assert_true (plaza_profile_unlock (profile, OTHER_PASSPHRASE, &error));
  g_assert_no_error (error);
}

static void
copy_file (const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (from, 1 << 24, &error);

  g_assert_no_error (error);
  plaza_file_write (to, bytes, &error);
  g_assert_no_error (error);
}

/* Somebody else's store does not open with my key. */
static void
test_copied_store (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) ana = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaProfile) berta = laptop_profile (laptop, "Berta");
  g_autofree char *response = laptop_respond (ana, "de Ana");
  g_autofree char *from = g_build_filename (plaza_profile_get_folder (ana), "plaza.db", NULL);
  g_autofree char *to = g_build_filename (plaza_profile_get_folder (berta), "plaza.db", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_lock (ana, &error));
  g_assert_true (plaza_profile_lock (berta, &error));
  copy_file (from, to);
  g_assert_false (plaza_profile_unlock (berta, LAPTOP_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_true (plaza_profile_unlock (ana, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
}

static void
test_enrolment (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (GError) error = NULL;
  const PlazaSessionFields fields = { .state = "20", .attendance = -1 };
  PlazaEnrolment enrolment = {
    .device = (char *) "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    .token = (char *) "ccd_uno",
    .batch = (char *) "K7",
    .organisation = (char *) "",
    .person = (char *) "p",
    .role = (char *) "facilitator",
  };

  profile = plaza_profile_create (laptop->root, laptop->campaign, "Ana", "corta", &error);
  g_assert_null (profile);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  profile = plaza_profile_create (laptop->root, laptop->campaign, "Ana", LAPTOP_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_null (plaza_profile_get_enrolment (profile));
  session = plaza_session_create (plaza_profile_get_store (profile), &fields, &error);
  g_assert_null (session);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_true (plaza_profile_set_enrolment (profile, &enrolment, &error));
  g_assert_true (plaza_profile_set_enrolment (profile, &enrolment, &error));
  g_assert_no_error (error);
  enrolment.device = (char *) "017f22e2-79b0-7cc3-98c4-dc0c0c073990";
  g_assert_false (plaza_profile_set_enrolment (profile, &enrolment, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
}

/* A damaged store is said to be so, and repaired from what is left and the backup. */
static void
test_damage (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaResponseList) list = NULL;
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), "plaza.db", NULL);
  g_autofree guint8 *noise = g_malloc (4096);
  g_autoptr (GError) error = NULL;
  PlazaRepair repair;
  GStatBuf info;
  int fd;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *response = laptop_respond (profile, "antes");
    }
  g_assert_true (plaza_store_backup (plaza_profile_get_store (profile), &error));
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  memset (noise, 0x5a, 4096);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  fd = g_open (path, O_WRONLY);
  for (goffset page = 6; page < info.st_size / 4096; page += 5)
    g_assert_cmpint (pwrite (fd, noise, 4096, page * 4096), ==, 4096);
  close (fd);

  g_assert_false (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_clear_error (&error);
  g_assert_true (plaza_profile_repair (profile, &repair, &error));
  g_assert_no_error (error);
  g_assert_cmpint (repair.backup_ms, >, 0);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  list = plaza_response_list_new (plaza_profile_get_store (profile), 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 20);
  g_clear_object (&list);
  g_autofree char *response = laptop_respond (profile, "después");
}

/* Every table's first page is gone: the repair ends all the same, with what the backup has. */
static void
test_damaged_roots (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), "plaza.db", NULL);
  g_autofree char *response = laptop_respond (profile, "antes");
  g_autofree guint8 *noise = g_malloc (4096);
  g_autoptr (GError) error = NULL;
  PlazaRepair repair;
  GStatBuf info;
  int fd;

  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  memset (noise, 0x5a, 4096);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  fd = g_open (path, O_WRONLY);
  for (goffset page = 2; page < info.st_size / 4096; page++)
    g_assert_cmpint (pwrite (fd, noise, 4096, page * 4096), ==, 4096);
  close (fd);
  g_assert_true (plaza_profile_repair (profile, &repair, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (repair.tables_lost, >, 0);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_PACKED);
}

/* A visit too short for the worker to be idle leaves a backup, and the next hour needs no other. */
static void
test_backup_on_lock (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *first = laptop_respond (profile, "una");
  g_autofree char *folder = g_build_filename (plaza_profile_get_folder (profile), "backups", NULL);
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), "plaza.db", NULL);
  g_autoptr (GError) error = NULL;
  PlazaRepair repair;

  for (guint visit = 0; visit < 2; visit++)
    {
      g_auto (GStrv) names = NULL;

      g_assert_true (plaza_profile_lock (profile, &error));
      g_assert_no_error (error);
      names = plaza_dir_list (folder, ".db", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (names), ==, 1);
      g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
      g_assert_no_error (error);
    }
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_cmpint (truncate (path, 5000), ==, 0);
  g_assert_true (plaza_profile_repair (profile, &repair, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (laptop_state (profile, first), ==, PLAZA_RESPONSE_PACKED);
}

/* The keyfile is kept twice: damaged or gone it is mended from the copy, which follows a new
 * passphrase. */
static void
test_keyfile_copy (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *path =
      g_build_filename (plaza_profile_get_folder (profile), "profile.key", NULL);
  g_autofree char *copy =
      g_build_filename (plaza_profile_get_folder (profile), "backups", "profile.key", NULL);
  g_autoptr (GBytes) noise = g_bytes_new_static ("PLZKEY01 nothing", 16);
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_true (plaza_file_write (path, noise, &error));
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GPtrArray) profiles = NULL;

      g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*copy is used*");
      profiles = plaza_profile_list (laptop->root, &error);
      g_test_assert_expected_messages ();
      g_assert_no_error (error);
      g_assert_cmpuint (profiles->len, ==, 1);
      g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*copy is used*");
      g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
      g_test_assert_expected_messages ();
      g_assert_no_error (error);
      g_assert_true (plaza_profile_lock (profile, &error));
      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
      if (round == 0)
        g_assert_cmpint (g_unlink (path), ==, 0);
    }

  g_assert_cmpint (g_unlink (copy), ==, 0);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_true (
      plaza_profile_change_passphrase (profile, LAPTOP_PASSPHRASE, OTHER_PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_lock (profile, &error));
  copy_file (copy, path);
  g_assert_false (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_clear_error (&error);
  g_assert_true (plaza_profile_unlock (profile, OTHER_PASSPHRASE, &error));
  g_assert_no_error (error);
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_unlock_finish (PLAZA_PROFILE (source), result, &error));
  g_assert_no_error (error);
  g_main_loop_quit (data);
}

static void
test_async (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_assert_true (plaza_profile_lock (profile, NULL));
  plaza_profile_unlock_async (profile, LAPTOP_PASSPHRASE, NULL, on_unlocked, loop);
  g_main_loop_run (loop);
  g_assert_true (plaza_profile_is_unlocked (profile));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  g_test_add_func ("/profile/unlock", test_unlock);
  g_test_add_func ("/profile/wrong-passphrase", test_wrong_passphrase);
  g_test_add_func ("/profile/change-passphrase", test_change_passphrase);
  g_test_add_func ("/profile/copied-store", test_copied_store);
  g_test_add_func ("/profile/enrolment", test_enrolment);
  g_test_add_func ("/profile/damage", test_damage);
  g_test_add_func ("/profile/damaged-roots", test_damaged_roots);
  g_test_add_func ("/profile/backup-on-lock", test_backup_on_lock);
  g_test_add_func ("/profile/keyfile-copy", test_keyfile_copy);
  g_test_add_func ("/profile/async", test_async);
  return g_test_run ();
}

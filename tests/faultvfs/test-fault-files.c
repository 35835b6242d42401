/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "fault-files.h"

/* That the disk of the other tests fails as it says. */

#define ROUNDS 200
#define SIZE 3000

typedef struct
{
  char *folder;
  char *path;
  char *other;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("plaza-fault-files-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "one", NULL);
  place->other = g_build_filename (place->folder, "two", NULL);
}

static void
tear_down (Place *place, gconstpointer data)
{
  fault_files_arm (NULL, NULL);
  g_unlink (place->path);
  g_unlink (place->other);
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->path);
  g_free (place->other);
}

static gboolean
put (const char *path, gboolean sync)
{
  char bytes[SIZE];
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  gboolean ok;

  memset (bytes, 'x', sizeof bytes);
  ok = write (fd, bytes, sizeof bytes) == sizeof bytes && (!sync || fsync (fd) == 0);
  close (fd);
  return ok;
}

static gboolean
sync_folder (const Place *place)
{
  int fd = open (place->folder, O_RDONLY | O_DIRECTORY);
  gboolean ok = fsync (fd) == 0;

  close (fd);
  return ok;
}

static gboolean
is_whole (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize length;

  return g_file_get_contents (path, &bytes, &length, NULL) && length == SIZE &&
         memchr (bytes, '\0', length) == NULL;
}

static gboolean
is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
begin (const Place *place, guint32 seed)
{
  const FaultPlan plan = { .kind = FAULT_POWER, .nth = G_MAXUINT64, .seed = seed };

  g_unlink (place->path);
  g_unlink (place->other);
  fault_files_arm (place->folder, &plan);
}

static void
test_synced (Place *place, gconstpointer data)
{
  for (guint32 seed = 0; seed < ROUNDS; seed++)
    {
      begin (place, seed);
      g_assert_true (put (place->path, TRUE));
      g_assert_cmpint (rename (place->path, place->other), ==, 0);
      g_assert_true (sync_folder (place));
      fault_files_restore ();
      g_assert_true (is_whole (place->other));
      g_assert_false (is_there (place->path));
    }
}

static void
test_unsynced (Place *place, gconstpointer data)
{
  guint whole = 0, damaged = 0, gone = 0, renamed = 0;

  for (guint32 seed = 0; seed < ROUNDS; seed++)
    {
      begin (place, seed);
      g_assert_true (put (place->path, FALSE));
      g_assert_cmpint (rename (place->path, place->other), ==, 0);
      fault_files_restore ();
      renamed += is_there (place->other);
      gone += !is_there (place->path) && !is_there (place->other);
      whole += is_whole (place->path) || is_whole (place->other);
      damaged += (is_there (place->path) && !is_whole (place->path)) ||
                 (is_there (place->other) && !is_whole (place->other));
    }
  g_assert_cmpuint (renamed, >, ROUNDS / 5);
  g_assert_cmpuint (gone, >, ROUNDS / 20);
  g_assert_cmpuint (damaged, >, ROUNDS / 4);
  g_assert_cmpuint (whole, <, ROUNDS / 4);
}

static void
test_removed (Place *place, gconstpointer data)
{
  guint back = 0;

  for (guint32 seed = 0; seed < ROUNDS; seed++)
    {
      begin (place, seed);
      g_assert_true (put (place->path, TRUE));
      g_assert_true (sync_folder (place));
      g_assert_cmpint (unlink (place->path), ==, 0);
      fault_files_restore ();
      back += is_whole (place->path);
      g_assert_true (is_whole (place->path) || !is_there (place->path));
    }
  g_assert_cmpuint (back, >, ROUNDS / 5);
  g_assert_cmpuint (back, <, ROUNDS * 4 / 5);
}

static void
test_errors (Place *place, gconstpointer data)
{
  FaultPlan plan = { .kind = FAULT_ERROR, .operations = FAULT_ALL, .nth = 2 };

  fault_files_arm (place->folder, &plan);
  g_assert_false (put (place->path, TRUE));
  g_assert_cmpint (errno, ==, EIO);
  g_assert_cmpint (rename (place->path, place->other), ==, 0);
  g_assert_cmpuint (fault_files_count (), ==, 3);
  g_assert_cmpuint (fault_files_fired (), ==, 1);

  plan.kind = FAULT_FULL;
  plan.nth = 1;
  fault_files_arm (place->folder, &plan);
  g_assert_false (put (place->path, TRUE));
  g_assert_cmpint (errno, ==, ENOSPC);
  g_assert_true (is_there (place->path));
  g_assert_false (is_whole (place->path));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/fault-files/synced", Place, NULL, set_up, test_synced, tear_down);
  g_test_add ("/fault-files/unsynced", Place, NULL, set_up, test_unsynced, tear_down);
  g_test_add ("/fault-files/removed", Place, NULL, set_up, test_removed, tear_down);
  g_test_add ("/fault-files/errors", Place, NULL, set_up, test_errors, tear_down);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static char *
folder (void)
{
  return g_dir_make_tmp ("plaza-file-XXXXXX", NULL);
}

static void
test_write (void)
{
  g_autofree char *dir = folder ();
  g_autofree char *deep = g_build_filename (dir, "a", "b", NULL);
  g_autofree char *path = g_build_filename (deep, "x.plz", NULL);
  g_autoptr (GBytes) one = g_bytes_new_static ("one", 3);
  g_autoptr (GBytes) two = g_bytes_new_static ("two!", 4);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  struct stat status;

  g_assert_true (plaza_dir_make (deep, NULL));
  g_assert_cmpint (stat (deep, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  g_assert_true (plaza_file_write (path, one, NULL));
  g_assert_true (plaza_file_write (path, two, NULL));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  back = plaza_file_read (path, 4, NULL);
  g_assert_true (g_bytes_equal (back, two));
  g_assert_false (plaza_file_write_new (path, one, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  names = plaza_dir_list (deep, "", NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 1);

  g_assert_true (plaza_file_remove (path, NULL));
  g_assert_true (plaza_file_remove (path, NULL));
  g_assert_true (plaza_file_write_new (path, one, NULL));
  g_clear_error (&error);
  g_assert_null (plaza_file_read (path, 2, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  g_unlink (path);
  g_rmdir (deep);
  g_autofree char *middle = g_path_get_dirname (deep);
  g_rmdir (middle);
  g_rmdir (dir);
}

static void
test_refused (void)
{
  g_autofree char *dir = folder ();
  g_autofree char *fifo = g_build_filename (dir, "fifo", NULL);
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autofree char *missing = g_build_filename (dir, "missing", NULL);
  g_autofree char *huge = g_build_filename (dir, "huge", NULL);
  g_autofree char *nowhere = g_build_filename (dir, "no", "where", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink ("/etc/hostname", link), ==, 0);
  g_assert_true (g_file_set_contents (huge, "", 0, NULL));
  g_assert_cmpint (truncate (huge, (off_t) 4 << 30), ==, 0);

  const struct
  {
    const char *path;
    PlazaError code;
  } cases[] = { { fifo, PLAZA_ERROR_INVALID },
                { link, PLAZA_ERROR_INVALID },
                { dir, PLAZA_ERROR_INVALID },
                { missing, PLAZA_ERROR_NOT_FOUND },
                { huge, PLAZA_ERROR_LIMIT } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_null (plaza_file_read (cases[i].path, 1 << 20, &error));
      g_assert_error (error, PLAZA_ERROR, (int) cases[i].code);
      g_clear_error (&error);
    }
  g_assert_false (plaza_file_write (nowhere, bytes, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_unlink (fifo);
  g_unlink (link);
  g_unlink (huge);
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/file/write", test_write);
  g_test_add_func ("/base/file/refused", test_refused);
  return g_test_run ();
}

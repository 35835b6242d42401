/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/line-reader.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"

static PlazaLineReader *
reader_of (const char *content, gsize length, char **out_path)
{
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("plaza-lines-XXXXXX", out_path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (*out_path, content, (gssize) length, &error);
  g_assert_no_error (error);
  PlazaLineReader *reader = plaza_line_reader_new (*out_path, &error);
  g_assert_no_error (error);
  return reader;
}

static void
test_lines (void)
{
  const char text[] = "{\"a\":1}\r\n\n  \t\nuno\0dos\nlast";
  g_autofree char *path = NULL;
  g_autoptr (PlazaLineReader) reader = reader_of (text, sizeof text - 1, &path);
  const struct
  {
    PlazaLine kind;
    const char *text;
    gsize length;
  } expected[] = {
    { PLAZA_LINE_TEXT, "{\"a\":1}", 7 }, { PLAZA_LINE_BLANK, NULL, 0 },
    { PLAZA_LINE_BLANK, NULL, 0 },       { PLAZA_LINE_TEXT, "uno\0dos", 7 },
    { PLAZA_LINE_TEXT, "last", 4 },      { PLAZA_LINE_END, NULL, 0 },
    { PLAZA_LINE_END, NULL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GBytes) line = NULL;
      g_assert_cmpint (plaza_line_reader_next (reader, &line, NULL), ==, expected[i].kind);
      if (expected[i].text)
        g_assert_cmpmem (g_bytes_get_data (line, NULL), g_bytes_get_size (line), expected[i].text,
                         expected[i].length);
      else
        g_assert_null (line);
    }
  g_assert_cmpfloat (plaza_line_reader_get_fraction (reader), ==, 1);
  g_unlink (path);
}

static void
test_long (void)
{
  gsize length = 3 * PLAZA_LINE_MAX_BYTES;
  g_autofree char *text = g_malloc (length + 6);
  g_autofree char *path = NULL;

  memset (text, 'x', length);
  memcpy (text + length, "\nok\n\n", 6);
  g_autoptr (PlazaLineReader) reader = reader_of (text, length + 5, &path);
  g_autoptr (GBytes) line = NULL;
  g_assert_cmpint (plaza_line_reader_next (reader, &line, NULL), ==, PLAZA_LINE_TOO_LONG);
  g_assert_cmpint (plaza_line_reader_next (reader, &line, NULL), ==, PLAZA_LINE_TEXT);
  g_assert_cmpmem (g_bytes_get_data (line, NULL), g_bytes_get_size (line), "ok", 2);
  g_unlink (path);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plaza_line_reader_new ("/nowhere/at/all", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_autoptr (PlazaLineReader) folder = plaza_line_reader_new (g_get_tmp_dir (), &error);
  g_autoptr (GBytes) line = NULL;
  g_assert_no_error (error);
  g_assert_cmpint (plaza_line_reader_next (folder, &line, &error), ==, PLAZA_LINE_ERROR);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/line-reader/lines", test_lines);
  g_test_add_func ("/line-reader/long", test_long);
  g_test_add_func ("/line-reader/missing", test_missing);
  return g_test_run ();
}

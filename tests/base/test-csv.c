/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <string.h>

#include "base/error.h"

static PlazaCsv *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return plaza_csv_parse (bytes, 0, NULL, error);
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCsv) csv = parse ("\xEF\xBB\xBF"
                                    "code,name,note\r\n01,\"Gro, \"\"el\"\"\",\"two\nlines\"\r\n"
                                    "\r\n02,Ñumí,\n03,,\"\"",
                                    &error);

  g_assert_no_error (error);
  g_assert_cmpuint (plaza_csv_n_columns (csv), ==, 3);
  g_assert_cmpuint (plaza_csv_n_rows (csv), ==, 3);
  g_assert_cmpint (plaza_csv_encoding (csv), ==, PLAZA_CSV_UTF8);
  g_assert_cmpstr (plaza_csv_column_name (csv, 0), ==, "code");
  g_assert_cmpstr (plaza_csv_cell (csv, 0, 0), ==, "01");
  g_assert_cmpstr (plaza_csv_cell (csv, 0, 1), ==, "Gro, \"el\"");
  g_assert_cmpstr (plaza_csv_cell (csv, 0, 2), ==, "two\nlines");
  g_assert_cmpstr (plaza_csv_cell (csv, 1, 1), ==, "Ñumí");
  g_assert_cmpstr (plaza_csv_cell (csv, 2, 2), ==, "");
  g_assert_cmpuint (plaza_csv_line (csv, 0), ==, 2);
  g_assert_cmpuint (plaza_csv_line (csv, 1), ==, 5);
  g_assert_cmpint (plaza_csv_find_column (csv, "note"), ==, 2);
  g_assert_cmpint (plaza_csv_find_column (csv, "Note"), ==, -1);
}

static void
test_delimiters (void)
{
  g_autoptr (PlazaCsv) tab = parse ("a\tb,c\td\n1\t2\t3\n", NULL);
  g_autoptr (PlazaCsv) semicolon = parse ("a;b;\"c,d,e,f\"\n1;2;3\n", NULL);
  g_autoptr (PlazaCsv) one = parse ("a\n1\n", NULL);

  g_assert_cmpuint (plaza_csv_n_columns (tab), ==, 3);
  g_assert_cmpuint (plaza_csv_n_columns (semicolon), ==, 3);
  g_assert_cmpuint (plaza_csv_n_columns (one), ==, 1);
}

static void
test_latin1 (void)
{
  g_autoptr (PlazaCsv) csv = parse ("NOM\n\xD1um\xED\n", NULL);

  g_assert_cmpint (plaza_csv_encoding (csv), ==, PLAZA_CSV_LATIN1);
  g_assert_cmpstr (plaza_csv_cell (csv, 0, 0), ==, "Ñumí");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *says;
  } cases[] = {
    { "", "no header" },
    { "\n\n", "no header" },
    { "a,b\n1\n", "line 2: 1 fields instead of 2" },
    { "a,b\n1,2\n\n1,2,3\n", "line 4: 3 fields instead of 2" },
    { "a,b\n1,\"2\n", "line 2: a quoted field does not end" },
    { "a,b\n1,\"2\"x\n", "line 2: something after" },
    { "a,b\n1,2\"x\n", "line 2: a quote inside" },
    { "a,\n1,2\n", "column 2 has no name" },
    { "a,a\n1,2\n", "column 2 repeats" },
    { "a\n\x81\n", "neither UTF-8 nor Latin-1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (cases[i].text, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("«%s» instead of «%s»", error->message, cases[i].says);
    }
}

static void
test_limits (void)
{
  const PlazaCsvLimits limits = {
    .max_bytes = 20, .max_columns = 2, .max_rows = 1, .max_field = 3
  };
  static const char *const cases[] = { "a,b,c\n1,2,3\n", "a\n1\n2\n", "a\n1234\n",
                                       "a\n1\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i], strlen (cases[i]));
      g_autoptr (GError) error = NULL;

      g_assert_null (plaza_csv_parse (bytes, ',', &limits, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
    }
}

static void
test_write (void)
{
  static const char *const header[] = { "a", "b", "c" };
  static const char *const cells[] = { "=1+1", "x \"y\", z", NULL };
  static const char *const empty[] = { "" };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) single = g_string_new (NULL);

  plaza_csv_append_row (out, header, 3, TRUE);
  plaza_csv_append_row (out, cells, 3, TRUE);
  plaza_csv_append_row (out, cells, 3, FALSE);
  plaza_csv_append_row (single, empty, 1, FALSE);
  g_assert_cmpstr (out->str, ==,
                   "a,b,c\r\n'=1+1,\"x \"\"y\"\", z\",\r\n=1+1,\"x \"\"y\"\", z\",\r\n");
  g_assert_cmpstr (single->str, ==, "\"\"\r\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/csv/read", test_read);
  g_test_add_func ("/base/csv/delimiters", test_delimiters);
  g_test_add_func ("/base/csv/latin1", test_latin1);
  g_test_add_func ("/base/csv/refused", test_refused);
  g_test_add_func ("/base/csv/limits", test_limits);
  g_test_add_func ("/base/csv/write", test_write);
  return g_test_run ();
}

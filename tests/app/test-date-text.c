/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <locale.h>

#include "app/date-text.h"

static void
assert_date (const char *text, PlazaDateGrain grain, const char *expected)
{
  g_autofree char *date = plaza_date_text_parse (text, grain, "2019-06-04");

  g_assert_cmpstr (date, ==, expected);
}

static void
test_dates (void)
{
  assert_date ("2019-06-04", PLAZA_DATE_DAY, "2019-06-04");
  assert_date ("4 Jun 2019", PLAZA_DATE_DAY, "2019-06-04");
  assert_date ("4jun2019", PLAZA_DATE_DAY, "2019-06-04");
  assert_date ("4 june", PLAZA_DATE_DAY, "2019-06-04");
  assert_date ("4 de June de 19", PLAZA_DATE_DAY, "2019-06-04");
  /* The order is the locale's: month first in C. */
  assert_date ("6/4/2019", PLAZA_DATE_DAY, "2019-06-04");
  assert_date ("6.4.98", PLAZA_DATE_DAY, "1998-06-04");
  assert_date ("29 feb 2019", PLAZA_DATE_DAY, NULL);
  assert_date ("31/31/2019", PLAZA_DATE_DAY, NULL);
  assert_date ("yesterday", PLAZA_DATE_DAY, NULL);
  assert_date ("99999999999999999999 jun 2019", PLAZA_DATE_DAY, NULL);
  assert_date ("1 2 3 4", PLAZA_DATE_DAY, NULL);
  assert_date ("", PLAZA_DATE_DAY, NULL);
  assert_date ("6/2019", PLAZA_DATE_MONTH, "2019-06-01");
  assert_date ("June 2019", PLAZA_DATE_MONTH, "2019-06-01");
  assert_date ("2019", PLAZA_DATE_YEAR, "2019-01-01");
}

static void
test_round_trip (void)
{
  static const struct
  {
    const char *date;
    PlazaDateGrain grain;
  } cases[] = { { "2019-06-04", PLAZA_DATE_DAY },
                { "2020-02-29", PLAZA_DATE_DAY },
                { "1999-12-01", PLAZA_DATE_MONTH },
                { "1945-01-01", PLAZA_DATE_YEAR } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = plaza_date_text_format (cases[i].date, cases[i].grain);

      assert_date (text, cases[i].grain, cases[i].date);
    }
  g_assert_null (plaza_date_text_format ("2019-13-40", PLAZA_DATE_DAY));
  g_assert_null (plaza_date_text_format ("soon", PLAZA_DATE_DAY));
}

static void
assert_time (const char *text, const char *expected)
{
  g_autofree char *time = plaza_time_text_parse (text);

  g_assert_cmpstr (time, ==, expected);
}

static void
test_times (void)
{
  assert_time ("16:20", "16:20");
  assert_time ("4:20 pm", "16:20");
  assert_time ("4:20 p. m.", "16:20");
  assert_time ("12 am", "00:00");
  assert_time ("1620", "16:20");
  assert_time ("7", "07:00");
  assert_time ("7 hrs", "07:00");
  assert_time ("25:00", NULL);
  assert_time ("16:75", NULL);
  assert_time ("13 pm", NULL);
  assert_time ("soon", NULL);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/date-text/dates", test_dates);
  g_test_add_func ("/date-text/round-trip", test_round_trip);
  g_test_add_func ("/date-text/times", test_times);
  return g_test_run ();
}

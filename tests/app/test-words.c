/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>

#include "app/session-answers.h"
#include "app/words.h"
#include "base/clock.h"
#include "base/error.h"

static void
test_groups (void)
{
  g_autofree char *groups = plaza_words_groups ("ABCDEFGHJK");
  g_autofree char *again = plaza_words_groups ("ABCD-EFGH JK");
  g_autofree char *none = plaza_words_groups ("");

  g_assert_cmpstr (groups, ==, "ABCD EFGH JK");
  g_assert_cmpstr (again, ==, groups);
  g_assert_cmpstr (none, ==, "");
}

static void
test_dates (void)
{
  static const struct
  {
    const char *typed;
    const char *date;
  } cases[] = {
    { "4/6/2026", "2026-06-04" },
    { "04/06/2026", "2026-06-04" },
    { " 4-6-2026 ", "2026-06-04" },
    { "4.6.2026", "2026-06-04" },
    { "2026-06-04", "2026-06-04" },
    { "4 6 2026", "2026-06-04" },
    { "31/2/2026", NULL },
    { "29/2/2028", "2028-02-29" },
    { "4/6/26", NULL },
    { "4/6", NULL },
    { "", NULL },
    { "hoy", NULL },
    { "4/6/2026 a las 9", NULL },
    { "4/13/2026", NULL },
    { "-4/6/2026", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *date = plaza_session_parse_date (cases[i].typed);

      g_test_message ("%s", cases[i].typed);
      g_assert_cmpstr (date, ==, cases[i].date);
    }
}

/* Whatever fails, the sentence says something, and says that nothing is lost. */
static void
test_errors (void)
{
  for (int code = PLAZA_ERROR_FAILED; code <= PLAZA_ERROR_DISK; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (PLAZA_ERROR, code, "secret words");
      const char *words = plaza_words_for_error (error);

      g_assert_cmpuint (strlen (words), >, 20);
      g_assert_null (strstr (words, "secret words"));
    }
  g_assert_cmpuint (strlen (plaza_words_for_error (NULL)), >, 20);
}

static void
test_times (void)
{
  g_autofree char *time = NULL;
  g_autofree char *same_day = NULL;
  g_autofree char *other_day = NULL;
  g_autofree char *day = NULL;
  g_autofree char *old = NULL;

  plaza_clock_freeze (G_GINT64_CONSTANT (1780600000000)); /* 2026-06-04 13:06:40 in Mexico City */
  time = plaza_words_time (plaza_clock_now_ms ());
  g_assert_cmpstr (time, ==, "13:06");
  same_day = plaza_words_when (plaza_clock_now_ms () - 60 * 60 * 1000);
  g_assert_cmpstr (same_day, ==, "12:06");
  other_day = plaza_words_when (plaza_clock_now_ms () - G_GINT64_CONSTANT (86400000));
  g_assert_cmpstr (other_day, ==, "3 June, 13:06");
  day = plaza_words_day ("2026-06-04");
  g_assert_cmpstr (day, ==, "Thursday 4 June");
  old = plaza_words_day ("2019-06-04");
  g_assert_cmpstr (old, ==, "Tuesday 4 June 2019");
  plaza_clock_freeze (-1);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/groups", test_groups);
  g_test_add_func ("/words/dates", test_dates);
  g_test_add_func ("/words/errors", test_errors);
  g_test_add_func ("/words/times", test_times);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>

#include "app/delivery-words.h"
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

/* What was refused, or is kept apart, is said before what went well. */
static void
test_delivery_counts (void)
{
  static const struct
  {
    PlazaCounts counts;
    PlazaDeliveryProblem problem;
    const char *words;
  } cases[] = {
    { .words = "Nothing waits to be delivered" },
    { .counts = { .waiting = 14 }, .words = "14 responses waiting" },
    { .counts = { .other_waiting = 1 }, .words = "1 change waiting" },
    { .counts = { .waiting = 14, .refused = 1, .last_delivered_ms = 1780600000000 },
      .words = "14 responses waiting · last delivered 13:06" },
    { .counts = { .waiting = 14 },
      .problem = PLAZA_DELIVERY_OFFLINE,
      .words = "Offline · 14 kept safely" },
    { .counts = { .delivered = 3, .last_delivered_ms = 1780600000000 },
      .words = "All delivered · last 13:06" },
    { .counts = { .delivered = 3, .refused = 2, .last_delivered_ms = 1780600000000 },
      .words = "2 refused, kept here" },
    { .counts = { .delivered = 3, .refused = 2, .quarantined = 1 },
      .words = "1 refused, kept here" },
    { .counts = { .delivered = 3, .refused = 2, .quarantined = 2 },
      .words = "2 kept apart at the central database" },
  };

  plaza_clock_freeze (G_GINT64_CONSTANT (1780600000000));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = plaza_delivery_words_counts (&cases[i].counts, cases[i].problem);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
  plaza_clock_freeze (-1);
}

/* What is to go, how long and how fast, as far as it is known. */
static void
test_delivery_to_go (void)
{
  static const struct
  {
    guint64 bytes;
    guint seconds;
    double rate;
    const char *words;
  } cases[] = {
    { 0, 0, 0, "" },
    { 0, 12, 4000, "" },
    { 82000, 0, 0, "82.0 kB to go" },
    { 82000, 0, 4000, "82.0 kB to go · 4.0 kB a second" },
    { 82000, 21, 4000, "82.0 kB to go · less than a minute left · 4.0 kB a second" },
    { 820000, 205, 4000, "820.0 kB to go · about 4 minutes left · 4.0 kB a second" },
    { 82000000, 20500, 4000, "82.0 MB to go · about 6 hours left · 4.0 kB a second" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words =
          plaza_delivery_words_to_go (cases[i].bytes, cases[i].seconds, cases[i].rate);
      g_auto (GStrv) parts = g_strsplit (words, "\302\240", -1);
      g_autofree char *plain = g_strjoinv (" ", parts);

      g_assert_cmpstr (plain, ==, cases[i].words);
    }
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
  g_test_add_func ("/words/delivery/counts", test_delivery_counts);
  g_test_add_func ("/words/delivery/to-go", test_delivery_to_go);
  return g_test_run ();
}

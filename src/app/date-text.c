/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/date-text.h"

#include <glib/gi18n.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "app/words.h"
#include "base/text.h"

/* The month whose name begins with @word (three letters at least), or 0. */
static guint
find_month (const char *word)
{
  g_autofree char *folded = plaza_text_fold (word);

  if (strlen (folded) < 3)
    return 0;
  for (guint month = 1; month <= 12; month++)
    {
      g_autofree char *name = plaza_text_fold (plaza_words_month (month));

      if (g_str_has_prefix (name, folded))
        return month;
    }
  return 0;
}

/* The numbers and the month's name in @text; other words, such as "de", are passed over. */
typedef struct
{
  guint numbers[3];
  gsize digits[3];
  guint n;
  guint month;
} Parts;

static gboolean
split (const char *text, Parts *parts)
{
  g_autoptr (GRegex) regex = g_regex_new ("[0-9]+|\\p{L}+", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  *parts = (Parts){ 0 };
  g_regex_match (regex, text, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *word = g_match_info_fetch (match, 0);

      if (!g_ascii_isdigit (*word))
        {
          if (parts->month == 0)
            parts->month = find_month (word);
          continue;
        }
      if (parts->n == 3 || strlen (word) > 4)
        return FALSE;
      parts->digits[parts->n] = strlen (word);
      parts->numbers[parts->n++] = (guint) g_ascii_strtoull (word, NULL, 10);
    }
  return parts->n > 0;
}

/* By the system's locale, but a laptop often speaks Spanish on the bare C locale, whose order
 * nobody writes in Spanish. */
static gboolean
month_before_day (void)
{
  const char *format = nl_langinfo (D_FMT);
  const char *month = strpbrk (format, "mDb");
  const char *day = strpbrk (format, "de");

  /* Translators: how dates in digits are written in your language: "month first", "day first", or
   * as the system says. Translate as one of: month-first day-first system */
  const char *order = C_ ("order of dates", "system");

  if (!g_str_equal (order, "system"))
    return g_str_equal (order, "month-first");
  return month != NULL && (day == NULL || month < day);
}

static char *
make_date (guint year, guint month, guint day)
{
  if (year < 100)
    year += year < 70 ? 2000 : 1900;
  if (year > 9999 ||
      !g_date_valid_dmy ((GDateDay) MIN (day, 99), (GDateMonth) MIN (month, 13), (GDateYear) year))
    return NULL;
  return g_strdup_printf ("%04u-%02u-%02u", year, month, day);
}

char *
plaza_date_text_parse (const char *text, PlazaDateGrain grain, const char *today)
{
  guint this_year = (guint) g_ascii_strtoull (today, NULL, 10);
  Parts parts;
  guint *n;

  if (!split (text, &parts))
    return NULL;
  n = parts.numbers;
  if (grain == PLAZA_DATE_YEAR)
    return parts.n == 1 || parts.digits[0] == 4 ? make_date (n[0], 1, 1) : NULL;
  /* The year first, as in 2019-06-04. */
  if (parts.digits[0] == 4 && parts.month == 0)
    return parts.n < 2 ? NULL : make_date (n[0], n[1], parts.n > 2 ? n[2] : 1);
  if (grain == PLAZA_DATE_MONTH)
    {
      if (parts.month != 0)
        return make_date (n[parts.n - 1], parts.month, 1);
      return parts.n == 2 ? make_date (n[1], n[0], 1) : NULL;
    }
  if (parts.month != 0)
    return make_date (parts.n > 1 ? n[1] : this_year, parts.month, n[0]);
  if (parts.n < 2)
    return NULL;
  if (month_before_day ())
    return make_date (parts.n > 2 ? n[2] : this_year, n[0], n[1]);
  return make_date (parts.n > 2 ? n[2] : this_year, n[1], n[0]);
}

char *
plaza_date_text_format (const char *date, PlazaDateGrain grain)
{
  int year, month, day;

  if (sscanf (date, "%4d-%2d-%2d", &year, &month, &day) != 3 || year < 1 ||
      !g_date_valid_dmy ((GDateDay) CLAMP (day, 0, 99), (GDateMonth) CLAMP (month, 0, 13),
                         (GDateYear) year))
    return NULL;
  switch (grain)
    {
    case PLAZA_DATE_YEAR:
      return g_strdup_printf ("%d", year);
    case PLAZA_DATE_MONTH:
      /* Translators: month and year, as in "June 2019" */
      return g_strdup_printf (_ ("%s %d"), plaza_words_month ((guint) month), year);
    case PLAZA_DATE_DAY:
    default:
      /* Translators: day, month and year, as in "4 June 2019" */
      return g_strdup_printf (_ ("%d %s %d"), day, plaza_words_month ((guint) month), year);
    }
}

char *
plaza_time_text_parse (const char *text)
{
  g_autofree char *folded = plaza_text_fold (text);
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *hours = NULL;
  g_autofree char *minutes = NULL;
  g_autofree char *half = NULL;
  guint h, m;

  regex = g_regex_new (
      "^([0-9]{1,2})(?:[:.h ]?([0-9]{2}))?(?::[0-9]{2})? ?(?:([ap])\\.? ?m\\.?|h(?:rs)?)?$", 0, 0,
      NULL);
  if (!g_regex_match (regex, folded, 0, &match))
    return NULL;
  hours = g_match_info_fetch (match, 1);
  minutes = g_match_info_fetch (match, 2);
  half = g_match_info_fetch (match, 3);
  h = (guint) g_ascii_strtoull (hours, NULL, 10);
  m = minutes != NULL ? (guint) g_ascii_strtoull (minutes, NULL, 10) : 0;
  if (half != NULL && *half != '\0')
    {
      if (h < 1 || h > 12)
        return NULL;
      h = h % 12 + (*half == 'p' ? 12 : 0);
    }
  return h < 24 && m < 60 ? g_strdup_printf ("%02u:%02u", h, m) : NULL;
}

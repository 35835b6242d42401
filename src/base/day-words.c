/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "config.h"

#include "base/day-words.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "base/clock.h"

const char *
plaza_month_name (guint month)
{
  static const char *const names[] = { N_ ("January"), N_ ("February"), N_ ("March"),
                                       N_ ("April"),   N_ ("May"),      N_ ("June"),
                                       N_ ("July"),    N_ ("August"),   N_ ("September"),
                                       N_ ("October"), N_ ("November"), N_ ("December") };

  g_return_val_if_fail (month >= 1 && month <= G_N_ELEMENTS (names), NULL);

  return _ (names[month - 1]);
}

char *
plaza_day_words (const char *iso_date)
{
  guint year, month, day;

  if (iso_date == NULL || sscanf (iso_date, "%4u-%2u-%2u", &year, &month, &day) != 3 || month < 1 ||
      month > 12)
    return g_strdup (iso_date != NULL ? iso_date : "");
  /* Translators: day, month and year: "4 June 2019" */
  return g_strdup_printf (_ ("%u %s %u"), day, plaza_month_name (month), year);
}

char *
plaza_moment_words (gint64 ms)
{
  g_autofree char *date = plaza_clock_date (ms);
  g_autofree char *day = plaza_day_words (date);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *time = local != NULL ? g_date_time_format (local, "%H:%M") : g_strdup ("");

  /* Translators: a day, then a time: "4 June, 12:40" */
  return g_strdup_printf (_ ("%s, %s"), day, time);
}

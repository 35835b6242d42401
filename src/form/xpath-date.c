/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-date.h"

#include <math.h>
#include <string.h>

GTimeZone *
xp_zone (XpEval *eval)
{
  if (eval->zone == NULL && eval->host->zone != NULL)
    eval->zone = eval->host->zone;
  if (eval->zone == NULL)
    {
      eval->zone = g_time_zone_new_local ();
      eval->zone_owned = TRUE;
    }
  return eval->zone;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar, and back: years are counted from
 * March so that the leap day is the last of a year. */
static gint64
days_from_civil (gint64 year, int month, int day)
{
  year -= month <= 2;
  gint64 era = (year >= 0 ? year : year - 399) / 400;
  gint64 year_of_era = year - era * 400;
  gint64 day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  gint64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static void
civil_from_days (gint64 days, XpCivil *civil)
{
  days += 719468;
  gint64 era = (days >= 0 ? days : days - 146096) / 146097;
  gint64 day_of_era = days - era * 146097;
  gint64 year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  gint64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  gint64 month = (5 * day_of_year + 2) / 153;
  civil->day = (int) (day_of_year - (153 * month + 2) / 5 + 1);
  civil->month = (int) (month < 10 ? month + 3 : month - 9);
  civil->year = year_of_era + era * 400 + (civil->month <= 2);
}

static int
days_in_month (gint64 year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

static int
offset_at (GTimeZone *zone, gint64 utc_seconds)
{
  int interval = g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, utc_seconds);
  return interval < 0 ? 0 : g_time_zone_get_offset (zone, interval);
}

gint64
xp_local_to_utc (GTimeZone *zone, gint64 local_seconds)
{
  int interval = g_time_zone_find_interval (zone, G_TIME_TYPE_STANDARD, local_seconds);
  if (interval < 0) /* in the gap when clocks go forward: the moment after it */
    interval = g_time_zone_adjust_time (zone, G_TIME_TYPE_STANDARD, &local_seconds);
  return local_seconds - (interval < 0 ? 0 : g_time_zone_get_offset (zone, interval));
}

gint64
xp_civil_seconds (const XpCivil *civil)
{
  return days_from_civil (civil->year, civil->month, civil->day) * 86400 + civil->hour * 3600 +
         civil->minute * 60 + civil->second;
}

gboolean
xp_civil_from_moment (XpEval *eval, double milliseconds, XpCivil *civil)
{
  /* Within ±100,000 years; beyond, the arithmetic below would not hold. */
  if (isnan (milliseconds) || fabs (milliseconds) > 100000.0 * 366 * XP_DAY_MS)
    return FALSE;
  gint64 whole = (gint64) llround (milliseconds);
  gint64 seconds = whole / 1000;
  civil->millisecond = (int) (whole % 1000);
  if (civil->millisecond < 0)
    {
      civil->millisecond += 1000;
      seconds--;
    }
  civil->offset = offset_at (xp_zone (eval), seconds);
  seconds += civil->offset;
  gint64 days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0)
    {
      rest += 86400;
      days--;
    }
  civil_from_days (days, civil);
  civil->weekday = (int) (((days + 4) % 7 + 7) % 7);
  civil->hour = (int) rest / 3600;
  civil->minute = (int) rest / 60 % 60;
  civil->second = (int) rest % 60;
  return TRUE;
}

/* Exactly @count digits. */
static gboolean
read_digits (const char **p, int count, int *value)
{
  *value = 0;
  for (int i = 0; i < count; i++, (*p)++)
    {
      if (!g_ascii_isdigit (**p))
        return FALSE;
      *value = *value * 10 + (**p - '0');
    }
  return TRUE;
}

gboolean
xp_parse_time (const char **p, XpCivil *civil)
{
  if (!read_digits (p, 2, &civil->hour) || civil->hour > 23)
    return FALSE;
  if (**p != ':')
    return TRUE;
  (*p)++;
  if (!read_digits (p, 2, &civil->minute) || civil->minute > 59)
    return FALSE;
  if (**p != ':')
    return TRUE;
  (*p)++;
  if (!read_digits (p, 2, &civil->second) || civil->second > 59)
    return FALSE;
  if (**p != '.')
    return TRUE;
  (*p)++;
  if (!g_ascii_isdigit (**p))
    return FALSE;
  for (int scale = 100; g_ascii_isdigit (**p); (*p)++, scale /= 10)
    civil->millisecond += (**p - '0') * scale;
  return TRUE;
}

gboolean
xp_parse_offset (const char **p, int *seconds, gboolean *present)
{
  *present = **p == 'Z' || **p == '+' || **p == '-';
  *seconds = 0;
  if (!*present)
    return TRUE;
  char sign = *(*p)++;
  if (sign == 'Z')
    return TRUE;
  int hours, minutes;
  if (!read_digits (p, 2, &hours) || *(*p)++ != ':' || !read_digits (p, 2, &minutes) ||
      hours > 14 || minutes > 59)
    return FALSE;
  *seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
  return TRUE;
}

gboolean
xp_parse_moment (XpEval *eval, const char *text, double *milliseconds)
{
  XpCivil civil = { 0 };
  const char *p = text;
  int year, offset = 0;
  gboolean zoned = FALSE;
  if (!read_digits (&p, 4, &year) || *p++ != '-' || !read_digits (&p, 2, &civil.month) ||
      *p++ != '-' || !read_digits (&p, 2, &civil.day))
    return FALSE;
  civil.year = year;
  if (civil.month < 1 || civil.month > 12 || civil.day < 1 ||
      civil.day > days_in_month (year, civil.month))
    return FALSE;
  if (*p == 'T')
    {
      p++;
      if (!xp_parse_time (&p, &civil) || !xp_parse_offset (&p, &offset, &zoned))
        return FALSE;
    }
  if (*p != '\0')
    return FALSE;
  gint64 seconds = xp_civil_seconds (&civil);
  seconds = zoned ? seconds - offset : xp_local_to_utc (xp_zone (eval), seconds);
  *milliseconds = (double) seconds * 1000 + civil.millisecond;
  return TRUE;
}

char *
xp_moment_to_text (XpEval *eval, double milliseconds)
{
  XpCivil civil;
  if (!xp_civil_from_moment (eval, milliseconds, &civil))
    return g_strdup ("Invalid Date");
  g_autofree char *date =
      g_strdup_printf ("%04" G_GINT64_FORMAT "-%02d-%02d", civil.year, civil.month, civil.day);
  if (civil.hour == 0 && civil.minute == 0 && civil.second == 0 && civil.millisecond == 0)
    return g_steal_pointer (&date);
  int offset = ABS (civil.offset) / 60;
  return g_strdup_printf ("%sT%02d:%02d:%02d.%03d%c%02d:%02d", date, civil.hour, civil.minute,
                          civil.second, civil.millisecond, civil.offset < 0 ? '-' : '+',
                          offset / 60, offset % 60);
}

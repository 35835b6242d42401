/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/clock.h"

#include <string.h>

#include "base/error.h"

static GMutex clock_lock;
static gint64 clock_shift_ms;
static gint64 clock_frozen_ms = -1;

/* PLAZA_TEST_CLOCK: a shift in seconds, or the date-time at which the process begins. */
static void
read_environment (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      const char *text = g_getenv ("PLAZA_TEST_CLOCK");
      gint64 shift = 0, start;

      if (text != NULL && plaza_clock_parse (text, &start, NULL, NULL))
        shift = start - g_get_real_time () / 1000;
      else if (text != NULL && g_ascii_string_to_signed (text + (*text == '+'), 10, -4102444800,
                                                         4102444800, &shift, NULL))
        shift *= 1000;
      else if (text != NULL)
        g_warning ("PLAZA_TEST_CLOCK is neither seconds nor a date-time");
      g_mutex_lock (&clock_lock);
      clock_shift_ms = shift;
      g_mutex_unlock (&clock_lock);
      g_once_init_leave (&once, 1);
    }
}

gint64
plaza_clock_now_ms (void)
{
  gint64 now;

  read_environment ();
  g_mutex_lock (&clock_lock);
  now = clock_frozen_ms >= 0 ? clock_frozen_ms : g_get_real_time () / 1000 + clock_shift_ms;
  g_mutex_unlock (&clock_lock);
  return now;
}

gint64
plaza_clock_monotonic_ms (void)
{
  gint64 now;

  read_environment ();
  g_mutex_lock (&clock_lock);
  now = g_get_monotonic_time () / 1000 + clock_shift_ms;
  g_mutex_unlock (&clock_lock);
  return now;
}

void
plaza_clock_set_shift (gint64 shift_ms)
{
  read_environment ();
  g_mutex_lock (&clock_lock);
  clock_shift_ms = shift_ms;
  g_mutex_unlock (&clock_lock);
}

void
plaza_clock_freeze (gint64 now_ms)
{
  read_environment ();
  g_mutex_lock (&clock_lock);
  clock_frozen_ms = now_ms;
  g_mutex_unlock (&clock_lock);
}

/* GDateTime reaches years 1 to 9999; a clock beyond that is shown as the nearest of them. */
static GDateTime *
date_time (gint64 ms, gboolean local)
{
  gint64 seconds = ms / 1000 - (ms % 1000 < 0);
  g_autoptr (GDateTime) utc =
      g_date_time_new_from_unix_utc (CLAMP (seconds, -62135510400, 253402214400));

  return local ? g_date_time_to_local (utc) : g_steal_pointer (&utc);
}

static int
milliseconds (gint64 ms)
{
  return (int) (((ms % 1000) + 1000) % 1000);
}

char *
plaza_clock_format (gint64 ms)
{
  g_autoptr (GDateTime) when = date_time (ms, TRUE);
  g_autofree char *stem = g_date_time_format (when, "%Y-%m-%dT%H:%M:%S");
  g_autofree char *offset = g_date_time_format (when, "%:z");

  return g_strdup_printf ("%s.%03d%s", stem, milliseconds (ms), offset);
}

char *
plaza_clock_format_utc (gint64 ms)
{
  g_autoptr (GDateTime) when = date_time (ms, FALSE);
  g_autofree char *stem = g_date_time_format (when, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", stem, milliseconds (ms));
}

/* @n digits at *p as a number, moving *p past them; -1 when they are not all digits. */
static int
digits (const char **p, int n)
{
  int value = 0;

  for (; n > 0; n--, (*p)++)
    {
      if (!g_ascii_isdigit (**p))
        return -1;
      value = value * 10 + (**p - '0');
    }
  return value;
}

static gboolean
literal (const char **p, char c)
{
  if (**p != c)
    return FALSE;
  (*p)++;
  return TRUE;
}

static gboolean
parse_date (const char **p, int *year, int *month, int *day)
{
  return (*year = digits (p, 4)) > 0 && literal (p, '-') && (*month = digits (p, 2)) > 0 &&
         literal (p, '-') && (*day = digits (p, 2)) > 0 &&
         g_date_valid_dmy ((GDateDay) *day, (GDateMonth) *month, (GDateYear) *year);
}

gboolean
plaza_clock_parse (const char *text, gint64 *out_ms, int *out_offset_minutes, GError **error)
{
  const char *p = text;
  int year, month, day, hour, minute, second, ms = 0, offset = 0;
  g_autoptr (GDateTime) when = NULL;

  if (!parse_date (&p, &year, &month, &day) || !literal (&p, 'T') || (hour = digits (&p, 2)) < 0 ||
      hour > 23 || !literal (&p, ':') || (minute = digits (&p, 2)) < 0 || minute > 59 ||
      !literal (&p, ':') || (second = digits (&p, 2)) < 0 || second > 59)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an ISO 8601 date-time");

  if (literal (&p, '.'))
    {
      int weight = 100;

      if (!g_ascii_isdigit (*p))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an ISO 8601 date-time");
      for (; g_ascii_isdigit (*p); p++, weight /= 10)
        ms += weight * (*p - '0');
    }
  if (*p == '+' || *p == '-')
    {
      int sign = *p++ == '-' ? -1 : 1;
      int hours = digits (&p, 2), minutes;

      if (hours < 0 || hours > 15 || !literal (&p, ':') || (minutes = digits (&p, 2)) < 0 ||
          minutes > 59)
        return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an ISO 8601 offset");
      offset = sign * (hours * 60 + minutes);
    }
  else if (!literal (&p, 'Z'))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "An ISO 8601 date-time without offset");
  if (*p != '\0')
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an ISO 8601 date-time");

  when = g_date_time_new_utc (year, month, day, hour, minute, second);
  *out_ms = (g_date_time_to_unix (when) - offset * 60) * 1000 + ms;
  if (out_offset_minutes != NULL)
    *out_offset_minutes = offset;
  return TRUE;
}

char *
plaza_clock_date (gint64 ms)
{
  g_autoptr (GDateTime) when = date_time (ms, TRUE);

  return g_date_time_format (when, "%Y-%m-%d");
}

char *
plaza_clock_today (void)
{
  return plaza_clock_date (plaza_clock_now_ms ());
}

gboolean
plaza_clock_is_date (const char *text)
{
  int year, month, day;

  return text != NULL && parse_date (&text, &year, &month, &day) && *text == '\0';
}

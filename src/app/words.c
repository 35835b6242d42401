/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/words.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/day-words.h"
#include "base/error.h"

static const char *
words_for_code (PlazaError code)
{
  switch (code)
    {
    case PLAZA_ERROR_INVALID:
      return _ ("That could not be read. Nothing was changed. Check it and try again.");
    case PLAZA_ERROR_UNSUPPORTED:
    case PLAZA_ERROR_NEWER:
      return _ (
          "That was made for another version of Plaza. Everything kept on this laptop is safe. "
          "Ask your coordination for the current version of the program.");
    case PLAZA_ERROR_LIMIT:
      return _ ("That is larger than Plaza accepts. Nothing was changed.");
    case PLAZA_ERROR_NOT_FOUND:
      return _ ("That is not on this laptop any more. Everything else is safe.");
    case PLAZA_ERROR_EXISTS:
      return _ ("That is on this laptop already. Nothing was changed.");
    case PLAZA_ERROR_BUSY:
      return _ (
          "This profile is open in another Plaza on this laptop. Close it there and try again. "
          "Everything is safe.");
    case PLAZA_ERROR_LOCKED:
      return _ ("The profile is locked. Unlock it and go on where you were.");
    case PLAZA_ERROR_PASSPHRASE:
      return _ ("That is not the passphrase of this profile. Look at the keyboard layout and Caps "
                "Lock, and try again.");
    case PLAZA_ERROR_CORRUPT:
      return _ ("What is kept on this laptop is damaged and nothing more will be written over it. "
                "Do not delete anything: your coordination can recover it from the copies Plaza "
                "keeps.");
    case PLAZA_ERROR_SIGNATURE:
      return _ ("This does not come from the consultation it names, so it was not used. "
                "Ask your coordination for a new invitation.");
    case PLAZA_ERROR_OFFLINE:
      return _ ("The central database cannot be reached now. Everything is kept safely on this "
                "laptop. Try again when there is a connection.");
    case PLAZA_ERROR_PORTAL:
      return _ ("Somebody else answered in the central database's place, as a network that asks to "
                "log in does. Nothing was sent. Open a web browser to log in, or use another "
                "network; also check the date of this computer.");
    case PLAZA_ERROR_REFUSED:
      return _ ("The central database said no. Everything is kept safely on this laptop. "
                "Your coordination can say why.");
    case PLAZA_ERROR_DISK:
      return _ ("The disk is full or refuses to write. What said “saved” is safe. "
                "Free some space and try again.");
    case PLAZA_ERROR_FAILED:
      break;
    }
  return _ (
      "Something failed that Plaza did not expect. What said “saved” is safe. Try again; if it "
      "happens again, tell your coordination.");
}

const char *
plaza_words_for_error (const GError *error)
{
  if (error != NULL && error->domain == PLAZA_ERROR)
    return words_for_code (error->code);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return _ ("Stopped. Nothing was lost.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return words_for_code (PLAZA_ERROR_DISK);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
      g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return words_for_code (PLAZA_ERROR_NOT_FOUND);
  return words_for_code (PLAZA_ERROR_FAILED);
}

char *
plaza_words_time (gint64 ms)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%H:%M") : g_strdup ("");
}

static GDateTime *
parse_date (const char *iso_date)
{
  int year, month, day;

  if (iso_date == NULL || sscanf (iso_date, "%d-%d-%d", &year, &month, &day) != 3)
    return NULL;
  return g_date_time_new_local (year, month, day, 12, 0, 0);
}

/* Our own names of days and months: a laptop has the translation, but seldom the system's locale.
 */
static const char *
weekday_name (GDateTime *date)
{
  static const char *const names[] = { N_ ("Monday"),   N_ ("Tuesday"), N_ ("Wednesday"),
                                       N_ ("Thursday"), N_ ("Friday"),  N_ ("Saturday"),
                                       N_ ("Sunday") };

  return _ (names[g_date_time_get_day_of_week (date) - 1]);
}

const char *
plaza_words_month (guint month)
{
  return plaza_month_name (month);
}

static const char *
month_name (GDateTime *date)
{
  return plaza_words_month ((guint) g_date_time_get_month (date));
}

char *
plaza_words_long_day (const char *iso_date)
{
  g_autoptr (GDateTime) date = parse_date (iso_date);

  if (date == NULL)
    return g_strdup (iso_date != NULL ? iso_date : "");
  /* Translators: weekday, day, month and year: "Tuesday 4 June 2019" */
  return g_strdup_printf (_ ("%s %d %s %d"), weekday_name (date),
                          g_date_time_get_day_of_month (date), month_name (date),
                          g_date_time_get_year (date));
}

char *
plaza_words_day (const char *iso_date)
{
  g_autoptr (GDateTime) date = parse_date (iso_date);
  g_autofree char *today = plaza_clock_today ();

  if (date == NULL || strncmp (today, iso_date, 4) != 0)
    return plaza_words_long_day (iso_date);
  /* Translators: weekday, day and month: "Tuesday 4 June" */
  return g_strdup_printf (_ ("%s %d %s"), weekday_name (date), g_date_time_get_day_of_month (date),
                          month_name (date));
}

char *
plaza_words_when (gint64 ms)
{
  g_autofree char *date = plaza_clock_date (ms);
  g_autofree char *today = plaza_clock_today ();
  g_autofree char *time = plaza_words_time (ms);
  g_autofree char *day = NULL;
  g_autoptr (GDateTime) moment = NULL;

  if (g_str_equal (date, today))
    return g_steal_pointer (&time);
  moment = parse_date (date);
  if (moment == NULL)
    return g_steal_pointer (&time);
  /* Translators: day and month: "4 June" */
  day = g_strdup_printf (_ ("%d %s"), g_date_time_get_day_of_month (moment), month_name (moment));
  /* Translators: a day, then a time: "4 June, 12:40" */
  return g_strdup_printf (_ ("%s, %s"), day, time);
}

char *
plaza_words_groups (const char *base32)
{
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = base32; p != NULL && *p != '\0'; p++)
    {
      if (*p == '-' || *p == ' ')
        continue;
      if (n > 0 && n % 4 == 0)
        g_string_append_c (out, ' ');
      g_string_append_c (out, *p);
      n++;
    }
  return g_string_free (out, FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-date.h"

#include <math.h>
#include <string.h>

static double
now_ms (XpEval *eval)
{
  gint64 microseconds =
      eval->host->now != NULL ? eval->host->now (eval->host->data) : g_get_real_time ();
  return floor ((double) microseconds / 1000);
}

static gboolean
call_now (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_set_date (out, now_ms (eval));
  return TRUE;
}

static gboolean
call_today (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpCivil civil = { 0 };
  xp_civil_from_moment (eval, now_ms (eval), &civil);
  civil.hour = civil.minute = civil.second = 0;
  xp_set_date (out, (double) xp_local_to_utc (xp_zone (eval), xp_civil_seconds (&civil)) * 1000);
  return TRUE;
}

/* "2019-6-1" as "2019-06-01"; NULL when it is not written so. */
static char *
pad_date (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", 3);
  if (g_strv_length (parts) != 3 || strspn (parts[1], "0123456789") != strlen (parts[1]))
    return NULL;
  gsize month = strlen (parts[1]), day = strspn (parts[2], "0123456789");
  if (strlen (parts[0]) != 4 || month < 1 || month > 2 || day < 1 || day > 2)
    return NULL;
  return g_strdup_printf ("%s-%s%s-%s%s", parts[0], month == 1 ? "0" : "", parts[1],
                          day == 1 ? "0" : "", parts[2]);
}

/* The moment a value means, NaN for none: a number counts days. */
static double
to_moment (XpEval *eval, XpValue *value, gboolean lenient)
{
  double moment;
  if (value->type == PLAZA_XPATH_DATE)
    return value->number;
  if (value->type == PLAZA_XPATH_NUMBER)
    return round (value->number * XP_DAY_MS);
  const char *text = xp_to_text (eval, value);
  if (xp_parse_moment (eval, text, &moment))
    return moment;
  g_autofree char *padded = lenient ? pad_date (text) : NULL;
  return padded != NULL && xp_parse_moment (eval, padded, &moment) ? moment : NAN;
}

static gboolean
call_date (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  if (!xp_eval (eval, call->operands[0], focus, &value))
    return FALSE;
  if (value.type == PLAZA_XPATH_BOOLEAN ||
      ((value.type == PLAZA_XPATH_STRING || value.type == PLAZA_XPATH_NODESET) &&
       *xp_to_text (eval, &value) == '\0'))
    xp_set_text (out, "");
  else
    xp_set_date (out, to_moment (eval, &value, TRUE));
  xp_value_clear (&value);
  return TRUE;
}

static gboolean
call_decimal_date_time (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  if (!xp_eval (eval, call->operands[0], focus, &value))
    return FALSE;
  xp_set_number (out, to_moment (eval, &value, FALSE) / XP_DAY_MS);
  xp_value_clear (&value);
  return TRUE;
}

/* "HH:MM:SS[.fraction][zone]" as the part of the local day that has passed. */
static double
day_part (XpEval *eval, const char *text)
{
  XpCivil civil = { .year = 1970, .month = 1, .day = 1 };
  int offset;
  gboolean zoned;
  const char *p = text;
  if (strlen (text) < 5 || text[2] != ':' || !xp_parse_time (&p, &civil) ||
      !xp_parse_offset (&p, &offset, &zoned) || *p != '\0')
    return NAN;
  if (zoned)
    {
      double moment = (double) (xp_civil_seconds (&civil) - offset) * 1000 + civil.millisecond;
      xp_civil_from_moment (eval, moment, &civil);
    }
  return (civil.hour * 3600 + civil.minute * 60 + civil.second + civil.millisecond / 1000.0) /
         86400;
}

static gboolean
call_decimal_time (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  if (text == NULL)
    return FALSE;
  double part = day_part (eval, text);
  xp_value_clear (&value);
  xp_set_number (out, part);
  return TRUE;
}

static void
append_field (GString *string, char field, const XpCivil *civil)
{
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  switch (field)
    {
    case 'Y':
      g_string_append_printf (string, "%04" G_GINT64_FORMAT, civil->year);
      break;
    case 'y':
      g_string_append_printf (string, "%02" G_GINT64_FORMAT, ((civil->year % 100) + 100) % 100);
      break;
    case 'm':
      g_string_append_printf (string, "%02d", civil->month);
      break;
    case 'n':
      g_string_append_printf (string, "%d", civil->month);
      break;
    case 'b':
      g_string_append (string, months[civil->month - 1]);
      break;
    case 'd':
      g_string_append_printf (string, "%02d", civil->day);
      break;
    case 'e':
      g_string_append_printf (string, "%d", civil->day);
      break;
    case 'a':
      g_string_append (string, days[civil->weekday]);
      break;
    case 'H':
      g_string_append_printf (string, "%02d", civil->hour);
      break;
    case 'h':
      g_string_append_printf (string, "%d", civil->hour);
      break;
    case 'M':
      g_string_append_printf (string, "%02d", civil->minute);
      break;
    case 'S':
      g_string_append_printf (string, "%02d", civil->second);
      break;
    case '3':
      g_string_append_printf (string, "%03d", civil->millisecond);
      break;
    default:
      g_string_append_c (string, '%');
      g_string_append_c (string, field);
      break;
    }
}

/* format-date() and format-date-time() know the same fields: a date alone is at midnight. */
static gboolean
call_format (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT, format_value = XP_VALUE_INIT;
  XpCivil civil;
  const char *format = NULL;
  gboolean done = xp_eval (eval, call->operands[0], focus, &value) &&
                  (format = xp_eval_text (eval, call->operands[1], focus, &format_value)) != NULL;
  if (done)
    {
      /* As text: a bare number is not a date. */
      double moment;
      gboolean valid = value.type == PLAZA_XPATH_DATE
                           ? (moment = value.number, TRUE)
                           : xp_parse_moment (eval, xp_to_text (eval, &value), &moment);
      GString *string = g_string_new (NULL);
      if (!valid || !xp_civil_from_moment (eval, moment, &civil))
        format = "";
      for (const char *p = format; *p != '\0'; p++)
        if (*p == '%' && p[1] != '\0')
          append_field (string, *++p, &civil);
        else
          g_string_append_c (string, *p);
      xp_take_text (out, g_string_free (string, FALSE));
    }
  xp_value_clear (&value);
  xp_value_clear (&format_value);
  return done;
}

const XpFunction xp_date_functions[] = {
  { "now", 0, 0, PLAZA_XPATH_DATE, call_now, PLAZA_XPATH_USES_CLOCK },
  { "today", 0, 0, PLAZA_XPATH_DATE, call_today, PLAZA_XPATH_USES_CLOCK },
  { "date", 1, 1, PLAZA_XPATH_DATE, call_date, 0 },
  { "date-time", 1, 1, PLAZA_XPATH_DATE, call_date, 0 },
  { "decimal-date-time", 1, 1, PLAZA_XPATH_NUMBER, call_decimal_date_time, 0 },
  { "decimal-time", 1, 1, PLAZA_XPATH_NUMBER, call_decimal_time, 0 },
  { "format-date", 2, 2, PLAZA_XPATH_STRING, call_format, 0 },
  { "format-date-time", 2, 2, PLAZA_XPATH_STRING, call_format, 0 },
  { 0 },
};

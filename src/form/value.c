/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* The lexical forms of values, as ODK writes them. */

#include "form/form-private.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "form/value.h"

PlazaValueType
plaza_value_type_parse (const char *name)
{
  static const struct
  {
    const char *name;
    PlazaValueType type;
  } types[] = {
    { "string", PLAZA_VALUE_STRING },     { "int", PLAZA_VALUE_INT },
    { "integer", PLAZA_VALUE_INT },       { "long", PLAZA_VALUE_INT },
    { "decimal", PLAZA_VALUE_DECIMAL },   { "boolean", PLAZA_VALUE_BOOLEAN },
    { "date", PLAZA_VALUE_DATE },         { "time", PLAZA_VALUE_TIME },
    { "dateTime", PLAZA_VALUE_DATETIME }, { "geopoint", PLAZA_VALUE_GEOPOINT },
    { "geotrace", PLAZA_VALUE_GEOTRACE }, { "geoshape", PLAZA_VALUE_GEOSHAPE },
    { "binary", PLAZA_VALUE_BINARY },     { "barcode", PLAZA_VALUE_BARCODE },
    { "intent", PLAZA_VALUE_INTENT },     { "double", PLAZA_VALUE_DECIMAL },
    { "float", PLAZA_VALUE_DECIMAL },
  };
  const char *colon = name != NULL ? strchr (name, ':') : NULL;

  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (colon != NULL ? colon + 1 : name, types[i].name))
      return types[i].type;
  return PLAZA_VALUE_STRING;
}

/* digits[.digits], with a sign; no exponent, no blank, no comma. */
static gboolean
is_number (const char *text, gboolean *out_whole)
{
  const char *p = text + (*text == '-' || *text == '+');
  gsize digits = strspn (p, "0123456789");
  gsize fraction = 0;

  *out_whole = TRUE;
  p += digits;
  if (*p == '.')
    {
      *out_whole = FALSE;
      fraction = strspn (++p, "0123456789");
      p += fraction;
    }
  return *p == '\0' && digits + fraction > 0 && digits < 300;
}

static char *
normalise_int (const char *text, gboolean cast)
{
  gboolean whole;

  if (!is_number (text, &whole) || (!whole && !cast))
    return NULL;
  double value = trunc (g_ascii_strtod (text, NULL));
  if (value < G_MININT32 || value > G_MAXINT32)
    return NULL;
  return g_strdup_printf ("%d", (int) value);
}

/* The shortest digits that read back as the same number; a whole one keeps ".0". */
static char *
normalise_decimal (const char *text)
{
  gboolean whole;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!is_number (text, &whole))
    return NULL;
  double value = g_ascii_strtod (text, NULL);
  for (int precision = 1; precision <= 17; precision++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  if (strchr (buffer, 'e') != NULL)
    return plaza_xpath_number_to_string (value);
  return g_strdup_printf ("%s%s", buffer, strchr (buffer, '.') == NULL ? ".0" : "");
}

/* HH:MM[:SS[.fff]][Z|±HH:MM], up to the end. */
static gboolean
is_time (const char *p)
{
  guint hour, minute, second = 0;

  if (!g_ascii_isdigit (p[0]) || !g_ascii_isdigit (p[1]) || p[2] != ':' ||
      !g_ascii_isdigit (p[3]) || !g_ascii_isdigit (p[4]))
    return FALSE;
  hour = (guint) (p[0] - '0') * 10 + (guint) (p[1] - '0');
  minute = (guint) (p[3] - '0') * 10 + (guint) (p[4] - '0');
  p += 5;
  if (*p == ':')
    {
      if (!g_ascii_isdigit (p[1]) || !g_ascii_isdigit (p[2]))
        return FALSE;
      second = (guint) (p[1] - '0') * 10 + (guint) (p[2] - '0');
      p += 3;
      if (*p == '.')
        {
          gsize digits = strspn (p + 1, "0123456789");
          if (digits == 0 || digits > 9)
            return FALSE;
          p += digits + 1;
        }
    }
  if (hour > 23 || minute > 59 || second > 59)
    return FALSE;
  if (*p == '\0' || g_str_equal (p, "Z"))
    return TRUE;
  return (*p == '+' || *p == '-') && strlen (p) == 6 && g_ascii_isdigit (p[1]) &&
         g_ascii_isdigit (p[2]) && p[3] == ':' && p[4] >= '0' && p[4] <= '5' &&
         g_ascii_isdigit (p[5]) && g_ascii_strtoull (p + 1, NULL, 10) <= 14;
}

static gboolean
is_date_time (const char *text)
{
  if (strlen (text) < 16 || text[10] != 'T')
    return FALSE;
  g_autofree char *date = g_strndup (text, 10);
  return plaza_clock_is_date (date) && is_time (text + 11);
}

static char *
normalise_date (const char *text, gboolean cast)
{
  if (plaza_clock_is_date (text))
    return g_strdup (text);
  return cast && is_date_time (text) ? g_strndup (text, 10) : NULL;
}

/* "lat lon[ altitude[ accuracy]]" as ODK writes it: all four, with ".0". */
static char *
normalise_point (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  guint n = g_strv_length (parts);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *number = normalise_decimal (i < n ? parts[i] : "0");
      double value = number != NULL ? g_ascii_strtod (number, NULL) : 0;
      if (number == NULL || n < 2 || n > 4 || (i == 0 && fabs (value) > 90) ||
          (i == 1 && fabs (value) > 180) || (i == 3 && value < 0))
        {
          g_string_free (out, TRUE);
          return NULL;
        }
      g_string_append_printf (out, "%s%s", i > 0 ? " " : "", number);
    }
  return g_string_free (out, FALSE);
}

static char *
normalise_line (const char *text, gboolean closed)
{
  g_auto (GStrv) points = g_strsplit (text, ";", -1);
  GString *out = g_string_new (NULL);
  guint n = 0;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  for (guint i = 0; points[i] != NULL; i++)
    {
      if (*g_strstrip (points[i]) == '\0')
        continue;
      g_autofree char *point = normalise_point (points[i]);
      if (point == NULL)
        {
          g_string_free (out, TRUE);
          return NULL;
        }
      g_string_append_printf (out, "%s%s", n > 0 ? "; " : "", points[i]);
      if (n++ == 0)
        first = g_strdup (point);
      g_free (last);
      last = g_steal_pointer (&point);
    }
  gboolean enough = closed ? n >= 4 && g_str_equal (first, last) : n >= 2;
  return g_string_free (out, !enough);
}

char *
plaza_value_normalise (PlazaValueType type, const char *text, gboolean cast)
{
  if (text == NULL || *text == '\0')
    return g_strdup ("");
  if (type == PLAZA_VALUE_NONE)
    return NULL;
  if (type == PLAZA_VALUE_STRING || type == PLAZA_VALUE_BOOLEAN || type == PLAZA_VALUE_BINARY ||
      type == PLAZA_VALUE_BARCODE || type == PLAZA_VALUE_INTENT)
    return g_strdup (text);

  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  switch (type)
    {
    case PLAZA_VALUE_INT:
      return normalise_int (trimmed, cast);
    case PLAZA_VALUE_DECIMAL:
      return normalise_decimal (trimmed);
    case PLAZA_VALUE_DATE:
      return normalise_date (trimmed, cast);
    case PLAZA_VALUE_TIME:
      return is_time (trimmed) ? g_steal_pointer (&trimmed) : NULL;
    case PLAZA_VALUE_DATETIME:
      return is_date_time (trimmed) ? g_steal_pointer (&trimmed) : NULL;
    case PLAZA_VALUE_GEOPOINT:
      return normalise_point (trimmed);
    case PLAZA_VALUE_GEOTRACE:
      return normalise_line (trimmed, FALSE);
    default:
      return normalise_line (trimmed, TRUE);
    }
}

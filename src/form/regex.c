/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/regex.h"

#include "base/error.h"
#include <string.h>

/* PCRE2 takes limits at the start of a pattern; a pattern that brings its own can only lower them.
 * A million steps are some 10 ms. */
#define LIMITS "(*LIMIT_MATCH=1000000)(*LIMIT_DEPTH=100000)(*LIMIT_HEAP=65536)"

GRegex *
plaza_regex_compile (const char *pattern, GError **error)
{
  if (strlen (pattern) > PLAZA_REGEX_MAX_LENGTH)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "a regular expression is too long");
      return NULL;
    }
  g_autofree char *limited = g_strconcat (LIMITS, pattern, NULL);
  g_autoptr (GError) problem = NULL;
  GRegex *regex = g_regex_new (limited, G_REGEX_DOLLAR_ENDONLY, 0, &problem);
  if (regex == NULL)
    plaza_throw (error, PLAZA_ERROR_INVALID, "the regular expression “%s” is not valid", pattern);
  return regex;
}

gboolean
plaza_regex_match (GRegex *regex, const char *text, gboolean *matches, GError **error)
{
  g_autoptr (GError) problem = NULL;
  *matches = FALSE;
  if (!g_utf8_validate (text, -1, NULL))
    return TRUE;
  *matches = g_regex_match_full (regex, text, -1, 0, 0, NULL, &problem);
  if (problem != NULL)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "a regular expression takes too many steps");
  return TRUE;
}

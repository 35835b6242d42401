/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include "base/error.h"
#include <string.h>

static gboolean
is_name_start (gunichar c)
{
  return c == '_' || (c < 0x80 ? g_ascii_isalpha ((char) c) : g_unichar_isalpha (c));
}

static gboolean
is_name_char (gunichar c)
{
  if (c < 0x80)
    return g_ascii_isalnum ((char) c) || c == '_' || c == '-' || c == '.';
  return c == 0xb7 || g_unichar_isalnum (c) || g_unichar_ismark (c);
}

/* End of the NCName at @at, or @at when there is none. The source is valid UTF-8. */
static gsize
scan_name (const char *source, gsize at)
{
  const char *p = source + at;
  if (!is_name_start (g_utf8_get_char (p)))
    return at;
  do
    p = g_utf8_next_char (p);
  while (*p != '\0' && is_name_char (g_utf8_get_char (p)));
  return (gsize) (p - source);
}

static void
lex_number (const char *source, XpToken *token)
{
  gsize at = token->start;
  while (g_ascii_isdigit (source[at]))
    at++;
  if (source[at] == '.')
    for (at++; g_ascii_isdigit (source[at]);)
      at++;
  g_autofree char *digits = g_strndup (source + token->start, at - token->start);
  token->kind = XP_TOKEN_NUMBER;
  token->number = g_ascii_strtod (digits, NULL);
  token->end = at;
}

static gboolean
lex_name (const char *source, XpToken *token)
{
  gsize end = scan_name (source, token->start);
  if (end == token->start)
    return FALSE;
  token->kind = XP_TOKEN_NAME;
  token->prefix_end = token->start;
  token->end = end;
  if (source[end] == ':' && source[end + 1] != ':')
    {
      gsize local_end = source[end + 1] == '*' ? end + 2 : scan_name (source, end + 1);
      if (local_end == end + 1)
        return FALSE;
      token->prefix_end = end;
      token->end = local_end;
    }
  return TRUE;
}

gboolean
xp_lex (const char *source, gsize from, XpToken *token, GError **error)
{
  static const struct
  {
    const char *text;
    XpTokenKind kind;
  } marks[] = {
    /* longer ones first */
    { "!=", XP_TOKEN_NE },
    { "<=", XP_TOKEN_LE },
    { ">=", XP_TOKEN_GE },
    { "::", XP_TOKEN_AXIS },
    { "//", XP_TOKEN_DOUBLE_SLASH },
    { "..", XP_TOKEN_DOT_DOT },
    { ".", XP_TOKEN_DOT },
    { "/", XP_TOKEN_SLASH },
    { "(", XP_TOKEN_OPEN },
    { ")", XP_TOKEN_CLOSE },
    { "[", XP_TOKEN_OPEN_BRACKET },
    { "]", XP_TOKEN_CLOSE_BRACKET },
    { ",", XP_TOKEN_COMMA },
    { "@", XP_TOKEN_AT },
    { "|", XP_TOKEN_PIPE },
    { "+", XP_TOKEN_PLUS },
    { "-", XP_TOKEN_MINUS },
    { "=", XP_TOKEN_EQ },
    { "<", XP_TOKEN_LT },
    { ">", XP_TOKEN_GT },
    { "*", XP_TOKEN_STAR },
  };
  from += strspn (source + from, " \t\r\n");
  memset (token, 0, sizeof *token);
  token->start = token->end = from;
  char c = source[from];
  if (c == '\0')
    {
      token->kind = XP_TOKEN_END;
      return TRUE;
    }
  if (g_ascii_isdigit (c) || (c == '.' && g_ascii_isdigit (source[from + 1])))
    {
      lex_number (source, token);
      return TRUE;
    }
  if (c == '"' || c == '\'')
    {
      const char *close = strchr (source + from + 1, c);
      if (close == NULL)
        return plaza_throw (error, PLAZA_ERROR_INVALID,
                            "the text that begins at character %ld is not closed",
                            g_utf8_strlen (source, (gssize) from) + 1);
      token->kind = XP_TOKEN_LITERAL;
      token->end = (gsize) (close - source) + 1;
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    if (g_str_has_prefix (source + from, marks[i].text))
      {
        token->kind = marks[i].kind;
        token->end = from + strlen (marks[i].text);
        return TRUE;
      }
  if (lex_name (source, token))
    return TRUE;
  return plaza_throw (error, PLAZA_ERROR_INVALID, "unexpected “%.*s” at character %ld",
                      (int) (g_utf8_next_char (source + from) - (source + from)), source + from,
                      g_utf8_strlen (source, (gssize) from) + 1);
}

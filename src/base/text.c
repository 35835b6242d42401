/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/text.h"

#include <string.h>

#include "base/error.h"

#define ESCAPE 0x1B

static gboolean
is_zero_width (gunichar c)
{
  return c == 0x200B || c == 0x2060 || c == 0xFEFF;
}

static gboolean
is_line_break (gunichar c)
{
  return c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

/* Controls, and the two code points that XML cannot hold. */
static gboolean
is_control (gunichar c)
{
  return (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0xFFFE || c == 0xFFFF;
}

/* Bytes of the terminal sequence at @p, which begins with an escape character; 1 for a bare one. */
static gsize
terminal_sequence (const char *p)
{
  const char *q = p + 2;

  if (p[1] == '[')
    {
      while (*q >= 0x20 && *q <= 0x3F)
        q++;
      return *q >= 0x40 && *q <= 0x7E ? (gsize) (q + 1 - p) : 2;
    }
  if (p[1] == ']')
    {
      for (; *q != '\0'; q++)
        if (*q == '\a' || (q[0] == ESCAPE && q[1] == '\\'))
          return (gsize) (q + (*q == '\a' ? 1 : 2) - p);
    }
  return 1;
}

/* "Ã±" and its like: the two bytes of a UTF-8 character each read as a Latin-1 one. */
static gboolean
has_mojibake (const char *text)
{
  gunichar before = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (((before == 0xC2 || before == 0xC3) && c >= 0x80 && c <= 0xBF) ||
          (before == 0xE2 && c == 0x20AC))
        return TRUE;
      before = c;
    }
  return FALSE;
}

static gboolean
is_trimmed (char c)
{
  return c == ' ' || c == '\t' || c == '\n';
}

char *
plaza_text_clean (const char *text, gssize length, PlazaTextNotes *notes, GError **error)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  g_autofree char *raw = g_malloc (size + 1);
  g_autofree char *nfc = NULL;
  g_autoptr (GString) out = NULL;
  PlazaTextNotes seen = PLAZA_TEXT_PLAIN;
  gsize n = 0, begin = 0;

  for (gsize i = 0; i < size; i++)
    if (text[i] != '\0')
      raw[n++] = text[i];
  raw[n] = '\0';
  if (n != size)
    seen |= PLAZA_TEXT_CONTROLS;
  if (!g_utf8_validate_len (raw, n, NULL))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "The text is not UTF-8");
      return NULL;
    }
  if (has_mojibake (raw))
    seen |= PLAZA_TEXT_MOJIBAKE;

  nfc = g_utf8_normalize (raw, (gssize) n, G_NORMALIZE_NFC);
  out = g_string_sized_new (n);
  for (const char *p = nfc; *p != '\0';)
    {
      gunichar c = g_utf8_get_char (p);

      if (c == ESCAPE)
        {
          seen |= PLAZA_TEXT_CONTROLS;
          p += terminal_sequence (p);
          continue;
        }
      if (c == 0xFFFD)
        seen |= PLAZA_TEXT_REPLACEMENT;

      if (is_line_break (c))
        {
          if (c == '\r' && p[1] == '\n')
            p++;
          g_string_append_c (out, '\n');
        }
      else if (is_control (c))
        seen |= PLAZA_TEXT_CONTROLS;
      else if (c != ' ' && g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR)
        g_string_append_c (out, ' ');
      else if (!is_zero_width (c))
        g_string_append_unichar (out, c);
      p = g_utf8_next_char (p);
    }

  while (out->len > 0 && is_trimmed (out->str[out->len - 1]))
    g_string_truncate (out, out->len - 1);
  while (is_trimmed (out->str[begin]))
    begin++;
  g_string_erase (out, 0, (gssize) begin);

  if (out->len != size || memcmp (out->str, text, size) != 0)
    seen |= PLAZA_TEXT_CHANGED;
  if (notes != NULL)
    *notes = seen;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gboolean
is_apostrophe (gunichar c)
{
  return c == '\'' || c == '`' || c == 0xB4 || c == 0x2BB || c == 0x2BC || c == 0x2018 ||
         c == 0x2019 || c == 0x2032 || c == 0xA78B || c == 0xA78C || c == 0xFF07;
}

static gboolean
is_blank (gunichar c)
{
  return c == '\t' || is_line_break (c) || g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR;
}

char *
plaza_text_fold (const char *text)
{
  g_autoptr (GString) plain = g_string_sized_new (strlen (text));
  g_autofree char *decomposed = NULL;
  g_autofree char *folded = NULL;
  GString *out;

  /* Before decomposition, which would make an acute accent alone into a blank and a mark. */
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (plain, is_apostrophe (c) ? '\'' : c);
    }
  decomposed = g_utf8_normalize (plain->str, -1, G_NORMALIZE_NFKD);
  folded = g_utf8_casefold (decomposed, -1);

  out = g_string_sized_new (strlen (folded));
  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_ismark (c) || is_zero_width (c))
        continue;
      if (!is_blank (c))
        g_string_append_unichar (out, c);
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

gboolean
plaza_text_equal_folded (const char *a, const char *b)
{
  g_autofree char *x = plaza_text_fold (a != NULL ? a : "");
  g_autofree char *y = plaza_text_fold (b != NULL ? b : "");

  return strcmp (x, y) == 0;
}

char *
plaza_text_nfc (const char *text)
{
  return g_utf8_validate (text, -1, NULL) ? g_utf8_normalize (text, -1, G_NORMALIZE_NFC) : NULL;
}

gsize
plaza_text_length (const char *text)
{
  g_autofree char *nfc = plaza_text_nfc (text);

  return nfc != NULL ? (gsize) g_utf8_strlen (nfc, -1) : 0;
}

gboolean
plaza_text_is_blank (const char *text)
{
  for (const char *p = text; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!is_blank (c) && !is_zero_width (c) && !is_control (c))
        return FALSE;
    }
  return TRUE;
}

char *
plaza_text_neutralise (const char *text)
{
  const char *p = text;
  gunichar c;

  if (*p == '\t' || *p == '\r' || *p == '\n')
    return g_strconcat ("'", text, NULL);
  /* Blanks in front do not stop every spreadsheet. */
  while (*p != '\0' && (is_blank (g_utf8_get_char (p)) || is_zero_width (g_utf8_get_char (p))))
    p = g_utf8_next_char (p);
  c = g_utf8_get_char (p);
  if (c == '=' || c == '+' || c == '-' || c == '@' || c == 0xFF1D || c == 0xFF0B || c == 0xFF0D ||
      c == 0xFF20)
    return g_strconcat ("'", text, NULL);
  return g_strdup (text);
}

char *
plaza_text_escape_log (const char *text, gssize length, gsize max_bytes)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  gsize shown = MIN (size, max_bytes);
  GString *out = g_string_sized_new (shown);

  for (gsize i = 0; i < shown; i++)
    {
      if (g_ascii_isprint (text[i]) && text[i] != '\\')
        g_string_append_c (out, text[i]);
      else
        g_string_append_printf (out, "\\x%02x", (guint8) text[i]);
    }
  if (shown < size)
    g_string_append (out, "...");
  return g_string_free (out, FALSE);
}

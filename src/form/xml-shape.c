/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xml-shape.h"

#include "base/error.h"
#include <string.h>

static guint
line_at (const char *data, const char *p)
{
  guint line = 1;
  for (const char *q = data; q < p; q++)
    line += *q == '\n';
  return line;
}

/* The name between the quotes after `encoding=`, or NULL. */
static char *
declared_encoding (const char *data, gsize size)
{
  if (size < 6 || strncmp (data, "<?xml", 5) != 0)
    return NULL;
  const char *end = g_strstr_len (data, (gssize) size, "?>");
  const char *word = end != NULL ? g_strstr_len (data, (gssize) (end - data), "encoding") : NULL;
  if (word == NULL)
    return NULL;
  word += strlen ("encoding");
  word += strspn (word, " \t\r\n=");
  if (*word != '"' && *word != '\'')
    return NULL;
  return g_strndup (word + 1, strcspn (word + 1, "\"'?"));
}

static gboolean
is_ascii_like (const char *encoding)
{
  static const char *const prefixes[] = { "utf-8", "utf8", "us-ascii", "iso-8859-", "windows-125" };
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_ascii_strncasecmp (encoding, prefixes[i], strlen (prefixes[i])) == 0)
      return TRUE;
  return FALSE;
}

/* Behind @mark, or the end of the data. */
static const char *
skip_past (const char *p, const char *end, const char *mark)
{
  const char *found = g_strstr_len (p, (gssize) (end - p), mark);
  return found != NULL ? found + strlen (mark) : end;
}

/* Behind the tag that begins at @p; NULL when it has too many attributes. */
static const char *
skip_tag (const char *p, const char *end)
{
  guint attributes = 0;
  while (p < end && *p != '>')
    if (*p == '"' || *p == '\'')
      {
        const char *close = memchr (p + 1, *p, (gsize) (end - p - 1));
        p = close != NULL ? close + 1 : end;
      }
    else if (*p++ == '=' && ++attributes > PLAZA_XML_MAX_ATTRIBUTES)
      return NULL;
  return p;
}

gboolean
_plaza_xml_check_shape (const char *data, gsize size, GError **error)
{
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      data += 3;
      size -= 3;
    }
  const char *p = data, *end = data + size;
  if (memchr (data, '\0', size) != NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "line 1: not UTF-8 text");
  g_autofree char *encoding = declared_encoding (data, size);
  if (encoding != NULL && !is_ascii_like (encoding))
    return plaza_throw (error, PLAZA_ERROR_UNSUPPORTED,
                        "line 1: the encoding “%.40s” is not supported", encoding);
  while ((p = memchr (p, '<', (gsize) (end - p))) != NULL)
    {
      const char *tag = p;
      gsize left = (gsize) (end - p);
      if (left >= 9 && memcmp (p, "<![CDATA[", 9) == 0)
        p = skip_past (p, end, "]]>");
      else if (left >= 4 && memcmp (p, "<!--", 4) == 0)
        p = skip_past (p, end, "-->");
      else if (left >= 2 && p[1] == '?')
        p = skip_past (p, end, "?>");
      else if ((p = skip_tag (p + 1, end)) == NULL)
        return plaza_throw (error, PLAZA_ERROR_LIMIT, "line %u: more than %u attributes",
                            line_at (data, tag), PLAZA_XML_MAX_ATTRIBUTES);
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

/* A stack of this many bytes is all the state that nesting needs. */
#define MAX_DEPTH 256
/* An IEEE double never needs more; longer ones are an attack on the converter. */
#define MAX_NUMBER 128

const PlazaJsonLimits plaza_json_limits_default = { .max_bytes = 4u << 20,
                                                    .max_depth = 32,
                                                    .max_values = 200000 };

/* A member name: in the document itself, or decoded into Gate.decoded when it held escapes. */
typedef struct
{
  const char *bytes;
  gsize length;
} Name;

typedef struct
{
  const guint8 *data;
  gsize length;
  gsize at;
  PlazaError code;
  const char *why;

  /* Names of the objects that are open, innermost last; an object's are sorted when it closes, so
   * that a repeated one is found in O(n log n) whatever the sender chose them to be. */
  GArray *names;
  GStringChunk *decoded;
} Gate;

static gboolean
refuse (Gate *gate, const char *why)
{
  gate->code = PLAZA_ERROR_INVALID;
  gate->why = why;
  return FALSE;
}

static gboolean
refuse_limit (Gate *gate, const char *why)
{
  gate->code = PLAZA_ERROR_LIMIT;
  gate->why = why;
  return FALSE;
}

static void
skip_blanks (Gate *gate)
{
  while (gate->at < gate->length && (gate->data[gate->at] == ' ' || gate->data[gate->at] == '\t' ||
                                     gate->data[gate->at] == '\n' || gate->data[gate->at] == '\r'))
    gate->at++;
}

static gboolean
read_hex4 (Gate *gate, guint *out)
{
  guint value = 0;

  if (gate->length - gate->at < 4)
    return refuse (gate, "short \\u escape");
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value ((char) gate->data[gate->at]);

      if (digit < 0)
        return refuse (gate, "bad digit in \\u escape");
      value = value << 4 | (guint) digit;
      gate->at++;
    }
  *out = value;
  return TRUE;
}

static gboolean
skip_utf8 (Gate *gate)
{
  guint8 lead = gate->data[gate->at];
  gunichar point, least;
  gsize more;

  if (lead < 0x80)
    {
      gate->at++;
      return TRUE;
    }
  if ((lead & 0xE0) == 0xC0)
    more = 1, point = lead & 0x1F, least = 0x80;
  else if ((lead & 0xF0) == 0xE0)
    more = 2, point = lead & 0x0F, least = 0x800;
  else if ((lead & 0xF8) == 0xF0)
    more = 3, point = lead & 0x07, least = 0x10000;
  else
    return refuse (gate, "invalid UTF-8");

  if (gate->length - gate->at <= more)
    return refuse (gate, "truncated UTF-8");
  for (gsize i = 1; i <= more; i++)
    {
      guint8 next = gate->data[gate->at + i];

      if ((next & 0xC0) != 0x80)
        return refuse (gate, "invalid UTF-8");
      point = point << 6 | (next & 0x3F);
    }
  if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    return refuse (gate, "invalid code point");
  gate->at += more + 1;
  return TRUE;
}

static gboolean
read_escape (Gate *gate, GString *decoded)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter;
  guint high, low;
  gunichar point;

  if (gate->at >= gate->length)
    return refuse (gate, "unterminated string");
  if (gate->data[gate->at] != 'u')
    {
      letter = memchr (letters, gate->data[gate->at], sizeof letters - 1);
      if (letter == NULL)
        return refuse (gate, "bad escape");
      gate->at++;
      if (decoded != NULL)
        g_string_append_c (decoded, meanings[letter - letters]);
      return TRUE;
    }

  gate->at++;
  if (!read_hex4 (gate, &high))
    return FALSE;
  point = high;
  if (high == 0)
    return refuse (gate, "NUL in string");
  if (high >= 0xDC00 && high <= 0xDFFF)
    return refuse (gate, "lone surrogate");
  if (high >= 0xD800 && high <= 0xDBFF)
    {
      if (gate->length - gate->at < 6 || gate->data[gate->at] != '\\' ||
          gate->data[gate->at + 1] != 'u')
        return refuse (gate, "lone surrogate");
      gate->at += 2;
      if (!read_hex4 (gate, &low))
        return FALSE;
      if (low < 0xDC00 || low > 0xDFFF)
        return refuse (gate, "lone surrogate");
      point = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
  if (decoded != NULL)
    g_string_append_unichar (decoded, point);
  return TRUE;
}

/* Passes over a string, its opening quote included. With @name, tells its decoded bytes. */
static gboolean
read_string (Gate *gate, Name *name)
{
  g_autoptr (GString) decoded = NULL;
  gsize begin = ++gate->at;

  while (gate->at < gate->length)
    {
      guint8 c = gate->data[gate->at];

      if (c == '"')
        {
          if (name != NULL && decoded == NULL)
            *name = (Name){ (const char *) gate->data + begin, gate->at - begin };
          else if (name != NULL)
            *name = (Name){ g_string_chunk_insert_len (gate->decoded, decoded->str,
                                                       (gssize) decoded->len),
                            decoded->len };
          gate->at++;
          return TRUE;
        }
      if (c < 0x20)
        return refuse (gate, "control character in string");
      if (c == '\\')
        {
          if (name != NULL && decoded == NULL)
            decoded =
                g_string_new_len ((const char *) gate->data + begin, (gssize) (gate->at - begin));
          gate->at++;
          if (!read_escape (gate, decoded))
            return FALSE;
          continue;
        }

      gsize from = gate->at;

      if (!skip_utf8 (gate))
        return FALSE;
      if (decoded != NULL)
        g_string_append_len (decoded, (const char *) gate->data + from, (gssize) (gate->at - from));
    }
  return refuse (gate, "unterminated string");
}

static gboolean
skip_digits (Gate *gate)
{
  gsize begin = gate->at;

  while (gate->at < gate->length && g_ascii_isdigit (gate->data[gate->at]))
    gate->at++;
  return gate->at > begin;
}

static gboolean
read_number (Gate *gate)
{
  gsize begin = gate->at;
  gboolean integer = TRUE;
  char text[MAX_NUMBER + 1];

  if (gate->data[gate->at] == '-')
    gate->at++;
  if (gate->at < gate->length && gate->data[gate->at] == '0')
    gate->at++;
  else if (!skip_digits (gate))
    return refuse (gate, "bad number");
  if (gate->at < gate->length && gate->data[gate->at] == '.')
    {
      integer = FALSE;
      gate->at++;
      if (!skip_digits (gate))
        return refuse (gate, "bad fraction");
    }
  if (gate->at < gate->length && (gate->data[gate->at] | 0x20) == 'e')
    {
      integer = FALSE;
      gate->at++;
      if (gate->at < gate->length && (gate->data[gate->at] == '+' || gate->data[gate->at] == '-'))
        gate->at++;
      if (!skip_digits (gate))
        return refuse (gate, "bad exponent");
    }
  if (gate->at - begin > MAX_NUMBER)
    return refuse_limit (gate, "number too long");

  memcpy (text, gate->data + begin, gate->at - begin);
  text[gate->at - begin] = '\0';
  errno = 0;
  if (integer)
    {
      (void) g_ascii_strtoll (text, NULL, 10);
      if (errno == ERANGE)
        return refuse_limit (gate, "integer out of range");
    }
  else if (!isfinite (g_ascii_strtod (text, NULL)))
    return refuse_limit (gate, "number out of range");
  return TRUE;
}

static gboolean
read_literal (Gate *gate, const char *literal)
{
  gsize length = strlen (literal);

  if (gate->length - gate->at < length || memcmp (gate->data + gate->at, literal, length) != 0)
    return refuse (gate, "unexpected character");
  gate->at += length;
  return TRUE;
}

static gboolean
read_scalar (Gate *gate)
{
  switch (gate->data[gate->at])
    {
    case '"':
      return read_string (gate, NULL);
    case 't':
      return read_literal (gate, "true");
    case 'f':
      return read_literal (gate, "false");
    case 'n':
      return read_literal (gate, "null");
    default:
      if (gate->data[gate->at] == '-' || g_ascii_isdigit (gate->data[gate->at]))
        return read_number (gate);
      return refuse (gate, "unexpected character");
    }
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  const Name *x = a, *y = b;
  int order = memcmp (x->bytes, y->bytes, MIN (x->length, y->length));

  if (order != 0)
    return order;
  return x->length < y->length ? -1 : x->length > y->length;
}

/* An object closes whose names begin at index @first. */
static gboolean
check_names (Gate *gate, guint first)
{
  guint n = gate->names->len - first;

  if (n > 1)
    {
      Name *names = &g_array_index (gate->names, Name, first);

      g_qsort_with_data (names, (int) n, sizeof (Name), compare_names, NULL);
      for (guint i = 1; i < n; i++)
        if (compare_names (&names[i - 1], &names[i], NULL) == 0)
          return refuse (gate, "member name twice in one object");
    }
  g_array_set_size (gate->names, first);
  return TRUE;
}

static gboolean
check_document (Gate *gate, const PlazaJsonLimits *limits)
{
  enum
  {
    VALUE,
    VALUE_OR_END,
    NAME,
    NAME_OR_END,
    AFTER
  } expect = VALUE;
  guint8 open[MAX_DEPTH];
  guint first_name[MAX_DEPTH];
  guint depth = 0, max_depth = MIN (limits->max_depth, MAX_DEPTH);
  gsize values = 0;

  for (;;)
    {
      guint8 c;

      skip_blanks (gate);
      if (gate->at >= gate->length)
        return expect == AFTER && depth == 0 ? TRUE : refuse (gate, "unexpected end");
      c = gate->data[gate->at];

      if (expect == AFTER && depth == 0)
        return refuse (gate, "something after the document");
      if (expect == AFTER && c == ',')
        {
          gate->at++;
          expect = open[depth - 1] == '{' ? NAME : VALUE;
          continue;
        }
      if ((c == '}' && (expect == AFTER || expect == NAME_OR_END) && open[depth - 1] == '{') ||
          (c == ']' && (expect == AFTER || expect == VALUE_OR_END) && open[depth - 1] == '['))
        {
          depth--;
          if (c == '}' && !check_names (gate, first_name[depth]))
            return FALSE;
          gate->at++;
          expect = AFTER;
          continue;
        }
      if (expect == AFTER)
        return refuse (gate, "expected a comma or the end of a container");

      if (expect == NAME || expect == NAME_OR_END)
        {
          Name name;

          if (c != '"')
            return refuse (gate, "expected a member name");
          if (!read_string (gate, &name))
            return FALSE;
          g_array_append_val (gate->names, name);
          skip_blanks (gate);
          if (gate->at >= gate->length || gate->data[gate->at] != ':')
            return refuse (gate, "expected a colon");
          gate->at++;
          expect = VALUE;
          continue;
        }

      if (++values > limits->max_values)
        return refuse_limit (gate, "too many values");
      if (c == '{' || c == '[')
        {
          if (depth >= max_depth)
            return refuse_limit (gate, "nested too deeply");
          first_name[depth] = gate->names->len;
          open[depth++] = c;
          gate->at++;
          expect = c == '{' ? NAME_OR_END : VALUE_OR_END;
          continue;
        }
      if (!read_scalar (gate))
        return FALSE;
      expect = AFTER;
    }
}

gboolean
plaza_json_check (const char *data, gsize length, const PlazaJsonLimits *limits, GError **error)
{
  Gate gate = { .data = (const guint8 *) data, .length = length };
  gboolean good;

  if (limits == NULL)
    limits = &plaza_json_limits_default;
  if (length > limits->max_bytes)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "JSON longer than %" G_GSIZE_FORMAT " bytes",
                        limits->max_bytes);

  gate.names = g_array_new (FALSE, FALSE, sizeof (Name));
  gate.decoded = g_string_chunk_new (256);
  good = check_document (&gate, limits);
  g_array_unref (gate.names);
  g_string_chunk_free (gate.decoded);
  if (!good)
    return plaza_throw (error, gate.code, "JSON refused at byte %" G_GSIZE_FORMAT ": %s", gate.at,
                        gate.why);
  return TRUE;
}

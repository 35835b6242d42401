/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include "base/error.h"
#include <math.h>
#include <string.h>

/* The text of argument @i, or of the context node when it is not given. */
static const char *
text_or_own (XpEval *eval, const XpExpr *call, guint i, const XpFocus *focus, XpValue *value)
{
  if (i < call->n_operands)
    return xp_eval_text (eval, call->operands[i], focus, value);
  xp_push_node (value, focus->node);
  return xp_to_text (eval, value);
}

static gboolean
too_long (XpEval *eval, gsize length)
{
  if (length <= PLAZA_XPATH_MAX_STRING)
    return FALSE;
  plaza_throw (eval->error, PLAZA_ERROR_LIMIT, "the expression makes too long a text");
  return TRUE;
}

static gboolean
call_string (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  return text_or_own (eval, call, 0, focus, out) != NULL;
}

/* Appends each text that @value stands for, a node-set's one by one. */
static gboolean
append_all (XpEval *eval, GString *string, const char *separator, gboolean *any, XpValue *value)
{
  if (value->type == PLAZA_XPATH_NODESET)
    {
      for (guint i = 0; i < value->n; i++)
        {
          PlazaNode *node = xp_nodes (value)[i];
          if (!plaza_node_is_relevant (node))
            continue;
          gboolean owned;
          char *text = xp_node_text (node, &owned);
          if (*any)
            g_string_append (string, separator);
          *any = TRUE;
          g_string_append (string, text);
          if (owned)
            g_free (text);
          if (too_long (eval, string->len))
            return FALSE;
        }
      return xp_tick (eval, value->n);
    }
  if (*any)
    g_string_append (string, separator);
  *any = TRUE;
  g_string_append (string, xp_to_text (eval, value));
  return !too_long (eval, string->len);
}

static gboolean
join_from (XpEval *eval,
           const XpExpr *call,
           guint first,
           const char *separator,
           const XpFocus *focus,
           XpValue *out)
{
  GString *string = g_string_new (NULL);
  gboolean any = FALSE, done = TRUE;
  for (guint i = first; i < call->n_operands && done; i++)
    {
      XpValue value = XP_VALUE_INIT;
      done = xp_eval (eval, call->operands[i], focus, &value) &&
             append_all (eval, string, separator, &any, &value);
      xp_value_clear (&value);
    }
  if (!done)
    {
      g_string_free (string, TRUE);
      return FALSE;
    }
  xp_take_text (out, g_string_free (string, FALSE));
  return TRUE;
}

static gboolean
call_concat (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  return join_from (eval, call, 0, "", focus, out);
}

static gboolean
call_join (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue separator = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &separator);
  gboolean done = text != NULL && join_from (eval, call, 1, text, focus, out);
  xp_value_clear (&separator);
  return done;
}

/* The characters from @start (0-based) up to @end of a text, both clamped. */
static char *
slice (const char *text, glong length, glong start, glong end)
{
  start = CLAMP (start, 0, length);
  end = CLAMP (end, 0, length);
  if (start >= end)
    return g_strdup ("");
  const char *from = g_utf8_offset_to_pointer (text, start);
  const char *to = g_utf8_offset_to_pointer (from, end - start);
  return g_strndup (from, (gsize) (to - from));
}

static glong
to_offset (double number, glong length)
{
  return number <= -(double) length  ? -length
         : number >= (double) length ? length
                                     : (glong) trunc (number);
}

/* substr (text, start, end): 0-based, the end not included, negative from the back. */
static gboolean
call_substr (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  double start, end = INFINITY;
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  gboolean done = text != NULL && xp_eval_number (eval, call->operands[1], focus, &start) &&
                  (call->n_operands < 3 || xp_eval_number (eval, call->operands[2], focus, &end));
  if (done)
    {
      glong length = g_utf8_strlen (text, -1);
      if (isnan (start) || isnan (end))
        xp_set_text (out, "");
      else
        {
          glong from = to_offset (start, length), to = to_offset (end, length);
          xp_take_text (out, slice (text, length, from < 0 ? from + length : from,
                                    to < 0 ? to + length : to));
        }
    }
  xp_value_clear (&value);
  return done;
}

/* substring (text, position, length) of XPath 1.0: 1-based, everything rounded. */
static gboolean
call_substring (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  double start, length = INFINITY;
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  gboolean done =
      text != NULL && xp_eval_number (eval, call->operands[1], focus, &start) &&
      (call->n_operands < 3 || xp_eval_number (eval, call->operands[2], focus, &length));
  if (done)
    {
      glong all = g_utf8_strlen (text, -1);
      double from = floor (start + 0.5) - 1;
      double to = call->n_operands < 3 ? INFINITY : from + floor (length + 0.5);
      if (isnan (from) || isnan (to))
        xp_set_text (out, "");
      else
        xp_take_text (out, slice (text, all, to_offset (from, all), to_offset (to, all)));
    }
  xp_value_clear (&value);
  return done;
}

typedef gboolean (*TwoTexts) (const char *a, const char *b, XpValue *out);

static gboolean
with_two_texts (
    XpEval *eval, const XpExpr *call, const XpFocus *focus, TwoTexts function, XpValue *out)
{
  XpValue first = XP_VALUE_INIT, second = XP_VALUE_INIT;
  const char *a = xp_eval_text (eval, call->operands[0], focus, &first);
  const char *b = a != NULL ? xp_eval_text (eval, call->operands[1], focus, &second) : NULL;
  gboolean done = b != NULL && function (a, b, out);
  xp_value_clear (&first);
  xp_value_clear (&second);
  return done;
}

static gboolean
before (const char *a, const char *b, XpValue *out)
{
  const char *found = strstr (a, b);
  xp_take_text (out, found != NULL ? g_strndup (a, (gsize) (found - a)) : g_strdup (""));
  return TRUE;
}

static gboolean
after (const char *a, const char *b, XpValue *out)
{
  const char *found = strstr (a, b);
  xp_take_text (out, g_strdup (found != NULL ? found + strlen (b) : ""));
  return TRUE;
}

static gboolean
contains (const char *a, const char *b, XpValue *out)
{
  xp_set_boolean (out, strstr (a, b) != NULL);
  return TRUE;
}

static gboolean
starts_with (const char *a, const char *b, XpValue *out)
{
  xp_set_boolean (out, g_str_has_prefix (a, b));
  return TRUE;
}

static gboolean
ends_with (const char *a, const char *b, XpValue *out)
{
  xp_set_boolean (out, g_str_has_suffix (a, b));
  return TRUE;
}

#define TWO_TEXTS(name, function) \
  static gboolean name (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out) \
  { \
    return with_two_texts (eval, call, focus, function, out); \
  }

TWO_TEXTS (call_substring_before, before)
TWO_TEXTS (call_substring_after, after)
TWO_TEXTS (call_contains, contains)
TWO_TEXTS (call_starts_with, starts_with)
TWO_TEXTS (call_ends_with, ends_with)

static gboolean
call_translate (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue values[3] = { XP_VALUE_INIT, XP_VALUE_INIT, XP_VALUE_INIT };
  const char *texts[3];
  gboolean done = TRUE;
  for (guint i = 0; i < 3 && done; i++)
    done = (texts[i] = xp_eval_text (eval, call->operands[i], focus, &values[i])) != NULL;
  if (done)
    {
      GString *string = g_string_new (NULL);
      glong replacements = g_utf8_strlen (texts[2], -1);
      for (const char *p = texts[0]; *p != '\0' && done; p = g_utf8_next_char (p))
        {
          gunichar c = g_utf8_get_char (p);
          const char *found = g_utf8_strchr (texts[1], -1, c);
          glong at = found != NULL ? g_utf8_pointer_to_offset (texts[1], found) : -1;
          if (at < 0)
            g_string_append_unichar (string, c);
          else if (at < replacements)
            g_string_append_unichar (string,
                                     g_utf8_get_char (g_utf8_offset_to_pointer (texts[2], at)));
          done = xp_tick (eval, (guint) MAX (at, 0) / 16);
        }
      char *text = g_string_free (string, FALSE);
      if (done)
        xp_take_text (out, text);
      else
        g_free (text);
    }
  for (guint i = 0; i < 3; i++)
    xp_value_clear (&values[i]);
  return done;
}

static gboolean
call_string_length (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  const char *text = text_or_own (eval, call, 0, focus, &value);
  if (text != NULL)
    xp_set_number (out, (double) g_utf8_strlen (text, -1));
  xp_value_clear (&value);
  return text != NULL;
}

static gboolean
call_normalize_space (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  const char *text = text_or_own (eval, call, 0, focus, &value);
  if (text == NULL)
    return FALSE;
  GString *string = g_string_sized_new (strlen (text));
  for (const char *p = text + strspn (text, " \t\r\n"); *p != '\0';)
    {
      gsize word = strcspn (p, " \t\r\n");
      g_string_append_len (string, p, (gssize) word);
      p += word;
      p += strspn (p, " \t\r\n");
      if (*p != '\0')
        g_string_append_c (string, ' ');
    }
  xp_value_clear (&value);
  xp_take_text (out, g_string_free (string, FALSE));
  return TRUE;
}

static gboolean
call_coalesce (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  const char *text = xp_eval_text (eval, call->operands[0], focus, out);
  if (text == NULL || *text != '\0')
    return text != NULL;
  xp_value_clear (out);
  return xp_eval_text (eval, call->operands[1], focus, out) != NULL;
}

/* A UUIDv4, from the same bits as random(). */
static char *
random_uuid (XpEval *eval)
{
  guint64 high = (xp_random (eval) & ~G_GUINT64_CONSTANT (0xf000)) | 0x4000;
  guint64 low = (xp_random (eval) >> 2) | G_GUINT64_CONSTANT (0x8000000000000000);

  return g_strdup_printf ("%08x-%04x-%04x-%04x-%012" G_GINT64_MODIFIER "x", (guint) (high >> 32),
                          (guint) (high >> 16) & 0xffff, (guint) high & 0xffff, (guint) (low >> 48),
                          low & G_GUINT64_CONSTANT (0xffffffffffff));
}

/* uuid (n): n characters of the same alphabet. */
static gboolean
call_uuid (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  if (call->n_operands == 0)
    {
      xp_take_text (out, random_uuid (eval));
      return TRUE;
    }
  double length;
  if (!xp_eval_number (eval, call->operands[0], focus, &length))
    return FALSE;
  if (isnan (length))
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID, "uuid() was given no number");
  length = MAX (length, 0);
  if (length > PLAZA_XPATH_MAX_STRING)
    return !too_long (eval, G_MAXSIZE);
  GString *string = g_string_new (NULL);
  while (string->len < (gsize) length)
    {
      g_autofree char *uuid = random_uuid (eval);
      g_string_append (string, uuid);
    }
  g_string_truncate (string, (gsize) length);
  xp_take_text (out, g_string_free (string, FALSE));
  return TRUE;
}

static gboolean
digest (XpEval *eval, const char *text, const char *algorithm, const char *encoding, XpValue *out)
{
  static const struct
  {
    const char *name;
    GChecksumType type;
  } algorithms[] = { { "MD5", G_CHECKSUM_MD5 },
                     { "SHA-1", G_CHECKSUM_SHA1 },
                     { "SHA-256", G_CHECKSUM_SHA256 },
                     { "SHA-384", G_CHECKSUM_SHA384 },
                     { "SHA-512", G_CHECKSUM_SHA512 } };
  gsize which = 0;
  while (which < G_N_ELEMENTS (algorithms) && strcmp (algorithms[which].name, algorithm) != 0)
    which++;
  gboolean hex = strcmp (encoding, "hex") == 0;
  if (which == G_N_ELEMENTS (algorithms) || (!hex && strcmp (encoding, "base64") != 0))
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID,
                        "digest() knows no such algorithm or encoding");
  g_autoptr (GChecksum) checksum = g_checksum_new (algorithms[which].type);
  g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text));
  if (hex)
    {
      xp_take_text (out, g_strdup (g_checksum_get_string (checksum)));
      return TRUE;
    }
  guint8 bytes[64];
  gsize length = sizeof bytes;
  g_checksum_get_digest (checksum, bytes, &length);
  xp_take_text (out, g_base64_encode (bytes, length));
  return TRUE;
}

static gboolean
call_digest (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue values[3] = { XP_VALUE_INIT, XP_VALUE_INIT, XP_VALUE_INIT };
  const char *texts[3] = { NULL, NULL, "base64" };
  gboolean done = TRUE;
  for (guint i = 0; i < call->n_operands && done; i++)
    done = (texts[i] = xp_eval_text (eval, call->operands[i], focus, &values[i])) != NULL;
  done = done && digest (eval, texts[0], texts[1], texts[2], out);
  for (guint i = 0; i < 3; i++)
    xp_value_clear (&values[i]);
  return done;
}

static gboolean
call_base64_decode (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  if (text == NULL)
    return FALSE;
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (text, &length);
  gboolean is_text = g_utf8_validate_len ((const char *) bytes, length, NULL);
  xp_value_clear (&value);
  xp_take_text (out, is_text ? g_strndup ((const char *) bytes, length) : g_strdup (""));
  return TRUE;
}

const XpFunction xp_string_functions[] = {
  { "string", 0, 1, PLAZA_XPATH_STRING, call_string, 0 },
  { "concat", 0, -1, PLAZA_XPATH_STRING, call_concat, 0 },
  { "join", 1, -1, PLAZA_XPATH_STRING, call_join, 0 },
  { "substr", 2, 3, PLAZA_XPATH_STRING, call_substr, 0 },
  { "substring", 2, 3, PLAZA_XPATH_STRING, call_substring, 0 },
  { "substring-before", 2, 2, PLAZA_XPATH_STRING, call_substring_before, 0 },
  { "substring-after", 2, 2, PLAZA_XPATH_STRING, call_substring_after, 0 },
  { "contains", 2, 2, PLAZA_XPATH_BOOLEAN, call_contains, 0 },
  { "starts-with", 2, 2, PLAZA_XPATH_BOOLEAN, call_starts_with, 0 },
  { "ends-with", 2, 2, PLAZA_XPATH_BOOLEAN, call_ends_with, 0 },
  { "translate", 3, 3, PLAZA_XPATH_STRING, call_translate, 0 },
  { "string-length", 0, 1, PLAZA_XPATH_NUMBER, call_string_length, 0 },
  { "normalize-space", 0, 1, PLAZA_XPATH_STRING, call_normalize_space, 0 },
  { "coalesce", 2, 2, PLAZA_XPATH_STRING, call_coalesce, 0 },
  { "uuid", 0, 1, PLAZA_XPATH_STRING, call_uuid, PLAZA_XPATH_USES_RANDOM },
  { "digest", 2, 3, PLAZA_XPATH_STRING, call_digest, 0 },
  { "base64-decode", 1, 1, PLAZA_XPATH_STRING, call_base64_decode, 0 },
  { 0 },
};

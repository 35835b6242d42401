/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/base32.h"

#include <string.h>

#include "base/error.h"

/* Crockford's: without I, L, O and U, which people take for others. The last five are check
 * symbols. */
static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

static int
symbol_value (char c)
{
  const char *at;

  c = g_ascii_toupper (c);
  if (c == 'O')
    c = '0';
  if (c == 'I' || c == 'L')
    c = '1';
  at = c == '\0' ? NULL : strchr (symbols, c);
  return at == NULL ? -1 : (int) (at - symbols);
}

/* The value of the bytes modulo 37, which is what Crockford's check symbol says. */
static guint
remainder_37 (const guint8 *bytes, gsize length)
{
  guint rest = 0;

  for (gsize i = 0; i < length; i++)
    rest = (rest * 256 + bytes[i]) % 37;
  return rest;
}

char *
plaza_base32_encode (const void *bytes, gsize length)
{
  const guint8 *p = bytes;
  GString *out = g_string_sized_new (length * 8 / 5 + 2);
  guint buffer = 0, bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      buffer = (buffer << 8 | p[i]) & 0xFFFF;
      for (bits += 8; bits >= 5; bits -= 5)
        g_string_append_c (out, symbols[buffer >> (bits - 5) & 31]);
    }
  if (bits > 0)
    g_string_append_c (out, symbols[buffer << (5 - bits) & 31]);
  return g_string_free (out, FALSE);
}

static char *
strip (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p != '-' && !g_ascii_isspace (*p))
      g_string_append_c (out, *p);
  return g_string_free (out, FALSE);
}

/* Decodes exactly @length stripped symbols. */
static GBytes *
decode (const char *text, gsize length, gsize expected, GError **error)
{
  g_autofree guint8 *bytes = g_malloc0 (expected + 1);
  gsize n = 0;
  guint buffer = 0, bits = 0;

  if (length != (expected * 8 + 4) / 5)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Base32: wrong length");
      return NULL;
    }
  for (gsize i = 0; i < length; i++)
    {
      int value = symbol_value (text[i]);

      if (value < 0 || value > 31)
        {
          plaza_throw (error, PLAZA_ERROR_INVALID, "Base32: a character that is not of it");
          return NULL;
        }
      buffer = (buffer << 5 | (guint) value) & 0xFFF;
      bits += 5;
      if (bits >= 8)
        {
          bits -= 8;
          bytes[n++] = (guint8) (buffer >> bits);
        }
    }
  if ((buffer & ((1u << bits) - 1)) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Base32: bits beyond the value");
      return NULL;
    }
  return g_bytes_new (bytes, expected);
}

GBytes *
plaza_base32_decode (const char *text, gsize expected, GError **error)
{
  g_autofree char *plain = strip (text);

  return decode (plain, strlen (plain), expected, error);
}

char *
plaza_base32_group (const char *text, guint size)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; text[i] != '\0'; i++)
    {
      if (i > 0 && i % size == 0)
        g_string_append_c (out, '-');
      g_string_append_c (out, text[i]);
    }
  return g_string_free (out, FALSE);
}

char *
plaza_base32_encode_checked (const void *bytes, gsize length)
{
  g_autofree char *plain = plaza_base32_encode (bytes, length);
  char check[] = { symbols[remainder_37 (bytes, length)], '\0' };
  g_autofree char *checked = g_strconcat (plain, check, NULL);

  return plaza_base32_group (checked, 4);
}

GBytes *
plaza_base32_decode_checked (const char *text, gsize expected, GError **error)
{
  g_autofree char *plain = strip (text);
  gsize length = strlen (plain);
  g_autoptr (GBytes) bytes = NULL;

  if (length == 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Base32: nothing there");
      return NULL;
    }
  bytes = decode (plain, length - 1, expected, error);
  if (bytes == NULL)
    return NULL;
  if (symbol_value (plain[length - 1]) !=
      (int) remainder_37 (g_bytes_get_data (bytes, NULL), expected))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Base32: the check symbol disagrees");
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

char *
plaza_base64url_encode (const void *bytes, gsize length)
{
  char *text = length == 0 ? g_strdup ("") : g_base64_encode (bytes, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

GBytes *
plaza_base64url_decode (const char *text, gsize expected, GError **error)
{
  gsize length = strlen (text);
  g_autofree guint8 *bytes = g_malloc (length * 3 / 4 + 1);
  gsize n = 0;
  guint buffer = 0, bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];
      guint value;

      if (g_ascii_isupper (c))
        value = (guint) (c - 'A');
      else if (g_ascii_islower (c))
        value = (guint) (c - 'a') + 26;
      else if (g_ascii_isdigit (c))
        value = (guint) (c - '0') + 52;
      else if (c == '-' || c == '_')
        value = c == '-' ? 62 : 63;
      else
        {
          plaza_throw (error, PLAZA_ERROR_INVALID, "Base64url: a character that is not of it");
          return NULL;
        }
      buffer = (buffer << 6 | value) & 0x3FFF;
      bits += 6;
      if (bits >= 8)
        {
          bits -= 8;
          bytes[n++] = (guint8) (buffer >> bits);
        }
    }
  if (length % 4 == 1 || (buffer & ((1u << bits) - 1)) != 0 || (expected != 0 && n != expected))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Base64url: wrong length or bits beyond the value");
      return NULL;
    }
  return g_bytes_new (bytes, n);
}

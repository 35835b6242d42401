/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/folio.h"

#include <string.h>

#include "base/error.h"

/* Two of state, two to four of batch, five of serial, one of check. */
#define MIN_CHARS 10
#define MAX_CHARS 12
#define SERIAL_CHARS 5

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static int
value_of (char c)
{
  const char *at = c == '\0' ? NULL : strchr (alphabet, c);

  return at == NULL ? -1 : (int) (at - alphabet);
}

char
plaza_folio_check_character (const char *payload)
{
  int product = 36;

  for (const char *p = payload; *p != '\0'; p++)
    {
      int value = value_of (*p);
      int sum;

      if (value < 0)
        return '\0';
      sum = (product + value) % 36;
      product = (sum == 0 ? 36 : sum) * 2 % 37;
    }
  return alphabet[(37 - product) % 36];
}

static gboolean
all_of (const char *text, gsize length, gboolean (*good) (char))
{
  for (gsize i = 0; i < length; i++)
    if (!good (text[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_digit (char c)
{
  return g_ascii_isdigit (c);
}

static gboolean
is_character (char c)
{
  return value_of (c) >= 0;
}

static char *
format (const char *state, const char *batch, guint serial)
{
  g_autofree char *payload = g_strdup_printf ("%s%s%05u", state, batch, serial);

  return g_strdup_printf ("%s-%s-%05u-%c", state, batch, serial,
                          plaza_folio_check_character (payload));
}

char *
plaza_folio_make (const char *state, const char *batch, guint serial, GError **error)
{
  gsize batch_length = strlen (batch);

  if (strlen (state) != 2 || !all_of (state, 2, is_digit))
    plaza_throw (error, PLAZA_ERROR_INVALID, "Folio: the state is not two digits");
  else if (batch_length < 2 || batch_length > 4 || !all_of (batch, batch_length, is_character))
    plaza_throw (error, PLAZA_ERROR_INVALID, "Folio: the batch is not two to four of 0-9 A-Z");
  else if (serial < 1 || serial > PLAZA_FOLIO_MAX_SERIAL)
    plaza_throw (error, PLAZA_ERROR_INVALID, "Folio: the serial is not 1 to 99999");
  else
    return format (state, batch, serial);
  return NULL;
}

PlazaFolioVerdict
plaza_folio_check (const char *text, PlazaFolio *out)
{
  char plain[MAX_CHARS + 1];
  gsize n = 0, batch_length;
  PlazaFolio folio = { 0 };
  char check;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (c >= 0x110000)
        return PLAZA_FOLIO_MALFORMED;
      if (g_unichar_isspace (c) || c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212)
        continue;
      if (n == MAX_CHARS || c >= 0x80 || !is_character (g_ascii_toupper ((char) c)))
        return PLAZA_FOLIO_MALFORMED;
      plain[n++] = g_ascii_toupper ((char) c);
    }
  if (n < MIN_CHARS || !all_of (plain, 2, is_digit) ||
      !all_of (plain + n - 1 - SERIAL_CHARS, SERIAL_CHARS, is_digit))
    return PLAZA_FOLIO_MALFORMED;

  batch_length = n - 2 - SERIAL_CHARS - 1;
  memcpy (folio.state, plain, 2);
  memcpy (folio.batch, plain + 2, batch_length);
  for (gsize i = 0; i < SERIAL_CHARS; i++)
    folio.serial = folio.serial * 10 + (guint) (plain[2 + batch_length + i] - '0');
  if (folio.serial == 0)
    return PLAZA_FOLIO_MALFORMED;
  check = plain[n - 1];
  plain[n - 1] = '\0';
  if (out != NULL)
    *out = folio;
  return plaza_folio_check_character (plain) == check ? PLAZA_FOLIO_VALID : PLAZA_FOLIO_WRONG_CHECK;
}

char *
plaza_folio_normalise (const char *text)
{
  PlazaFolio folio;

  if (plaza_folio_check (text, &folio) != PLAZA_FOLIO_VALID)
    return NULL;
  return format (folio.state, folio.batch, folio.serial);
}

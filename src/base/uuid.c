/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/uuid.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"

char *
plaza_uuid_format (const guint8 bytes[16])
{
  static const char digits[] = "0123456789abcdef";
  char *text = g_malloc (PLAZA_UUID_TEXT_SIZE);
  char *out = text;

  for (int i = 0; i < 16; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *out++ = '-';
      *out++ = digits[bytes[i] >> 4];
      *out++ = digits[bytes[i] & 15];
    }
  *out = '\0';
  return text;
}

gboolean
plaza_uuid_parse (const char *text, guint8 bytes[16], GError **error)
{
  const char *p = text;

  for (int i = 0; text != NULL && i < 16; i++)
    {
      if ((i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
        break;
      bytes[i] = 0;
      for (int half = 0; half < 2; half++, p++)
        {
          if (!g_ascii_isxdigit (*p) || g_ascii_isupper (*p))
            return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a UUID");
          bytes[i] = (guint8) (bytes[i] << 4 | g_ascii_xdigit_value (*p));
        }
      if (i == 15 && *p == '\0')
        return TRUE;
    }
  return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a UUID");
}

gboolean
plaza_uuid_is_valid (const char *text)
{
  guint8 bytes[16];

  return plaza_uuid_parse (text, bytes, NULL);
}

char *
plaza_uuid_v7 (void)
{
  static GMutex lock;
  static gint64 last;
  guint8 bytes[16];
  gint64 ms;

  g_mutex_lock (&lock);
  ms = last = MAX (plaza_clock_now_ms (), last + 1);
  g_mutex_unlock (&lock);

  plaza_random_fill (bytes, sizeof bytes);
  for (int i = 0; i < 6; i++)
    bytes[i] = (guint8) (ms >> (40 - 8 * i));
  bytes[6] = (bytes[6] & 0x0F) | 0x70;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  return plaza_uuid_format (bytes);
}

char *
plaza_uuid_random (void)
{
  guint8 bytes[16];

  plaza_random_fill (bytes, sizeof bytes);
  bytes[6] = (bytes[6] & 0x0F) | 0x40;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  return plaza_uuid_format (bytes);
}

gint64
plaza_uuid_v7_time (const char *text)
{
  guint8 bytes[16];
  gint64 ms = 0;

  if (!plaza_uuid_parse (text, bytes, NULL) || bytes[6] >> 4 != 7)
    return -1;
  for (int i = 0; i < 6; i++)
    ms = ms << 8 | bytes[i];
  return ms;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/bytes.h"

#include <string.h>

const guint8 *
plaza_reader_take (PlazaReader *reader, gsize length)
{
  const guint8 *taken;

  if (length > reader->length - reader->at)
    return NULL;
  if (length == 0)
    return (const guint8 *) "";
  taken = reader->data + reader->at;
  reader->at += length;
  return taken;
}

gboolean
plaza_reader_u32 (PlazaReader *reader, guint32 *out)
{
  const guint8 *taken = plaza_reader_take (reader, sizeof *out);

  if (taken == NULL)
    return FALSE;
  memcpy (out, taken, sizeof *out);
  *out = GUINT32_FROM_LE (*out);
  return TRUE;
}

gboolean
plaza_reader_u64 (PlazaReader *reader, guint64 *out)
{
  const guint8 *taken = plaza_reader_take (reader, sizeof *out);

  if (taken == NULL)
    return FALSE;
  memcpy (out, taken, sizeof *out);
  *out = GUINT64_FROM_LE (*out);
  return TRUE;
}

void
plaza_append_u32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

void
plaza_append_u64 (GByteArray *out, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

void
plaza_append_bytes (GByteArray *out, GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (length > 0)
    g_byte_array_append (out, data, (guint) length);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reading and writing of the formats' little-endian fields; used inside wire/ only. */

/** PlazaReader: a bounded walk over bytes that it does not own. */
typedef struct
{
  const guint8 *data;
  gsize length;
  gsize at;
} PlazaReader;

/** plaza_reader_take: the next @length bytes, or NULL (and nothing is taken) when fewer are left.
 */
const guint8 *plaza_reader_take (PlazaReader *reader, gsize length);
gboolean plaza_reader_u32 (PlazaReader *reader, guint32 *out);
gboolean plaza_reader_u64 (PlazaReader *reader, guint64 *out);

void plaza_append_u32 (GByteArray *out, guint32 value);
void plaza_append_u64 (GByteArray *out, guint64 value);
void plaza_append_bytes (GByteArray *out, GBytes *bytes);

G_END_DECLS

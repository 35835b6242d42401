/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* zstd as the formats use it; used inside wire/ only. */

/**
 * plaza_compress: one zstd frame.
 * @dictionary: (nullable)
 * Returns: (transfer full): or NULL with PLAZA_ERROR_FAILED.
 */
GByteArray *plaza_compress (const guint8 *data, gsize length, GBytes *dictionary, GError **error);

/**
 * plaza_decompress: exactly one frame of at most @max bytes once opened; piece by piece, so that a
 * few bytes cannot claim all memory. PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT.
 */
GBytes *
plaza_decompress (const guint8 *data, gsize length, GBytes *dictionary, gsize max, GError **error);

G_END_DECLS

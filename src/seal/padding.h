/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * plaza_pad: @plain ‖ 0x80 ‖ zeros up to @size bytes (ISO 7816-4), @size > length of @plain.
 * Free with plaza_wipe_free().
 */
guint8 *plaza_pad (GBytes *plain, gsize size);

/** plaza_unpad: length of what was padded to @size bytes, or -1 when it is no padding. */
gssize plaza_unpad (const guint8 *padded, gsize size);

/** plaza_wipe_free: zeroes @size bytes and frees them; NULL is fine. */
void plaza_wipe_free (void *bytes, gsize size);

/** plaza_wiping_bytes: @data as GBytes that zeroes them at the end; takes @data, which is
 * g_malloc()ed. */
GBytes *plaza_wiping_bytes (guint8 *data, gsize size);

G_END_DECLS

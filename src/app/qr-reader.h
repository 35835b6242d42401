/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** plaza_qr_reader_is_image: whether @bytes begin like a PNG or JPEG image. */
gboolean plaza_qr_reader_is_image (GBytes *bytes);

/**
 * plaza_qr_reader_read: the text of the one QR code in a picture, such as a photo of an invitation.
 * @image: PNG or JPEG of at most 40 million pixels
 *
 * Returns: (transfer full): or NULL with PLAZA_ERROR_INVALID (not a picture), PLAZA_ERROR_LIMIT
 * (too many pixels; seen before they are decoded), PLAZA_ERROR_NOT_FOUND (no QR code, or several).
 */
char *plaza_qr_reader_read (GBytes *image, GError **error);

G_END_DECLS

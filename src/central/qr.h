/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How a QR code is drawn. */
typedef enum
{
  PLAZA_QR_PNG, /* 8 pixels a module, black on white */
  PLAZA_QR_SVG,
  PLAZA_QR_UTF8, /* half blocks, for a terminal */
} PlazaQrFormat;

/**
 * plaza_qr_draw: @text as a QR code with the margin the standard asks for.
 * Returns: (transfer full): or NULL with PLAZA_ERROR_LIMIT when it is too long.
 */
GBytes *plaza_qr_draw (const char *text, PlazaQrFormat format, GError **error);

/**
 * plaza_qr_modules: the square of @text, row by row, 1 for dark, without margin.
 * @width: (out): modules a side. Returns: (transfer full).
 */
guint8 *plaza_qr_modules (const char *text, guint *width, GError **error);

G_END_DECLS

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

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* plaza_qr_code_new: @text as a QR code, black on white with its quiet zone, one texel a module;
 * NULL when it does not fit. (transfer full) */
GdkTexture *plaza_qr_code_new (const char *text);

G_END_DECLS

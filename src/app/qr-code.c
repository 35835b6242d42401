/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/qr-code.h"

#include <qrencode.h>

#define QUIET_ZONE 4
#define MODULE 4 /* texels a module, so that scaling stays sharp */

GdkTexture *
plaza_qr_code_new (const char *text)
{
  QRcode *code = QRcode_encodeString (text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  g_autoptr (GBytes) bytes = NULL;
  guint8 *pixels;
  gsize side;

  if (code == NULL)
    return NULL;
  side = (gsize) (code->width + 2 * QUIET_ZONE) * MODULE;
  pixels = g_malloc (side * side * 3);
  for (gsize y = 0; y < side; y++)
    for (gsize x = 0; x < side; x++)
      {
        int column = (int) (x / MODULE) - QUIET_ZONE;
        int row = (int) (y / MODULE) - QUIET_ZONE;
        gboolean dark = column >= 0 && row >= 0 && column < code->width && row < code->width &&
                        (code->data[row * code->width + column] & 1) != 0;

        for (gsize c = 0; c < 3; c++)
          pixels[(y * side + x) * 3 + c] = dark ? 0 : 255;
      }
  QRcode_free (code);
  bytes = g_bytes_new_take (pixels, side * side * 3);
  return gdk_memory_texture_new ((int) side, (int) side, GDK_MEMORY_R8G8B8, bytes, side * 3);
}

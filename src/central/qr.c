/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <qrencode.h>

#include "base/error.h"
#include "central/qr.h"

#define MARGIN 4
#define PIXELS 8

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  x -= MARGIN;
  y -= MARGIN;
  return x >= 0 && y >= 0 && x < code->width && y < code->width &&
         (code->data[y * code->width + x] & 1) != 0;
}

/* PNG by hand: one grey bit a pixel needs no library. */

static void
append_u32 (GByteArray *out, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *) &big, sizeof big);
}

static guint32
crc (const guint8 *data, gsize length)
{
  guint32 value = 0xffffffffu;

  for (gsize i = 0; i < length; i++)
    {
      value ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0);
    }
  return ~value;
}

static void
append_chunk (GByteArray *out, const char type[4], const guint8 *data, gsize length)
{
  guint begin;

  append_u32 (out, (guint32) length);
  begin = out->len;
  g_byte_array_append (out, (const guint8 *) type, 4);
  if (length > 0)
    g_byte_array_append (out, data, (guint) length);
  append_u32 (out, crc (out->data + begin, length + 4));
}

static GBytes *
draw_png (const QRcode *code)
{
  static const guint8 magic[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  int size = (code->width + 2 * MARGIN) * PIXELS;
  gsize row = 1 + ((gsize) size + 7) / 8;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) header = g_byte_array_new ();
  g_autoptr (GByteArray) pixels = g_byte_array_new ();
  g_autoptr (GConverter) deflate =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  g_autoptr (GError) error = NULL;

  g_autofree guint8 *packed = NULL;
  gsize room, read, written;

  g_byte_array_set_size (pixels, (guint) (row * (gsize) size));
  memset (pixels->data, 0, pixels->len);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      if (!is_dark (code, x / PIXELS, y / PIXELS))
        pixels->data[(gsize) y * row + 1 + (gsize) x / 8] |= (guint8) (0x80 >> (x % 8));
  room = pixels->len + 1024;
  packed = g_malloc (room);
  if (g_converter_convert (deflate, pixels->data, pixels->len, packed, room,
                           G_CONVERTER_INPUT_AT_END, &read, &written,
                           &error) != G_CONVERTER_FINISHED)
    g_error ("deflating a QR code: %s", error != NULL ? error->message : "no room");

  g_byte_array_append (out, magic, sizeof magic);
  append_u32 (header, (guint32) size);
  append_u32 (header, (guint32) size);
  g_byte_array_append (header, (const guint8[]){ 1, 0, 0, 0, 0 }, 5); /* one bit, grey */
  append_chunk (out, "IHDR", header->data, header->len);
  append_chunk (out, "IDAT", packed, written);
  append_chunk (out, "IEND", NULL, 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

static GBytes *
draw_svg (const QRcode *code)
{
  int size = code->width + 2 * MARGIN;
  GString *out = g_string_new (NULL);

  g_string_append_printf (
      out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%dmm\" height=\"%dmm\" "
      "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
      "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path d=\"",
      size, size, size, size, size, size);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      if (is_dark (code, x, y))
        g_string_append_printf (out, "M%d %dh1v1h-1z", x, y);
  g_string_append (out, "\"/></svg>\n");
  return g_string_free_to_bytes (out);
}

static GBytes *
draw_utf8 (const QRcode *code)
{
  int size = code->width + 2 * MARGIN;
  GString *out = g_string_new (NULL);

  /* light modules are drawn, because terminals are mostly dark */
  for (int y = 0; y < size; y += 2)
    {
      for (int x = 0; x < size; x++)
        {
          gboolean upper = !is_dark (code, x, y);
          gboolean lower = !is_dark (code, x, y + 1);

          g_string_append (out, upper ? (lower ? "█" : "▀") : (lower ? "▄" : " "));
        }
      g_string_append_c (out, '\n');
    }
  return g_string_free_to_bytes (out);
}

static QRcode *
encode (const char *text, GError **error)
{
  QRcode *code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_L);

  if (code == NULL)
    plaza_throw_words (error, PLAZA_ERROR_LIMIT, _ ("too long for a QR code"));
  return code;
}

guint8 *
plaza_qr_modules (const char *text, guint *width, GError **error)
{
  QRcode *code = encode (text, error);
  guint8 *modules;

  if (code == NULL)
    return NULL;
  *width = (guint) code->width;
  modules = g_malloc ((gsize) *width * *width);
  for (gsize i = 0; i < (gsize) *width * *width; i++)
    modules[i] = code->data[i] & 1;
  QRcode_free (code);
  return modules;
}

GBytes *
plaza_qr_draw (const char *text, PlazaQrFormat format, GError **error)
{
  QRcode *code = encode (text, error);
  GBytes *bytes;

  if (code == NULL)
    return NULL;
  bytes = format == PLAZA_QR_PNG   ? draw_png (code)
          : format == PLAZA_QR_SVG ? draw_svg (code)
                                   : draw_utf8 (code);
  QRcode_free (code);
  return bytes;
}

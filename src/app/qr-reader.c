/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/qr-reader.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>
#include <zbar.h>

#include "base/error.h"

#define MAX_PIXELS 40000000
/* Modules smaller than this many pixels are missed: small pictures are enlarged first. */
#define COMFORTABLE_WIDTH 1000
#define ENLARGE 4

static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
static const guint8 jpeg[] = { 0xff, 0xd8, 0xff };

gboolean
plaza_qr_reader_is_image (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return (size > sizeof png && memcmp (data, png, sizeof png) == 0) ||
         (size > sizeof jpeg && memcmp (data, jpeg, sizeof jpeg) == 0);
}

/* A size of nothing makes the loader stop before it decodes. */
static void
on_size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gpointer data)
{
  gboolean *too_large = data;

  if (width < 1 || height < 1 || width > MAX_PIXELS / height)
    {
      *too_large = TRUE;
      gdk_pixbuf_loader_set_size (loader, 0, 0);
    }
}

static GdkPixbuf *
decode (GBytes *image, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GError) failure = NULL;
  gboolean too_large = FALSE;
  gboolean done;
  GdkPixbuf *pixbuf;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared_cb), &too_large);
  done = gdk_pixbuf_loader_write_bytes (loader, image, &failure);
  done = gdk_pixbuf_loader_close (loader, done ? &failure : NULL) && done;
  pixbuf = done && !too_large ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  if (pixbuf != NULL)
    return g_object_ref (pixbuf);
  if (too_large)
    plaza_throw (error, PLAZA_ERROR_LIMIT, "The picture has too many pixels");
  else
    plaza_throw (error, PLAZA_ERROR_INVALID, "Picture: %s",
                 failure != NULL ? failure->message : "nothing in it");
  return NULL;
}

/* One byte a pixel, transparent as white, every pixel @scale times in both directions. */
static guint8 *
to_grey (GdkPixbuf *pixbuf, guint scale, guint *out_width, guint *out_height)
{
  guint width = (guint) gdk_pixbuf_get_width (pixbuf) * scale;
  guint height = (guint) gdk_pixbuf_get_height (pixbuf) * scale;
  guint channels = (guint) gdk_pixbuf_get_n_channels (pixbuf);
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  guint8 *grey = g_malloc ((gsize) width * height);

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        const guint8 *p = pixels + y / scale * stride + (gsize) (x / scale) * channels;
        guint value = (p[0] * 299u + p[1] * 587u + p[2] * 114u) / 1000u;
        guint alpha = channels == 4 ? p[3] : 255u;

        grey[(gsize) y * width + x] = (guint8) ((value * alpha + 255u * (255u - alpha)) / 255u);
      }
  *out_width = width;
  *out_height = height;
  return grey;
}

static char *
scan (const guint8 *grey, guint width, guint height, GError **error)
{
  zbar_image_scanner_t *scanner = zbar_image_scanner_create ();
  zbar_image_t *image = zbar_image_create ();
  char *text = NULL;
  guint found = 0;

  zbar_image_scanner_set_config (scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
  zbar_image_scanner_set_config (scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
  zbar_image_set_format (image, zbar_fourcc ('Y', '8', '0', '0'));
  zbar_image_set_size (image, width, height);
  zbar_image_set_data (image, grey, (unsigned long) width * height, NULL);
  zbar_scan_image (scanner, image);
  for (const zbar_symbol_t *symbol = zbar_image_first_symbol (image); symbol != NULL;
       symbol = zbar_symbol_next (symbol))
    {
      g_free (text);
      text = g_utf8_make_valid (zbar_symbol_get_data (symbol),
                                (gssize) zbar_symbol_get_data_length (symbol));
      found++;
    }
  zbar_image_destroy (image);
  zbar_image_scanner_destroy (scanner);

  if (found == 1)
    return text;
  g_free (text);
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "%u QR codes in the picture", found);
  return NULL;
}

char *
plaza_qr_reader_read (GBytes *image, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = decode (image, error);
  g_autofree guint8 *grey = NULL;
  guint width, height;

  if (pixbuf == NULL)
    return NULL;
  grey = to_grey (pixbuf, gdk_pixbuf_get_width (pixbuf) < COMFORTABLE_WIDTH ? ENLARGE : 1, &width,
                  &height);
  return scan (grey, width, height, error);
}

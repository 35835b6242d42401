/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/qr-code.h"
#include "app/qr-reader.h"

#include <string.h>

#include "base/error.h"

static void
test_round (void)
{
  /* As long as an invitation with its certificate. */
  g_autoptr (GString) link = g_string_new ("plaza://join?u=https%3A%2F%2F127.0.0.1%3A8443&a=");
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GBytes) image = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < 540; i++)
    g_string_append_c (link, "MIIBhzCCAS2gAwIBAgIQZ-xZDWZYEzNJi0_"[i % 35]);
  texture = plaza_qr_code_new (link->str);
  g_assert_nonnull (texture);
  image = gdk_texture_save_to_png_bytes (texture);
  g_assert_true (plaza_qr_reader_is_image (image));
  text = plaza_qr_reader_read (image, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, link->str);
}

static void
refuse (const void *data, gsize size, int code)
{
  g_autoptr (GBytes) image = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;

  g_assert_null (plaza_qr_reader_read (image, &error));
  g_assert_error (error, PLAZA_ERROR, code);
}

static void
test_refused (void)
{
  g_autoptr (GdkPixbuf) blank = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 64, 64);
  g_autoptr (GError) error = NULL;
  g_autofree char *png = NULL;
  gsize size;

  gdk_pixbuf_fill (blank, 0xffffffff);
  g_assert_true (gdk_pixbuf_save_to_buffer (blank, &png, &size, "png", &error, NULL));
  refuse (png, size, PLAZA_ERROR_NOT_FOUND);
  refuse (png, 12, PLAZA_ERROR_INVALID);
  refuse ("plaza://join", 12, PLAZA_ERROR_INVALID);
  /* A header that says 60,000 × 60,000; the loader must stop there or earlier. */
  memcpy (png + 16, "\x00\x00\xea\x60\x00\x00\xea\x60", 8);
  {
    g_autoptr (GBytes) image = g_bytes_new (png, size);

    g_assert_null (plaza_qr_reader_read (image, &error));
    g_assert_nonnull (error);
  }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/qr-reader/round", test_round);
  g_test_add_func ("/app/qr-reader/refused", test_refused);
  return g_test_run ();
}

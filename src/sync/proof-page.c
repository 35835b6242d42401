/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/proof-page.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "base/error.h"

/* Letter, in points. */
#define WIDTH 612.0
#define HEIGHT 792.0
#define MARGIN 54.0
#define FOOT 30.0

typedef struct
{
  cairo_t *cairo;
  PangoLayout *layout;
  double y;
  guint page;
} Page;

static void
draw (Page *page, double y)
{
  cairo_move_to (page->cairo, MARGIN, y);
  pango_cairo_show_layout (page->cairo, page->layout);
}

static void
set_font (Page *page, const char *font)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (page->layout, description);
  pango_font_description_free (description);
}

static void
end_page (Page *page)
{
  g_autofree char *number = g_strdup_printf ("%u", page->page);

  set_font (page, "Sans 8");
  pango_layout_set_text (page->layout, number, -1);
  draw (page, HEIGHT - FOOT);
  cairo_show_page (page->cairo);
  page->page++;
  page->y = MARGIN;
}

/* Words in a face for reading, hashes and keys in one that tells their characters apart. */
static const char *
font_of (const char *line, gboolean first)
{
  gsize digits = 0;

  if (first)
    return "Sans Bold 15";
  for (const char *p = line; *p != '\0'; p++)
    {
      digits = g_ascii_isalnum (*p) || *p == '-' || *p == '_' ? digits + 1 : 0;
      if (digits >= 40)
        return "Monospace 7.5";
    }
  return "Sans 10";
}

static void
add_line (Page *page, const char *line, gboolean first)
{
  int height;

  set_font (page, font_of (line, first));
  pango_layout_set_text (page->layout, *line != '\0' ? line : " ", -1);
  pango_layout_get_size (page->layout, NULL, &height);
  if (page->y + height / (double) PANGO_SCALE > HEIGHT - MARGIN)
    {
      end_page (page);
      set_font (page, font_of (line, first));
      pango_layout_set_text (page->layout, line, -1);
    }
  draw (page, page->y);
  page->y += height / (double) PANGO_SCALE + 2;
}

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
plaza_proof_page_render (GBytes *text, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  g_autofree char *copy = g_strndup (data, size);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (copy), "\n", -1);
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append, bytes, WIDTH, HEIGHT);
  Page page = { .cairo = cairo_create (surface), .y = MARGIN, .page = 1 };
  cairo_status_t status;

  page.layout = pango_cairo_create_layout (page.cairo);
  pango_layout_set_width (page.layout, (int) ((WIDTH - 2 * MARGIN) * PANGO_SCALE));
  pango_layout_set_wrap (page.layout, PANGO_WRAP_WORD_CHAR);
  for (guint i = 0; lines[i] != NULL; i++)
    add_line (&page, lines[i], i == 0);
  end_page (&page);
  g_object_unref (page.layout);
  cairo_destroy (page.cairo);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  plaza_throw (error, PLAZA_ERROR_FAILED, "drawing the proof: %s", cairo_status_to_string (status));
  return NULL;
}

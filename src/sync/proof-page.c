/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/proof-page.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "base/error.h"

#define MARGIN 54.0
#define FOOT 30.0

typedef struct
{
  const char *text;
  const char *font;
  guint page;
  double y;
} Line;

struct _PlazaProofPages
{
  char **lines;
  GArray *placed; /* Line */
  PangoLayout *layout;
  guint pages;
};

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
set_line (PlazaProofPages *self, const char *font, const char *text)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (self->layout, description);
  pango_font_description_free (description);
  pango_layout_set_text (self->layout, *text != '\0' ? text : " ", -1);
}

static void
place (PlazaProofPages *self)
{
  double y = MARGIN;

  self->pages = 1;
  for (guint i = 0; self->lines[i] != NULL; i++)
    {
      Line line = { .text = self->lines[i], .font = font_of (self->lines[i], i == 0) };
      int height;

      set_line (self, line.font, line.text);
      pango_layout_get_size (self->layout, NULL, &height);
      if (y + height / (double) PANGO_SCALE > PLAZA_PROOF_PAGE_HEIGHT - MARGIN)
        {
          self->pages++;
          y = MARGIN;
        }
      line.page = self->pages - 1;
      line.y = y;
      g_array_append_val (self->placed, line);
      y += height / (double) PANGO_SCALE + 2;
    }
}

/* A layout that measures the same whatever it is drawn on. */
static PangoLayout *
layout_new (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();
  PangoLayout *layout;

  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  layout = pango_layout_new (context);
  g_object_unref (context);
  pango_layout_set_width (layout, (int) ((PLAZA_PROOF_PAGE_WIDTH - 2 * MARGIN) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  return layout;
}

PlazaProofPages *
plaza_proof_pages_new (GBytes *text)
{
  PlazaProofPages *self = g_new0 (PlazaProofPages, 1);
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  g_autofree char *copy = g_strndup (data, size);

  self->lines = g_strsplit (g_strchomp (copy), "\n", -1);
  self->placed = g_array_new (FALSE, FALSE, sizeof (Line));
  self->layout = layout_new ();
  place (self);
  return self;
}

void
plaza_proof_pages_free (PlazaProofPages *self)
{
  g_object_unref (self->layout);
  g_array_unref (self->placed);
  g_strfreev (self->lines);
  g_free (self);
}

guint
plaza_proof_pages_count (PlazaProofPages *self)
{
  return self->pages;
}

static void
draw_line (PlazaProofPages *self, cairo_t *cairo, double y)
{
  pango_cairo_update_layout (cairo, self->layout);
  cairo_move_to (cairo, MARGIN, y);
  pango_cairo_show_layout (cairo, self->layout);
}

void
plaza_proof_pages_draw (PlazaProofPages *self, guint page, cairo_t *cairo)
{
  g_autofree char *number = g_strdup_printf ("%u", page + 1);

  g_return_if_fail (page < self->pages);

  cairo_set_source_rgb (cairo, 0, 0, 0);
  for (guint i = 0; i < self->placed->len; i++)
    {
      const Line *line = &g_array_index (self->placed, Line, i);

      if (line->page != page)
        continue;
      set_line (self, line->font, line->text);
      draw_line (self, cairo, line->y);
    }
  set_line (self, "Sans 8", number);
  draw_line (self, cairo, PLAZA_PROOF_PAGE_HEIGHT - FOOT);
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
  g_autoptr (PlazaProofPages) pages = plaza_proof_pages_new (text);
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (
      append, bytes, PLAZA_PROOF_PAGE_WIDTH, PLAZA_PROOF_PAGE_HEIGHT);
  cairo_t *cairo = cairo_create (surface);
  cairo_status_t status;

  for (guint i = 0; i < pages->pages; i++)
    {
      plaza_proof_pages_draw (pages, i, cairo);
      cairo_show_page (cairo);
    }
  cairo_destroy (cairo);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  plaza_throw (error, PLAZA_ERROR_FAILED, "drawing the proof: %s", cairo_status_to_string (status));
  return NULL;
}

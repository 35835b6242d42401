/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <cairo-pdf.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <pango/pangocairo.h>

#include "base/clock.h"
#include "base/day-words.h"
#include "base/error.h"
#include "central/qr.h"
#include "central/slips.h"

/* All in points. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define MARGIN 28.0
#define SLIP_HEIGHT ((PAGE_HEIGHT - 2 * MARGIN) / PLAZA_SLIPS_A_PAGE)
#define PADDING 11.0
#define QR_SIDE 190.0
#define QR_MARGIN 4 /* modules, as the standard asks for */
#define GAP 16.0
#define TEXT_WIDTH (PAGE_WIDTH - 2 * MARGIN - QR_SIDE - GAP)

typedef struct
{
  cairo_t *cairo;
  PangoLayout *layout;
  PlazaCampaign *campaign;
  GByteArray *out;
} Slips;

static cairo_status_t
take_bytes (void *data, const unsigned char *bytes, unsigned int length)
{
  g_byte_array_append (data, bytes, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Writes @text, of at most @lines lines, and returns the y below it. */
static double
write_text (Slips *self,
            double x,
            double y,
            double width,
            const char *font,
            int lines,
            PangoAlignment alignment,
            const char *text)
{
  PangoFontDescription *description = pango_font_description_from_string (font);
  int height;

  pango_layout_set_font_description (self->layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (self->layout, (int) (width * PANGO_SCALE));
  pango_layout_set_height (self->layout, -lines);
  pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_wrap (self->layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (self->layout, alignment);
  pango_layout_set_text (self->layout, text, -1);
  cairo_move_to (self->cairo, x, y);
  pango_cairo_show_layout (self->cairo, self->layout);
  pango_layout_get_size (self->layout, NULL, &height);
  return y + (double) height / PANGO_SCALE;
}

static gboolean
draw_qr (Slips *self, double x, double y, const char *text, GError **error)
{
  guint width = 0;
  g_autofree guint8 *modules = plaza_qr_modules (text, &width, error);
  double side;

  if (modules == NULL)
    return FALSE;
  side = QR_SIDE / (width + 2 * QR_MARGIN);
  cairo_save (self->cairo);
  cairo_set_antialias (self->cairo, CAIRO_ANTIALIAS_NONE);
  cairo_translate (self->cairo, x + QR_MARGIN * side, y + QR_MARGIN * side);
  cairo_scale (self->cairo, side, side);
  for (guint row = 0; row < width; row++)
    for (guint column = 0; column < width; column++)
      {
        guint run = 0;

        /* one rectangle for what stands together, or hairlines show between */
        while (column + run < width && modules[row * width + column + run] != 0)
          run++;
        if (run == 0)
          continue;
        cairo_rectangle (self->cairo, column, row, run, 1);
        column += run;
      }
  cairo_fill (self->cairo);
  cairo_restore (self->cairo);
  return TRUE;
}

static char *
group_by_four (const char *text)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; text[i] != '\0'; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (out, ' ');
      g_string_append_c (out, text[i]);
    }
  return g_string_free (out, FALSE);
}

static const char *
role_name (const char *role)
{
  if (strcmp (role, "coordinator") == 0)
    return _ ("Coordinator");
  return strcmp (role, "administrator") == 0 ? _ ("Administrator") : _ ("Facilitator");
}

static char *
who (Slips *self, const PlazaInvitee *invitee)
{
  const PlazaCampaignOrganisation *organisation =
      plaza_campaign_organisation (self->campaign, invitee->organisation);

  return organisation == NULL
             ? g_strdup (role_name (invitee->role))
             : g_strdup_printf ("%s · %s", role_name (invitee->role), organisation->name);
}

static void
draw_words (Slips *self, double x, double y, const PlazaInvitee *invitee)
{
  g_autofree char *iso_date = plaza_clock_date (invitee->expires);
  g_autofree char *date = plaza_day_words (iso_date);
  g_autofree char *once = g_strdup_printf (_ ("Works once, until %s."), date);
  g_autofree char *role = who (self, invitee);

  y = write_text (self, x, y, TEXT_WIDTH, "Sans 7.5", 1, PANGO_ALIGN_LEFT, self->campaign->title);
  if (self->campaign->practice)
    y = write_text (self, x, y, TEXT_WIDTH, "Sans Bold 7.5", 1, PANGO_ALIGN_LEFT,
                    _ ("PRACTICE: nothing in it counts"));
  y = write_text (self, x, y + 4, TEXT_WIDTH, "Sans Bold 12", 2, PANGO_ALIGN_LEFT, invitee->person);
  y = write_text (self, x, y + 1, TEXT_WIDTH, "Sans 8", 1, PANGO_ALIGN_LEFT, role);
  y = write_text (self, x, y + 6, TEXT_WIDTH, "Sans 7.5", 1, PANGO_ALIGN_LEFT,
                  _ ("Code to join with"));
  y = write_text (self, x, y, TEXT_WIDTH, "Monospace Bold 16", 1, PANGO_ALIGN_LEFT,
                  invitee->link->code);
  y = write_text (self, x, y, TEXT_WIDTH, "Sans Bold 8", 1, PANGO_ALIGN_LEFT, once);
  y = write_text (self, x, y + 6, TEXT_WIDTH, "Sans 7.5", 10, PANGO_ALIGN_LEFT,
                  _ ("1. Open Plaza and choose “Join a consultation”.\n"
                     "2. Open your .plazajoin file, or a picture of this QR code; or type the code "
                     "where the consultation is known already, for instance from a USB stick: that "
                     "works without a connection.\n"
                     "3. Check that Plaza shows the same fingerprint as this slip.\n"
                     "4. Choose a passphrase that only you know, and destroy this slip."));
  write_text (self, x, y + 4, TEXT_WIDTH, "Sans Italic 7", 3, PANGO_ALIGN_LEFT,
              _ ("For you alone: whoever has this code can join in your name. If you lose it, tell "
                 "your coordinator."));
}

static void
draw_cut (Slips *self, double y)
{
  static const double dashes[] = { 4, 4 };

  cairo_save (self->cairo);
  cairo_set_line_width (self->cairo, 0.5);
  cairo_set_dash (self->cairo, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (self->cairo, 0, y);
  cairo_line_to (self->cairo, PAGE_WIDTH, y);
  cairo_stroke (self->cairo);
  cairo_restore (self->cairo);
}

static gboolean
draw_slip (Slips *self, guint position, const PlazaInvitee *invitee, GError **error)
{
  double y = MARGIN + position * SLIP_HEIGHT;
  double qr_x = PAGE_WIDTH - MARGIN - QR_SIDE;
  g_autofree char *link = plaza_join_link_to_uri (invitee->link);
  g_autofree char *fingerprint = group_by_four (self->campaign->fingerprint);
  double below;

  if (position > 0)
    draw_cut (self, y);
  draw_words (self, MARGIN, y + PADDING, invitee);
  if (!draw_qr (self, qr_x, y + PADDING - 4, link, error))
    return FALSE;
  below = write_text (self, qr_x, y + PADDING + QR_SIDE, QR_SIDE, "Sans 7", 1, PANGO_ALIGN_CENTER,
                      _ ("Fingerprint of the consultation"));
  write_text (self, qr_x, below, QR_SIDE, "Monospace 7", 3, PANGO_ALIGN_CENTER, fingerprint);
  return TRUE;
}

static gboolean
draw_all (Slips *self, GPtrArray *invitees, GError **error)
{
  for (guint i = 0; i < invitees->len; i++)
    {
      guint position = i % PLAZA_SLIPS_A_PAGE;

      if (!draw_slip (self, position, g_ptr_array_index (invitees, i), error))
        return FALSE;
      if (position == PLAZA_SLIPS_A_PAGE - 1 || i + 1 == invitees->len)
        cairo_show_page (self->cairo);
    }
  return TRUE;
}

/* What is printed is for those who join, whatever language the server speaks. */
static char *
speak (const char *language, char **before)
{
  char *locale = g_strdup (setlocale (LC_MESSAGES, NULL));

  *before = g_strdup (g_getenv ("LANGUAGE"));
  g_setenv ("LANGUAGE", language, TRUE);
  setlocale (LC_MESSAGES, "C.UTF-8"); /* in plain C nothing is ever translated */
  return locale;
}

static void
speak_again (const char *locale, const char *before)
{
  if (before != NULL)
    g_setenv ("LANGUAGE", before, TRUE);
  else
    g_unsetenv ("LANGUAGE");
  setlocale (LC_MESSAGES, locale);
}

GBytes *
plaza_slips_draw (PlazaCampaign *campaign,
                  GPtrArray *invitees,
                  const char *language,
                  GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream (take_bytes, out, PAGE_WIDTH, PAGE_HEIGHT);
  Slips self = { cairo_create (surface), NULL, campaign, out };
  g_autofree char *before = NULL;
  g_autofree char *locale = speak (language, &before);
  cairo_status_t status;
  gboolean done;

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, campaign->title);
  self.layout = pango_cairo_create_layout (self.cairo);
  done = draw_all (&self, invitees, error);
  speak_again (locale, before);
  g_object_unref (self.layout);
  cairo_destroy (self.cairo);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (done && status != CAIRO_STATUS_SUCCESS)
    done = plaza_throw_words (error, PLAZA_ERROR_FAILED, _ ("drawing the slips: %s"),
                              cairo_status_to_string (status));
  return done ? g_byte_array_free_to_bytes (g_steal_pointer (&out)) : NULL;
}

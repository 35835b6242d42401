/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

void
plaza_interview_screen_scroll_to_top (PlazaInterviewScreen *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_lower (adjustment));
}

/* A new page is read from its beginning: its words come before its first question. */
static gboolean
is_first_of_page (PlazaInterviewScreen *self, GtkWidget *focus)
{
  graphene_rect_t part;
  double page_size =
      gtk_adjustment_get_page_size (gtk_scrolled_window_get_vadjustment (self->scroller));

  return self->fresh && gtk_widget_compute_bounds (focus, GTK_WIDGET (self->clamp), &part) &&
         part.origin.y + part.size.height <= page_size;
}

/* The whole question of the focus, or as much of it as fits: its words matter as much as the option
 * that has the focus. */
static void
scroll_to_focus (PlazaInterviewScreen *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  double page_size = gtk_adjustment_get_page_size (adjustment);
  double value = gtk_adjustment_get_value (adjustment);
  GtkWidget *question;
  graphene_rect_t whole, part;
  float top, bottom;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->view)))
    return;
  question = gtk_widget_get_ancestor (focus, PLAZA_TYPE_QUESTION);
  if (is_first_of_page (self, focus))
    {
      self->fresh = FALSE;
      return;
    }
  self->fresh = FALSE;
  if (question == NULL || !gtk_widget_compute_bounds (question, GTK_WIDGET (self->clamp), &whole) ||
      !gtk_widget_compute_bounds (focus, GTK_WIDGET (self->clamp), &part))
    return;
  top = whole.origin.y;
  bottom = top + whole.size.height;
  if (whole.size.height > page_size)
    {
      /* Too high for the screen: the part with the focus, with some of what is around it. */
      top = part.origin.y - 48;
      bottom = part.origin.y + part.size.height + 48;
    }
  if (top < value)
    gtk_adjustment_set_value (adjustment, top);
  else if (bottom > value + page_size)
    gtk_adjustment_set_value (adjustment, MIN (top, bottom - page_size));
}

/* After a frame was laid out: a question or a problem that just came has its place then. */
static gboolean
on_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  PlazaInterviewScreen *self = PLAZA_INTERVIEW_SCREEN (widget);

  if (--self->scroll_in > 0)
    return G_SOURCE_CONTINUE;
  scroll_to_focus (self);
  return G_SOURCE_REMOVE;
}

void
plaza_interview_screen_queue_scroll (PlazaInterviewScreen *self)
{
  if (self->scroll_in == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
  self->scroll_in = 2;
}

/* Matches listed below an entry, a problem said, a question that came: the one with the focus stays
 * in sight. */
void
plaza_interview_screen_grown (PlazaInterviewScreen *self)
{
  if (self->started && !self->fresh)
    plaza_interview_screen_queue_scroll (self);
}

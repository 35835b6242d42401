/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/scroll-to.h"

/* Frames until what was shown has been laid out. */
#define FRAMES 3

static GtkScrolledWindow *
outermost (GtkWidget *widget)
{
  GtkScrolledWindow *found = NULL;

  for (GtkWidget *at = gtk_widget_get_parent (widget); at != NULL; at = gtk_widget_get_parent (at))
    if (GTK_IS_SCROLLED_WINDOW (at))
      found = GTK_SCROLLED_WINDOW (at);
  return found;
}

static gboolean
on_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  guint *left = data;
  GtkScrolledWindow *scroller = outermost (widget);
  GtkAdjustment *adjustment;
  graphene_rect_t bounds;
  double value, page;

  if (--*left > 0)
    return G_SOURCE_CONTINUE;
  if (scroller == NULL || !gtk_widget_compute_bounds (widget, GTK_WIDGET (scroller), &bounds))
    return G_SOURCE_REMOVE;
  adjustment = gtk_scrolled_window_get_vadjustment (scroller);
  value = gtk_adjustment_get_value (adjustment);
  page = gtk_adjustment_get_page_size (adjustment);
  if (bounds.origin.y < 0 || bounds.size.height > page)
    gtk_adjustment_set_value (adjustment, value + bounds.origin.y);
  else if (bounds.origin.y + bounds.size.height > page)
    gtk_adjustment_set_value (adjustment, value + bounds.origin.y + bounds.size.height - page);
  return G_SOURCE_REMOVE;
}

void
plaza_scroll_to (GtkWidget *widget)
{
  guint *left = g_new (guint, 1);

  *left = FRAMES;
  gtk_widget_add_tick_callback (widget, on_tick_cb, left, g_free);
}

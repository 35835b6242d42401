/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/ask.h"

static GtkWidget *
find_shown_button (GtkWidget *widget, const char *label)
{
  if (GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) &&
      g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_shown_button (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Where there is no room beside each other the buttons stand one above the other, the destructive
 * one first, and it would have the focus. Which way they stand settles within the first frames. */
#define SETTLING_FRAMES 10

static gboolean
on_dialog_tick_cb (GtkWidget *dialog, GdkFrameClock *clock, gpointer data)
{
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);
  const char *wanted = adw_message_dialog_get_default_response (message);
  const char *label = adw_message_dialog_get_response_label (message, wanted);
  GtkWidget *button = find_shown_button (dialog, label);
  guint *frames = data;

  if (button != NULL && !gtk_widget_has_focus (button))
    gtk_widget_grab_focus (button);
  return ++*frames < SETTLING_FRAMES ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
plaza_ask (GtkWidget *dialog)
{
  g_return_if_fail (ADW_IS_MESSAGE_DIALOG (dialog));
  g_return_if_fail (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog)) != NULL);

  gtk_widget_add_tick_callback (dialog, on_dialog_tick_cb, g_new0 (guint, 1), g_free);
  gtk_window_present (GTK_WINDOW (dialog));
}

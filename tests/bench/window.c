/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

/* The least a window of this toolkit costs: empty, painted once, gone. */

static void
on_after_paint_cb (GtkWindow *window)
{
  static gboolean painted;

  if (painted)
    return;
  painted = TRUE;
  g_print ("Painted\n");
  g_application_quit (g_application_get_default ());
}

static void
on_activate_cb (GtkApplication *application)
{
  GtkWidget *window = adw_application_window_new (application);

  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 690);
  gtk_widget_realize (window);
  g_signal_connect_swapped (
      gdk_surface_get_frame_clock (gtk_native_get_surface (GTK_NATIVE (window))), "after-paint",
      G_CALLBACK (on_after_paint_cb), window);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application =
      adw_application_new ("org.gobabiertomx.Plaza.Empty", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (on_activate_cb), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

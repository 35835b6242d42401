/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/help-window.h"

#include "app/window.h"

struct _PlazaHelpWindow
{
  AdwWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (PlazaHelpWindow, plaza_help_window, ADW_TYPE_WINDOW)

PlazaHelpWindow *
plaza_help_window_new (GtkWindow *parent)
{
  PlazaHelpWindow *self = g_object_new (PLAZA_TYPE_HELP_WINDOW, "transient-for", parent, NULL);

  if (PLAZA_IS_WINDOW (parent))
    plaza_window_fit (PLAZA_WINDOW (parent), GTK_WINDOW (self));
  return self;
}

static void
plaza_help_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_HELP_WINDOW);
  G_OBJECT_CLASS (plaza_help_window_parent_class)->dispose (object);
}

static void
plaza_help_window_class_init (PlazaHelpWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = plaza_help_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/help-window.ui");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
plaza_help_window_init (PlazaHelpWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

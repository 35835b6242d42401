/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/home-screen.h"

struct _PlazaHomeScreen
{
  PlazaScreen parent_instance;
};

G_DEFINE_FINAL_TYPE (PlazaHomeScreen, plaza_home_screen, PLAZA_TYPE_SCREEN)

PlazaScreen *
plaza_home_screen_new (void)
{
  return g_object_new (PLAZA_TYPE_HOME_SCREEN, NULL);
}

static void
plaza_home_screen_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_HOME_SCREEN);
  G_OBJECT_CLASS (plaza_home_screen_parent_class)->dispose (object);
}

static void
plaza_home_screen_class_init (PlazaHomeScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_home_screen_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/home-screen.ui");
}

static void
plaza_home_screen_init (PlazaHomeScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

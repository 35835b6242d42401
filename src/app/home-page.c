/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/home-page.h"

struct _PlazaHomePage
{
  PlazaScreen parent_instance;
};

G_DEFINE_FINAL_TYPE (PlazaHomePage, plaza_home_page, PLAZA_TYPE_SCREEN)

PlazaScreen *
plaza_home_page_new (void)
{
  return g_object_new (PLAZA_TYPE_HOME_PAGE, NULL);
}

static void
plaza_home_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_HOME_PAGE);
  G_OBJECT_CLASS (plaza_home_page_parent_class)->dispose (object);
}

static void
plaza_home_page_class_init (PlazaHomePageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_home_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/home-page.ui");
}

static void
plaza_home_page_init (PlazaHomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

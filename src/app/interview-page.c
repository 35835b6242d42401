/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-page.h"

struct _PlazaInterviewPage
{
  PlazaScreen parent_instance;
};

G_DEFINE_FINAL_TYPE (PlazaInterviewPage, plaza_interview_page, PLAZA_TYPE_SCREEN)

PlazaScreen *
plaza_interview_page_new (PlazaCapture *capture)
{
  return g_object_new (PLAZA_TYPE_INTERVIEW_PAGE, NULL);
}

static void
plaza_interview_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_INTERVIEW_PAGE);
  G_OBJECT_CLASS (plaza_interview_page_parent_class)->dispose (object);
}

static void
plaza_interview_page_class_init (PlazaInterviewPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_interview_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/interview-page.ui");
}

static void
plaza_interview_page_init (PlazaInterviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-heading.h"

struct _PlazaQuestionHeading
{
  PlazaQuestion parent_instance;
};

G_DEFINE_FINAL_TYPE (PlazaQuestionHeading, plaza_question_heading, PLAZA_TYPE_QUESTION)

static void
plaza_question_heading_bind (PlazaQuestion *question)
{
  gtk_widget_add_css_class (GTK_WIDGET (question), "heading");
}

static void
plaza_question_heading_class_init (PlazaQuestionHeadingClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_heading_bind;
}

static void
plaza_question_heading_init (PlazaQuestionHeading *self)
{
}

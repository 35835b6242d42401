/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-trigger.h"

#include <glib/gi18n.h>

#include "app/choice-group.h"

struct _PlazaQuestionTrigger
{
  PlazaQuestion parent_instance;

  PlazaChoiceGroup *group; /* of the one box to check: it has the keys of every other choice */
};

G_DEFINE_FINAL_TYPE (PlazaQuestionTrigger, plaza_question_trigger, PLAZA_TYPE_QUESTION)

static void
on_changed_cb (PlazaQuestionTrigger *self)
{
  g_autofree char *value = plaza_choice_group_get_value (self->group);

  plaza_question_answer (PLAZA_QUESTION (self), value);
}

static void
plaza_question_trigger_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionTrigger *self = PLAZA_QUESTION_TRIGGER (question);
  PlazaField *field = plaza_question_get_field (question);

  plaza_choice_group_set_value (self->group, plaza_field_get_value (field));
  plaza_choice_group_set_readonly (self->group, plaza_field_is_readonly (field));
}

static void
plaza_question_trigger_bind (PlazaQuestion *question)
{
  PlazaQuestionTrigger *self = PLAZA_QUESTION_TRIGGER (question);
  const char *codes[] = { "OK", NULL };
  const char *labels[] = { _ ("Done"), NULL };

  self->group = PLAZA_CHOICE_GROUP (plaza_choice_group_new (TRUE));
  plaza_choice_group_set_options (self->group, codes, labels, NULL, 0);
  g_signal_connect_object (self->group, "changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->group, "next", G_CALLBACK (plaza_question_go_next), self,
                           G_CONNECT_SWAPPED);
  plaza_question_set_control (question, GTK_WIDGET (self->group), GTK_WIDGET (self->group));
}

static void
plaza_question_trigger_class_init (PlazaQuestionTriggerClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_trigger_bind;
  PLAZA_QUESTION_CLASS (class)->refresh = plaza_question_trigger_refresh;
}

static void
plaza_question_trigger_init (PlazaQuestionTrigger *self)
{
}

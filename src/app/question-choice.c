/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-choice.h"

#include <glib/gi18n.h>

#include "app/choice-group.h"

/* A longer list is not printed with numbers. */
#define LONGEST_WHOLE 30

struct _PlazaQuestionChoice
{
  PlazaQuestion parent_instance;

  PlazaChoiceGroup *group;
};

G_DEFINE_FINAL_TYPE (PlazaQuestionChoice, plaza_question_choice, PLAZA_TYPE_QUESTION)

static void
on_changed_cb (PlazaQuestionChoice *self)
{
  g_autofree char *value = plaza_choice_group_get_value (self->group);

  plaza_question_answer (PLAZA_QUESTION (self), value);
}

/* The numbers of a list that shows only a part of a short one, such as the topics marked on an
 * earlier page, are those of the whole: the same on screen, on the sheet and on the card. */
static guint *
dup_numbers (PlazaField *field, GPtrArray *choices, guint *out_total)
{
  g_autofree guint *numbers = g_new0 (guint, choices->len + 1);

  for (guint i = 0; i < choices->len; i++)
    {
      const PlazaChoice *choice = g_ptr_array_index (choices, i);
      guint total = 0;

      numbers[i] = plaza_field_get_choice_number (field, choice->value, &total);
      if (numbers[i] == 0 || total > LONGEST_WHOLE || (i > 0 && numbers[i] <= numbers[i - 1]))
        return NULL;
      *out_total = total;
    }
  return g_steal_pointer (&numbers);
}

static void
show_choices (PlazaQuestionChoice *self)
{
  PlazaField *field = plaza_question_get_field (PLAZA_QUESTION (self));
  GPtrArray *choices = plaza_field_get_choices (field);
  guint total = 0;
  g_autofree guint *numbers = dup_numbers (field, choices, &total);
  g_autofree const char **codes = g_new0 (const char *, choices->len + 1);
  g_autofree const char **labels = g_new0 (const char *, choices->len + 1);

  for (guint i = 0; i < choices->len; i++)
    {
      const PlazaChoice *choice = g_ptr_array_index (choices, i);

      codes[i] = choice->value;
      labels[i] = choice->label;
    }
  plaza_choice_group_set_options (self->group, codes, labels, numbers, numbers != NULL ? total : 0);
  plaza_question_set_note (PLAZA_QUESTION (self),
                           choices->len == 0 ? _ ("There is nothing to choose from yet.") : NULL);
}

static void
plaza_question_choice_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionChoice *self = PLAZA_QUESTION_CHOICE (question);
  PlazaField *field = plaza_question_get_field (question);

  if (changes & (PLAZA_CHANGED_CHOICES | PLAZA_CHANGED_LABEL))
    show_choices (self);
  plaza_choice_group_set_value (self->group, plaza_field_get_value (field));
  plaza_choice_group_set_readonly (self->group, plaza_field_is_readonly (field));
}

static void
plaza_question_choice_bind (PlazaQuestion *question)
{
  PlazaQuestionChoice *self = PLAZA_QUESTION_CHOICE (question);
  PlazaField *field = plaza_question_get_field (question);
  gboolean several = plaza_field_get_control (field) == PLAZA_CONTROL_SELECT;

  self->group = PLAZA_CHOICE_GROUP (plaza_choice_group_new (several));
  g_signal_connect_object (self->group, "changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->group, "next", G_CALLBACK (plaza_question_go_next), self,
                           G_CONNECT_SWAPPED);
  plaza_question_set_control (question, GTK_WIDGET (self->group), GTK_WIDGET (self->group));
}

static void
plaza_question_choice_class_init (PlazaQuestionChoiceClass *class)
{
  PlazaQuestionClass *question_class = PLAZA_QUESTION_CLASS (class);

  question_class->bind = plaza_question_choice_bind;
  question_class->refresh = plaza_question_choice_refresh;
}

static void
plaza_question_choice_init (PlazaQuestionChoice *self)
{
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/**
 * PlazaQuestionEntry: a question answered in one entry whose text is not the value itself: numbers,
 * dates, times. A subclass says how one becomes the other; the rest (when it is given, when it is
 * kept as typed, what is said) is here.
 */
#define PLAZA_TYPE_QUESTION_ENTRY (plaza_question_entry_get_type ())
G_DECLARE_DERIVABLE_TYPE (
    PlazaQuestionEntry, plaza_question_entry, PLAZA, QUESTION_ENTRY, PlazaQuestion)

struct _PlazaQuestionEntryClass
{
  PlazaQuestionClass parent_class;

  /* The value for typed @text, or NULL with *@out_problem (in words) when there is none. @text is
   * neither blank nor NULL. (transfer full) */
  char *(*parse) (PlazaQuestionEntry *self, const char *text, char **out_problem);

  /* How @value is shown in the entry; @value is not "". (transfer full) */
  char *(*format) (PlazaQuestionEntry *self, const char *value);

  /* A widget beside the entry, such as a calendar; may be NULL. (transfer floating) */
  GtkWidget *(*make_companion) (PlazaQuestionEntry *self);
};

GtkEntry *plaza_question_entry_get_entry (PlazaQuestionEntry *self);

/* Another control of the question gave @value; the entry shows it. */
void plaza_question_entry_take (PlazaQuestionEntry *self, const char *value);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "form/interview.h"

G_BEGIN_DECLS

/* What a question says about its last answer. */
typedef enum
{
  PLAZA_SAVED_NONE,   /* nothing was answered here yet */
  PLAZA_SAVED_SAVING, /* given, not yet committed */
  PLAZA_SAVED_DONE,   /* committed to disk */
  PLAZA_SAVED_FAILED, /* could not be committed; the screen says what to do */
} PlazaSavedState;

/**
 * PlazaQuestion: one field of a page as a person meets it: label (large when it is read aloud), the
 * facilitator's hint apart from it, the control, the quiet word "Saved", and what is wrong with the
 * answer in words beside it.
 *
 * Each kind of question is a subclass in its own file and one row in question-kinds.c. A kind
 * builds its control in bind(), hands it over with plaza_question_set_control() and reports what
 * the person did with plaza_question_answer(), plaza_question_typing() and
 * plaza_question_go_next(). It stores nothing and asks no database; the screen does.
 *
 * Signals:
 *  - "answered" (const char *value): a complete answer in XForms lexical form, "" to clear.
 *  - "typed" (): text in progress is to be kept, within two seconds; ask
 * plaza_question_dup_typed().
 *  - "next" (): the person is done here and wants the next question.
 */
#define PLAZA_TYPE_QUESTION (plaza_question_get_type ())
G_DECLARE_DERIVABLE_TYPE (PlazaQuestion, plaza_question, PLAZA, QUESTION, GtkWidget)

struct _PlazaQuestionClass
{
  GtkWidgetClass parent_class;

  /* Once, after the field is known: build the control. Chaining up is not needed. */
  void (*bind) (PlazaQuestion *self);

  /* The field changed in @changes (all bits the first time and on a change of language): show it.
   * Text that is being typed is left alone. */
  void (*refresh) (PlazaQuestion *self, PlazaChanges changes);

  /* Give what is typed and not yet given with plaza_question_answer(), or say with
   * plaza_question_set_problem() why it cannot be an answer. NULL where nothing is typed. */
  void (*commit) (PlazaQuestion *self);

  /* What is typed and not yet given, as it stands; NULL for nothing. (transfer full) */
  char *(*dup_typed) (PlazaQuestion *self);

  /* Text in progress from before the program was closed comes back. */
  void (*restore_typed) (PlazaQuestion *self, const char *text);
};

/**
 * plaza_question_new: (question-kinds.c) the widget for @field, by its control, value type and
 * appearance. Both outlive the widget. Returns: (transfer floating)
 */
PlazaQuestion *plaza_question_new (PlazaInterview *interview, PlazaField *field);

PlazaInterview *plaza_question_get_interview (PlazaQuestion *self);
PlazaField *plaza_question_get_field (PlazaQuestion *self);

/* Show what changed in the field. */
void plaza_question_refresh (PlazaQuestion *self, PlazaChanges changes);

/* Hand to the screen whatever is typed. Called before the page goes away. */
void plaza_question_commit (PlazaQuestion *self);
char *plaza_question_dup_typed (PlazaQuestion *self);
void plaza_question_restore_typed (PlazaQuestion *self, const char *text);

/* The screen says how saving went. */
void plaza_question_set_saved (PlazaQuestion *self, PlazaSavedState state);
PlazaSavedState plaza_question_get_saved (PlazaQuestion *self);

/* From now on what is missing is said too (the person asked for the next page). */
void plaza_question_show_missing (PlazaQuestion *self);

/* What is wrong with the answer, as shown; NULL for nothing. */
const char *plaza_question_get_problem (PlazaQuestion *self);

/* The participant has the screen: no hints for the facilitator. */
void plaza_question_set_self_completion (PlazaQuestion *self, gboolean self_completion);

/* Whether it takes an answer at all (a note does not). */
gboolean plaza_question_can_answer (PlazaQuestion *self);

/* For the kinds */

/* @control: all of it, (transfer floating); @focus: the part that takes the focus and carries name
 * and state for assistive technology. */
void plaza_question_set_control (PlazaQuestion *self, GtkWidget *control, GtkWidget *focus);

/* A complete answer. FALSE: it was refused and the problem is shown; keep what was typed. */
gboolean plaza_question_answer (PlazaQuestion *self, const char *value);

/* A key was typed: in two seconds without another, "typed" is emitted. */
void plaza_question_typing (PlazaQuestion *self);

/* Why what is typed cannot be an answer; NULL when it can. It goes before the form's messages. */
void plaza_question_set_problem (PlazaQuestion *self, const char *problem);

/* A quiet line under the control, such as the characters left; NULL hides it. */
void plaza_question_set_note (PlazaQuestion *self, const char *note);

void plaza_question_go_next (PlazaQuestion *self);

/* The label of the question, for kinds that name more than one control with it. */
GtkWidget *plaza_question_get_label_widget (PlazaQuestion *self);

/* All of what may change, for a first refresh. */
#define PLAZA_CHANGED_ALL \
  ((PlazaChanges) (PLAZA_CHANGED_VALUE | PLAZA_CHANGED_RELEVANT | PLAZA_CHANGED_REQUIRED | \
                   PLAZA_CHANGED_READONLY | PLAZA_CHANGED_VALIDITY | PLAZA_CHANGED_CHOICES | \
                   PLAZA_CHANGED_LABEL))

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "form/interview.h"

G_BEGIN_DECLS

/** What is wrong with the answer to a question: for the eyes, and for assistive technology. */

/** plaza_question_problem_words: what the form, or else the program, says of the answer of @field;
 * NULL for nothing. @visited: the person was here and left: a missing answer is said too. (transfer
 * none) */
const char *plaza_question_problem_words (PlazaField *field, gboolean visited);

/** PlazaQuestionWords: the labels around a control, not owned. */
typedef struct
{
  GtkWidget *label;
  GtkWidget *hint;
  GtkWidget *note;
  GtkWidget *problem;
} PlazaQuestionWords;

/** plaza_question_problem_relate: tells assistive technology by which of @words @control is named
 * and described, and whether its answer is @wrong and @required. */
void plaza_question_problem_relate (GtkAccessible *control,
                                    const PlazaQuestionWords *words,
                                    gboolean wrong,
                                    gboolean required);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/**
 * PlazaQuestionFilled: an answer that the field session gave already, in one line. What differs
 * from interview to interview, such as the language, has a button to change it for this one.
 *
 * Signal: "change" (): show the question in full instead.
 */
#define PLAZA_TYPE_QUESTION_FILLED (plaza_question_filled_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionFilled, plaza_question_filled, PLAZA, QUESTION_FILLED, PlazaQuestion)

/* Whether @field is one: filled by the program, and filled. */
gboolean plaza_question_filled_suits (PlazaField *field);

PlazaQuestion *plaza_question_filled_new (PlazaInterview *interview, PlazaField *field);

G_END_DECLS

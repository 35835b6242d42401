/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionChoice: one or several of a list that fits on the page. */
#define PLAZA_TYPE_QUESTION_CHOICE (plaza_question_choice_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionChoice, plaza_question_choice, PLAZA, QUESTION_CHOICE, PlazaQuestion)

G_END_DECLS

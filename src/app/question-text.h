/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionText: text typed on one line or, with the appearance multiline, on several. */
#define PLAZA_TYPE_QUESTION_TEXT (plaza_question_text_get_type ())
G_DECLARE_FINAL_TYPE (PlazaQuestionText, plaza_question_text, PLAZA, QUESTION_TEXT, PlazaQuestion)

G_END_DECLS

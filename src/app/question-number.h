/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question-entry.h"

G_BEGIN_DECLS

/** PlazaQuestionNumber: a whole or decimal number, or text of digits (appearance numbers), typed.
 */
#define PLAZA_TYPE_QUESTION_NUMBER (plaza_question_number_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionNumber, plaza_question_number, PLAZA, QUESTION_NUMBER, PlazaQuestionEntry)

G_END_DECLS

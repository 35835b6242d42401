/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionRange: a number between two ends. */
#define PLAZA_TYPE_QUESTION_RANGE (plaza_question_range_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionRange, plaza_question_range, PLAZA, QUESTION_RANGE, PlazaQuestion)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionHeading: the title of a group within a page. */
#define PLAZA_TYPE_QUESTION_HEADING (plaza_question_heading_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionHeading, plaza_question_heading, PLAZA, QUESTION_HEADING, PlazaQuestion)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionTrigger: something to acknowledge. */
#define PLAZA_TYPE_QUESTION_TRIGGER (plaza_question_trigger_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionTrigger, plaza_question_trigger, PLAZA, QUESTION_TRIGGER, PlazaQuestion)

G_END_DECLS

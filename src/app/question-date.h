/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question-entry.h"

G_BEGIN_DECLS

/** PlazaQuestionDate: a date, a time or both, typed as people write them or picked. */
#define PLAZA_TYPE_QUESTION_DATE (plaza_question_date_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionDate, plaza_question_date, PLAZA, QUESTION_DATE, PlazaQuestionEntry)

G_END_DECLS

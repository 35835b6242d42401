/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionRank: all the choices, put in order. */
#define PLAZA_TYPE_QUESTION_RANK (plaza_question_rank_get_type ())
G_DECLARE_FINAL_TYPE (PlazaQuestionRank, plaza_question_rank, PLAZA, QUESTION_RANK, PlazaQuestion)

G_END_DECLS

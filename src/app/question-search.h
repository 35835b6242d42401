/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/** PlazaQuestionSearch: one of a long list, found by typing. */
#define PLAZA_TYPE_QUESTION_SEARCH (plaza_question_search_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaQuestionSearch, plaza_question_search, PLAZA, QUESTION_SEARCH, PlazaQuestion)

G_END_DECLS

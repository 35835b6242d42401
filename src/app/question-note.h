/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"

G_BEGIN_DECLS

/**
 * PlazaQuestionNote: words to read, nothing to answer. A long text that is not read aloud, such as
 * the full notice beside the short one, is folded away behind its title.
 */
#define PLAZA_TYPE_QUESTION_NOTE (plaza_question_note_get_type ())
G_DECLARE_FINAL_TYPE (PlazaQuestionNote, plaza_question_note, PLAZA, QUESTION_NOTE, PlazaQuestion)

/* Unfolds or folds the text; FALSE when it is not foldable. */
gboolean plaza_question_note_toggle (PlazaQuestionNote *self);

/* Whether a foldable text is unfolded. */
gboolean plaza_question_note_is_open (PlazaQuestionNote *self);

G_END_DECLS

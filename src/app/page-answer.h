/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"
#include "store/capture.h"

G_BEGIN_DECLS

/** How an answer goes from a question to the disk, and what the question says of it meanwhile. */

/**
 * plaza_page_answer_is_new:
 *
 * Returns: whether @value is an answer to @question and another one than before. When it is refused
 * the question says why; when it is the same, it shows it as it is kept.
 */
gboolean
plaza_page_answer_is_new (PlazaCapture *capture, PlazaQuestion *question, const char *value);

/** plaza_page_answer_keep: gives @value to @capture. @question says that it is being saved, then
 * how that went, unless another answer followed. */
void plaza_page_answer_keep (PlazaCapture *capture, PlazaQuestion *question, const char *value);

/** plaza_page_answer_all_saved: everything that failed is written again with the next event: once
 * that is saved, all of @questions (of PlazaQuestion) are. */
void plaza_page_answer_all_saved (GPtrArray *questions);

G_END_DECLS

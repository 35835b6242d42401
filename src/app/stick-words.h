/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/stick-dialog.h"
#include "sync/stick.h"

G_BEGIN_DECLS

/** Words of the dialog that works with a USB stick or with folders. */

/** plaza_stick_words_title: what its window is called. (transfer none) */
const char *plaza_stick_words_title (PlazaStickDialogMode mode);

/** plaza_stick_words_explain: what it is about to do, and the question for the stick. (transfer
 * none) */
const char *plaza_stick_words_explain (PlazaStickDialogMode mode);

/** plaza_stick_words_stop: what stopping here means. @delivering: the stick is read already, and
 * what was on it is delivered. (transfer none) */
const char *plaza_stick_words_stop (PlazaStickDialogMode mode, gboolean delivering);

/** plaza_stick_words_heading: how it ended. @whole: whether nothing went wrong. (transfer none) */
const char *plaza_stick_words_heading (PlazaStickDialogMode mode, gboolean whole);

/** plaza_stick_words_detail: what there is to know besides once @stick has worked; "" for nothing.
 * (transfer full) */
char *plaza_stick_words_detail (PlazaStickDialogMode mode, PlazaStick *stick);

G_END_DECLS

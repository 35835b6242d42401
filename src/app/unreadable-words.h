/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/unreadable.h"

G_BEGIN_DECLS

/** plaza_unreadable_words: what damage made unreadable, a line each; NULL when it is nothing.
 * (transfer full) */
char *plaza_unreadable_words (const PlazaUnreadable *unreadable);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/safe-copy.h"

G_BEGIN_DECLS

/* What people read about the sealed copy of a profile. Both: (transfer full). */

/* For Home: how old the last copy is; NULL when nobody asked for copies. */
char *plaza_copy_words_line (PlazaStore *store);

/* For the preferences. @folder: (nullable): the chosen one */
char *plaza_copy_words_folder (PlazaProfile *profile, const char *folder);

G_END_DECLS

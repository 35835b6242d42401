/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** plaza_hand_in_others_list: lists in @list, anew, who else has a profile on the laptop and what
 * only that person can do. @others: of PlazaHandInProfile. */
void plaza_hand_in_others_list (GtkListBox *list, GPtrArray *others);

G_END_DECLS

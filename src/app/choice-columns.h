/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * PlazaChoiceColumns: the layout of a PlazaChoiceGroup: its options below each other, or from eight
 * on in two columns (read downwards) where each has the width it would like to have.
 */
#define PLAZA_TYPE_CHOICE_COLUMNS (plaza_choice_columns_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaChoiceColumns, plaza_choice_columns, PLAZA, CHOICE_COLUMNS, GtkLayoutManager)

/* How many options stand below each other in a column, as last laid out; 0 for all of them. */
guint plaza_choice_columns_get_length (PlazaChoiceColumns *self);

G_END_DECLS

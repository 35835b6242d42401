/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * PlazaChoiceRow: one option of a PlazaChoiceGroup. It is itself the radio button or check box for
 * assistive technology and offers them the action "choice.choose"; the indicator inside is drawn
 * only. The group keeps the state; the row shows it.
 */
#define PLAZA_TYPE_CHOICE_ROW (plaza_choice_row_get_type ())
G_DECLARE_FINAL_TYPE (PlazaChoiceRow, plaza_choice_row, PLAZA, CHOICE_ROW, GtkWidget)

/**
 * plaza_choice_row_new:
 * @multiple: a check box instead of a radio button.
 * @code: what is stored when it is chosen.
 *
 * Signal: "chosen" () when it was clicked, touched or chosen by assistive technology.
 */
GtkWidget *plaza_choice_row_new (gboolean multiple, const char *code);

const char *plaza_choice_row_get_code (PlazaChoiceRow *self);

/* @number: the digits that choose it, shown before the label; NULL for none. */
void plaza_choice_row_set_number (PlazaChoiceRow *self, const char *number);

/* Its place for a screen reader, from 1. */
void plaza_choice_row_set_position (PlazaChoiceRow *self, guint position, guint size);

const char *plaza_choice_row_get_label (PlazaChoiceRow *self);
void plaza_choice_row_set_label (PlazaChoiceRow *self, const char *label);

gboolean plaza_choice_row_get_chosen (PlazaChoiceRow *self);
void plaza_choice_row_set_chosen (PlazaChoiceRow *self, gboolean chosen);

G_END_DECLS

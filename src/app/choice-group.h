/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * PlazaChoiceGroup: the options of one question, one or several of which are chosen.
 *
 * The group is always one Tab stop: Tab enters it on the chosen option (else the first, or the last
 * one visited) and the next Tab leaves it. Inside:
 *
 *  - Up, Down (Left, Right where the options stand in columns), Home and End move without choosing;
 *  - Space chooses the option under the focus, or unmarks it where several may be marked;
 *  - with up to nine options the digit chooses; with more, the options show two digits and two
 *    digits choose (07), or one digit that no option continues, or one digit and a short pause;
 *  - first letters choose as soon as one label alone begins with them (case and accents do not
 *    count), otherwise they move to the next label that does;
 *  - Delete or Backspace clears;
 *  - Enter goes to the next question (signal "next"). Where only one may be chosen and the focus
 *    was moved to another option, Enter chooses that option first.
 *
 * Each option is a radio button or a check box for a screen reader, with its state, its place in
 * the group and its digit on the option itself. The group's name comes from its owner
 * (labelled-by).
 */
#define PLAZA_TYPE_CHOICE_GROUP (plaza_choice_group_get_type ())
G_DECLARE_FINAL_TYPE (PlazaChoiceGroup, plaza_choice_group, PLAZA, CHOICE_GROUP, GtkWidget)

/**
 * plaza_choice_group_new:
 * @multiple: whether several options may be chosen.
 *
 * Signals: "changed" () when a person changed what is chosen (never from
 * plaza_choice_group_set_value()); "next" () when a person pressed Enter.
 */
GtkWidget *plaza_choice_group_new (gboolean multiple);

/**
 * plaza_choice_group_set_options:
 * @codes: (array zero-terminated=1): what is stored; a code holds no space.
 * @labels: (array zero-terminated=1): what is shown, plain text; as many as @codes.
 * @numbers: (nullable): the number that chooses each, ascending, as many as @codes; NULL counts
 *   from 1. A list that shows only a part of another keeps the numbers of the whole.
 * @total: how many options the whole list has; 0 when this is all of it. Says how many digits a
 *   number has.
 *
 * Replaces the options. What is chosen is kept as it is, even codes that are no longer offered;
 * when only labels changed, the focus stays where it is.
 */
void plaza_choice_group_set_options (PlazaChoiceGroup *self,
                                     const char *const *codes,
                                     const char *const *labels,
                                     const guint *numbers,
                                     guint total);

/**
 * plaza_choice_group_get_value:
 *
 * Returns: (transfer full): the chosen codes in the order of the options, separated by one space;
 *   "" when nothing is chosen.
 */
char *plaza_choice_group_get_value (PlazaChoiceGroup *self);
void plaza_choice_group_set_value (PlazaChoiceGroup *self, const char *value);

/* How many options are offered. */
guint plaza_choice_group_get_n_options (PlazaChoiceGroup *self);

/* Whether the answer may be changed here. Default: yes. Focus and reading stay possible. */
void plaza_choice_group_set_readonly (PlazaChoiceGroup *self, gboolean readonly);

G_END_DECLS

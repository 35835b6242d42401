/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PlazaChoiceTyping: what was typed to choose among the options of a question and may have more to
 * come: the first of two digits, or the first letters of a label. Digits and letters do not mix;
 * after a short pause letters are forgotten, and digits are the number they say.
 */
typedef struct _PlazaChoiceTyping PlazaChoiceTyping;

/* @number: greater than 0, typed in full because nothing more came. */
typedef void (*PlazaChoiceTypingFunc) (guint number, gpointer data);

PlazaChoiceTyping *plaza_choice_typing_new (PlazaChoiceTypingFunc on_number, gpointer data);
void plaza_choice_typing_free (PlazaChoiceTyping *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaChoiceTyping, plaza_choice_typing_free)

/* Begins anew: the person did something else. */
void plaza_choice_typing_forget (PlazaChoiceTyping *self);

/* The number typed so far, which is then forgotten; 0 when there is none. */
guint plaza_choice_typing_take_number (PlazaChoiceTyping *self);

/**
 * plaza_choice_typing_add_digit:
 * @highest: the highest number of the list.
 * @number: (out): what was typed, 0 for zeros.
 *
 * Returns: whether that is all of a number; FALSE while another digit may follow.
 */
gboolean
plaza_choice_typing_add_digit (PlazaChoiceTyping *self, guint digit, guint highest, guint *number);

/* What a letter leads to. */
typedef struct
{
  int row;         /* to go to, or -1: stay */
  gboolean choose; /* and it is chosen */
} PlazaChoiceTyped;

/**
 * plaza_choice_typing_add_letter:
 * @rows: of PlazaChoiceRow, whose labels are compared without case and accents.
 * @focused: the row that has the focus, or -1.
 * @multiple: several may be chosen, and a label may be the beginning of a longer one.
 *
 * The letters typed in one go are kept together after they chose something, so that the rest of a
 * label typed in full chooses nothing else.
 *
 * Returns: FALSE when no label begins so.
 */
gboolean plaza_choice_typing_add_letter (PlazaChoiceTyping *self,
                                         gunichar letter,
                                         GPtrArray *rows,
                                         int focused,
                                         gboolean multiple,
                                         PlazaChoiceTyped *typed);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/choice-typing.h"

#include <string.h>

#include "app/choice-row.h"

/* How long a first digit or letter waits for the next one. */
#define TYPING_MS 900

struct _PlazaChoiceTyping
{
  PlazaChoiceTypingFunc on_number;
  gpointer data;
  GString *typed; /* digits or folded letters that wait for more */
  guint timeout;
  int row; /* the row those letters chose already, or -1 */
};

PlazaChoiceTyping *
plaza_choice_typing_new (PlazaChoiceTypingFunc on_number, gpointer data)
{
  PlazaChoiceTyping *self = g_new0 (PlazaChoiceTyping, 1);

  self->on_number = on_number;
  self->data = data;
  self->typed = g_string_new (NULL);
  self->row = -1;
  return self;
}

void
plaza_choice_typing_free (PlazaChoiceTyping *self)
{
  plaza_choice_typing_forget (self);
  g_string_free (self->typed, TRUE);
  g_free (self);
}

void
plaza_choice_typing_forget (PlazaChoiceTyping *self)
{
  g_string_truncate (self->typed, 0);
  self->row = -1;
  g_clear_handle_id (&self->timeout, g_source_remove);
}

static guint
typed_number (PlazaChoiceTyping *self)
{
  return (guint) g_ascii_strtoull (self->typed->str, NULL, 10);
}

static gboolean
has_digits (PlazaChoiceTyping *self)
{
  return g_ascii_isdigit (self->typed->str[0]);
}

guint
plaza_choice_typing_take_number (PlazaChoiceTyping *self)
{
  guint number = has_digits (self) ? typed_number (self) : 0;

  if (number > 0)
    plaza_choice_typing_forget (self);
  return number;
}

static gboolean
on_timeout_cb (gpointer data)
{
  PlazaChoiceTyping *self = data;
  guint number;

  self->timeout = 0;
  number = plaza_choice_typing_take_number (self);
  if (number > 0)
    self->on_number (number, self->data);
  else
    plaza_choice_typing_forget (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_more (PlazaChoiceTyping *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (TYPING_MS, on_timeout_cb, self);
}

gboolean
plaza_choice_typing_add_digit (PlazaChoiceTyping *self, guint digit, guint highest, guint *number)
{
  if (self->typed->len > 0 && !has_digits (self))
    plaza_choice_typing_forget (self);
  g_string_append_c (self->typed, (char) ('0' + digit));
  *number = typed_number (self);
  if (highest > 9 && self->typed->len < 2 && *number * 10 <= highest)
    {
      wait_for_more (self);
      return FALSE;
    }
  plaza_choice_typing_forget (self);
  return TRUE;
}

/* Letters as they are compared: without accents, small, and only letters and digits. */
static char *
fold (const char *text)
{
  g_autofree char *decomposed = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autofree char *small = NULL;

  for (const char *c = decomposed; c != NULL && *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_isalnum (g_utf8_get_char (c)))
      g_string_append_unichar (plain, g_utf8_get_char (c));
  small = g_utf8_casefold (plain->str, -1);
  return g_steal_pointer (&small);
}

/* The labels that begin with what was typed. */
typedef struct
{
  guint n;
  int row; /* the first of them from the focus on, or the one that is exactly that; -1 for none */
  gboolean exact;
} Matches;

static Matches
find_matches (GPtrArray *rows, int focused, const char *typed)
{
  Matches matches = { 0, -1, FALSE };
  guint n = rows->len;
  /* A second letter narrows down what is focused now; a first one goes on from it. */
  guint start = (guint) MAX (focused, 0) + (strlen (typed) > 1 ? 0 : 1);

  for (guint i = 0; i < n; i++)
    {
      guint index = (start + i) % n;
      g_autofree char *label = fold (plaza_choice_row_get_label (g_ptr_array_index (rows, index)));

      if (!g_str_has_prefix (label, typed))
        continue;
      matches.n++;
      if (matches.row < 0 || (!matches.exact && g_str_equal (label, typed)))
        matches.row = (int) index;
      matches.exact = matches.exact || g_str_equal (label, typed);
    }
  return matches;
}

gboolean
plaza_choice_typing_add_letter (PlazaChoiceTyping *self,
                                gunichar letter,
                                GPtrArray *rows,
                                int focused,
                                gboolean multiple,
                                PlazaChoiceTyped *typed)
{
  char utf8[7] = { 0 };
  g_autofree char *folded = NULL;
  Matches matches;

  *typed = (PlazaChoiceTyped){ .row = -1 };
  g_unichar_to_utf8 (letter, utf8);
  folded = fold (utf8);
  if (self->typed->len > 0 && has_digits (self))
    plaza_choice_typing_forget (self);
  g_string_append (self->typed, folded);
  matches = find_matches (rows, focused, self->typed->str);
  if (matches.n == 0 && self->row < 0 && self->typed->len > strlen (folded))
    {
      /* Not the next letter of the same word: the first of another. */
      g_string_assign (self->typed, folded);
      matches = find_matches (rows, focused, self->typed->str);
    }
  if (matches.n == 0 && self->row < 0)
    {
      plaza_choice_typing_forget (self);
      return FALSE;
    }
  wait_for_more (self);
  if (matches.n == 0 || matches.row == self->row)
    return TRUE;
  typed->row = matches.row;
  typed->choose = matches.n == 1 || (matches.exact && !multiple);
  if (typed->choose)
    self->row = matches.row;
  return TRUE;
}

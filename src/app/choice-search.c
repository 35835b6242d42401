/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/choice-search.h"

#include <string.h>

#include "base/text.h"

typedef struct
{
  char *value;
  char *label;  /* as shown */
  char *folded; /* of the label as the form has it */
} Item;

struct _PlazaChoiceSearch
{
  GPtrArray *items; /* of Item */
};

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free (item->value);
  g_free (item->label);
  g_free (item->folded);
  g_free (item);
}

static Item *
item_at (PlazaChoiceSearch *self, guint index)
{
  return g_ptr_array_index (self->items, index);
}

static void
tell_homonyms_apart (PlazaChoiceSearch *self)
{
  g_autoptr (GHashTable) first = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) again = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->items->len; i++)
    if (!g_hash_table_add (first, item_at (self, i)->folded))
      g_hash_table_add (again, item_at (self, i)->folded);
  for (guint i = 0; i < self->items->len; i++)
    if (g_hash_table_contains (again, item_at (self, i)->folded))
      {
        Item *item = item_at (self, i);
        char *label = g_strdup_printf ("%s (%s)", item->label, item->value);

        g_free (item->label);
        item->label = label;
      }
}

PlazaChoiceSearch *
plaza_choice_search_new (GPtrArray *choices)
{
  PlazaChoiceSearch *self = g_new0 (PlazaChoiceSearch, 1);

  self->items = g_ptr_array_new_with_free_func (item_free);
  for (guint i = 0; i < choices->len; i++)
    {
      const PlazaChoice *choice = g_ptr_array_index (choices, i);
      Item *item = g_new0 (Item, 1);

      item->value = g_strdup (choice->value);
      item->label = g_strdup (choice->label);
      item->folded = plaza_text_fold (choice->label);
      g_ptr_array_add (self->items, item);
    }
  tell_homonyms_apart (self);
  return self;
}

void
plaza_choice_search_free (PlazaChoiceSearch *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->items);
  g_free (self);
}

guint
plaza_choice_search_get_size (PlazaChoiceSearch *self)
{
  return self->items->len;
}

const char *
plaza_choice_search_get_value (PlazaChoiceSearch *self, guint index)
{
  return item_at (self, index)->value;
}

const char *
plaza_choice_search_get_label (PlazaChoiceSearch *self, guint index)
{
  return item_at (self, index)->label;
}

int
plaza_choice_search_find_value (PlazaChoiceSearch *self, const char *value)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_str_equal (item_at (self, i)->value, value))
      return (int) i;
  return -1;
}

/* Whether a word of @text begins with @prefix. */
static gboolean
has_word (const char *text, const char *prefix)
{
  gsize length = strlen (prefix);

  for (const char *c = text; c != NULL && *c != '\0'; c = strpbrk (c, " -(,."))
    {
      c += strspn (c, " -(,.");
      if (strncmp (c, prefix, length) == 0)
        return TRUE;
      if (*c == '\0')
        break;
    }
  return FALSE;
}

static gboolean
has_words (const char *text, char **words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (!has_word (text, words[i]))
      return FALSE;
  return TRUE;
}

#define NO_MATCH 5

static guint
rank (const Item *item, const char *folded, char **words)
{
  if (g_str_equal (item->folded, folded) || g_str_equal (item->value, folded))
    return 0;
  if (g_str_has_prefix (item->folded, folded))
    return 1;
  if (has_word (item->folded, folded))
    return 2;
  if (has_words (item->folded, words))
    return 3;
  return strstr (item->folded, folded) != NULL ? 4 : NO_MATCH;
}

GArray *
plaza_choice_search_match (PlazaChoiceSearch *self, const char *text)
{
  GArray *matches = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *folded = plaza_text_fold (text);
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);
  g_autofree guint8 *ranks = g_malloc (self->items->len + 1);

  for (guint i = 0; i < self->items->len; i++)
    ranks[i] = (guint8) (*folded == '\0' ? 0 : rank (item_at (self, i), folded, words));
  for (guint wanted = 0; wanted < NO_MATCH; wanted++)
    for (guint i = 0; i < self->items->len; i++)
      if (ranks[i] == wanted)
        g_array_append_val (matches, i);
  return matches;
}

int
plaza_choice_search_find_exact (PlazaChoiceSearch *self, const char *text)
{
  g_autofree char *folded = plaza_text_fold (text);
  int found = -1;

  for (guint i = 0; i < self->items->len; i++)
    {
      const Item *item = item_at (self, i);
      g_autofree char *shown = NULL;

      if (g_str_equal (item->value, folded))
        return (int) i;
      shown = plaza_text_fold (item->label);
      if (!g_str_equal (shown, folded))
        continue;
      if (found >= 0)
        return -1;
      found = (int) i;
    }
  return found;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/unreadable-words.h"

#include <glib/gi18n.h>

/* @name ends the line: "Field sessions: 2". */
static void
add (GPtrArray *lines, const char *name, guint number)
{
  if (number > 0)
    g_ptr_array_add (lines, g_strdup_printf ("%s: %u", name, number));
}

char *
plaza_unreadable_words (const PlazaUnreadable *unreadable)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  add (lines, _ ("Lists of contacts, each with an unknown number of them"), unreadable->pools);
  add (lines, _ ("Unfinished interviews, in part or whole"), unreadable->drafts);
  add (lines, _ ("Finished entries"), unreadable->entries);
  add (lines, _ ("Sealed envelopes"), unreadable->envelopes);
  add (lines, _ ("Folios of responses"), unreadable->responses);
  add (lines, _ ("Field sessions"), unreadable->sessions);
  add (lines, _ ("Notes and settings"), unreadable->values);
  if (lines->len == 0)
    return NULL;
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

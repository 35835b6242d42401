/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/hand-in-others.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "store/hand-in.h"

static char *
other_words (const PlazaHandInProfile *other)
{
  if (other->unknown)
    return g_strdup (_ ("Open elsewhere or damaged: that person must look after it"));
  if (other->drafts > 0)
    return g_strdup_printf (ngettext ("%u unfinished interview: only that person can hand it in",
                                      "%u unfinished interviews: only that person can hand them in",
                                      other->drafts),
                            other->drafts);
  if (other->unsealed > 0)
    return g_strdup (_ ("Work that is not sealed yet: only that person can hand it in"));
  if (other->envelopes > 0)
    return g_strdup_printf (ngettext ("%u sealed envelope waits; it goes along",
                                      "%u sealed envelopes wait; they go along", other->envelopes),
                            other->envelopes);
  return g_strdup (_ ("Nothing waits; that person still has to hand in"));
}

void
plaza_hand_in_others_list (GtkListBox *list, GPtrArray *others)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, child);
  for (guint i = 0; i < others->len; i++)
    {
      const PlazaHandInProfile *other = g_ptr_array_index (others, i);
      GtkWidget *row = adw_action_row_new ();
      g_autofree char *words = other_words (other);
      g_autofree char *name = g_strdup_printf ("%s, %s", other->name, words);

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), other->name);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                      -1);
      gtk_list_box_append (list, row);
    }
}

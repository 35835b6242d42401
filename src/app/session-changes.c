/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/session-changes.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/words.h"

static gboolean
add_change (GtkListBox *list, const char *what, const char *before, const char *after)
{
  GtkWidget *row;
  g_autofree char *words = NULL;
  const char *nothing = _ ("nothing");

  if (g_strcmp0 (before != NULL ? before : "", after != NULL ? after : "") == 0)
    return FALSE;
  row = adw_action_row_new ();
  /* Translators: what a field said before, and what it says now */
  words = g_strdup_printf (_ ("%s → %s"), before != NULL && *before != '\0' ? before : nothing,
                           after != NULL && *after != '\0' ? after : nothing);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), what);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_list_box_append (list, row);
  return TRUE;
}

gboolean
plaza_session_changes_list (GtkListBox *list,
                            const PlazaSessionFields *before,
                            const PlazaSessionAnswers *answers,
                            const PlazaSessionNames *names)
{
  g_autofree char *day_before = plaza_words_day (before->date);
  g_autofree char *day_after = plaza_words_day (answers->date);
  g_autofree char *organisation_before =
      plaza_session_name_of (names->organisations, before->organisation);
  g_autofree char *organisation_after =
      plaza_session_name_of (names->organisations, answers->organisation);
  g_autofree char *state_before = plaza_session_name_of (names->states, before->state);
  g_autofree char *state_after = plaza_session_name_of (names->states, answers->state);
  g_autofree char *municipality_before =
      plaza_session_name_of (names->municipalities, before->municipality);
  g_autofree char *municipality_after =
      plaza_session_name_of (names->municipalities, answers->municipality);
  g_autofree char *attendance_before =
      before->attendance < 0 ? NULL : g_strdup_printf ("%" G_GINT64_FORMAT, before->attendance);
  g_autofree char *attendance_after =
      answers->attendance < 0 ? NULL : g_strdup_printf ("%" G_GINT64_FORMAT, answers->attendance);
  gboolean any = FALSE;
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
  any |= add_change (list, _ ("Date"), day_before, day_after);
  any |= add_change (list, _ ("Organisation"), organisation_before, organisation_after);
  any |= add_change (list, _ ("Team"), before->team, answers->team);
  any |= add_change (list, _ ("State"), state_before, state_after);
  any |= add_change (list, _ ("Municipality"), municipality_before, municipality_after);
  any |= add_change (list, _ ("Place"), before->place, answers->place);
  any |= add_change (list, _ ("Language"), before->language, answers->language);
  any |= add_change (list, _ ("People attending"), attendance_before, attendance_after);
  return any;
}

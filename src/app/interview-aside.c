/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

#include <glib/gi18n.h>

#include "app/window.h"

/* A topic that is unmarked takes its page along; the text on it is put aside, not lost. A line says
 * so for as long as nothing else is changed, and its button brings everything back. */

static void
forget_undo (PlazaInterviewScreen *self)
{
  self->undo_field = NULL;
  self->undo_instance = NULL;
  g_clear_pointer (&self->undo_value, g_free);
  gtk_widget_set_visible (self->undo_line, FALSE);
}

/* The instances that are aside and hold something a person said. */
static GHashTable *
find_aside (PlazaInterviewScreen *self)
{
  g_autoptr (GPtrArray) parked =
      plaza_interview_get_parked (plaza_capture_get_interview (self->capture));
  GHashTable *aside = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < parked->len; i++)
    if (plaza_field_is_answered (g_ptr_array_index (parked, i)))
      g_hash_table_add (aside, g_ptr_array_index (parked, i));
  return aside;
}

static void
on_changing_cb (PlazaInterviewScreen *self, PlazaField *field, const char *before)
{
  forget_undo (self);
  g_clear_pointer (&self->parked, g_hash_table_unref);
  self->parked = find_aside (self);
  self->undo_field = field;
  self->undo_value = g_strdup (before);
}

static void
on_structure_changed_cb (PlazaInterviewScreen *self)
{
  g_autoptr (GHashTable) aside = NULL;
  GHashTableIter iter;
  gpointer instance;

  if (self->undo_field == NULL || self->parked == NULL)
    return;
  aside = find_aside (self);
  g_hash_table_iter_init (&iter, aside);
  while (g_hash_table_iter_next (&iter, &instance, NULL))
    if (!g_hash_table_contains (self->parked, instance))
      {
        g_autofree char *about = plaza_field_dup_summary (instance);
        g_autofree char *words = NULL;

        /* Translators: %s is a topic, such as "Drinking water" */
        words = g_strdup_printf (_ ("What was said on “%s” is put aside. It comes back when the "
                                    "topic is marked again."),
                                 about);
        gtk_label_set_text (self->undo_label, words);
        gtk_widget_set_visible (self->undo_line, TRUE);
        return;
      }
}

static void
undo_answer (PlazaInterviewScreen *self)
{
  g_autofree char *value = g_steal_pointer (&self->undo_value);
  PlazaField *field = self->undo_field;
  g_autoptr (GError) error = NULL;

  forget_undo (self);
  if (!plaza_capture_set_answer (self->capture, field, value, &error))
    g_warning ("undoing: %s", error->message);
  plaza_page_view_focus_field (self->view, field);
}

static void
undo_removal (PlazaInterviewScreen *self)
{
  PlazaField *instance = self->undo_instance;
  g_autoptr (GError) error = NULL;

  forget_undo (self);
  if (!plaza_capture_restore_instance (self->capture, instance, &error))
    {
      g_warning ("undoing: %s", error->message);
      return;
    }
  plaza_interview_screen_jump_to_instance (self, instance);
}

void
plaza_interview_screen_undo (PlazaInterviewScreen *self)
{
  if (!gtk_widget_get_visible (self->undo_line))
    return;
  if (self->undo_instance != NULL)
    undo_removal (self);
  else if (self->undo_field != NULL)
    undo_answer (self);
}

/* Removing asks nothing, for the line brings everything back. */
void
plaza_interview_screen_remove_instance (PlazaInterviewScreen *self, PlazaField *instance)
{
  g_autoptr (GError) error = NULL;

  forget_undo (self);
  plaza_page_view_commit (self->view);
  if (!plaza_capture_remove_instance (self->capture, instance, &error))
    {
      plaza_window_show_error (plaza_screen_get_window (PLAZA_SCREEN (self)),
                               _ ("The page could not be removed"), error);
      return;
    }
  self->undo_instance = instance;
  gtk_label_set_text (self->undo_label, _ ("The page was removed, with what was written on it."));
  gtk_widget_set_visible (self->undo_line, TRUE);
}

void
plaza_interview_screen_watch_aside (PlazaInterviewScreen *self)
{
  PlazaInterview *interview = plaza_capture_get_interview (self->capture);

  g_signal_connect_object (self->view, "changing", G_CALLBACK (on_changing_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "remove",
                           G_CALLBACK (plaza_interview_screen_remove_instance), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (interview, "structure-changed", G_CALLBACK (on_structure_changed_cb),
                           self, G_CONNECT_SWAPPED);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

#include <glib/gi18n.h>

#include "app/window.h"

G_DEFINE_FINAL_TYPE (PlazaInterviewScreen, plaza_interview_screen, PLAZA_TYPE_SCREEN)

static PlazaPage *
current_page (PlazaInterviewScreen *self)
{
  return plaza_page_view_get_page (self->view);
}

gboolean
plaza_interview_screen_is_handed_over (PlazaInterviewScreen *self)
{
  return !self->returned &&
         g_strcmp0 (plaza_capture_get_mode (self->capture), PLAZA_MODE_SELF) == 0;
}

PlazaCapture *
plaza_interview_screen_get_capture (PlazaInterviewScreen *self)
{
  g_return_val_if_fail (PLAZA_IS_INTERVIEW_SCREEN (self), NULL);

  return self->capture;
}

/* What is shown around the questions */

static void
enable (PlazaInterviewScreen *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

gboolean
plaza_interview_screen_is_showing_missing (PlazaInterviewScreen *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "missing") == 0;
}

static void
update_saved (PlazaInterviewScreen *self)
{
  const char *words =
      plaza_capture_get_unsaved (self->capture) == 0 ? _ ("Everything is saved") : _ ("Saving…");

  gtk_label_set_text (self->saved_label, words);
}

void
plaza_interview_screen_update_frame (PlazaInterviewScreen *self)
{
  gboolean handed_over = plaza_interview_screen_is_handed_over (self);
  gboolean due = plaza_capture_get_outcome_due (self->capture) >= 0;
  gboolean last = current_page (self) != NULL && plaza_interview_screen_page_after (self) == NULL;
  gboolean correction = plaza_capture_is_correction (self->capture);
  g_autofree char *section = NULL;
  g_autofree char *subtitle = NULL;
  const char *next;

  if (current_page (self) == NULL)
    return;
  section = plaza_interview_screen_dup_section_words (self);
  /* Translators: %s is a folio */
  subtitle = g_strdup_printf (correction ? _ ("Correction of folio %s") : _ ("Folio %s"),
                              plaza_capture_get_folio (self->capture));
  plaza_screen_set_title (PLAZA_SCREEN (self), section);
  plaza_screen_set_subtitle (PLAZA_SCREEN (self), subtitle);

  if (due)
    next = _ ("End the interview");
  else if (last || plaza_interview_screen_is_showing_missing (self))
    next = _ ("Finish");
  else
    next = _ ("Next");
  gtk_button_set_label (GTK_BUTTON (self->next_button), next);
  gtk_widget_set_visible (self->handed_bar, handed_over);
  gtk_label_set_text (self->section_label, section);
  if (handed_over)
    gtk_widget_add_css_class (GTK_WIDGET (self), "self-completion");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "self-completion");
  enable (self, "back",
          plaza_interview_screen_is_showing_missing (self) ||
              plaza_interview_screen_page_before (self) != NULL || !handed_over);
  enable (self, "outline", !handed_over);
  enable (self, "menu", !handed_over);
  enable (self, "suspend", !handed_over);
  enable (self, "refuse", !handed_over && !correction);
  enable (self, "partial", !handed_over && !correction);
  enable (self, "withdraw", !handed_over);
  enable (self, "discard", !handed_over && correction);
  plaza_interview_screen_show_due (self);
  update_saved (self);
}

static void
on_focus_changed_cb (PlazaInterviewScreen *self)
{
  PlazaField *field;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || self->ending)
    return;
  plaza_interview_screen_queue_scroll (self);
  field = plaza_page_view_get_focus_field (self->view);
  if (field != NULL && !plaza_capture_is_ended (self->capture))
    plaza_capture_set_page (self->capture, current_page (self), field);
}

/* Actions and keys */

static void
next_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_interview_screen_go_next (data);
}

static void
back_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_interview_screen_go_back (data);
}

static void
full_text_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_page_view_toggle_full_text (PLAZA_INTERVIEW_SCREEN (data)->view);
}

static void
outline_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWidget *button = plaza_screen_get_header_start (data);

  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
}

static void
menu_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (PLAZA_INTERVIEW_SCREEN (data)->menu_button));
}

static void
language_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_interview_screen_set_language (data, g_variant_get_string (parameter, NULL));
}

static void
next_language_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *next = plaza_interview_screen_next_language (data);

  if (next != NULL)
    plaza_interview_screen_set_language (data, next);
}

static void
undo_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_interview_screen_undo (data);
}

static void
retry_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlazaInterviewScreen *self = data;
  g_autoptr (GError) error = NULL;

  if (plaza_capture_save (self->capture, &error))
    gtk_widget_set_visible (self->failed_line, FALSE);
  else
    g_warning ("saving again: %s", error->message);
}

static const GActionEntry ENTRIES[] = {
  { "next", next_action },
  { "back", back_action },
  { "full-text", full_text_action },
  { "outline", outline_action },
  { "menu", menu_action },
  { "language", language_action, "s", "''" },
  { "next-language", next_language_action },
  { "undo", undo_action },
  { "retry", retry_action },
};

static const struct
{
  const char *trigger;
  const char *action;
} KEYS[] = {
  { "<Control>Return|<Control>KP_Enter|<Control>ISO_Enter", "interview.next" },
  { "<Alt>Right", "interview.next" },
  { "<Alt>Left", "interview.back" },
  { "F2", "interview.full-text" },
  { "F4", "interview.menu" },
  { "F6", "interview.outline" },
  { "F7", "interview.next-language" },
  { "F8", "interview.suspend" },
  { "<Control><Shift>t", "interview.refuse" },
  { "<Control><Shift>e", "interview.partial" },
  { "<Control><Shift>x", "interview.withdraw" },
  { "<Control><Shift>z", "interview.undo" },
};

static void
add_keys (PlazaInterviewScreen *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  /* Before the text view, which would take Control+Enter for a new line. */
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_MANAGED);
  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (KEYS[i].trigger),
                          gtk_named_action_new (KEYS[i].action)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

/* What the capture and the window say */

static void
on_save_failed_cb (PlazaInterviewScreen *self, GError *error)
{
  g_warning ("an answer is not on disk yet: %s", error->message);
  gtk_label_set_text (
      self->failed_label,
      _ ("The last answer could not be written to the disk. What was saved before is "
         "safe, and this answer is kept while the window stays open. Free some "
         "space on the disk, then try again."));
  gtk_widget_set_visible (self->failed_line, TRUE);
}

static void
on_all_saved_cb (PlazaInterviewScreen *self)
{
  gtk_widget_set_visible (self->failed_line, FALSE);
  update_saved (self);
}

static void
on_outcome_due_cb (PlazaInterviewScreen *self)
{
  if (self->started && !self->ending)
    plaza_interview_screen_update_frame (self);
}

static void
on_last_cb (PlazaInterviewScreen *self)
{
  gtk_widget_grab_focus (self->next_button);
}

static void
on_root_changed_cb (PlazaInterviewScreen *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (root != NULL)
    g_signal_connect_object (root, "notify::focus-widget", G_CALLBACK (on_focus_changed_cb), self,
                             G_CONNECT_SWAPPED);
}

static void
plaza_interview_screen_shown (PlazaScreen *screen)
{
  PlazaInterviewScreen *self = PLAZA_INTERVIEW_SCREEN (screen);
  PlazaWindow *window = plaza_screen_get_window (screen);

  if (!self->started)
    plaza_interview_screen_show_first_page (self);
  else
    plaza_page_view_focus_field (self->view, plaza_capture_get_focus (self->capture));
  if (window != NULL)
    plaza_window_set_handed_over (window, plaza_interview_screen_is_handed_over (self));
}

static void
plaza_interview_screen_save (PlazaScreen *screen)
{
  PlazaInterviewScreen *self = PLAZA_INTERVIEW_SCREEN (screen);
  g_autoptr (GError) error = NULL;

  if (plaza_capture_is_ended (self->capture))
    return;
  plaza_page_view_commit (self->view);
  if (!plaza_capture_save (self->capture, &error))
    g_warning ("saving the interview: %s", error->message);
}

static const char *
plaza_interview_screen_get_response (PlazaScreen *screen)
{
  PlazaCapture *capture = PLAZA_INTERVIEW_SCREEN (screen)->capture;

  return plaza_capture_is_ended (capture) ? NULL : plaza_capture_get_response (capture);
}

static gboolean
plaza_interview_screen_back (PlazaScreen *screen)
{
  plaza_interview_screen_go_back (PLAZA_INTERVIEW_SCREEN (screen));
  return TRUE;
}

/* The object */

static void
plaza_interview_screen_dispose (GObject *object)
{
  PlazaInterviewScreen *self = PLAZA_INTERVIEW_SCREEN (object);

  if (self->view != NULL)
    plaza_page_view_set_page (self->view, NULL);
  self->view = NULL;
  self->missing = NULL;
  g_clear_object (&self->actions);
  g_clear_object (&self->capture);
  g_clear_pointer (&self->parked, g_hash_table_unref);
  g_clear_pointer (&self->undo_value, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_INTERVIEW_SCREEN);
  G_OBJECT_CLASS (plaza_interview_screen_parent_class)->dispose (object);
}

static void
plaza_interview_screen_class_init (PlazaInterviewScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  PlazaScreenClass *screen_class = PLAZA_SCREEN_CLASS (class);

  object_class->dispose = plaza_interview_screen_dispose;
  screen_class->shown = plaza_interview_screen_shown;
  screen_class->save = plaza_interview_screen_save;
  screen_class->back = plaza_interview_screen_back;
  screen_class->get_response = plaza_interview_screen_get_response;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/interview-screen.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, PlazaInterviewScreen, name)
  BIND (handed_bar);
  BIND (section_label);
  BIND (other_language_button);
  BIND (failed_line);
  BIND (failed_label);
  BIND (undo_line);
  BIND (undo_label);
  BIND (due_line);
  BIND (due_label);
  BIND (stack);
  BIND (scroller);
  BIND (clamp);
  BIND (missing_scroller);
  BIND (missing_clamp);
  BIND (back_button);
  BIND (next_button);
  BIND (saved_label);
#undef BIND
}

static void
plaza_interview_screen_init (PlazaInterviewScreen *self)
{
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), ENTRIES, G_N_ELEMENTS (ENTRIES),
                                   self);
  plaza_interview_screen_add_ending_actions (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "interview", G_ACTION_GROUP (self->actions));
  gtk_widget_init_template (GTK_WIDGET (self));
  add_keys (self);
  g_signal_connect (self, "notify::root", G_CALLBACK (on_root_changed_cb), NULL);
}

static GMenuModel *
load_menu (void)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/org/gobabiertomx/Plaza/interview-menu.ui");

  return G_MENU_MODEL (g_object_ref (gtk_builder_get_object (builder, "interview_menu")));
}

PlazaScreen *
plaza_interview_screen_new (PlazaCapture *capture)
{
  PlazaInterviewScreen *self = g_object_new (PLAZA_TYPE_INTERVIEW_SCREEN, NULL);
  PlazaInterview *interview = plaza_capture_get_interview (capture);
  g_autoptr (GMenuModel) menu = load_menu ();

  self->capture = g_object_ref (capture);
  self->view = PLAZA_PAGE_VIEW (plaza_page_view_new (capture));
  plaza_page_view_set_self_completion (self->view, plaza_interview_screen_is_handed_over (self));
  adw_clamp_set_child (self->clamp, GTK_WIDGET (self->view));
  self->missing = PLAZA_MISSING_VIEW (plaza_missing_view_new ());
  adw_clamp_set_child (self->missing_clamp, GTK_WIDGET (self->missing));
  plaza_interview_screen_make_header (self, menu);

  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "changed",
                           G_CALLBACK (plaza_interview_screen_grown), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "add", G_CALLBACK (plaza_interview_screen_add_instance),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "last", G_CALLBACK (on_last_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->missing, "jump",
                           G_CALLBACK (plaza_interview_screen_jump_to_missing), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (interview, "pages-changed",
                           G_CALLBACK (plaza_interview_screen_pages_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (interview, "language-changed",
                           G_CALLBACK (plaza_interview_screen_language_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "save-failed", G_CALLBACK (on_save_failed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "saved", G_CALLBACK (on_all_saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "notify::unsaved", G_CALLBACK (update_saved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "outcome-due", G_CALLBACK (on_outcome_due_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_interview_screen_language_changed (self);
  plaza_interview_screen_watch_aside (self);
  return PLAZA_SCREEN (self);
}

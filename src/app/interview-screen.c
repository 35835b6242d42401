/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/window.h"

G_DEFINE_FINAL_TYPE (PlazaInterviewScreen, plaza_interview_screen, PLAZA_TYPE_SCREEN)

static PlazaInterview *
interview_of (PlazaInterviewScreen *self)
{
  return plaza_capture_get_interview (self->capture);
}

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

/* Which pages there are */

/* A page that one comes upon going forwards: it asks something, or it is words to read. */
static gboolean
stops_at (PlazaInterviewScreen *self, PlazaPage *page)
{
  return plaza_page_view_page_asks (self->capture, page) &&
         !plaza_outline_leaves_out (self->capture, page);
}

/* A page that may be shown at all. */
gboolean
plaza_interview_screen_shows (PlazaInterviewScreen *self, PlazaPage *page)
{
  return !plaza_outline_leaves_out (self->capture, page) &&
         (!plaza_interview_screen_is_handed_over (self) ||
          plaza_page_view_page_asks (self->capture, page));
}

static PlazaPage *
find_page (PlazaInterviewScreen *self, int start, int step, gboolean forwards)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));

  for (int i = start; i >= 0 && i < (int) pages->len; i += step)
    {
      PlazaPage *page = g_ptr_array_index (pages, (guint) i);

      if (forwards ? stops_at (self, page) : plaza_interview_screen_shows (self, page))
        return page;
    }
  return NULL;
}

static int
current_index (PlazaInterviewScreen *self)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));
  guint index;

  return g_ptr_array_find (pages, current_page (self), &index) ? (int) index : -1;
}

static PlazaPage *
page_after (PlazaInterviewScreen *self)
{
  return find_page (self, current_index (self) + 1, 1, TRUE);
}

static PlazaPage *
page_before (PlazaInterviewScreen *self)
{
  int index = current_index (self);

  return index > 0 ? find_page (self, index - 1, -1, FALSE) : NULL;
}

/* "Section 3 of 7": the sections that ask something, so that what the session filled in does not
 * count. */
static char *
dup_section_words (PlazaInterviewScreen *self)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));
  PlazaPage *page = current_page (self);
  guint n = 0, here = 0, last = 0;

  for (guint i = 0; i < pages->len; i++)
    {
      PlazaPage *other = g_ptr_array_index (pages, i);

      if (stops_at (self, other) && plaza_page_get_section (other) != last)
        {
          last = plaza_page_get_section (other);
          n++;
        }
      if (other == page && last == plaza_page_get_section (other))
        here = n;
    }
  if (here == 0)
    return g_strdup (_ ("Fieldwork data"));
  return g_strdup_printf (_ ("Section %u of %u"), here, n);
}

/* What is shown around the questions */

static void
enable (PlazaInterviewScreen *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static gboolean
is_showing_missing (PlazaInterviewScreen *self)
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

static void
update_frame (PlazaInterviewScreen *self)
{
  gboolean handed_over = plaza_interview_screen_is_handed_over (self);
  gboolean due = plaza_capture_get_outcome_due (self->capture) >= 0;
  gboolean last = current_page (self) != NULL && page_after (self) == NULL;
  gboolean correction = plaza_capture_is_correction (self->capture);
  g_autofree char *section = NULL;
  g_autofree char *subtitle = NULL;
  const char *next;

  if (current_page (self) == NULL)
    return;
  section = dup_section_words (self);
  /* Translators: %s is a folio */
  subtitle = g_strdup_printf (correction ? _ ("Correction of folio %s") : _ ("Folio %s"),
                              plaza_capture_get_folio (self->capture));
  plaza_screen_set_title (PLAZA_SCREEN (self), section);
  plaza_screen_set_subtitle (PLAZA_SCREEN (self), subtitle);

  if (due)
    next = _ ("End the interview");
  else if (last || is_showing_missing (self))
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
  enable (self, "back", is_showing_missing (self) || page_before (self) != NULL || !handed_over);
  enable (self, "suspend", !handed_over);
  enable (self, "refuse", !handed_over && !correction);
  enable (self, "partial", !handed_over && !correction);
  enable (self, "withdraw", !handed_over);
  enable (self, "discard", !handed_over && correction);
  plaza_interview_screen_show_due (self);
  update_saved (self);
}

static void
scroll_to_top (PlazaInterviewScreen *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_lower (adjustment));
}

/* A new page is read from its beginning: its words come before its first question. */
static gboolean
is_first_of_page (PlazaInterviewScreen *self, GtkWidget *focus)
{
  graphene_rect_t part;
  double page_size =
      gtk_adjustment_get_page_size (gtk_scrolled_window_get_vadjustment (self->scroller));

  return self->fresh && gtk_widget_compute_bounds (focus, GTK_WIDGET (self->clamp), &part) &&
         part.origin.y + part.size.height <= page_size;
}

/* The whole question of the focus, or as much of it as fits: its words matter as much as the option
 * that has the focus. */
static void
scroll_to_focus (PlazaInterviewScreen *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  double page_size = gtk_adjustment_get_page_size (adjustment);
  double value = gtk_adjustment_get_value (adjustment);
  GtkWidget *question;
  graphene_rect_t whole, part;
  float top, bottom;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->view)))
    return;
  question = gtk_widget_get_ancestor (focus, PLAZA_TYPE_QUESTION);
  if (is_first_of_page (self, focus))
    {
      self->fresh = FALSE;
      return;
    }
  self->fresh = FALSE;
  if (question == NULL || !gtk_widget_compute_bounds (question, GTK_WIDGET (self->clamp), &whole) ||
      !gtk_widget_compute_bounds (focus, GTK_WIDGET (self->clamp), &part))
    return;
  top = whole.origin.y;
  bottom = top + whole.size.height;
  if (whole.size.height > page_size)
    {
      /* Too high for the screen: the part with the focus, with some of what is around it. */
      top = part.origin.y - 48;
      bottom = part.origin.y + part.size.height + 48;
    }
  if (top < value)
    gtk_adjustment_set_value (adjustment, top);
  else if (bottom > value + page_size)
    gtk_adjustment_set_value (adjustment, MIN (top, bottom - page_size));
}

/* After a frame was laid out: a question or a problem that just came has its place then. */
static gboolean
on_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  PlazaInterviewScreen *self = PLAZA_INTERVIEW_SCREEN (widget);

  if (--self->scroll_in > 0)
    return G_SOURCE_CONTINUE;
  scroll_to_focus (self);
  return G_SOURCE_REMOVE;
}

static void
queue_scroll (PlazaInterviewScreen *self)
{
  if (self->scroll_in == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
  self->scroll_in = 2;
}

/* Matches listed below an entry, a problem said, a question that came: the one with the focus stays
 * in sight. */
static void
on_grown_cb (PlazaInterviewScreen *self)
{
  if (self->started && !self->fresh)
    queue_scroll (self);
}

static void
on_focus_changed_cb (PlazaInterviewScreen *self)
{
  PlazaField *field;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || self->ending)
    return;
  queue_scroll (self);
  field = plaza_page_view_get_focus_field (self->view);
  if (field != NULL && !plaza_capture_is_ended (self->capture))
    plaza_capture_set_page (self->capture, current_page (self), field);
}

/* Going from page to page */

void
plaza_interview_screen_show_page (PlazaInterviewScreen *self, PlazaPage *page, PlazaField *focus)
{
  gboolean is_new = page != current_page (self);

  if (is_new)
    {
      g_autoptr (PlazaPage) kept = g_object_ref (page);

      plaza_page_view_set_page (self->view, kept);
      scroll_to_top (self);
      self->fresh = focus == NULL;
    }
  gtk_stack_set_visible_child_name (self->stack, "questions");
  update_frame (self);
  if (!plaza_page_view_focus_field (self->view, focus))
    gtk_widget_grab_focus (self->next_button);
  if (!plaza_capture_is_ended (self->capture))
    plaza_capture_set_page (self->capture, page, focus);
}

/* Where to begin: where it was left, else the first page that asks for something. */
static void
show_first_page (PlazaInterviewScreen *self)
{
  PlazaPage *page = plaza_capture_get_page (self->capture);
  PlazaField *focus = plaza_capture_get_focus (self->capture);
  PlazaField *typed = NULL;
  const char *text = plaza_capture_get_text (self->capture, &typed);
  g_autofree char *kept = g_strdup (text);

  if (page == NULL)
    page = find_page (self, 0, 1, TRUE);
  if (page == NULL)
    page = find_page (self, 0, 1, FALSE);
  if (page == NULL)
    return;
  self->started = TRUE;
  plaza_interview_screen_show_page (self, page, focus != NULL ? focus : typed);
  if (kept != NULL && typed != NULL && plaza_page_view_find_question (self->view, typed) != NULL)
    plaza_question_restore_typed (plaza_page_view_find_question (self->view, typed), kept);
}

static void
go_next (PlazaInterviewScreen *self)
{
  PlazaQuestion *problem;
  PlazaPage *page;

  if (self->ending)
    return;
  plaza_page_view_commit (self->view);
  if (plaza_capture_get_outcome_due (self->capture) >= 0)
    {
      plaza_interview_screen_end_due (self);
      return;
    }
  if (is_showing_missing (self))
    {
      plaza_interview_screen_finish (self);
      return;
    }
  problem = plaza_page_view_find_problem (self->view);
  if (problem != NULL)
    {
      gtk_widget_grab_focus (GTK_WIDGET (problem));
      queue_scroll (self);
      return;
    }
  page = page_after (self);
  if (page != NULL)
    plaza_interview_screen_show_page (self, page, NULL);
  else
    plaza_interview_screen_finish (self);
}

static void
go_back (PlazaInterviewScreen *self)
{
  PlazaPage *page;

  if (self->ending)
    return;
  plaza_page_view_commit (self->view);
  if (is_showing_missing (self))
    {
      plaza_interview_screen_show_page (self, current_page (self), NULL);
      return;
    }
  page = page_before (self);
  if (page != NULL)
    plaza_interview_screen_show_page (self, page, NULL);
  else if (!plaza_interview_screen_is_handed_over (self))
    plaza_interview_screen_suspend (self);
}

static void
on_jump_cb (PlazaInterviewScreen *self, PlazaPage *page)
{
  plaza_page_view_commit (self->view);
  plaza_interview_screen_show_page (self, page, NULL);
}

static void
on_missing_jump_cb (PlazaInterviewScreen *self, PlazaField *field)
{
  PlazaPage *page = plaza_interview_get_page_of (interview_of (self), field);

  if (page == NULL)
    return;
  plaza_interview_screen_show_page (self, page, field);
  plaza_page_view_find_problem (self->view);
}

static void
on_add_cb (PlazaInterviewScreen *self, PlazaField *repeat)
{
  g_autoptr (GError) error = NULL;
  PlazaField *instance = plaza_capture_add_instance (self->capture, repeat, &error);
  PlazaPage *page;

  if (instance == NULL)
    {
      plaza_window_show_error (plaza_screen_get_window (PLAZA_SCREEN (self)),
                               _ ("Nothing could be added"), error);
      return;
    }
  page = plaza_interview_get_page_of (interview_of (self), instance);
  if (page != NULL)
    on_jump_cb (self, page);
}

/* Pages came or went. The page on screen may be gone: then the nearest one before it is shown. */
static void
on_pages_changed_cb (PlazaInterviewScreen *self)
{
  PlazaPage *page = current_page (self);

  if (page == NULL || !self->started)
    return;
  if (current_index (self) >= 0)
    {
      plaza_page_view_sync (self->view);
      update_frame (self);
    }
  else
    {
      GPtrArray *pages = plaza_interview_get_pages (interview_of (self));
      PlazaPage *nearest = NULL;

      for (guint i = 0; i < pages->len; i++)
        if (plaza_page_get_section (g_ptr_array_index (pages, i)) <=
                plaza_page_get_section (page) &&
            stops_at (self, g_ptr_array_index (pages, i)))
          nearest = g_ptr_array_index (pages, i);
      if (nearest == NULL)
        nearest = find_page (self, 0, 1, FALSE);
      if (nearest != NULL)
        plaza_interview_screen_show_page (self, nearest, NULL);
    }
}

/* Language */

static void
set_language (PlazaInterviewScreen *self, const char *language)
{
  g_autoptr (GError) error = NULL;

  if (!plaza_capture_set_language (self->capture, language, &error))
    g_warning ("cannot change the language: %s", error->message);
}

/* "ES" of "Español (es)": the header is narrow on a small screen. */
static char *
dup_language_code (const char *language)
{
  const char *open = language != NULL ? strrchr (language, '(') : NULL;
  const char *close = open != NULL ? strchr (open, ')') : NULL;
  g_autofree char *code = NULL;

  if (close == NULL)
    return g_strdup (language != NULL ? language : "");
  code = g_strndup (open + 1, (gsize) (close - open - 1));
  return g_utf8_strup (code, -1);
}

/* The language after the one that is shown, or NULL when there is but one. */
static const char *
next_language (PlazaInterviewScreen *self)
{
  PlazaForm *form = plaza_interview_get_form (interview_of (self));
  const char *const *languages = plaza_form_get_languages (form);
  const char *now = plaza_interview_get_language (interview_of (self));
  guint n = g_strv_length ((char **) languages);

  for (guint i = 0; i < n && n > 1; i++)
    if (g_strcmp0 (languages[i], now) == 0)
      return languages[(i + 1) % n];
  return NULL;
}

static void
on_language_changed_cb (PlazaInterviewScreen *self)
{
  const char *next = next_language (self);
  const char *language = plaza_interview_get_language (interview_of (self));
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "language");
  g_autofree char *code = dup_language_code (language);

  g_simple_action_set_state (G_SIMPLE_ACTION (action),
                             g_variant_new_string (language != NULL ? language : ""));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->language_button), code);
  gtk_widget_set_visible (GTK_WIDGET (self->other_language_button), next != NULL);
  gtk_button_set_label (self->other_language_button, next != NULL ? next : "");
  if (self->started)
    update_frame (self);
}

static void
language_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  set_language (data, g_variant_get_string (parameter, NULL));
}

static void
next_language_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *next = next_language (data);

  if (next != NULL)
    set_language (data, next);
}

static GtkWidget *
make_language_button (PlazaInterviewScreen *self)
{
  const char *const *languages =
      plaza_form_get_languages (plaza_interview_get_form (interview_of (self)));
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *button = gtk_menu_button_new ();

  for (guint i = 0; languages[i] != NULL; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (languages[i], NULL);

      g_menu_item_set_action_and_target (item, "interview.language", "s", languages[i]);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _ ("Language of the questionnaire (F7)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Language of the questionnaire"), -1);
  gtk_widget_set_visible (button, languages[0] != NULL && languages[1] != NULL);
  return button;
}

/* The header */

static GtkWidget *
make_menu_button (const char *icon, const char *name)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), icon);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

/* Before it is shown: what was just typed counts among what is missing. */
static void
on_outline_wanted_cb (GtkMenuButton *button, gpointer data)
{
  PlazaInterviewScreen *self = data;

  plaza_page_view_commit (self->view);
  plaza_outline_set_current (PLAZA_OUTLINE (gtk_menu_button_get_popover (button)),
                             current_page (self));
}

static void
make_header (PlazaInterviewScreen *self, GMenuModel *menu)
{
  GtkWidget *start = make_menu_button ("view-list-symbolic", _ ("Pages of the interview (F6)"));
  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *outline = plaza_outline_new (self->capture);

  g_signal_connect_object (outline, "jump", G_CALLBACK (on_jump_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (outline, "add", G_CALLBACK (on_add_cb), self, G_CONNECT_SWAPPED);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (start), outline);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (start), on_outline_wanted_cb, self, NULL);
  plaza_screen_set_header_start (PLAZA_SCREEN (self), start);

  self->language_button = make_language_button (self);
  self->menu_button =
      make_menu_button ("view-more-symbolic", _ ("End or leave the interview (F4)"));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu_button), menu);
  gtk_box_append (GTK_BOX (end), self->language_button);
  gtk_box_append (GTK_BOX (end), self->menu_button);
  /* The header is the window's: the actions must be known there too. */
  gtk_widget_insert_action_group (start, "interview", G_ACTION_GROUP (self->actions));
  gtk_widget_insert_action_group (end, "interview", G_ACTION_GROUP (self->actions));
  plaza_screen_set_header_end (PLAZA_SCREEN (self), end);
}

/* Actions and keys */

static void
next_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  go_next (data);
}

static void
back_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  go_back (data);
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
    update_frame (self);
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
    show_first_page (self);
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
  go_back (PLAZA_INTERVIEW_SCREEN (screen));
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
  make_header (self, menu);

  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "changed",
                           G_CALLBACK (on_grown_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "last", G_CALLBACK (on_last_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->missing, "jump", G_CALLBACK (on_missing_jump_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (interview, "pages-changed", G_CALLBACK (on_pages_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (interview, "language-changed", G_CALLBACK (on_language_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "save-failed", G_CALLBACK (on_save_failed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "saved", G_CALLBACK (on_all_saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "notify::unsaved", G_CALLBACK (update_saved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "outcome-due", G_CALLBACK (on_outcome_due_cb), self,
                           G_CONNECT_SWAPPED);
  on_language_changed_cb (self);
  plaza_interview_screen_watch_aside (self);
  return PLAZA_SCREEN (self);
}

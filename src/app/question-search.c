/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-search.h"

#include <glib/gi18n.h>

#include "app/choice-search.h"
#include "base/text.h"

/* So many matches are listed; more letters find the rest. */
#define MAX_LISTED 40

/* The index of the row that says that nothing on the list is it. */
#define NOT_LISTED (-1)

struct _PlazaQuestionSearch
{
  PlazaQuestion parent_instance;

  GtkWidget *entry;
  GtkWidget *results; /* the scrolled list, shown while one types */
  GtkListBox *list;
  PlazaChoiceSearch *search;
  guint dirty : 1;   /* typed and not yet given */
  guint loading : 1; /* the text is being set by the program */
};

G_DEFINE_FINAL_TYPE (PlazaQuestionSearch, plaza_question_search, PLAZA_TYPE_QUESTION)

static const char *
entry_text (PlazaQuestionSearch *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

static void
set_text (PlazaQuestionSearch *self, const char *text)
{
  self->loading = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  self->loading = FALSE;
}

static void
show_value (PlazaQuestionSearch *self)
{
  const char *value = plaza_field_get_value (plaza_question_get_field (PLAZA_QUESTION (self)));
  int index = *value != '\0' ? plaza_choice_search_find_value (self->search, value) : -1;

  set_text (self, index >= 0 ? plaza_choice_search_get_label (self->search, (guint) index) : value);
}

static void
hide_results (PlazaQuestionSearch *self)
{
  gtk_widget_set_visible (self->results, FALSE);
  plaza_question_set_note (PLAZA_QUESTION (self), NULL);
}

/* The list */

static GtkWidget *
new_row (const char *text, int index)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_object_set_data (G_OBJECT (row), "plaza-index", GINT_TO_POINTER (index));
  return row;
}

static int
row_index (GtkListBoxRow *row)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (row), "plaza-index"));
}

static void
show_results (PlazaQuestionSearch *self)
{
  g_autoptr (GArray) matches = plaza_choice_search_match (self->search, entry_text (self));
  g_autofree char *note = NULL;
  guint n_listed = MIN (matches->len, MAX_LISTED);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < n_listed; i++)
    {
      guint index = g_array_index (matches, guint, i);

      gtk_list_box_append (
          self->list, new_row (plaza_choice_search_get_label (self->search, index), (int) index));
    }
  if (matches->len == 0)
    {
      /* Translators: %s is what was typed */
      g_autofree char *words = g_strdup_printf (
          _ ("“%s” is not on the list: leave this blank and go on"), entry_text (self));

      gtk_list_box_append (self->list, new_row (words, NOT_LISTED));
      note = g_strdup (_ ("Nothing like that on the list."));
    }
  else if (matches->len > n_listed)
    note = g_strdup_printf (_ ("%u of %u shown. Type more letters to find the others."), n_listed,
                            matches->len);
  else
    note = g_strdup_printf (ngettext ("%u found. Down and Enter choose.",
                                      "%u found. Down and Enter choose.", matches->len),
                            matches->len);
  gtk_widget_set_visible (self->results, TRUE);
  plaza_question_set_note (PLAZA_QUESTION (self), note);
}

/* What the person does */

static void
give (PlazaQuestionSearch *self, const char *value)
{
  self->dirty = FALSE;
  hide_results (self);
  self->dirty = !plaza_question_answer (PLAZA_QUESTION (self), value);
  if (!self->dirty)
    show_value (self);
}

static void
choose (PlazaQuestionSearch *self, int index)
{
  g_autofree char *value = g_strdup (plaza_choice_search_get_value (self->search, (guint) index));

  give (self, value);
}

static void
on_changed_cb (PlazaQuestionSearch *self)
{
  if (self->loading)
    return;
  self->dirty = TRUE;
  plaza_question_typing (PLAZA_QUESTION (self));
  if (plaza_text_is_blank (entry_text (self)))
    hide_results (self);
  else
    show_results (self);
}

static void
take_row (PlazaQuestionSearch *self, GtkListBoxRow *row)
{
  int index = row_index (row);

  if (index == NOT_LISTED)
    give (self, "");
  else
    choose (self, index);
  plaza_question_go_next (PLAZA_QUESTION (self));
}

/* Enter takes the first match when one has typed; else it goes on. What is not on the list is not
 * given up by a habit of the finger: that row has to be gone to. */
static void
on_activate_cb (PlazaQuestionSearch *self)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->list, 0);

  if (!self->dirty || !gtk_widget_get_visible (self->results) || first == NULL)
    {
      plaza_question_commit (PLAZA_QUESTION (self));
      if (!self->dirty)
        plaza_question_go_next (PLAZA_QUESTION (self));
    }
  else if (row_index (first) == NOT_LISTED)
    gtk_widget_grab_focus (GTK_WIDGET (first));
  else
    take_row (self, first);
}

static void
on_row_activated_cb (PlazaQuestionSearch *self, GtkListBoxRow *row)
{
  gtk_widget_grab_focus (self->entry);
  take_row (self, row);
}

static gboolean
on_entry_key_cb (PlazaQuestionSearch *self, guint keyval, guint keycode, GdkModifierType state)
{
  gboolean shown = gtk_widget_get_visible (self->results);

  switch (keyval)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      if (!shown)
        show_results (self);
      if (gtk_widget_get_visible (self->results))
        gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, 0)));
      return TRUE;
    case GDK_KEY_Tab:
    case GDK_KEY_KP_Tab:
      /* Tab goes on to the next question, not into the list. */
      gtk_widget_set_visible (self->results, FALSE);
      return FALSE;
    case GDK_KEY_Escape:
      if (!shown && !self->dirty)
        return FALSE;
      hide_results (self);
      self->dirty = FALSE;
      show_value (self);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
on_list_key_cb (PlazaQuestionSearch *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *first = GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, 0));

  if (keyval == GDK_KEY_Escape || ((keyval == GDK_KEY_Up || keyval == GDK_KEY_KP_Up) &&
                                   first != NULL && gtk_widget_is_focus (first)))
    {
      gtk_widget_grab_focus (self->entry);
      if (keyval == GDK_KEY_Escape)
        hide_results (self);
      return TRUE;
    }
  return FALSE;
}

/* The class */

static int
find_only_match (PlazaQuestionSearch *self)
{
  g_autoptr (GArray) matches = plaza_choice_search_match (self->search, entry_text (self));

  return matches->len == 1 ? (int) g_array_index (matches, guint, 0) : -1;
}

static void
plaza_question_search_commit (PlazaQuestion *question)
{
  PlazaQuestionSearch *self = PLAZA_QUESTION_SEARCH (question);
  int index;

  if (!self->dirty)
    {
      hide_results (self);
      return;
    }
  if (plaza_text_is_blank (entry_text (self)))
    {
      give (self, "");
      return;
    }
  index = plaza_choice_search_find_exact (self->search, entry_text (self));
  if (index < 0)
    index = find_only_match (self);
  if (index >= 0)
    {
      choose (self, index);
      return;
    }
  hide_results (self);
  plaza_question_set_problem (
      question, _ ("Please choose one from the list. If it is not there, leave this blank."));
}

static char *
plaza_question_search_dup_typed (PlazaQuestion *question)
{
  PlazaQuestionSearch *self = PLAZA_QUESTION_SEARCH (question);

  return self->dirty ? g_strdup (entry_text (self)) : NULL;
}

static void
plaza_question_search_restore_typed (PlazaQuestion *question, const char *text)
{
  PlazaQuestionSearch *self = PLAZA_QUESTION_SEARCH (question);

  set_text (self, text);
  self->dirty = TRUE;
}

static void
plaza_question_search_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionSearch *self = PLAZA_QUESTION_SEARCH (question);
  PlazaField *field = plaza_question_get_field (question);

  if (changes & (PLAZA_CHANGED_CHOICES | PLAZA_CHANGED_LABEL))
    {
      g_clear_pointer (&self->search, plaza_choice_search_free);
      self->search = plaza_choice_search_new (plaza_field_get_choices (field));
    }
  if (!self->dirty)
    show_value (self);
  gtk_editable_set_editable (GTK_EDITABLE (self->entry), !plaza_field_is_readonly (field));
}

static void
plaza_question_search_bind (PlazaQuestion *question)
{
  PlazaQuestionSearch *self = PLAZA_QUESTION_SEARCH (question);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkEventController *keys;

  self->entry = gtk_entry_new ();
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (self->entry), GTK_ENTRY_ICON_PRIMARY,
                                     "system-search-symbolic");
  gtk_entry_set_input_hints (GTK_ENTRY (self->entry), GTK_INPUT_HINT_NO_SPELLCHECK);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), _ ("Type to search the list"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry),
                                  GTK_ACCESSIBLE_PROPERTY_AUTOCOMPLETE,
                                  GTK_ACCESSIBLE_AUTOCOMPLETE_LIST, -1);
  gtk_box_append (GTK_BOX (box), self->entry);

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_activate_on_single_click (self->list, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What was found"), -1);
  self->results = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->results), GTK_WIDGET (self->list));
  gtk_scrolled_window_set_has_frame (GTK_SCROLLED_WINDOW (self->results), TRUE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->results), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->results), 230);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->results), TRUE);
  gtk_widget_set_visible (self->results, FALSE);
  gtk_box_append (GTK_BOX (box), self->results);

  g_signal_connect_object (self->entry, "changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_activate_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated_cb), self,
                           G_CONNECT_SWAPPED);
  keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_entry_key_cb), self);
  gtk_widget_add_controller (self->entry, keys);
  keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_list_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
  plaza_question_set_control (question, box, self->entry);
}

static void
plaza_question_search_finalize (GObject *object)
{
  g_clear_pointer (&PLAZA_QUESTION_SEARCH (object)->search, plaza_choice_search_free);
  G_OBJECT_CLASS (plaza_question_search_parent_class)->finalize (object);
}

static void
plaza_question_search_class_init (PlazaQuestionSearchClass *class)
{
  PlazaQuestionClass *question_class = PLAZA_QUESTION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = plaza_question_search_finalize;
  question_class->bind = plaza_question_search_bind;
  question_class->refresh = plaza_question_search_refresh;
  question_class->commit = plaza_question_search_commit;
  question_class->dup_typed = plaza_question_search_dup_typed;
  question_class->restore_typed = plaza_question_search_restore_typed;
}

static void
plaza_question_search_init (PlazaQuestionSearch *self)
{
}

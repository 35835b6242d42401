/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-text.h"

#include <glib/gi18n.h>

#include "base/text.h"

/* The characters left are said from this many on. */
#define SAY_LEFT_BELOW 100

struct _PlazaQuestionText
{
  PlazaQuestion parent_instance;

  GtkWidget *entry;      /* one line, or NULL */
  GtkTextBuffer *buffer; /* several lines, or NULL */
  GtkWidget *view;
  guint dirty : 1;   /* typed and not yet given */
  guint loading : 1; /* the text is being set by the program */
};

G_DEFINE_FINAL_TYPE (PlazaQuestionText, plaza_question_text, PLAZA_TYPE_QUESTION)

static char *
dup_text (PlazaQuestionText *self)
{
  GtkTextIter start, end;

  if (self->entry != NULL)
    return g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

static void
set_text (PlazaQuestionText *self, const char *text)
{
  g_autofree char *shown = dup_text (self);

  if (g_str_equal (shown, text))
    return;
  self->loading = TRUE;
  if (self->entry != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  else
    gtk_text_buffer_set_text (self->buffer, text, -1);
  self->loading = FALSE;
}

static void
say_what_is_left (PlazaQuestionText *self)
{
  PlazaField *field = plaza_question_get_field (PLAZA_QUESTION (self));
  guint limit = plaza_model_node_get_max_length (plaza_field_get_model (field));
  g_autofree char *text = dup_text (self);
  g_autofree char *note = NULL;
  gsize length = plaza_text_length (text);

  if (limit > 0 && length > limit)
    note = g_strdup_printf (
        ngettext ("%u character too many", "%u characters too many", (guint) (length - limit)),
        (guint) (length - limit));
  else if (limit > 0 && length + MIN (SAY_LEFT_BELOW, limit / 5) >= limit)
    note = g_strdup_printf (
        ngettext ("%u character left", "%u characters left", (guint) (limit - length)),
        (guint) (limit - length));
  plaza_question_set_note (PLAZA_QUESTION (self), note);
}

static void
on_changed_cb (PlazaQuestionText *self)
{
  say_what_is_left (self);
  if (self->loading)
    return;
  self->dirty = TRUE;
  plaza_question_typing (PLAZA_QUESTION (self));
}

static void
on_activate_cb (PlazaQuestionText *self)
{
  plaza_question_commit (PLAZA_QUESTION (self));
  plaza_question_go_next (PLAZA_QUESTION (self));
}

static void
plaza_question_text_commit (PlazaQuestion *question)
{
  PlazaQuestionText *self = PLAZA_QUESTION_TEXT (question);
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;
  g_autoptr (GError) error = NULL;

  if (!self->dirty)
    return;
  text = dup_text (self);
  clean = plaza_text_clean (text, -1, NULL, &error);
  if (clean == NULL)
    {
      plaza_question_set_problem (question, _ ("This text holds characters that cannot be kept."));
      return;
    }
  self->dirty = FALSE;
  self->dirty = !plaza_question_answer (question, clean);
}

static char *
plaza_question_text_dup_typed (PlazaQuestion *question)
{
  PlazaQuestionText *self = PLAZA_QUESTION_TEXT (question);

  return self->dirty ? dup_text (self) : NULL;
}

static void
plaza_question_text_restore_typed (PlazaQuestion *question, const char *text)
{
  PlazaQuestionText *self = PLAZA_QUESTION_TEXT (question);

  set_text (self, text);
  self->dirty = TRUE;
}

static void
plaza_question_text_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionText *self = PLAZA_QUESTION_TEXT (question);
  PlazaField *field = plaza_question_get_field (question);
  gboolean editable = !plaza_field_is_readonly (field);

  if ((changes & PLAZA_CHANGED_VALUE) && !self->dirty)
    set_text (self, plaza_field_get_value (field));
  if (self->entry != NULL)
    gtk_editable_set_editable (GTK_EDITABLE (self->entry), editable);
  else
    gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), editable);
}

static void
bind_several_lines (PlazaQuestionText *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->view = gtk_text_view_new ();
  self->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  /* Tab leaves: it is how one goes from question to question. */
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->view), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_input_hints (GTK_TEXT_VIEW (self->view), GTK_INPUT_HINT_NO_SPELLCHECK);
  gtk_widget_add_css_class (self->view, "answer-text");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->view);
  gtk_scrolled_window_set_has_frame (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 88);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 280);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_question_set_control (PLAZA_QUESTION (self), scroller, self->view);
}

static void
plaza_question_text_bind (PlazaQuestion *question)
{
  PlazaQuestionText *self = PLAZA_QUESTION_TEXT (question);

  if (plaza_field_has_appearance (plaza_question_get_field (question), "multiline"))
    {
      bind_several_lines (self);
      return;
    }
  self->entry = gtk_entry_new ();
  gtk_entry_set_input_hints (GTK_ENTRY (self->entry), GTK_INPUT_HINT_NO_SPELLCHECK);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_activate_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_question_set_control (question, self->entry, self->entry);
}

static void
plaza_question_text_class_init (PlazaQuestionTextClass *class)
{
  PlazaQuestionClass *question_class = PLAZA_QUESTION_CLASS (class);

  question_class->bind = plaza_question_text_bind;
  question_class->refresh = plaza_question_text_refresh;
  question_class->commit = plaza_question_text_commit;
  question_class->dup_typed = plaza_question_text_dup_typed;
  question_class->restore_typed = plaza_question_text_restore_typed;
}

static void
plaza_question_text_init (PlazaQuestionText *self)
{
}

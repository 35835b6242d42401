/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-note.h"

#include <glib/gi18n.h>

#include "base/text.h"

/* From so many characters on, a text that nobody reads aloud is folded away. */
#define FOLDED_FROM 280

struct _PlazaQuestionNote
{
  PlazaQuestion parent_instance;

  GtkWidget *expander; /* NULL when the text is always shown */
  GtkWidget *text;
};

G_DEFINE_FINAL_TYPE (PlazaQuestionNote, plaza_question_note, PLAZA_TYPE_QUESTION)

gboolean
plaza_question_note_toggle (PlazaQuestionNote *self)
{
  GtkExpander *expander;

  g_return_val_if_fail (PLAZA_IS_QUESTION_NOTE (self), FALSE);

  if (self->expander == NULL)
    return FALSE;
  expander = GTK_EXPANDER (self->expander);
  gtk_expander_set_expanded (expander, !gtk_expander_get_expanded (expander));
  gtk_widget_grab_focus (self->expander);
  return TRUE;
}

gboolean
plaza_question_note_is_open (PlazaQuestionNote *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION_NOTE (self), FALSE);

  return self->expander != NULL && gtk_expander_get_expanded (GTK_EXPANDER (self->expander));
}

static void
plaza_question_note_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionNote *self = PLAZA_QUESTION_NOTE (question);

  if (self->expander == NULL)
    return;
  gtk_widget_set_visible (gtk_widget_get_parent (plaza_question_get_label_widget (question)),
                          FALSE);
  gtk_label_set_text (GTK_LABEL (self->text),
                      plaza_field_get_label (plaza_question_get_field (question)));
}

static void
plaza_question_note_bind (PlazaQuestion *question)
{
  PlazaQuestionNote *self = PLAZA_QUESTION_NOTE (question);
  PlazaField *field = plaza_question_get_field (question);
  const char *text = plaza_field_get_label (field);
  const char *title = g_strcmp0 (plaza_field_get_paper (field), "leaflet") == 0
                          ? _ ("Full notice (F2)")
                          : _ ("Full text (F2)");

  gtk_widget_add_css_class (GTK_WIDGET (question), "words");
  if (text == NULL || plaza_field_is_aloud (field) || plaza_text_length (text) < FOLDED_FROM)
    return;
  self->text = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0);
  gtk_widget_add_css_class (self->text, "full-text");
  self->expander = gtk_expander_new (title);
  gtk_expander_set_child (GTK_EXPANDER (self->expander), self->text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  plaza_question_set_control (question, self->expander, NULL);
}

static void
plaza_question_note_class_init (PlazaQuestionNoteClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_note_bind;
  PLAZA_QUESTION_CLASS (class)->refresh = plaza_question_note_refresh;
}

static void
plaza_question_note_init (PlazaQuestionNote *self)
{
}

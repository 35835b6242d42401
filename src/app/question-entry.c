/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-entry.h"

#include "base/text.h"

typedef struct
{
  GtkWidget *entry;
  guint dirty : 1;   /* typed and not yet given */
  guint loading : 1; /* the text is being set by the program */
} PlazaQuestionEntryPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PlazaQuestionEntry, plaza_question_entry, PLAZA_TYPE_QUESTION)

#define PRIV(self) ((PlazaQuestionEntryPrivate *) plaza_question_entry_get_instance_private (self))

GtkEntry *
plaza_question_entry_get_entry (PlazaQuestionEntry *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION_ENTRY (self), NULL);

  return GTK_ENTRY (PRIV (self)->entry);
}

static void
set_text (PlazaQuestionEntry *self, const char *text)
{
  PlazaQuestionEntryPrivate *priv = PRIV (self);

  priv->loading = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (priv->entry), text);
  priv->loading = FALSE;
}

static void
show_value (PlazaQuestionEntry *self)
{
  const char *value = plaza_field_get_value (plaza_question_get_field (PLAZA_QUESTION (self)));
  g_autofree char *text = NULL;

  if (*value != '\0')
    text = PLAZA_QUESTION_ENTRY_GET_CLASS (self)->format (self, value);
  set_text (self, text != NULL ? text : "");
}

static void
on_changed_cb (PlazaQuestionEntry *self)
{
  if (PRIV (self)->loading)
    return;
  PRIV (self)->dirty = TRUE;
  plaza_question_typing (PLAZA_QUESTION (self));
}

static void
on_activate_cb (PlazaQuestionEntry *self)
{
  plaza_question_commit (PLAZA_QUESTION (self));
  plaza_question_go_next (PLAZA_QUESTION (self));
}

void
plaza_question_entry_take (PlazaQuestionEntry *self, const char *value)
{
  g_return_if_fail (PLAZA_IS_QUESTION_ENTRY (self));

  PRIV (self)->dirty = FALSE;
  PRIV (self)->dirty = !plaza_question_answer (PLAZA_QUESTION (self), value);
  if (!PRIV (self)->dirty)
    show_value (self);
}

static void
plaza_question_entry_commit (PlazaQuestion *question)
{
  PlazaQuestionEntry *self = PLAZA_QUESTION_ENTRY (question);
  PlazaQuestionEntryPrivate *priv = PRIV (self);
  g_autofree char *text = NULL;
  g_autofree char *value = NULL;
  g_autofree char *problem = NULL;

  if (!priv->dirty)
    return;
  text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (priv->entry)));
  if (plaza_text_is_blank (text))
    value = g_strdup ("");
  else
    value = PLAZA_QUESTION_ENTRY_GET_CLASS (self)->parse (self, text, &problem);
  if (value != NULL)
    plaza_question_entry_take (self, value);
  else
    plaza_question_set_problem (question, problem);
}

static char *
plaza_question_entry_dup_typed (PlazaQuestion *question)
{
  PlazaQuestionEntryPrivate *priv = PRIV (PLAZA_QUESTION_ENTRY (question));

  return priv->dirty ? g_strdup (gtk_editable_get_text (GTK_EDITABLE (priv->entry))) : NULL;
}

static void
plaza_question_entry_restore_typed (PlazaQuestion *question, const char *text)
{
  PlazaQuestionEntry *self = PLAZA_QUESTION_ENTRY (question);

  set_text (self, text);
  PRIV (self)->dirty = TRUE;
}

static void
plaza_question_entry_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionEntry *self = PLAZA_QUESTION_ENTRY (question);
  PlazaQuestionEntryPrivate *priv = PRIV (self);

  if ((changes & PLAZA_CHANGED_VALUE) && !priv->dirty)
    show_value (self);
  gtk_editable_set_editable (GTK_EDITABLE (priv->entry),
                             !plaza_field_is_readonly (plaza_question_get_field (question)));
}

static void
plaza_question_entry_bind (PlazaQuestion *question)
{
  PlazaQuestionEntry *self = PLAZA_QUESTION_ENTRY (question);
  PlazaQuestionEntryClass *class = PLAZA_QUESTION_ENTRY_GET_CLASS (self);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *companion;

  PRIV (self)->entry = gtk_entry_new ();
  gtk_entry_set_input_hints (GTK_ENTRY (PRIV (self)->entry), GTK_INPUT_HINT_NO_SPELLCHECK);
  gtk_widget_set_hexpand (PRIV (self)->entry, TRUE);
  gtk_box_append (GTK_BOX (box), PRIV (self)->entry);
  companion = class->make_companion != NULL ? class->make_companion (self) : NULL;
  if (companion != NULL)
    gtk_box_append (GTK_BOX (box), companion);
  g_signal_connect_object (PRIV (self)->entry, "changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (PRIV (self)->entry, "activate", G_CALLBACK (on_activate_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_question_set_control (question, box, PRIV (self)->entry);
}

static void
plaza_question_entry_class_init (PlazaQuestionEntryClass *class)
{
  PlazaQuestionClass *question_class = PLAZA_QUESTION_CLASS (class);

  question_class->bind = plaza_question_entry_bind;
  question_class->refresh = plaza_question_entry_refresh;
  question_class->commit = plaza_question_entry_commit;
  question_class->dup_typed = plaza_question_entry_dup_typed;
  question_class->restore_typed = plaza_question_entry_restore_typed;
}

static void
plaza_question_entry_init (PlazaQuestionEntry *self)
{
}

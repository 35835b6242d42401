/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-filled.h"

#include <glib/gi18n.h>

#include "app/date-text.h"

struct _PlazaQuestionFilled
{
  PlazaQuestion parent_instance;

  GtkWidget *box;
  GtkWidget *name;
  GtkWidget *value;
  GtkWidget *change; /* NULL where it cannot be changed for one interview */
};

enum
{
  CHANGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaQuestionFilled, plaza_question_filled, PLAZA_TYPE_QUESTION)

gboolean
plaza_question_filled_suits (PlazaField *field)
{
  return plaza_field_get_fill (field) != NULL && *plaza_field_get_value (field) != '\0' &&
         plaza_field_get_validity (field) == PLAZA_VALIDITY_OK;
}

PlazaQuestion *
plaza_question_filled_new (PlazaInterview *interview, PlazaField *field)
{
  return g_object_new (PLAZA_TYPE_QUESTION_FILLED, "interview", interview, "field", field, NULL);
}

static void
on_change_clicked_cb (PlazaQuestionFilled *self)
{
  g_signal_emit (self, signals[CHANGE], 0);
}

/* The question's own words stand in the line. */
static void
show_line_only (PlazaQuestionFilled *self)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, child == self->box);
}

/* What differs from interview to interview, such as the language; the rest is the session's. */
static gboolean
may_differ (PlazaField *field)
{
  return plaza_field_get_control (field) == PLAZA_CONTROL_SELECT1 &&
         g_strcmp0 (plaza_field_get_fill (field), "session") == 0 &&
         !plaza_field_is_readonly (field);
}

static void
plaza_question_filled_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionFilled *self = PLAZA_QUESTION_FILLED (question);
  PlazaField *field = plaza_question_get_field (question);
  const char *label = plaza_field_get_label (field);
  g_autofree char *value = NULL;
  g_autofree char *name = NULL;

  if (plaza_field_get_value_type (field) == PLAZA_VALUE_DATE)
    value = plaza_date_text_format (plaza_field_get_value (field), PLAZA_DATE_DAY);
  if (value == NULL)
    value = plaza_field_dup_display (field);
  gtk_label_set_text (GTK_LABEL (self->name), label != NULL ? label : "");
  gtk_label_set_text (GTK_LABEL (self->value), value);
  show_line_only (self);
  if (self->change == NULL)
    return;
  /* Translators: %s is the name of a question, such as "Date answered" */
  name = g_strdup_printf (_ ("Change: %s"), label != NULL ? label : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->change), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

static GtkWidget *
new_label (GtkWidget *parent)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (parent), label);
  return label;
}

static void
plaza_question_filled_bind (PlazaQuestion *question)
{
  PlazaQuestionFilled *self = PLAZA_QUESTION_FILLED (question);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_box_set_homogeneous (GTK_BOX (words), TRUE);
  gtk_widget_set_hexpand (words, TRUE);
  self->name = new_label (words);
  gtk_widget_add_css_class (self->name, "note");
  self->value = new_label (words);
  gtk_box_append (GTK_BOX (self->box), words);
  if (may_differ (plaza_question_get_field (question)))
    {
      self->change = gtk_button_new_with_label (_ ("Change"));
      gtk_widget_add_css_class (self->change, "flat");
      gtk_widget_set_valign (self->change, GTK_ALIGN_CENTER);
      g_signal_connect_object (self->change, "clicked", G_CALLBACK (on_change_clicked_cb), self,
                               G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (self->box), self->change);
    }
  gtk_widget_add_css_class (GTK_WIDGET (self), "filled");
  plaza_question_set_control (question, self->box, NULL);
}

static void
plaza_question_filled_class_init (PlazaQuestionFilledClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_filled_bind;
  PLAZA_QUESTION_CLASS (class)->refresh = plaza_question_filled_refresh;

  signals[CHANGE] = g_signal_new ("change", PLAZA_TYPE_QUESTION_FILLED, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
plaza_question_filled_init (PlazaQuestionFilled *self)
{
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-range.h"

#include <glib/gi18n.h>
#include <math.h>

struct _PlazaQuestionRange
{
  PlazaQuestion parent_instance;

  GtkWidget *scale;
  GtkWidget *shown;
  double start, end, step;
  int digits;
  guint loading : 1;
};

G_DEFINE_FINAL_TYPE (PlazaQuestionRange, plaza_question_range, PLAZA_TYPE_QUESTION)

static PlazaField *
field_of (gpointer self)
{
  return plaza_question_get_field (PLAZA_QUESTION (self));
}

static char *
dup_value (PlazaQuestionRange *self)
{
  double value = gtk_range_get_value (GTK_RANGE (self->scale));
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  char format[8];

  /* From the end where the scale starts, so that only its own steps come out. */
  value = self->start + round ((value - self->start) / self->step) * self->step;
  g_snprintf (format, sizeof format, "%%.%df", self->digits);
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, format, value));
}

static void
show_value (PlazaQuestionRange *self)
{
  const char *value = plaza_field_get_value (field_of (self));

  gtk_label_set_text (GTK_LABEL (self->shown), *value != '\0' ? value : _ ("Not answered"));
  self->loading = TRUE;
  gtk_range_set_value (GTK_RANGE (self->scale), *value != '\0' ? g_ascii_strtod (value, NULL)
                                                               : MIN (self->start, self->end));
  self->loading = FALSE;
}

static void
on_value_changed_cb (PlazaQuestionRange *self)
{
  g_autofree char *value = NULL;

  if (self->loading)
    return;
  if (plaza_field_is_readonly (field_of (self)))
    {
      show_value (self);
      return;
    }
  value = dup_value (self);
  plaza_question_answer (PLAZA_QUESTION (self), value);
  show_value (self);
}

static gboolean
on_key_pressed_cb (PlazaQuestionRange *self, guint keyval, guint keycode, GdkModifierType state)
{
  switch (keyval)
    {
    case GDK_KEY_Delete:
    case GDK_KEY_BackSpace:
      plaza_question_answer (PLAZA_QUESTION (self), "");
      show_value (self);
      return TRUE;
    case GDK_KEY_space:
      /* The end where the slider stands cannot be reached by moving it. */
      on_value_changed_cb (self);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      plaza_question_go_next (PLAZA_QUESTION (self));
      return TRUE;
    default:
      return FALSE;
    }
}

static void
plaza_question_range_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  show_value (PLAZA_QUESTION_RANGE (question));
}

static int
digits_of (double step)
{
  int digits = 0;

  while (digits < 6 && fabs (step - round (step)) > 1e-9)
    {
      step *= 10;
      digits++;
    }
  return digits;
}

static void
plaza_question_range_bind (PlazaQuestion *question)
{
  PlazaQuestionRange *self = PLAZA_QUESTION_RANGE (question);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkEventController *keys = gtk_event_controller_key_new ();
  double low, high;

  if (!plaza_model_node_get_range (plaza_field_get_model (field_of (self)), &self->start,
                                   &self->end, &self->step) ||
      self->step == 0)
    {
      self->start = 0;
      self->end = 10;
      self->step = 1;
    }
  low = MIN (self->start, self->end);
  high = MAX (self->start, self->end);
  self->digits = digits_of (self->step);
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, low, high, fabs (self->step));
  gtk_range_set_inverted (GTK_RANGE (self->scale), self->start > self->end);
  gtk_widget_set_hexpand (self->scale, TRUE);
  if ((high - low) / fabs (self->step) <= 20)
    for (double mark = low; mark <= high + 1e-9; mark += fabs (self->step))
      gtk_scale_add_mark (GTK_SCALE (self->scale), mark, GTK_POS_BOTTOM, NULL);
  self->shown = gtk_label_new (NULL);
  gtk_label_set_width_chars (GTK_LABEL (self->shown), 12);
  gtk_box_append (GTK_BOX (box), self->scale);
  gtk_box_append (GTK_BOX (box), self->shown);
  g_signal_connect_object (self->scale, "value-changed", G_CALLBACK (on_value_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (self->scale, keys);
  plaza_question_set_control (question, box, self->scale);
}

static void
plaza_question_range_class_init (PlazaQuestionRangeClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_range_bind;
  PLAZA_QUESTION_CLASS (class)->refresh = plaza_question_range_refresh;
}

static void
plaza_question_range_init (PlazaQuestionRange *self)
{
}

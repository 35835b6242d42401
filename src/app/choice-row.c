/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/choice-row.h"

struct _PlazaChoiceRow
{
  GtkWidget parent_instance;

  char *code;
  GtkWidget *indicator;
  GtkWidget *leader; /* makes the indicator round: a radio button is a check button in a group */
  GtkWidget *number;
  GtkWidget *label;
  guint multiple : 1;
  guint chosen : 1;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaChoiceRow, plaza_choice_row, GTK_TYPE_WIDGET)

static void
choose_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[CHOSEN], 0);
}

static void
on_click_released_cb (PlazaChoiceRow *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHOSEN], 0);
}

static void
plaza_choice_row_dispose (GObject *object)
{
  PlazaChoiceRow *self = PLAZA_CHOICE_ROW (object);

  g_clear_pointer (&self->indicator, gtk_widget_unparent);
  g_clear_object (&self->leader);
  g_clear_pointer (&self->number, gtk_widget_unparent);
  g_clear_pointer (&self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (plaza_choice_row_parent_class)->dispose (object);
}

static void
plaza_choice_row_finalize (GObject *object)
{
  g_free (PLAZA_CHOICE_ROW (object)->code);
  G_OBJECT_CLASS (plaza_choice_row_parent_class)->finalize (object);
}

static void
plaza_choice_row_class_init (PlazaChoiceRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_choice_row_dispose;
  object_class->finalize = plaza_choice_row_finalize;

  signals[CHOSEN] = g_signal_new ("chosen", PLAZA_TYPE_CHOICE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "choice");
  gtk_widget_class_install_action (widget_class, "choice.choose", NULL, choose_action);
}

static GtkWidget *
new_label (GtkWidget *parent, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_PRESENTATION, "xalign", 0.0, NULL);

  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_widget_set_parent (label, parent);
  return label;
}

static void
plaza_choice_row_init (PlazaChoiceRow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_set_focusable (widget, TRUE);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (widget)), 6);

  self->indicator =
      g_object_new (GTK_TYPE_CHECK_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                    "focusable", FALSE, "can-target", FALSE, "valign", GTK_ALIGN_CENTER, NULL);
  gtk_widget_set_parent (self->indicator, widget);
  self->number = new_label (widget, "choice-number");
  gtk_widget_set_visible (self->number, FALSE);
  self->label = new_label (widget, NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 38);
  gtk_widget_set_hexpand (self->label, TRUE);

  g_signal_connect_swapped (click, "released", G_CALLBACK (on_click_released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
plaza_choice_row_new (gboolean multiple, const char *code)
{
  PlazaChoiceRow *self =
      g_object_new (PLAZA_TYPE_CHOICE_ROW, "accessible-role",
                    multiple ? GTK_ACCESSIBLE_ROLE_CHECKBOX : GTK_ACCESSIBLE_ROLE_RADIO, NULL);

  self->code = g_strdup (code);
  self->multiple = !!multiple;
  if (!multiple)
    {
      self->leader = g_object_ref_sink (gtk_check_button_new ());
      gtk_check_button_set_group (GTK_CHECK_BUTTON (self->indicator),
                                  GTK_CHECK_BUTTON (self->leader));
    }
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_CHECKED,
                               GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
  return GTK_WIDGET (self);
}

const char *
plaza_choice_row_get_code (PlazaChoiceRow *self)
{
  g_return_val_if_fail (PLAZA_IS_CHOICE_ROW (self), NULL);

  return self->code;
}

void
plaza_choice_row_set_number (PlazaChoiceRow *self, const char *number)
{
  g_return_if_fail (PLAZA_IS_CHOICE_ROW (self));

  gtk_widget_set_visible (self->number, number != NULL);
  gtk_label_set_label (GTK_LABEL (self->number), number != NULL ? number : "");
  if (number != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_KEY_SHORTCUTS,
                                    number, -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_KEY_SHORTCUTS);
}

void
plaza_choice_row_set_position (PlazaChoiceRow *self, guint position, guint size)
{
  g_return_if_fail (PLAZA_IS_CHOICE_ROW (self));

  gtk_accessible_update_relation (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_RELATION_POS_IN_SET,
                                  (int) position, GTK_ACCESSIBLE_RELATION_SET_SIZE, (int) size, -1);
}

const char *
plaza_choice_row_get_label (PlazaChoiceRow *self)
{
  g_return_val_if_fail (PLAZA_IS_CHOICE_ROW (self), NULL);

  return gtk_label_get_label (GTK_LABEL (self->label));
}

void
plaza_choice_row_set_label (PlazaChoiceRow *self, const char *label)
{
  g_return_if_fail (PLAZA_IS_CHOICE_ROW (self));

  gtk_label_set_text (GTK_LABEL (self->label), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

gboolean
plaza_choice_row_get_chosen (PlazaChoiceRow *self)
{
  g_return_val_if_fail (PLAZA_IS_CHOICE_ROW (self), FALSE);

  return self->chosen;
}

void
plaza_choice_row_set_chosen (PlazaChoiceRow *self, gboolean chosen)
{
  g_return_if_fail (PLAZA_IS_CHOICE_ROW (self));

  if (self->chosen == !!chosen)
    return;
  self->chosen = !!chosen;
  if (self->leader != NULL)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->leader), !chosen);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->indicator), chosen);
  if (chosen)
    gtk_widget_set_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_CHECKED, FALSE);
  else
    gtk_widget_unset_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_CHECKED);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_CHECKED,
      chosen ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/repeat-bar.h"

#include <glib/gi18n.h>

struct _PlazaRepeatBar
{
  GtkWidget parent_instance;

  PlazaField *repeat;
  PlazaField *instance; /* NULL on the page that only offers to add one */
  GtkWidget *add;
  GtkWidget *remove;
};

enum
{
  ADD,
  REMOVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaRepeatBar, plaza_repeat_bar, GTK_TYPE_WIDGET)

static void
on_add_clicked_cb (PlazaRepeatBar *self)
{
  g_signal_emit (self, signals[ADD], 0, self->repeat);
}

static void
on_remove_clicked_cb (PlazaRepeatBar *self)
{
  g_signal_emit (self, signals[REMOVE], 0, self->instance);
}

void
plaza_repeat_bar_set_field (PlazaRepeatBar *self, PlazaField *field)
{
  gboolean can_add, can_remove;

  g_return_if_fail (PLAZA_IS_REPEAT_BAR (self));

  self->instance = self->repeat = NULL;
  if (field != NULL && plaza_field_get_kind (field) == PLAZA_FIELD_INSTANCE)
    {
      self->instance = field;
      self->repeat = plaza_field_get_parent (field);
    }
  else if (field != NULL && plaza_field_get_kind (field) == PLAZA_FIELD_REPEAT)
    self->repeat = field;
  can_add = self->repeat != NULL && plaza_field_can_add (self->repeat);
  can_remove = self->instance != NULL && plaza_field_can_remove (self->instance);
  gtk_widget_set_visible (self->add, can_add);
  gtk_widget_set_visible (self->remove, can_remove);
  gtk_widget_set_visible (GTK_WIDGET (self), can_add || can_remove);
}

static GtkWidget *
add_button (PlazaRepeatBar *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  return button;
}

static void
plaza_repeat_bar_dispose (GObject *object)
{
  PlazaRepeatBar *self = PLAZA_REPEAT_BAR (object);

  g_clear_pointer (&self->add, gtk_widget_unparent);
  g_clear_pointer (&self->remove, gtk_widget_unparent);
  G_OBJECT_CLASS (plaza_repeat_bar_parent_class)->dispose (object);
}

static void
plaza_repeat_bar_class_init (PlazaRepeatBarClass *class)
{
  G_OBJECT_CLASS (class)->dispose = plaza_repeat_bar_dispose;

  signals[ADD] = g_signal_new ("add", PLAZA_TYPE_REPEAT_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[REMOVE] = g_signal_new ("remove", PLAZA_TYPE_REPEAT_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BOX_LAYOUT);
}

static void
plaza_repeat_bar_init (PlazaRepeatBar *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 12);
  self->add = add_button (self, _ ("Add another page like this"), G_CALLBACK (on_add_clicked_cb));
  self->remove = add_button (self, _ ("Remove this page"), G_CALLBACK (on_remove_clicked_cb));
}

GtkWidget *
plaza_repeat_bar_new (void)
{
  return g_object_new (PLAZA_TYPE_REPEAT_BAR, NULL);
}

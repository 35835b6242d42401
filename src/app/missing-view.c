/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/missing-view.h"

#include <glib/gi18n.h>

#include "app/outline.h"

struct _PlazaMissingView
{
  GtkWidget parent_instance;

  GtkWidget *heading;
  GtkWidget *words;
  GtkListBox *list;
};

enum
{
  JUMP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaMissingView, plaza_missing_view, GTK_TYPE_WIDGET)

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_row (const PlazaMissing *missing)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  const char *label = plaza_field_get_label (missing->field);
  g_autofree char *page = missing->page != NULL ? plaza_outline_dup_name (missing->page) : NULL;
  const char *why = missing->validity == PLAZA_VALIDITY_REQUIRED ? _ ("not answered yet")
                    : missing->message != NULL                   ? missing->message
                                                                 : _ ("needs another look");
  g_autofree char *where = page != NULL ? g_strdup_printf ("%s — %s", page, why) : g_strdup (why);
  g_autofree char *spoken = NULL;

  if (label == NULL)
    label = plaza_field_get_name (missing->field);
  spoken = g_strdup_printf ("%s (%s)", label, where);
  gtk_box_append (GTK_BOX (box), new_label (label, NULL));
  gtk_box_append (GTK_BOX (box), new_label (where, "note"));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data (G_OBJECT (row), "plaza-field", missing->field);
  return row;
}

void
plaza_missing_view_show (PlazaMissingView *self, GPtrArray *missing)
{
  g_autofree char *heading = NULL;
  GtkListBoxRow *row;

  g_return_if_fail (PLAZA_IS_MISSING_VIEW (self));

  heading = g_strdup_printf (
      ngettext ("%u answer is missing", "%u answers are missing", missing->len), missing->len);
  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < missing->len; i++)
    gtk_list_box_append (self->list, new_row (g_ptr_array_index (missing, i)));
  row = gtk_list_box_get_row_at_index (self->list, 0);
  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
on_row_activated_cb (PlazaMissingView *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[JUMP], 0, g_object_get_data (G_OBJECT (row), "plaza-field"));
}

static void
plaza_missing_view_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (plaza_missing_view_parent_class)->dispose (object);
}

static void
plaza_missing_view_class_init (PlazaMissingViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = plaza_missing_view_dispose;

  signals[JUMP] = g_signal_new ("jump", PLAZA_TYPE_MISSING_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "page");
}

static void
plaza_missing_view_init (PlazaMissingView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (widget);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 12);
  self->heading = new_label (NULL, "title-2");
  gtk_widget_set_parent (self->heading, widget);
  self->words = new_label (_ ("Choose one to go there and ask it. Everything answered so far is "
                              "kept; if the person cannot go on, end here and keep the answers."),
                           NULL);
  gtk_widget_set_parent (self->words, widget);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  self->heading, NULL, -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_parent (GTK_WIDGET (self->list), widget);
}

GtkWidget *
plaza_missing_view_new (void)
{
  return g_object_new (PLAZA_TYPE_MISSING_VIEW, NULL);
}

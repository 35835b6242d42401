/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/place-picker.h"

#include <glib/gi18n.h>

#include "app/wrong-entry.h"
#include "base/text.h"

/* More matches than these are not read; one letter more is quicker. */
#define MAX_MATCHES 8

struct _PlazaPlacePicker
{
  AdwBin parent_instance;

  PlazaCatalogue *catalogue;
  char *parent;
  char *code;
  guint setting : 1; /* we change the text ourselves */

  GtkEditable *entry;
  GtkListBox *matches;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (PlazaPlacePicker, plaza_place_picker, ADW_TYPE_BIN)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
show_text (PlazaPlacePicker *self, const char *text)
{
  self->setting = TRUE;
  gtk_editable_set_text (self->entry, text);
  gtk_editable_set_position (self->entry, -1);
  self->setting = FALSE;
}

static void
clear_matches (PlazaPlacePicker *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->matches))) != NULL)
    gtk_list_box_remove (self->matches, row);
  gtk_widget_set_visible (GTK_WIDGET (self->matches), FALSE);
}

static void
take_code (PlazaPlacePicker *self, const char *code)
{
  if (g_strcmp0 (self->code, code) == 0)
    return;
  g_free (self->code);
  self->code = g_strdup (code);
}

static void
choose (PlazaPlacePicker *self, const PlazaCatalogueRow *row)
{
  take_code (self, row->code);
  show_text (self, row->label);
  clear_matches (self);
  plaza_place_picker_set_message (self, NULL);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
add_match (PlazaPlacePicker *self, const PlazaCatalogueRow *row)
{
  GtkWidget *label = gtk_label_new (row->homonym ? row->label : row->name);
  GtkWidget *item = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (item), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_label (GTK_LABEL (label)), -1);
  g_object_set_data (G_OBJECT (item), "row-index", GUINT_TO_POINTER (row->index));
  gtk_list_box_append (self->matches, item);
}

static void
search (PlazaPlacePicker *self)
{
  const char *text = gtk_editable_get_text (self->entry);
  g_autoptr (GPtrArray) found = NULL;

  clear_matches (self);
  if (self->catalogue == NULL || plaza_text_is_blank (text))
    return;
  found = plaza_catalogue_search (self->catalogue, text, self->parent, MAX_MATCHES);
  for (guint i = 0; i < found->len; i++)
    add_match (self, g_ptr_array_index (found, i));
  gtk_widget_set_visible (GTK_WIDGET (self->matches), found->len > 0);
}

static void
on_entry_changed_cb (PlazaPlacePicker *self)
{
  if (self->setting)
    return;
  take_code (self, NULL);
  plaza_place_picker_set_message (self, NULL);
  search (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static const PlazaCatalogueRow *
row_of (PlazaPlacePicker *self, GtkListBoxRow *item)
{
  return plaza_catalogue_row (self->catalogue,
                              GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (item), "row-index")));
}

static void
on_match_activated_cb (PlazaPlacePicker *self, GtkListBoxRow *item)
{
  choose (self, row_of (self, item));
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* The one row whose name or label is what was typed; NULL when none or several are. */
static const PlazaCatalogueRow *
exact_match (PlazaPlacePicker *self)
{
  const char *text = gtk_editable_get_text (self->entry);
  const PlazaCatalogueRow *exact = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (self->catalogue == NULL || plaza_text_is_blank (text))
    return NULL;
  found = plaza_catalogue_search (self->catalogue, text, self->parent, MAX_MATCHES);
  for (guint i = 0; i < found->len; i++)
    {
      const PlazaCatalogueRow *row = g_ptr_array_index (found, i);

      if (!plaza_text_equal_folded (row->name, text) && !plaza_text_equal_folded (row->label, text))
        continue;
      if (exact != NULL)
        return NULL;
      exact = row;
    }
  return exact;
}

static void
on_entry_activate_cb (PlazaPlacePicker *self)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->matches, 0);

  if (self->code == NULL && first != NULL && gtk_widget_get_visible (GTK_WIDGET (self->matches)))
    choose (self, row_of (self, first));
  gtk_widget_child_focus (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))),
                          GTK_DIR_TAB_FORWARD);
}

static void
on_focus_leave_cb (PlazaPlacePicker *self)
{
  const PlazaCatalogueRow *exact = self->code == NULL ? exact_match (self) : NULL;

  if (exact != NULL)
    choose (self, exact);
  clear_matches (self);
}

static gboolean
on_entry_key_cb (PlazaPlacePicker *self, guint key)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->matches, 0);

  if (key == GDK_KEY_Down && first == NULL)
    {
      /* The whole list, for whoever does not know how the place is written. */
      g_autoptr (GPtrArray) all = NULL;

      if (self->catalogue == NULL || !plaza_text_is_blank (gtk_editable_get_text (self->entry)))
        return FALSE;
      all = plaza_catalogue_search (self->catalogue, "", self->parent, 0);
      for (guint i = 0; i < all->len; i++)
        add_match (self, g_ptr_array_index (all, i));
      gtk_widget_set_visible (GTK_WIDGET (self->matches), all->len > 0);
      first = gtk_list_box_get_row_at_index (self->matches, 0);
    }
  if (key == GDK_KEY_Down && first != NULL)
    {
      gtk_widget_grab_focus (GTK_WIDGET (first));
      return TRUE;
    }
  if (key == GDK_KEY_Escape && first != NULL)
    {
      clear_matches (self);
      return TRUE;
    }
  return FALSE;
}

static gboolean
on_matches_key_cb (PlazaPlacePicker *self, guint key)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->matches, 0);

  if (key == GDK_KEY_Escape ||
      (key == GDK_KEY_Up && first != NULL && gtk_widget_has_focus (GTK_WIDGET (first))))
    {
      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
      if (key == GDK_KEY_Escape)
        clear_matches (self);
      return TRUE;
    }
  return FALSE;
}

void
plaza_place_picker_set_catalogue (PlazaPlacePicker *self,
                                  PlazaCatalogue *catalogue,
                                  const char *parent)
{
  g_return_if_fail (PLAZA_IS_PLACE_PICKER (self));

  g_clear_pointer (&self->catalogue, plaza_catalogue_unref);
  if (catalogue != NULL)
    self->catalogue = plaza_catalogue_ref (catalogue);
  g_free (self->parent);
  self->parent = g_strdup (parent);
  plaza_place_picker_set (self, NULL, NULL);
}

void
plaza_place_picker_set_label (PlazaPlacePicker *self, const char *label)
{
  g_return_if_fail (PLAZA_IS_PLACE_PICKER (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->matches), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

const char *
plaza_place_picker_get_code (PlazaPlacePicker *self)
{
  g_return_val_if_fail (PLAZA_IS_PLACE_PICKER (self), NULL);

  return self->code;
}

const char *
plaza_place_picker_get_text (PlazaPlacePicker *self)
{
  g_return_val_if_fail (PLAZA_IS_PLACE_PICKER (self), NULL);

  return gtk_editable_get_text (self->entry);
}

void
plaza_place_picker_set (PlazaPlacePicker *self, const char *code, const char *typed)
{
  const PlazaCatalogueRow *row = NULL;

  g_return_if_fail (PLAZA_IS_PLACE_PICKER (self));

  if (self->catalogue != NULL && code != NULL && *code != '\0')
    row = plaza_catalogue_lookup (self->catalogue, code);
  take_code (self, row != NULL ? row->code : NULL);
  show_text (self, row != NULL ? row->label : typed != NULL ? typed : "");
  clear_matches (self);
  plaza_place_picker_set_message (self, NULL);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
plaza_place_picker_set_message (PlazaPlacePicker *self, const char *message)
{
  GtkWidget *entry = GTK_WIDGET (self->entry);

  g_return_if_fail (PLAZA_IS_PLACE_PICKER (self));

  gtk_label_set_label (self->message, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), message != NULL);
  plaza_wrong_entry_mark (entry, message != NULL);
}

static gboolean
plaza_place_picker_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PLAZA_PLACE_PICKER (widget)->entry));
}

static void
plaza_place_picker_dispose (GObject *object)
{
  PlazaPlacePicker *self = PLAZA_PLACE_PICKER (object);

  g_clear_pointer (&self->catalogue, plaza_catalogue_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_PLACE_PICKER);
  G_OBJECT_CLASS (plaza_place_picker_parent_class)->dispose (object);
}

static void
plaza_place_picker_finalize (GObject *object)
{
  PlazaPlacePicker *self = PLAZA_PLACE_PICKER (object);

  g_free (self->parent);
  g_free (self->code);
  G_OBJECT_CLASS (plaza_place_picker_parent_class)->finalize (object);
}

static void
plaza_place_picker_class_init (PlazaPlacePickerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_place_picker_dispose;
  object_class->finalize = plaza_place_picker_finalize;
  widget_class->grab_focus = plaza_place_picker_grab_focus;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/place-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaPlacePicker, entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaPlacePicker, matches);
  gtk_widget_class_bind_template_child (widget_class, PlazaPlacePicker, message);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_match_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_matches_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_focus_leave_cb);
}

static void
plaza_place_picker_init (PlazaPlacePicker *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

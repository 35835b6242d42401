/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/outline.h"

#include <glib/gi18n.h>
#include <string.h>

/* Characters of a page's name. */
#define LONGEST_NAME 60

struct _PlazaOutline
{
  GtkPopover parent_instance;

  PlazaCapture *capture;
  PlazaPage *current;
  GtkListBox *list;
  GtkWidget *scroller;
};

enum
{
  JUMP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaOutline, plaza_outline, GTK_TYPE_POPOVER)

/* A page that is one note or question is called by its first words. */
static char *
dup_first_words (const char *text)
{
  const char *end = strpbrk (text, ".?!:");
  glong length = g_utf8_strlen (text, -1);
  g_autofree char *start = NULL;

  if (end != NULL && g_utf8_pointer_to_offset (text, end) < LONGEST_NAME)
    return g_strndup (text, (gsize) (end - text) + (*end == '?' || *end == '!' ? 1 : 0));
  if (length <= LONGEST_NAME)
    return g_strdup (text);
  start = g_utf8_substring (text, 0, LONGEST_NAME);
  return g_strconcat (start, "…", NULL);
}

char *
plaza_outline_dup_name (PlazaPage *page)
{
  PlazaField *field = plaza_page_get_field (page);
  const char *title = plaza_page_get_title (page);
  guint n = plaza_page_get_n_positions (page);
  guint position = plaza_page_get_position (page);

  if (plaza_field_get_kind (field) == PLAZA_FIELD_REPEAT)
    /* Translators: %s is the title of a part of the questionnaire that may be repeated */
    return g_strdup_printf (_ ("Add another: %s"), title);
  if (plaza_field_get_kind (field) == PLAZA_FIELD_INSTANCE)
    {
      g_autofree char *summary = plaza_field_dup_summary (field);

      if (*summary != '\0')
        /* Translators: title of a section, place of the page in it, what it is about */
        return g_strdup_printf (_ ("%s, %u of %u: %s"), title, position, n, summary);
      return g_strdup_printf (_ ("%s, %u of %u"), title, position, n);
    }
  if (plaza_field_get_kind (field) == PLAZA_FIELD_VALUE && plaza_field_get_label (field) != NULL)
    return dup_first_words (plaza_field_get_label (field));
  return g_strdup (title != NULL ? title : "");
}

gboolean
plaza_outline_leaves_out (PlazaCapture *capture, PlazaPage *page)
{
  GPtrArray *fields = plaza_page_get_fields (page);

  if (!plaza_capture_is_correction (capture) || fields->len == 0)
    return FALSE;
  for (guint i = 0; i < fields->len; i++)
    if (!plaza_field_is_contact (g_ptr_array_index (fields, i)))
      return FALSE;
  return TRUE;
}

static guint
count_missing (PlazaPage *page)
{
  GPtrArray *fields = plaza_page_get_fields (page);
  guint n = 0;

  for (guint i = 0; i < fields->len; i++)
    if (plaza_field_get_validity (g_ptr_array_index (fields, i)) != PLAZA_VALIDITY_OK)
      n++;
  return n;
}

static GtkWidget *
new_row (const char *name, const char *note)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *label = gtk_label_new (name);
  g_autofree char *spoken =
      note != NULL ? g_strdup_printf ("%s (%s)", name, note) : g_strdup (name);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 36);
  gtk_box_append (GTK_BOX (box), label);
  if (note != NULL)
    {
      GtkWidget *small = gtk_label_new (note);

      gtk_label_set_xalign (GTK_LABEL (small), 0);
      gtk_label_set_wrap (GTK_LABEL (small), TRUE);
      gtk_widget_add_css_class (small, "note");
      gtk_box_append (GTK_BOX (box), small);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

static void
add_page_row (PlazaOutline *self, PlazaPage *page)
{
  g_autofree char *name = plaza_outline_dup_name (page);
  g_autofree char *note = NULL;
  guint n_missing = count_missing (page);
  GtkWidget *row;

  if (page == self->current)
    note = g_strdup (_ ("on screen"));
  else if (n_missing > 0)
    note = g_strdup_printf (ngettext ("%u answer missing", "%u answers missing", n_missing),
                            n_missing);
  row = new_row (name, note);
  g_object_set_data_full (G_OBJECT (row), "plaza-page", g_object_ref (page), g_object_unref);
  gtk_list_box_append (self->list, row);
  if (page == self->current)
    gtk_widget_add_css_class (row, "current");
}

static void
plaza_outline_show (GtkWidget *widget)
{
  PlazaOutline *self = PLAZA_OUTLINE (widget);
  PlazaInterview *interview = plaza_capture_get_interview (self->capture);
  GPtrArray *pages = plaza_interview_get_pages (interview);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < pages->len; i++)
    if (!plaza_outline_leaves_out (self->capture, g_ptr_array_index (pages, i)))
      add_page_row (self, g_ptr_array_index (pages, i));
  GTK_WIDGET_CLASS (plaza_outline_parent_class)->show (widget);
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (gtk_widget_has_css_class (GTK_WIDGET (row), "current"))
      gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
on_row_activated_cb (PlazaOutline *self, GtkListBoxRow *row)
{
  g_autoptr (PlazaPage) page = NULL;

  g_set_object (&page, g_object_get_data (G_OBJECT (row), "plaza-page"));
  gtk_popover_popdown (GTK_POPOVER (self));
  if (page != NULL)
    g_signal_emit (self, signals[JUMP], 0, page);
}

void
plaza_outline_set_current (PlazaOutline *self, PlazaPage *page)
{
  g_return_if_fail (PLAZA_IS_OUTLINE (self));

  g_set_object (&self->current, page);
}

static void
plaza_outline_dispose (GObject *object)
{
  PlazaOutline *self = PLAZA_OUTLINE (object);

  g_clear_object (&self->capture);
  g_clear_object (&self->current);
  G_OBJECT_CLASS (plaza_outline_parent_class)->dispose (object);
}

static void
plaza_outline_class_init (PlazaOutlineClass *class)
{
  G_OBJECT_CLASS (class)->dispose = plaza_outline_dispose;
  GTK_WIDGET_CLASS (class)->show = plaza_outline_show;

  signals[JUMP] = g_signal_new ("jump", PLAZA_TYPE_OUTLINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, PLAZA_TYPE_PAGE);
}

static void
plaza_outline_init (PlazaOutline *self)
{
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pages of the interview"), -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated_cb), self,
                           G_CONNECT_SWAPPED);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller), 480);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));
  gtk_popover_set_child (GTK_POPOVER (self), self->scroller);
  gtk_widget_add_css_class (GTK_WIDGET (self), "outline");
}

GtkWidget *
plaza_outline_new (PlazaCapture *capture)
{
  PlazaOutline *self = g_object_new (PLAZA_TYPE_OUTLINE, NULL);

  self->capture = g_object_ref (capture);
  return GTK_WIDGET (self);
}

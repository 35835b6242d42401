/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-rank.h"

#include <glib/gi18n.h>

/* The options stand in a list; the one with the focus is moved with Control and the arrows, with a
 * digit (to that place), or with its buttons. Space or Enter keep the order as it stands. */
struct _PlazaQuestionRank
{
  PlazaQuestion parent_instance;

  GtkListBox *list;
  GPtrArray *order; /* of char *, the values in their order */
};

G_DEFINE_FINAL_TYPE (PlazaQuestionRank, plaza_question_rank, PLAZA_TYPE_QUESTION)

static PlazaField *
field_of (gpointer self)
{
  return plaza_question_get_field (PLAZA_QUESTION (self));
}

static const char *
find_label (PlazaQuestionRank *self, const char *value)
{
  GPtrArray *choices = plaza_field_get_choices (field_of (self));

  for (guint i = 0; i < choices->len; i++)
    {
      const PlazaChoice *choice = g_ptr_array_index (choices, i);

      if (g_str_equal (choice->value, value))
        return choice->label;
    }
  return value;
}

static gboolean
has_value (GPtrArray *order, const char *value)
{
  return g_ptr_array_find_with_equal_func (order, value, g_str_equal, NULL);
}

/* The answer's order first, then the choices it does not hold. */
static void
read_order (PlazaQuestionRank *self)
{
  GPtrArray *choices = plaza_field_get_choices (field_of (self));
  g_auto (GStrv) answered = g_strsplit (plaza_field_get_value (field_of (self)), " ", -1);

  g_ptr_array_set_size (self->order, 0);
  for (guint i = 0; answered[i] != NULL; i++)
    if (answered[i][0] != '\0' && !has_value (self->order, answered[i]))
      g_ptr_array_add (self->order, g_strdup (answered[i]));
  for (guint i = 0; i < choices->len; i++)
    {
      const PlazaChoice *choice = g_ptr_array_index (choices, i);

      if (!has_value (self->order, choice->value))
        g_ptr_array_add (self->order, g_strdup (choice->value));
    }
}

static void
give (PlazaQuestionRank *self)
{
  g_autoptr (GString) value = g_string_new (NULL);

  for (guint i = 0; i < self->order->len; i++)
    g_string_append_printf (value, "%s%s", i > 0 ? " " : "",
                            (const char *) g_ptr_array_index (self->order, i));
  plaza_question_answer (PLAZA_QUESTION (self), value->str);
}

static void
move (PlazaQuestionRank *self, int from, int to)
{
  char *value;

  if (from < 0 || to < 0 || (guint) to >= self->order->len || from == to ||
      plaza_field_is_readonly (field_of (self)))
    return;
  value = g_ptr_array_steal_index (self->order, (guint) from);
  g_ptr_array_insert (self->order, to, value);
  give (self);
  gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, to)));
}

static int
find_focused (PlazaQuestionRank *self)
{
  GtkWidget *focus = gtk_widget_get_focus_child (GTK_WIDGET (self->list));

  return focus != NULL ? gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (focus)) : -1;
}

static gboolean
on_key_pressed_cb (PlazaQuestionRank *self, guint keyval, guint keycode, GdkModifierType state)
{
  gboolean control = (state & GDK_CONTROL_MASK) != 0;
  int focused = find_focused (self);

  if (focused < 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      if (!control)
        return FALSE;
      move (self, focused, focused - 1);
      return TRUE;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      if (!control)
        return FALSE;
      move (self, focused, focused + 1);
      return TRUE;
    case GDK_KEY_Delete:
    case GDK_KEY_BackSpace:
      plaza_question_answer (PLAZA_QUESTION (self), "");
      return TRUE;
    case GDK_KEY_space:
      give (self);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (control)
        return FALSE;
      if (*plaza_field_get_value (field_of (self)) == '\0')
        give (self);
      plaza_question_go_next (PLAZA_QUESTION (self));
      return TRUE;
    default:
      if (keyval < GDK_KEY_1 || keyval > GDK_KEY_9 || control)
        return FALSE;
      move (self, focused, (int) (keyval - GDK_KEY_1));
      return TRUE;
    }
}

static void
on_button_clicked_cb (GtkButton *button, PlazaQuestionRank *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW);
  int index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));
  int step = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "plaza-step"));

  move (self, index, index + step);
}

static GtkWidget *
new_button (
    PlazaQuestionRank *self, const char *icon, const char *words, const char *label, int step)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  g_autofree char *name = g_strdup_printf ("%s: %s", words, label);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  /* The keys move a row; a stop for each button would make a long way of Tabs. */
  gtk_widget_set_focusable (button, FALSE);
  gtk_widget_set_tooltip_text (button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data (G_OBJECT (button), "plaza-step", GINT_TO_POINTER (step));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_button_clicked_cb), self, 0);
  return button;
}

static GtkWidget *
new_row (PlazaQuestionRank *self, guint place, const char *label)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *text = g_strdup_printf ("%u. %s", place, label);
  GtkWidget *words = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (words), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (words), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), new_button (self, "go-up-symbolic", _ ("Move up"), label, -1));
  gtk_box_append (GTK_BOX (box), new_button (self, "go-down-symbolic", _ ("Move down"), label, 1));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  return row;
}

static void
plaza_question_rank_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionRank *self = PLAZA_QUESTION_RANK (question);
  gboolean answered = *plaza_field_get_value (field_of (self)) != '\0';
  int focused = find_focused (self);
  GtkListBoxRow *row;

  read_order (self);
  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < self->order->len; i++)
    gtk_list_box_append (
        self->list, new_row (self, i + 1, find_label (self, g_ptr_array_index (self->order, i))));
  if (focused >= 0 && (guint) focused < self->order->len)
    gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, focused)));
  plaza_question_set_note (
      question, answered ? _ ("Control and the arrows, or a digit, move an option.")
                         : _ ("Not answered. Control and the arrows, or a digit, move an "
                              "option; Space keeps this order."));
}

static void
plaza_question_rank_bind (PlazaQuestion *question)
{
  PlazaQuestionRank *self = PLAZA_QUESTION_RANK (question);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
  plaza_question_set_control (question, GTK_WIDGET (self->list), GTK_WIDGET (self->list));
}

static gboolean
plaza_question_rank_grab_focus (GtkWidget *widget)
{
  PlazaQuestionRank *self = PLAZA_QUESTION_RANK (widget);
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->list, 0);

  return first != NULL && gtk_widget_grab_focus (GTK_WIDGET (first));
}

static void
plaza_question_rank_finalize (GObject *object)
{
  g_ptr_array_unref (PLAZA_QUESTION_RANK (object)->order);
  G_OBJECT_CLASS (plaza_question_rank_parent_class)->finalize (object);
}

static void
plaza_question_rank_class_init (PlazaQuestionRankClass *class)
{
  G_OBJECT_CLASS (class)->finalize = plaza_question_rank_finalize;
  GTK_WIDGET_CLASS (class)->grab_focus = plaza_question_rank_grab_focus;
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_rank_bind;
  PLAZA_QUESTION_CLASS (class)->refresh = plaza_question_rank_refresh;
}

static void
plaza_question_rank_init (PlazaQuestionRank *self)
{
  self->order = g_ptr_array_new_with_free_func (g_free);
}

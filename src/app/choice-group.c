/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/choice-group.h"

#include "app/choice-columns.h"
#include "app/choice-row.h"
#include "app/choice-typing.h"

struct _PlazaChoiceGroup
{
  GtkWidget parent_instance;

  GPtrArray *rows; /* of PlazaChoiceRow, in order */
  GArray *numbers; /* of guint, the number that chooses each row */
  char **value;    /* the chosen codes, also those that are not offered now */
  guint total;     /* options of the whole list, when only a part of it is offered; or 0 */
  PlazaChoiceTyping *typing;
  int current; /* the row that Tab enters on, or -1 */
  guint multiple : 1;
  guint readonly : 1;
  guint moved : 1; /* the focus was moved to another row since it came in */
};

enum
{
  CHANGED,
  NEXT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaChoiceGroup, plaza_choice_group, GTK_TYPE_WIDGET)

static PlazaChoiceRow *
row_at (PlazaChoiceGroup *self, guint index)
{
  return g_ptr_array_index (self->rows, index);
}

static gboolean
holds (PlazaChoiceGroup *self, const char *code)
{
  return g_strv_contains ((const char *const *) self->value, code);
}

/* What is chosen */

static void
show_value (PlazaChoiceGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    plaza_choice_row_set_chosen (row_at (self, i),
                                 holds (self, plaza_choice_row_get_code (row_at (self, i))));
}

static void
take_value (PlazaChoiceGroup *self, GPtrArray *codes)
{
  g_ptr_array_add (codes, NULL);
  g_strfreev (self->value);
  self->value = (char **) g_ptr_array_free (codes, FALSE);
  show_value (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
choose (PlazaChoiceGroup *self, guint index)
{
  PlazaChoiceRow *chosen = row_at (self, index);
  GPtrArray *codes;

  if (self->readonly || (!self->multiple && plaza_choice_row_get_chosen (chosen)))
    return;
  codes = g_ptr_array_new ();
  for (guint i = 0; i < self->rows->len; i++)
    {
      PlazaChoiceRow *row = row_at (self, i);
      gboolean on = row == chosen ? !plaza_choice_row_get_chosen (row)
                                  : self->multiple && plaza_choice_row_get_chosen (row);

      if (on)
        g_ptr_array_add (codes, g_strdup (plaza_choice_row_get_code (row)));
    }
  take_value (self, codes);
}

static void
clear (PlazaChoiceGroup *self)
{
  if (!self->readonly && self->value[0] != NULL)
    take_value (self, g_ptr_array_new ());
}

/* Where the focus is */

static int
find_focused (PlazaChoiceGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (gtk_widget_is_focus (GTK_WIDGET (row_at (self, i))))
      return (int) i;
  return -1;
}

static guint
entry_row (PlazaChoiceGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (plaza_choice_row_get_chosen (row_at (self, i)))
      return i;
  return self->current >= 0 && (guint) self->current < self->rows->len ? (guint) self->current : 0;
}

static gboolean
focus_row (PlazaChoiceGroup *self, guint index)
{
  self->current = (int) index;
  return gtk_widget_grab_focus (GTK_WIDGET (row_at (self, index)));
}

static void
move_to (PlazaChoiceGroup *self, int index)
{
  if (index < 0 || (guint) index >= self->rows->len)
    return;
  if (index != find_focused (self))
    self->moved = TRUE;
  focus_row (self, (guint) index);
}

static gboolean
plaza_choice_group_focus (GtkWidget *widget, GtkDirectionType direction)
{
  PlazaChoiceGroup *self = PLAZA_CHOICE_GROUP (widget);
  int focused = find_focused (self);

  if (self->rows->len == 0)
    return FALSE;
  if (focused < 0)
    return focus_row (self, entry_row (self));
  switch (direction)
    {
    case GTK_DIR_UP:
    case GTK_DIR_DOWN:
    case GTK_DIR_LEFT:
    case GTK_DIR_RIGHT:
      return TRUE; /* arrows are the key handler's; they never leave the group */
    case GTK_DIR_TAB_FORWARD:
    case GTK_DIR_TAB_BACKWARD:
    default:
      return FALSE;
    }
}

static gboolean
plaza_choice_group_grab_focus (GtkWidget *widget)
{
  PlazaChoiceGroup *self = PLAZA_CHOICE_GROUP (widget);

  return self->rows->len > 0 && focus_row (self, entry_row (self));
}

static void
on_focus_enter_cb (PlazaChoiceGroup *self)
{
  self->moved = FALSE;
}

static void
on_focus_leave_cb (PlazaChoiceGroup *self)
{
  plaza_choice_typing_forget (self->typing);
}

/* Choosing by typing */

static guint
highest_number (PlazaChoiceGroup *self)
{
  guint last =
      self->numbers->len > 0 ? g_array_index (self->numbers, guint, self->numbers->len - 1) : 0;

  return MAX (last, self->total);
}

static void
choose_number (guint number, gpointer data)
{
  PlazaChoiceGroup *self = data;

  for (guint i = 0; i < self->rows->len; i++)
    if (g_array_index (self->numbers, guint, i) == number)
      {
        focus_row (self, i);
        self->moved = FALSE;
        choose (self, i);
        return;
      }
  gtk_widget_error_bell (GTK_WIDGET (self));
}

static void
type_digit (PlazaChoiceGroup *self, guint digit)
{
  guint number;

  if (plaza_choice_typing_add_digit (self->typing, digit, highest_number (self), &number))
    choose_number (number, self);
}

static gboolean
type_letter (PlazaChoiceGroup *self, gunichar letter)
{
  PlazaChoiceTyped typed;

  if (!plaza_choice_typing_add_letter (self->typing, letter, self->rows, find_focused (self),
                                       self->multiple, &typed))
    return FALSE;
  move_to (self, typed.row);
  if (typed.choose)
    {
      self->moved = FALSE;
      choose (self, (guint) typed.row);
    }
  return TRUE;
}

static void
press_enter (PlazaChoiceGroup *self)
{
  int focused = find_focused (self);

  if (!self->multiple && self->moved && focused >= 0)
    choose (self, (guint) focused);
  self->moved = FALSE;
  g_signal_emit (self, signals[NEXT], 0);
}

/* How far Left and Right go: to the column beside, or to the row before and after. */
static int
sideways_step (PlazaChoiceGroup *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  guint length = plaza_choice_columns_get_length (PLAZA_CHOICE_COLUMNS (layout));
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  return (length > 0 ? (int) length : 1) * (rtl ? -1 : 1);
}

static gboolean
on_key_pressed_cb (PlazaChoiceGroup *self, guint keyval, guint keycode, GdkModifierType state)
{
  int focused = find_focused (self);
  gunichar letter;
  guint number;

  if ((state & gtk_accelerator_get_default_mod_mask () & ~GDK_SHIFT_MASK) != 0 || focused < 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      move_to (self, focused - 1);
      return TRUE;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      move_to (self, focused + 1);
      return TRUE;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      move_to (self, focused - sideways_step (self));
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      move_to (self, focused + sideways_step (self));
      return TRUE;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      move_to (self, 0);
      return TRUE;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      move_to (self, (int) self->rows->len - 1);
      return TRUE;
    case GDK_KEY_space:
    case GDK_KEY_KP_Space:
      plaza_choice_typing_forget (self->typing);
      choose (self, (guint) focused);
      return TRUE;
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
    case GDK_KEY_BackSpace:
      plaza_choice_typing_forget (self->typing);
      clear (self);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      number = plaza_choice_typing_take_number (self->typing);
      if (number > 0)
        choose_number (number, self);
      press_enter (self);
      return TRUE;
    default:
      break;
    }
  letter = gdk_keyval_to_unicode (keyval);
  if (letter != 0 && g_unichar_isdigit (letter))
    {
      type_digit (self, (guint) g_unichar_digit_value (letter));
      return TRUE;
    }
  return letter != 0 && g_unichar_isalpha (letter) && type_letter (self, letter);
}

static void
on_row_chosen_cb (PlazaChoiceGroup *self, PlazaChoiceRow *row)
{
  guint index;

  if (!g_ptr_array_find (self->rows, row, &index))
    return;
  plaza_choice_typing_forget (self->typing);
  self->current = (int) index;
  self->moved = FALSE;
  choose (self, index);
}

/* Options */

static gboolean
same_codes (PlazaChoiceGroup *self, const char *const *codes)
{
  if (g_strv_length ((char **) codes) != self->rows->len)
    return FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    if (!g_str_equal (plaza_choice_row_get_code (row_at (self, i)), codes[i]))
      return FALSE;
  return TRUE;
}

static void
remove_rows (PlazaChoiceGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    gtk_widget_unparent (GTK_WIDGET (row_at (self, i)));
  g_ptr_array_set_size (self->rows, 0);
}

static void
make_rows (PlazaChoiceGroup *self, const char *const *codes)
{
  guint n = g_strv_length ((char **) codes);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *row = plaza_choice_row_new (self->multiple, codes[i]);

      plaza_choice_row_set_position (PLAZA_CHOICE_ROW (row), i + 1, n);
      g_signal_connect_object (row, "chosen", G_CALLBACK (on_row_chosen_cb), self,
                               G_CONNECT_SWAPPED);
      gtk_widget_set_parent (row, GTK_WIDGET (self));
      g_ptr_array_add (self->rows, row);
    }
}

static void
set_numbers (PlazaChoiceGroup *self, const guint *numbers)
{
  guint highest;

  g_array_set_size (self->numbers, 0);
  for (guint i = 0; i < self->rows->len; i++)
    {
      guint number = numbers != NULL ? numbers[i] : i + 1;

      g_array_append_val (self->numbers, number);
    }
  highest = highest_number (self);
  for (guint i = 0; i < self->rows->len; i++)
    {
      guint number = g_array_index (self->numbers, guint, i);
      g_autofree char *text = g_strdup_printf (highest > 9 ? "%02u" : "%u", number);

      plaza_choice_row_set_number (row_at (self, i), highest < 100 ? text : NULL);
    }
}

void
plaza_choice_group_set_options (PlazaChoiceGroup *self,
                                const char *const *codes,
                                const char *const *labels,
                                const guint *numbers,
                                guint total)
{
  g_return_if_fail (PLAZA_IS_CHOICE_GROUP (self));
  g_return_if_fail (codes != NULL && labels != NULL);
  g_return_if_fail (g_strv_length ((char **) codes) == g_strv_length ((char **) labels));

  if (!same_codes (self, codes))
    {
      int focused = find_focused (self);

      plaza_choice_typing_forget (self->typing);
      remove_rows (self);
      make_rows (self, codes);
      self->current = -1;
      if (focused >= 0 && self->rows->len > 0)
        focus_row (self, entry_row (self));
    }
  self->total = total;
  set_numbers (self, numbers);
  for (guint i = 0; i < self->rows->len; i++)
    plaza_choice_row_set_label (row_at (self, i), labels[i]);
  show_value (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

char *
plaza_choice_group_get_value (PlazaChoiceGroup *self)
{
  g_return_val_if_fail (PLAZA_IS_CHOICE_GROUP (self), NULL);

  return g_strjoinv (" ", self->value);
}

void
plaza_choice_group_set_value (PlazaChoiceGroup *self, const char *value)
{
  g_auto (GStrv) parts = NULL;
  GStrvBuilder *codes;

  g_return_if_fail (PLAZA_IS_CHOICE_GROUP (self));

  codes = g_strv_builder_new ();
  parts = g_strsplit (value != NULL ? value : "", " ", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_strv_builder_add (codes, parts[i]);
  g_strfreev (self->value);
  self->value = g_strv_builder_end (codes);
  g_strv_builder_unref (codes);
  show_value (self);
}

guint
plaza_choice_group_get_n_options (PlazaChoiceGroup *self)
{
  g_return_val_if_fail (PLAZA_IS_CHOICE_GROUP (self), 0);

  return self->rows->len;
}

void
plaza_choice_group_set_readonly (PlazaChoiceGroup *self, gboolean readonly)
{
  g_return_if_fail (PLAZA_IS_CHOICE_GROUP (self));

  self->readonly = !!readonly;
  if (readonly)
    gtk_widget_add_css_class (GTK_WIDGET (self), "readonly");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "readonly");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_READ_ONLY,
                                  readonly, -1);
}

static void
plaza_choice_group_dispose (GObject *object)
{
  PlazaChoiceGroup *self = PLAZA_CHOICE_GROUP (object);

  plaza_choice_typing_forget (self->typing);
  remove_rows (self);
  G_OBJECT_CLASS (plaza_choice_group_parent_class)->dispose (object);
}

static void
plaza_choice_group_finalize (GObject *object)
{
  PlazaChoiceGroup *self = PLAZA_CHOICE_GROUP (object);

  g_ptr_array_unref (self->rows);
  g_array_unref (self->numbers);
  g_strfreev (self->value);
  plaza_choice_typing_free (self->typing);
  G_OBJECT_CLASS (plaza_choice_group_parent_class)->finalize (object);
}

static void
plaza_choice_group_class_init (PlazaChoiceGroupClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_choice_group_dispose;
  object_class->finalize = plaza_choice_group_finalize;
  widget_class->focus = plaza_choice_group_focus;
  widget_class->grab_focus = plaza_choice_group_grab_focus;

  signals[CHANGED] = g_signal_new ("changed", PLAZA_TYPE_CHOICE_GROUP, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[NEXT] = g_signal_new ("next", PLAZA_TYPE_CHOICE_GROUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, PLAZA_TYPE_CHOICE_COLUMNS);
  gtk_widget_class_set_css_name (widget_class, "choices");
}

static void
plaza_choice_group_init (PlazaChoiceGroup *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->rows = g_ptr_array_new ();
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  self->value = g_new0 (char *, 1);
  self->typing = plaza_choice_typing_new (choose_number, self);
  self->current = -1;

  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (on_focus_enter_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_focus_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}

GtkWidget *
plaza_choice_group_new (gboolean multiple)
{
  PlazaChoiceGroup *self =
      g_object_new (PLAZA_TYPE_CHOICE_GROUP, "accessible-role",
                    multiple ? GTK_ACCESSIBLE_ROLE_GROUP : GTK_ACCESSIBLE_ROLE_RADIO_GROUP, NULL);

  self->multiple = !!multiple;
  return GTK_WIDGET (self);
}

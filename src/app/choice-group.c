/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/choice-group.h"

#include <string.h>

#include "app/choice-columns.h"
#include "app/choice-row.h"

/* How long a first digit or letter waits for the next one. */
#define TYPING_MS 900

struct _PlazaChoiceGroup
{
  GtkWidget parent_instance;

  GPtrArray *rows; /* of PlazaChoiceRow, in order */
  GArray *numbers; /* of guint, the number that chooses each row */
  char **value;    /* the chosen codes, also those that are not offered now */
  guint total;     /* options of the whole list, when only a part of it is offered; or 0 */
  GString *typed;  /* digits or folded letters that wait for more */
  guint typing_timeout;
  int typed_row; /* the row those letters chose already, or -1 */
  int current;   /* the row that Tab enters on, or -1 */
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

static void
forget_typing (PlazaChoiceGroup *self)
{
  g_string_truncate (self->typed, 0);
  self->typed_row = -1;
  g_clear_handle_id (&self->typing_timeout, g_source_remove);
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
  forget_typing (self);
}

/* Choosing by typing */

static guint
typed_number (PlazaChoiceGroup *self)
{
  return (guint) g_ascii_strtoull (self->typed->str, NULL, 10);
}

static guint
highest_number (PlazaChoiceGroup *self)
{
  guint last =
      self->numbers->len > 0 ? g_array_index (self->numbers, guint, self->numbers->len - 1) : 0;

  return MAX (last, self->total);
}

static void
choose_typed_number (PlazaChoiceGroup *self)
{
  guint number = typed_number (self);

  forget_typing (self);
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

static gboolean
on_typing_timeout_cb (gpointer data)
{
  PlazaChoiceGroup *self = data;

  self->typing_timeout = 0;
  if (g_ascii_isdigit (self->typed->str[0]) && typed_number (self) > 0)
    choose_typed_number (self);
  else
    forget_typing (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_more (PlazaChoiceGroup *self)
{
  g_clear_handle_id (&self->typing_timeout, g_source_remove);
  self->typing_timeout = g_timeout_add (TYPING_MS, on_typing_timeout_cb, self);
}

static void
type_digit (PlazaChoiceGroup *self, guint digit)
{
  guint highest = highest_number (self);

  if (self->typed->len > 0 && !g_ascii_isdigit (self->typed->str[0]))
    forget_typing (self);
  g_string_append_c (self->typed, (char) ('0' + digit));
  if (highest <= 9 || self->typed->len >= 2 || typed_number (self) * 10 > highest)
    choose_typed_number (self);
  else
    wait_for_more (self);
}

/* Letters as they are compared: without accents, small, and only letters and digits. */
static char *
fold (const char *text)
{
  g_autofree char *decomposed = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autofree char *small = NULL;

  for (const char *c = decomposed; c != NULL && *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_isalnum (g_utf8_get_char (c)))
      g_string_append_unichar (plain, g_utf8_get_char (c));
  small = g_utf8_casefold (plain->str, -1);
  return g_steal_pointer (&small);
}

/* The labels that begin with what was typed. */
typedef struct
{
  guint n;
  int row; /* the first of them from the focus on, or the one that is exactly that; -1 for none */
  gboolean exact;
} Matches;

static Matches
find_matches (PlazaChoiceGroup *self)
{
  Matches matches = { 0, -1, FALSE };
  guint n = self->rows->len;
  /* A second letter narrows down what is focused now; a first one goes on from it. */
  guint start = (guint) MAX (find_focused (self), 0) + (self->typed->len > 1 ? 0 : 1);

  for (guint i = 0; i < n; i++)
    {
      guint index = (start + i) % n;
      g_autofree char *label = fold (plaza_choice_row_get_label (row_at (self, index)));

      if (!g_str_has_prefix (label, self->typed->str))
        continue;
      matches.n++;
      if (matches.row < 0 || (!matches.exact && g_str_equal (label, self->typed->str)))
        matches.row = (int) index;
      matches.exact = matches.exact || g_str_equal (label, self->typed->str);
    }
  return matches;
}

/* The letters typed in one go are kept together after they chose something, so that the rest of a
 * label typed in full chooses nothing else. */
static gboolean
type_letter (PlazaChoiceGroup *self, gunichar letter)
{
  char utf8[7] = { 0 };
  g_autofree char *folded = NULL;
  Matches matches;

  g_unichar_to_utf8 (letter, utf8);
  folded = fold (utf8);
  if (self->typed->len > 0 && g_ascii_isdigit (self->typed->str[0]))
    forget_typing (self);
  g_string_append (self->typed, folded);
  matches = find_matches (self);
  if (matches.n == 0 && self->typed_row < 0 && self->typed->len > strlen (folded))
    {
      /* Not the next letter of the same word: the first of another. */
      g_string_assign (self->typed, folded);
      matches = find_matches (self);
    }
  if (matches.n == 0 && self->typed_row < 0)
    {
      forget_typing (self);
      return FALSE;
    }
  wait_for_more (self);
  if (matches.n == 0 || matches.row == self->typed_row)
    return TRUE;
  move_to (self, matches.row);
  if (matches.n == 1 || (matches.exact && !self->multiple))
    {
      self->moved = FALSE;
      self->typed_row = matches.row;
      choose (self, (guint) matches.row);
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
      forget_typing (self);
      choose (self, (guint) focused);
      return TRUE;
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
    case GDK_KEY_BackSpace:
      forget_typing (self);
      clear (self);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      if (self->typed->len > 0 && g_ascii_isdigit (self->typed->str[0]) && typed_number (self) > 0)
        choose_typed_number (self);
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
  forget_typing (self);
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

      forget_typing (self);
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

  forget_typing (self);
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
  g_string_free (self->typed, TRUE);
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
  self->typed = g_string_new (NULL);
  self->current = -1;
  self->typed_row = -1;

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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "app/choice-group.h"
#include "app/choice-row.h"

/* Labels with the traps of the real lists: accents, one label that begins another. */
static const char *const YES_NO[] = { "si", "no", "ns", "nr", NULL };
static const char *const YES_NO_LABELS[] = { "Sí", "No", "No sé", "Prefiero no responder", NULL };

typedef struct
{
  GtkWindow *window;
  GtkWidget *before;
  PlazaChoiceGroup *group;
  GtkWidget *after;
  guint n_changed;
  guint n_next;
} Fixture;

static void
count_cb (guint *counter)
{
  (*counter)++;
}

static void
set_up (Fixture *f, gconstpointer multiple)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  f->before = gtk_button_new_with_label ("before");
  f->group = PLAZA_CHOICE_GROUP (plaza_choice_group_new (GPOINTER_TO_INT (multiple)));
  f->after = gtk_button_new_with_label ("after");
  gtk_box_append (GTK_BOX (box), f->before);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (f->group));
  gtk_box_append (GTK_BOX (box), f->after);
  f->window = GTK_WINDOW (g_object_ref_sink (gtk_window_new ()));
  gtk_window_set_child (f->window, box);
  g_signal_connect_swapped (f->group, "changed", G_CALLBACK (count_cb), &f->n_changed);
  g_signal_connect_swapped (f->group, "next", G_CALLBACK (count_cb), &f->n_next);
  plaza_choice_group_set_options (f->group, YES_NO, YES_NO_LABELS, NULL, 0);
  gtk_window_present (f->window);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (f->window);
  g_object_unref (f->window);
}

static void
use_topics (Fixture *f, guint n)
{
  g_autoptr (GStrvBuilder) codes = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();
  g_auto (GStrv) code_list = NULL;
  g_auto (GStrv) label_list = NULL;

  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *code = g_strdup_printf ("t%u", i);
      g_autofree char *label = g_strdup_printf ("Topic %u", i);

      g_strv_builder_add (codes, code);
      g_strv_builder_add (labels, label);
    }
  code_list = g_strv_builder_end (codes);
  label_list = g_strv_builder_end (labels);
  plaza_choice_group_set_options (f->group, (const char *const *) code_list,
                                  (const char *const *) label_list, NULL, 0);
}

/* As the key would arrive at the group: it has one key controller. */
static gboolean
press (Fixture *f, guint keyval)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (f->group));
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &handled);
    }
  return handled;
}

static GtkWidget *
row (Fixture *f, guint index)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (f->group));

  while (index-- > 0)
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static void
assert_value (Fixture *f, const char *expected)
{
  g_autofree char *value = plaza_choice_group_get_value (f->group);

  g_assert_cmpstr (value, ==, expected);
}

static void
tab (Fixture *f)
{
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (f->window), GTK_DIR_TAB_FORWARD));
}

static void
test_one_tab_stop (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (f->before);
  tab (f);
  g_assert_true (gtk_widget_is_focus (row (f, 0)));
  tab (f);
  g_assert_true (gtk_widget_is_focus (f->after));

  plaza_choice_group_set_value (f->group, "ns");
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (f->window), GTK_DIR_TAB_BACKWARD));
  g_assert_true (gtk_widget_is_focus (row (f, 2)));
  g_assert_true (gtk_widget_child_focus (GTK_WIDGET (f->window), GTK_DIR_TAB_BACKWARD));
  g_assert_true (gtk_widget_is_focus (f->before));
  g_assert_cmpuint (f->n_changed, ==, 0);
}

static void
test_arrows_move_only (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  g_assert_true (press (f, GDK_KEY_Down));
  g_assert_true (press (f, GDK_KEY_Down));
  g_assert_true (gtk_widget_is_focus (row (f, 2)));
  assert_value (f, "");
  press (f, GDK_KEY_End);
  press (f, GDK_KEY_Down);
  g_assert_true (gtk_widget_is_focus (row (f, 3)));
  press (f, GDK_KEY_Home);
  g_assert_true (gtk_widget_is_focus (row (f, 0)));
  g_assert_cmpuint (f->n_changed, ==, 0);
}

static void
test_space_and_delete (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_space);
  assert_value (f, "no");
  g_assert_cmpuint (f->n_changed, ==, 1);
  press (f, GDK_KEY_space);
  assert_value (f, "no");
  g_assert_cmpuint (f->n_changed, ==, 1);
  press (f, GDK_KEY_Delete);
  assert_value (f, "");
  press (f, GDK_KEY_Delete);
  g_assert_cmpuint (f->n_changed, ==, 2);
}

static void
test_enter (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  /* Enter alone answers nothing: it goes on. */
  press (f, GDK_KEY_Return);
  assert_value (f, "");
  g_assert_cmpuint (f->n_next, ==, 1);
  /* Enter after moving takes what was moved to. */
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_Return);
  assert_value (f, "no");
  g_assert_cmpuint (f->n_next, ==, 2);
  g_assert_cmpuint (f->n_changed, ==, 1);
}

static void
test_digits (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_3);
  assert_value (f, "ns");
  g_assert_true (gtk_widget_is_focus (row (f, 2)));
  press (f, GDK_KEY_KP_1);
  assert_value (f, "si");
  press (f, GDK_KEY_9);
  press (f, GDK_KEY_0);
  assert_value (f, "si");
}

static void
test_letters (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_p);
  assert_value (f, "nr");
  /* The rest of the word typed in full chooses nothing else. */
  for (const char *c = "refiero no"; *c != '\0'; c++)
    if (*c != ' ')
      press (f, gdk_unicode_to_keyval ((guint32) *c));
  assert_value (f, "nr");
  g_assert_cmpuint (f->n_changed, ==, 1);

  press (f, GDK_KEY_Delete);
  press (f, GDK_KEY_s);
  assert_value (f, "si");
  press (f, GDK_KEY_Delete);
  /* Two labels begin with n: the focus moves there, nothing is chosen. */
  press (f, GDK_KEY_n);
  assert_value (f, "");
  g_assert_true (gtk_widget_is_focus (row (f, 1)));
  press (f, GDK_KEY_o);
  assert_value (f, "no");
  press (f, GDK_KEY_s);
  assert_value (f, "ns");
  g_assert_false (press (f, GDK_KEY_Tab));
}

static void
test_multiple (Fixture *f, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_4);
  press (f, GDK_KEY_1);
  assert_value (f, "si nr");
  press (f, GDK_KEY_4);
  assert_value (f, "si");
  press (f, GDK_KEY_Home);
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_space);
  assert_value (f, "si no");
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_Return);
  assert_value (f, "si no");
  g_assert_cmpuint (f->n_next, ==, 1);
}

static void
test_two_digits (Fixture *f, gconstpointer data)
{
  use_topics (f, 19);
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_0);
  press (f, GDK_KEY_7);
  assert_value (f, "t7");
  press (f, GDK_KEY_1);
  assert_value (f, "t7");
  press (f, GDK_KEY_9);
  assert_value (f, "t7 t19");
  /* No option begins with 8: there is nothing to wait for. */
  press (f, GDK_KEY_8);
  assert_value (f, "t7 t8 t19");
  /* One digit and a pause. */
  press (f, GDK_KEY_1);
  g_assert_cmpuint (f->n_changed, ==, 3);
  while (f->n_changed == 3)
    g_main_context_iteration (NULL, TRUE);
  assert_value (f, "t1 t7 t8 t19");
  /* Enter does not wait. */
  press (f, GDK_KEY_1);
  press (f, GDK_KEY_Return);
  assert_value (f, "t7 t8 t19");
  press (f, GDK_KEY_2);
  press (f, GDK_KEY_0);
  assert_value (f, "t2 t7 t8 t19");
}

/* Three of nineteen topics, under their own numbers. */
static void
test_own_numbers (Fixture *f, gconstpointer data)
{
  static const char *const codes[] = { "salud", "agua", "otro", NULL };
  static const char *const labels[] = { "Health", "Water", "Other", NULL };
  static const char *const alone[] = { "salud", NULL };
  static const char *const alone_labels[] = { "Health", NULL };
  static const guint numbers[] = { 8, 10, 19 };

  plaza_choice_group_set_options (f->group, codes, labels, numbers, 19);
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_1);
  press (f, GDK_KEY_9);
  assert_value (f, "otro");
  press (f, GDK_KEY_8);
  assert_value (f, "salud");
  press (f, GDK_KEY_0);
  press (f, GDK_KEY_3);
  assert_value (f, "salud");
  press (f, GDK_KEY_1);
  press (f, GDK_KEY_0);
  assert_value (f, "agua");

  /* one of nineteen alone keeps its two digits */
  plaza_choice_group_set_options (f->group, alone, alone_labels, numbers, 19);
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_0);
  press (f, GDK_KEY_8);
  assert_value (f, "salud");
}

static void
test_options_change (Fixture *f, gconstpointer data)
{
  static const char *const english[] = { "Yes", "No", "Don’t know", "Prefer not to answer", NULL };
  static const char *const fewer[] = { "si", "no", NULL };
  static const char *const fewer_labels[] = { "Yes", "No", NULL };
  GtkWidget *second = row (f, 1);

  gtk_widget_grab_focus (second);
  plaza_choice_group_set_value (f->group, "ns");
  plaza_choice_group_set_options (f->group, YES_NO, english, NULL, 0);
  g_assert_true (gtk_widget_is_focus (second));
  g_assert_cmpstr (plaza_choice_row_get_label (PLAZA_CHOICE_ROW (row (f, 2))), ==, "Don’t know");
  assert_value (f, "ns");

  plaza_choice_group_set_options (f->group, fewer, fewer_labels, NULL, 0);
  g_assert_cmpuint (plaza_choice_group_get_n_options (f->group), ==, 2);
  g_assert_true (gtk_widget_is_focus (row (f, 0)));
  assert_value (f, "ns");
  g_assert_cmpuint (f->n_changed, ==, 0);
}

static void
test_readonly (Fixture *f, gconstpointer data)
{
  plaza_choice_group_set_value (f->group, "si");
  plaza_choice_group_set_readonly (f->group, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (f->group));
  press (f, GDK_KEY_2);
  press (f, GDK_KEY_Delete);
  assert_value (f, "si");
  gtk_widget_activate_action (row (f, 1), "choice.choose", NULL);
  assert_value (f, "si");
  plaza_choice_group_set_readonly (f->group, FALSE);
  gtk_widget_activate_action (row (f, 1), "choice.choose", NULL);
  assert_value (f, "no");
}

static void
test_accessible (Fixture *f, gconstpointer data)
{
  GtkAccessible *first = GTK_ACCESSIBLE (row (f, 0));

  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->group), GTK_ACCESSIBLE_ROLE_RADIO_GROUP);
  gtk_test_accessible_assert_role (first, GTK_ACCESSIBLE_ROLE_RADIO);
  gtk_test_accessible_assert_property (first, GTK_ACCESSIBLE_PROPERTY_LABEL, "Sí");
  gtk_test_accessible_assert_state (first, GTK_ACCESSIBLE_STATE_CHECKED,
                                    GTK_ACCESSIBLE_TRISTATE_FALSE);
  plaza_choice_group_set_value (f->group, "si");
  gtk_test_accessible_assert_state (first, GTK_ACCESSIBLE_STATE_CHECKED,
                                    GTK_ACCESSIBLE_TRISTATE_TRUE);
}

int
main (int argc, char **argv)
{
  const gpointer one = GINT_TO_POINTER (FALSE);
  const gpointer several = GINT_TO_POINTER (TRUE);

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
#define ADD(path, kind, function) \
  g_test_add ("/choice-group/" path, Fixture, kind, set_up, function, tear_down)
  ADD ("one-tab-stop", one, test_one_tab_stop);
  ADD ("arrows-move-only", one, test_arrows_move_only);
  ADD ("space-and-delete", one, test_space_and_delete);
  ADD ("enter", one, test_enter);
  ADD ("digits", one, test_digits);
  ADD ("letters", one, test_letters);
  ADD ("multiple", several, test_multiple);
  ADD ("two-digits", several, test_two_digits);
  ADD ("own-numbers", one, test_own_numbers);
  ADD ("options-change", one, test_options_change);
  ADD ("readonly", one, test_readonly);
  ADD ("accessible", one, test_accessible);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include "app/application.h"
#include "app/delivery-screen.h"
#include "app/help-window.h"
#include "app/home-screen.h"
#include "app/join-screen.h"
#include "app/new-passphrase.h"
#include "app/passphrase-dialog.h"
#include "app/preferences.h"
#include "app/session-screen.h"
#include "app/shortcuts-window.h"
#include "app/stick-dialog.h"
#include "app/unlock-screen.h"
#include "app/window.h"
#include "tests/sync/fake-central.h"

typedef struct
{
  FakeCentral *central;
  char *root;
  PlazaProfile *profile;
  PlazaApplication *application;
  PlazaWindow *window;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  if (data != NULL)
    fixture->profile =
        fake_laptop_profile (fixture->central, fixture->root, "Rosa <Ñúñez> & hijas");
  fixture->application = plaza_application_new (fixture->root);
  g_application_set_flags (G_APPLICATION (fixture->application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (fixture->application), NULL, &error);
  g_assert_no_error (error);
  fixture->window = plaza_window_new (fixture->application);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->application);
  g_clear_object (&fixture->profile);
  fake_laptop_remove (fixture->root);
  g_free (fixture->root);
  fake_central_free (fixture->central);
}

static gboolean
is_enabled (Fixture *fixture, const char *action)
{
  /* activating a disabled action says FALSE; asking must not do it */
  gboolean enabled = FALSE;
  GtkWidget *probe = gtk_button_new ();

  gtk_actionable_set_action_name (GTK_ACTIONABLE (probe), action);
  adw_header_bar_pack_start (ADW_HEADER_BAR (gtk_widget_get_template_child (
                                 GTK_WIDGET (fixture->window), PLAZA_TYPE_WINDOW, "header")),
                             probe);
  enabled = gtk_widget_get_sensitive (probe);
  adw_header_bar_remove (ADW_HEADER_BAR (gtk_widget_get_template_child (
                             GTK_WIDGET (fixture->window), PLAZA_TYPE_WINDOW, "header")),
                         probe);
  return enabled;
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_assert_true (PLAZA_IS_JOIN_SCREEN (plaza_window_get_screen (fixture->window)));
  g_assert_null (plaza_window_get_profile (fixture->window));
  g_assert_true (is_enabled (fixture, "win.join"));
  g_assert_false (is_enabled (fixture, "win.lock"));
  g_assert_false (is_enabled (fixture, "win.new-interview"));
  g_assert_false (is_enabled (fixture, "win.deliver"));
  g_assert_false (is_enabled (fixture, "win.session"));
}

static void
test_unlocked (Fixture *fixture, gconstpointer data)
{
  GtkWidget *banner;

  g_assert_true (PLAZA_IS_UNLOCK_SCREEN (plaza_window_get_screen (fixture->window)));
  plaza_window_set_profile (fixture->window, fixture->profile);
  g_assert_true (PLAZA_IS_HOME_SCREEN (plaza_window_get_screen (fixture->window)));
  banner = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (fixture->window),
                                                      PLAZA_TYPE_WINDOW, "practice_banner"));
  g_assert_cmpint (gtk_widget_get_visible (banner), ==,
                   plaza_profile_get_campaign (fixture->profile)->practice);
  g_assert_false (is_enabled (fixture, "win.join"));
  g_assert_true (is_enabled (fixture, "win.lock"));
  g_assert_true (is_enabled (fixture, "win.new-interview"));
  g_assert_true (is_enabled (fixture, "win.search"));

  /* every screen that needs a profile, and back */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.session", NULL));
  g_assert_true (PLAZA_IS_SESSION_SCREEN (plaza_window_get_screen (fixture->window)));
  g_assert_false (is_enabled (fixture, "win.search"));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.back", NULL));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.deliver", NULL));
  g_assert_true (PLAZA_IS_DELIVERY_SCREEN (plaza_window_get_screen (fixture->window)));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.back", NULL));
  g_assert_true (PLAZA_IS_HOME_SCREEN (plaza_window_get_screen (fixture->window)));

  /* in the participant's hands nothing leads away */
  plaza_window_set_handed_over (fixture->window, TRUE);
  g_assert_false (is_enabled (fixture, "win.lock"));
  g_assert_false (is_enabled (fixture, "win.deliver"));
  g_assert_false (is_enabled (fixture, "win.back"));
  plaza_window_set_handed_over (fixture->window, FALSE);
  g_assert_true (is_enabled (fixture, "win.lock"));
}

static void
test_lock (Fixture *fixture, gconstpointer data)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  plaza_window_set_profile (fixture->window, fixture->profile);
  plaza_window_lock (fixture->window);
  /* nothing of the profile is on screen from the first moment */
  g_assert_false (PLAZA_IS_HOME_SCREEN (plaza_window_get_screen (fixture->window)));
  while (plaza_window_get_profile (fixture->window) != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_false (plaza_profile_is_unlocked (fixture->profile));
  g_assert_true (PLAZA_IS_UNLOCK_SCREEN (plaza_window_get_screen (fixture->window)));
  g_assert_false (is_enabled (fixture, "win.lock"));
}

/* The narrowest screen that the window fits on. */
#define NARROW 360

/* Says which widget needs the room. */
static int
min_width (GtkWidget *widget, int depth)
{
  int minimum;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  if (minimum > NARROW - 50)
    g_test_message ("%*s%s: %d", depth * 2, "", G_OBJECT_TYPE_NAME (widget), minimum);
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       minimum > NARROW - 50 && child != NULL; child = gtk_widget_get_next_sibling (child))
    min_width (child, depth + 1);
  return minimum;
}

static void
test_dialogs (Fixture *fixture, gconstpointer data)
{
  GtkWindow *dialogs[7];

  plaza_window_set_profile (fixture->window, fixture->profile);
  dialogs[0] = GTK_WINDOW (plaza_help_window_new (GTK_WINDOW (fixture->window)));
  dialogs[1] = GTK_WINDOW (plaza_preferences_new (fixture->window, NULL));
  dialogs[2] = GTK_WINDOW (plaza_passphrase_dialog_new (fixture->window, fixture->profile));
  dialogs[3] = GTK_WINDOW (plaza_shortcuts_window_new (fixture->window));
  for (int mode = PLAZA_STICK_DIALOG_SAVE; mode <= PLAZA_STICK_DIALOG_UPLOAD; mode++)
    dialogs[4 + mode] = GTK_WINDOW (plaza_stick_dialog_new (fixture->window, mode));
  for (guint i = 0; i < G_N_ELEMENTS (dialogs); i++)
    {
      gtk_window_present (dialogs[i]);
      /* without the window's own border */
      g_assert_cmpint (min_width (gtk_widget_get_first_child (GTK_WIDGET (dialogs[i])), 0), <=,
                       NARROW);
      gtk_window_destroy (dialogs[i]);
    }
  plaza_window_toast (fixture->window, "<b>Folio</b> & more");
}

static const char *
page_of (PlazaStickDialog *dialog)
{
  GtkWidget *pages = GTK_WIDGET (
      gtk_widget_get_template_child (GTK_WIDGET (dialog), PLAZA_TYPE_STICK_DIALOG, "pages"));

  return gtk_stack_get_visible_child_name (GTK_STACK (pages));
}

static AdwMessageDialog *
find_question (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (ADW_IS_MESSAGE_DIALOG (toplevel))
        return ADW_MESSAGE_DIALOG (toplevel);
    }
  return NULL;
}

/* Saves and says so; closed in the middle it asks, and what was asked for happens. */
static void
test_stick (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stick = fake_laptop_root ();
  const char *folders[] = { stick, NULL };
  PlazaStickDialog *dialog;
  gpointer gone;

  fake_laptop_respond (fixture->profile, 2);
  plaza_window_set_profile (fixture->window, fixture->profile);
  dialog = plaza_stick_dialog_new (fixture->window, PLAZA_STICK_DIALOG_SAVE);
  gtk_window_present (GTK_WINDOW (dialog));
  g_assert_cmpstr (page_of (dialog), ==, "choose");
  plaza_stick_dialog_begin (dialog, folders);
  g_assert_cmpstr (page_of (dialog), ==, "work");
  while (g_strcmp0 (page_of (dialog), "result") != 0)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_close (GTK_WINDOW (dialog));
  g_assert_null (find_question ());

  dialog = plaza_stick_dialog_new (fixture->window, PLAZA_STICK_DIALOG_READ);
  gone = dialog;
  g_object_add_weak_pointer (G_OBJECT (dialog), &gone);
  gtk_window_present (GTK_WINDOW (dialog));
  plaza_stick_dialog_begin (dialog, folders);
  gtk_window_close (GTK_WINDOW (dialog));
  g_assert_nonnull (find_question ());
  adw_message_dialog_response (find_question (), "stop");
  while (gone != NULL)
    g_main_context_iteration (NULL, TRUE);

  /* Locked in the middle: the dialog goes, the work ends by itself. */
  dialog = plaza_stick_dialog_new (fixture->window, PLAZA_STICK_DIALOG_READ);
  gone = dialog;
  g_object_add_weak_pointer (G_OBJECT (dialog), &gone);
  plaza_stick_dialog_begin (dialog, folders);
  gtk_window_destroy (GTK_WINDOW (dialog));
  while (gone != NULL)
    g_main_context_iteration (NULL, TRUE);
  fake_laptop_remove (stick);
}

static void
test_new_passphrase (void)
{
  g_autoptr (GtkWidget) widget = g_object_ref_sink (plaza_new_passphrase_new ());
  PlazaNewPassphrase *self = PLAZA_NEW_PASSPHRASE (widget);
  GtkEditable *first =
      GTK_EDITABLE (gtk_widget_get_template_child (widget, PLAZA_TYPE_NEW_PASSPHRASE, "first"));
  GtkEditable *second =
      GTK_EDITABLE (gtk_widget_get_template_child (widget, PLAZA_TYPE_NEW_PASSPHRASE, "second"));
  const char *context[] = { "Temas del Plan de Acción", NULL };

  plaza_new_passphrase_set_context (self, context);
  g_assert_false (plaza_new_passphrase_get_acceptable (self));
  gtk_editable_set_text (first, "corto");
  gtk_editable_set_text (second, "corto");
  g_assert_false (plaza_new_passphrase_get_acceptable (self));
  gtk_editable_set_text (first, "el pozo está seco desde mayo");
  g_assert_false (plaza_new_passphrase_get_acceptable (self));
  gtk_editable_set_text (second, "el pozo está seco desde junio");
  g_assert_false (plaza_new_passphrase_get_acceptable (self));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (second), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_TRUE);
  gtk_editable_set_text (second, "el pozo está seco desde mayo");
  g_assert_true (plaza_new_passphrase_get_acceptable (self));
  gtk_editable_set_text (first, "Temas del Plan de Acción");
  gtk_editable_set_text (second, "Temas del Plan de Acción");
  g_assert_false (plaza_new_passphrase_get_acceptable (self));
  plaza_new_passphrase_clear (self);
  g_assert_cmpstr (plaza_new_passphrase_get_text (self), ==, "");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  plaza_application_prepare ();
  g_test_add_func ("/new-passphrase", test_new_passphrase);
  g_test_add ("/window/empty", Fixture, NULL, set_up, test_empty, tear_down);
  g_test_add ("/window/unlocked", Fixture, "profile", set_up, test_unlocked, tear_down);
  g_test_add ("/window/lock", Fixture, "profile", set_up, test_lock, tear_down);
  g_test_add ("/window/stick", Fixture, "profile", set_up, test_stick, tear_down);
  g_test_add ("/window/dialogs", Fixture, "profile", set_up, test_dialogs, tear_down);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/shortcuts-window.h"

#include <glib/gi18n.h>

struct _PlazaShortcutsWindow
{
  AdwWindow parent_instance;

  AdwPreferencesPage *page;
};

G_DEFINE_FINAL_TYPE (PlazaShortcutsWindow, plaza_shortcuts_window, ADW_TYPE_WINDOW)

typedef struct
{
  const char *title;       /* NULL ends a group */
  const char *action;      /* of the application's table, or NULL: */
  const char *accelerator; /* of a widget that has its own */
} Shortcut;

static const Shortcut everywhere[] = {
  { N_ ("Back"), "win.back" },
  { N_ ("Lock, or switch profile"), "win.lock" },
  { N_ ("Preferences"), "app.preferences" },
  { N_ ("Keyboard shortcuts"), "app.shortcuts" },
  { N_ ("Help"), "app.help" },
  { N_ ("Main menu"), NULL, "F10" },
  { N_ ("Close the window"), "window.close" },
  { N_ ("Quit"), "app.quit" },
  { NULL },
};

static const Shortcut home[] = {
  { N_ ("New interview"), "win.new-interview" },
  { N_ ("Deliver"), "win.deliver" },
  { N_ ("Field session"), "win.session" },
  { N_ ("Search by folio"), "win.search" },
  { NULL },
};

static const Shortcut interview[] = {
  { N_ ("Next page"), NULL, "<Control>Return" },
  { N_ ("Page before"), NULL, "<Alt>Left" },
  { N_ ("Full notice or text"), NULL, "F2" },
  { N_ ("End or leave the interview"), NULL, "F4" },
  { N_ ("Pages of the interview"), NULL, "F6" },
  { N_ ("Next language of the questionnaire"), NULL, "F7" },
  { N_ ("Leave the interview for later"), NULL, "F8" },
  { N_ ("The person does not want to take part"), NULL, "<Control><Shift>t" },
  { N_ ("End here and keep the answers"), NULL, "<Control><Shift>e" },
  { N_ ("The person withdraws"), NULL, "<Control><Shift>x" },
  { N_ ("Bring back what was put aside"), NULL, "<Control><Shift>z" },
  { N_ ("Choose an answer by its number"), NULL, "1...9" },
  { N_ ("Clear the answer"), NULL, "Delete" },
  { NULL },
};

static GtkWidget *
row_new (const Shortcut *shortcut, GtkApplication *application)
{
  g_auto (GStrv) accelerators =
      shortcut->action != NULL
          ? gtk_application_get_accels_for_action (application, shortcut->action)
          : NULL;
  const char *accelerator = accelerators != NULL ? accelerators[0] : shortcut->accelerator;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *label = gtk_shortcut_label_new (accelerator);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (shortcut->title));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  return row;
}

static void
add_group (PlazaShortcutsWindow *self,
           const char *title,
           const Shortcut *shortcuts,
           GtkApplication *application)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  for (guint i = 0; shortcuts[i].title != NULL; i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row_new (&shortcuts[i], application));
  adw_preferences_page_add (self->page, ADW_PREFERENCES_GROUP (group));
}

PlazaShortcutsWindow *
plaza_shortcuts_window_new (PlazaWindow *window)
{
  PlazaShortcutsWindow *self =
      g_object_new (PLAZA_TYPE_SHORTCUTS_WINDOW, "transient-for", window, NULL);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (window));

  add_group (self, _ ("Everywhere"), everywhere, application);
  add_group (self, _ ("Home"), home, application);
  add_group (self, _ ("Interview"), interview, application);
  plaza_window_fit (window, GTK_WINDOW (self));
  return self;
}

static void
plaza_shortcuts_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_SHORTCUTS_WINDOW);
  G_OBJECT_CLASS (plaza_shortcuts_window_parent_class)->dispose (object);
}

static void
plaza_shortcuts_window_class_init (PlazaShortcutsWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = plaza_shortcuts_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/shortcuts-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaShortcutsWindow, page);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
plaza_shortcuts_window_init (PlazaShortcutsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

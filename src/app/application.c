/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "app/help-window.h"
#include "app/preferences.h"
#include "app/screen.h"
#include "app/shortcuts-window.h"
#include "app/window.h"
#include "plaza-app-resources.h"

struct _PlazaApplication
{
  AdwApplication parent_instance;

  char *data_dir;
  GSettings *settings;
  int system_dpi;
  guint text_scaled : 1;
};

G_DEFINE_FINAL_TYPE (PlazaApplication, plaza_application, ADW_TYPE_APPLICATION)

const char *
plaza_application_get_data_dir (PlazaApplication *self)
{
  g_return_val_if_fail (PLAZA_IS_APPLICATION (self), NULL);

  return self->data_dir;
}

GSettings *
plaza_application_get_settings (PlazaApplication *self)
{
  g_return_val_if_fail (PLAZA_IS_APPLICATION (self), NULL);

  return self->settings;
}

char *
plaza_application_find_demonstration (PlazaApplication *self)
{
  const char *from_env = g_getenv ("PLAZA_DEMONSTRATION");
  g_autofree char *path = NULL;

  g_return_val_if_fail (PLAZA_IS_APPLICATION (self), NULL);

  path = from_env != NULL && *from_env != '\0'
             ? g_strdup (from_env)
             : g_build_filename (self->data_dir, "demonstration.plazajoin", NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

void
plaza_application_prepare (void)
{
  g_resources_register (plaza_app_get_resource ());
  g_type_ensure (PLAZA_TYPE_SCREEN);
}

static PlazaWindow *
ensure_window (PlazaApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *l = windows; l != NULL; l = l->next)
    if (PLAZA_IS_WINDOW (l->data))
      return l->data;
  return plaza_window_new (self);
}

static void
plaza_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (ensure_window (PLAZA_APPLICATION (application))));
}

static void
plaza_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  PlazaWindow *window = ensure_window (PLAZA_APPLICATION (application));

  plaza_window_show_join (window, files[0]);
  gtk_window_present (GTK_WINDOW (window));
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = GTK_WINDOW (ensure_window (PLAZA_APPLICATION (data)));

  adw_show_about_window (window, "application-name", _ ("Plaza"), "application-icon", PLAZA_APP_ID,
                         "version", PLAZA_VERSION, "developer-name", _ ("The Plaza contributors"),
                         "comments",
                         _ ("Runs a public consultation questionnaire without a connection and "
                            "delivers the answers sealed."),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: your name, one translator a line */
                         "translator-credits", _ ("translator-credits"), NULL);
}

static void
help_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = GTK_WINDOW (ensure_window (PLAZA_APPLICATION (data)));

  gtk_window_present (GTK_WINDOW (plaza_help_window_new (window)));
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlazaApplication *self = data;

  gtk_window_present (GTK_WINDOW (plaza_preferences_new (ensure_window (self), self->settings)));
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  /* The window saves what is open and may have something to say about waiting work. */
  gtk_window_close (GTK_WINDOW (ensure_window (PLAZA_APPLICATION (data))));
}

static void
shortcuts_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (
      GTK_WINDOW (plaza_shortcuts_window_new (ensure_window (PLAZA_APPLICATION (data)))));
}

static const GActionEntry entries[] = { { "about", about_action },
                                        { "help", help_action },
                                        { "preferences", preferences_action },
                                        { "quit", quit_action },
                                        { "shortcuts", shortcuts_action } };

static const struct
{
  const char *action;
  const char *accels[3];
} accels[] = {
  { "app.help", { "F1", NULL } },
  { "app.preferences", { "<Control>comma", NULL } },
  { "app.quit", { "<Control>q", NULL } },
  { "window.close", { "<Control>w", NULL } },
  { "win.back", { "<Alt>Left", NULL } },
  { "win.deliver", { "<Control>d", NULL } },
  { "win.lock", { "<Control>l", NULL } },
  { "win.new-interview", { "<Control>n", NULL } },
  { "win.search", { "<Control>f", NULL } },
  { "win.session", { "<Control>j", NULL } },
  { "app.shortcuts", { "<Control>question", NULL } },
};

static void
apply_color_scheme (PlazaApplication *self)
{
  g_autofree char *scheme = g_settings_get_string (self->settings, "color-scheme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (scheme, "dark")    ? ADW_COLOR_SCHEME_FORCE_DARK
                                      : g_str_equal (scheme, "light") ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                                      : ADW_COLOR_SCHEME_DEFAULT);
}

static void
apply_text_size (PlazaApplication *self)
{
  GtkSettings *gtk = gtk_settings_get_default ();
  int percent = g_settings_get_int (self->settings, "text-size");

  /* In per cent of what the system says, which is read once, before it is changed here. */
  if (self->system_dpi == 0)
    g_object_get (gtk, "gtk-xft-dpi", &self->system_dpi, NULL);
  if (self->system_dpi <= 0)
    self->system_dpi = 96 * 1024;
  if (percent != 100 || self->text_scaled)
    g_object_set (gtk, "gtk-xft-dpi", self->system_dpi / 100 * percent, NULL);
  self->text_scaled = percent != 100;
}

static gboolean
on_terminate_cb (gpointer data)
{
  plaza_window_terminate (ensure_window (PLAZA_APPLICATION (data)));
  return G_SOURCE_CONTINUE;
}

/* A missing schema would end the program: without it everything looks as by default. */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, PLAZA_APP_ID, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

static void
plaza_application_startup (GApplication *application)
{
  PlazaApplication *self = PLAZA_APPLICATION (application);

  G_APPLICATION_CLASS (plaza_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action,
                                           accels[i].accels);
  g_unix_signal_add (SIGTERM, on_terminate_cb, self);
  g_unix_signal_add (SIGINT, on_terminate_cb, self);
  g_unix_signal_add (SIGHUP, on_terminate_cb, self);
  gtk_window_set_default_icon_name (PLAZA_APP_ID);
  /* Codes and lines to be read aloud take the focus; all of them marked would look like a mistake.
   */
  g_object_set (gtk_settings_get_default (), "gtk-label-select-on-focus", FALSE, NULL);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    "/org/gobabiertomx/Plaza/icons");
  self->settings = open_settings ();
  if (self->settings == NULL)
    return;
  g_signal_connect_object (self->settings, "changed::color-scheme", G_CALLBACK (apply_color_scheme),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::text-size", G_CALLBACK (apply_text_size), self,
                           G_CONNECT_SWAPPED);
  apply_color_scheme (self);
  apply_text_size (self);
}

static void
plaza_application_finalize (GObject *object)
{
  PlazaApplication *self = PLAZA_APPLICATION (object);

  g_free (self->data_dir);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (plaza_application_parent_class)->finalize (object);
}

static void
plaza_application_class_init (PlazaApplicationClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  object_class->finalize = plaza_application_finalize;
  application_class->startup = plaza_application_startup;
  application_class->activate = plaza_application_activate;
  application_class->open = plaza_application_open;
}

static void
plaza_application_init (PlazaApplication *self)
{
}

/* The same directory must always give the same bus name, another directory another one. */
static char *
application_id_for (const char *data_dir, const char *default_dir)
{
  g_autofree char *digest = NULL;

  if (g_strcmp0 (data_dir, default_dir) == 0)
    return g_strdup (PLAZA_APP_ID);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, data_dir, -1);
  return g_strdup_printf (PLAZA_APP_ID ".D%.16s", digest);
}

PlazaApplication *
plaza_application_new (const char *data_dir)
{
  g_autofree char *default_dir = g_build_filename (g_get_user_data_dir (), "plaza", NULL);
  const char *from_env = g_getenv ("PLAZA_DATA_DIR");
  g_autofree char *dir = NULL;
  g_autofree char *id = NULL;
  PlazaApplication *self;

  if (data_dir == NULL && from_env != NULL && *from_env != '\0')
    data_dir = from_env;
  dir = g_canonicalize_filename (data_dir != NULL ? data_dir : default_dir, NULL);
  id = application_id_for (dir, default_dir);
  self = g_object_new (PLAZA_TYPE_APPLICATION, "application-id", id, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/org/gobabiertomx/Plaza",
                       NULL);
  self->data_dir = g_steal_pointer (&dir);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/application.h"

#include <glib/gi18n.h>

#include "app/screen.h"
#include "app/window.h"
#include "plaza-app-resources.h"

struct _PlazaApplication
{
  AdwApplication parent_instance;

  char *data_dir;
  GSettings *settings;
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

void
plaza_application_prepare (void)
{
  g_resources_register (plaza_app_get_resource ());
  g_type_ensure (PLAZA_TYPE_SCREEN);
}

static PlazaWindow *
ensure_window (PlazaApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return window != NULL ? PLAZA_WINDOW (window) : plaza_window_new (self);
}

static void
plaza_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (ensure_window (PLAZA_APPLICATION (application))));
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));

  adw_show_about_window (window, "application-name", _ ("Plaza"), "application-icon", PLAZA_APP_ID,
                         "version", PLAZA_VERSION, "developer-name", "Plaza", "license-type",
                         GTK_LICENSE_GPL_3_0, NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));

  /* The window saves what is open and may have something to say about waiting work. */
  if (window != NULL)
    gtk_window_close (window);
  else
    g_application_quit (G_APPLICATION (data));
}

static const GActionEntry entries[] = { { "about", about_action }, { "quit", quit_action } };

static const struct
{
  const char *action;
  const char *accels[3];
} accels[] = {
  { "app.quit", { "<Control>q", NULL } },
  { "window.close", { "<Control>w", NULL } },
  { "win.back", { "<Alt>Left", NULL } },
};

static void
plaza_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (plaza_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action,
                                           accels[i].accels);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include <glib/gi18n.h>
#include <sys/resource.h>

#include "app/application.h"
#include "base/i18n.h"
#include "seal/secret.h"

/* The language chosen in the preferences, "" for the system's. Read before GTK is: libraries look
 * at the environment once. */
static char *
chosen_language (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettings) settings = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, PLAZA_APP_ID, TRUE);
  if (schema == NULL)
    return g_strdup ("");
  settings = g_settings_new_full (schema, NULL, NULL);
  return g_settings_get_string (settings, "language");
}

static void
init_locale (void)
{
  g_autofree char *language = chosen_language ();

  if (*language != '\0')
    g_setenv ("LANGUAGE", language, TRUE);
  plaza_i18n_init (GETTEXT_PACKAGE, PLAZA_LOCALEDIR);
}

int
main (int argc, char **argv)
{
  g_autoptr (PlazaApplication) application = NULL;
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *data_dir = NULL;
  gboolean version = FALSE;
  const GOptionEntry options[] = { { "data-dir", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME,
                                     &data_dir, N_ ("Keep campaigns and profiles in DIR"),
                                     N_ ("DIR") },
                                   { "version", 'v', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE,
                                     &version, N_ ("Print the version and exit"), NULL },
                                   G_OPTION_ENTRY_NULL };

  const struct rlimit none = { 0, 0 };

  /* A core file would hold keys and answers. */
  setrlimit (RLIMIT_CORE, &none);
  init_locale ();
  context = g_option_context_new (_ ("[JOIN-LINK|FILE.plazajoin]"));
  g_option_context_add_main_entries (context, options, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("plaza: %s\n", error->message);
      return 2;
    }
  if (version)
    {
      g_print ("plaza %s\n", PLAZA_VERSION);
      return 0;
    }

  plaza_seal_init ();
  plaza_application_prepare ();
  application = plaza_application_new (data_dir);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "app/application.h"

/* A machine without any generated locale still has C.UTF-8, and with it LANGUAGE works. */
static void
init_locale (void)
{
  const char *locale = setlocale (LC_ALL, "");

  if (locale == NULL || g_str_equal (locale, "C") || g_str_equal (locale, "POSIX"))
    setlocale (LC_ALL, "C.UTF-8");
  bindtextdomain (GETTEXT_PACKAGE, PLAZA_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
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

  plaza_application_prepare ();
  application = plaza_application_new (data_dir);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

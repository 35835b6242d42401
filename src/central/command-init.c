/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "central/command.h"

#define DEFAULT_URL "https://127.0.0.1:8443"
#define DEFAULT_DATABASE "sqlite:central.db"

int
plaza_central_command_init (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  g_autofree char *database = NULL;
  gboolean practice = FALSE;
  const GOptionEntry entries[] = {
    { "url", 0, 0, G_OPTION_ARG_STRING, &url,
      N_ ("How laptops reach it (default https://127.0.0.1:8443)"), "URL" },
    { "database", 0, 0, G_OPTION_ARG_STRING, &database,
      N_ ("sqlite:PATH or postgresql://… (default sqlite:central.db)"), "URI" },
    { "practice", 0, 0, G_OPTION_ARG_NONE, &practice,
      N_ ("A central for practice campaigns, and for nothing else"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("DIR"), entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 2)
    return plaza_central_cli_usage (_ ("init needs one directory"));
  if (!plaza_central_create (argv[1], url != NULL ? url : DEFAULT_URL,
                             database != NULL ? database : DEFAULT_DATABASE, practice, &error))
    return plaza_central_cli_fail (&cli, error);
  if (cli.json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "directory", argv[1]);
      json_object_set_string_member (object, "url", url != NULL ? url : DEFAULT_URL);
      json_object_set_boolean_member (object, "practice", practice);
      plaza_central_cli_emit (object);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  g_print (_ ("The central is in %s."), argv[1]);
  g_print ("\n%s\n",
           _ ("Back up its folder keys/: without it nothing that arrives can be opened."));
  return PLAZA_CENTRAL_EXIT_OK;
}

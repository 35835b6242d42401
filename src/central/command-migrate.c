/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "central/command.h"

static void
tell (PlazaCentralCli *cli, GStrv names, gboolean dry)
{
  JsonObject *object;
  JsonArray *array;

  if (!cli->json)
    {
      for (guint i = 0; names[i] != NULL; i++)
        g_print ("%s\n", names[i]);
      if (names[0] == NULL)
        g_print ("%s\n", _ ("The database is up to date."));
      else
        g_print ("%s\n", dry ? _ ("These would be run. Back up first.") : _ ("These were run."));
      return;
    }
  array = json_array_new ();
  for (guint i = 0; names[i] != NULL; i++)
    json_array_add_string_element (array, names[i]);
  object = json_object_new ();
  json_object_set_array_member (object, dry ? "pending" : "run", array);
  plaza_central_cli_emit (object);
}

int
plaza_central_command_migrate (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  g_autoptr (PlazaStorage) storage = NULL;
  g_auto (GStrv) names = NULL;
  gboolean dry = FALSE;
  const GOptionEntry entries[] = {
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry, N_ ("Only say what would be run"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1)
    return plaza_central_cli_usage (_ ("migrate takes no arguments"));
  central = plaza_central_cli_open (&cli, &error);
  if (central != NULL)
    storage = plaza_central_storage (central, TRUE, &error);
  if (storage == NULL || !storage->table->pending (storage, &names, &error) ||
      (!dry && !storage->table->migrate (storage, &error)))
    return plaza_central_cli_fail (&cli, error);
  tell (&cli, names, dry);
  return PLAZA_CENTRAL_EXIT_OK;
}

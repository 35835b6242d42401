/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/file.h"
#include "central/catalogue-import.h"
#include "central/command.h"

#define MAX_BYTES (64 * 1024 * 1024)

int
plaza_central_command_catalogue (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *out = NULL;
  g_autofree char *complete = NULL;
  PlazaCatalogueCounts counts;
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, N_ ("Folder for the catalogues"), N_ ("DIR") },
    { "complete", 0, 0, G_OPTION_ARG_STRING, &complete,
      N_ ("For a list in our own layout: the states of which it has every municipality"),
      N_ ("all|CODES") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, "import FILE", entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 3 || strcmp (argv[1], "import") != 0 || out == NULL)
    return plaza_central_cli_usage (_ ("catalogue needs import, a file, and --out"));
  bytes = plaza_file_read (argv[2], MAX_BYTES, &error);
  if (bytes == NULL || !plaza_catalogue_import (bytes, complete, out, &counts, &error))
    {
      g_prefix_error (&error, "%s: ", argv[2]);
      return plaza_central_cli_fail (&cli, error);
    }
  if (cli.json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "states", counts.states);
      json_object_set_int_member (object, "municipalities", counts.municipalities);
      json_object_set_int_member (object, "localities", counts.localities);
      json_object_set_int_member (object, "homonyms", counts.homonyms);
      plaza_central_cli_emit (object);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  g_print (_ ("%u states, %u municipalities (%u told apart by their label), %u localities.\n"),
           counts.states, counts.municipalities, counts.homonyms, counts.localities);
  return PLAZA_CENTRAL_EXIT_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "central/backup.h"
#include "central/command.h"

#define DEFAULT_KEEP 14

static void
tell (PlazaCentralCli *cli, const char *directory, const PlazaBackupInfo *info)
{
  JsonObject *object;

  if (!cli->json)
    {
      g_print (_ ("%s/%s: %u files, %lu bytes, read back and compared.\n"), directory, info->file,
               info->files, (gulong) info->bytes);
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "file", info->file);
  json_object_set_int_member (object, "bytes", (gint64) info->bytes);
  json_object_set_int_member (object, "files", info->files);
  json_object_set_int_member (object, "removed", info->removed);
  plaza_central_cli_emit (object);
}

static int
make_key (PlazaCentralCli *cli, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = plaza_central_cli_open (cli, &error);

  if (central == NULL || !plaza_backup_new_key (central, path, &error))
    return plaza_central_cli_fail (cli, error);
  if (!cli->json)
    g_print (_ ("%s opens the backups from now on. Keep it away from the server, twice.\n"), path);
  return PLAZA_CENTRAL_EXIT_OK;
}

int
plaza_central_command_backup (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_auto (PlazaBackupInfo) info = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  int keep = DEFAULT_KEEP;
  const GOptionEntry entries[] = {
    { "keep", 0, 0, G_OPTION_ARG_INT, &keep,
      N_ ("How many backups stay in the folder (default 14)"), "N" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("DIR | key FILE"), entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc == 3 && strcmp (argv[1], "key") == 0)
    return make_key (&cli, argv[2]);
  if (argc != 2)
    return plaza_central_cli_usage (_ ("backup needs a folder, or key and a new file for it"));
  if (keep < 1 || keep > 10000)
    return plaza_central_cli_usage (_ ("--keep is 1 to 10000"));
  central = plaza_central_cli_open (&cli, &error);
  if (central == NULL || !plaza_backup_write (central, argv[1], (guint) keep, &info, &error))
    return plaza_central_cli_fail (&cli, error);
  tell (&cli, argv[1], &info);
  return PLAZA_CENTRAL_EXIT_OK;
}

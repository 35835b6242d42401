/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/day-words.h"
#include "base/error.h"
#include "store/safe-copy.h"

static const char *
state_name (PlazaSafeCopyState state)
{
  switch (state)
    {
    case PLAZA_SAFE_COPY_NONE:
      return "none";
    case PLAZA_SAFE_COPY_MADE:
      return "made";
    case PLAZA_SAFE_COPY_ABSENT:
      return "absent";
    case PLAZA_SAFE_COPY_FULL:
      return "full";
    case PLAZA_SAFE_COPY_FAILED:
      return "failed";
    }
  return "";
}

static const char *
state_words (PlazaSafeCopyState state)
{
  switch (state)
    {
    case PLAZA_SAFE_COPY_NONE:
      return _ ("No copy is made; “plazactl backup --to FOLDER” chooses where.");
    case PLAZA_SAFE_COPY_MADE:
      return _ ("The sealed copy is made and was read back.");
    case PLAZA_SAFE_COPY_ABSENT:
      return _ ("The folder is not there now; the copy is made when it is.");
    case PLAZA_SAFE_COPY_FULL:
      return _ ("There is no room for the copy; the one before is whole.");
    case PLAZA_SAFE_COPY_FAILED:
      return _ ("The copy could not be written; the one before is not to be relied on.");
    }
  return "";
}

static int
report (PlazaCli *cli, PlazaProfile *profile, const char *folder)
{
  PlazaSafeCopyInfo info;
  g_autofree char *made = NULL;

  plaza_safe_copy_get_info (profile, &info);
  if (folder == NULL)
    info.state = PLAZA_SAFE_COPY_NONE;
  made = info.made_ms > 0 ? plaza_clock_format (info.made_ms) : NULL;
  if (cli->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "state"), state_name (info.state));
      plaza_cli_member (builder, "folder");
      if (folder != NULL)
        json_builder_add_string_value (builder, folder);
      else
        json_builder_add_null_value (builder);
      plaza_cli_member (builder, "made");
      if (made != NULL)
        json_builder_add_string_value (builder, made);
      else
        json_builder_add_null_value (builder);
      json_builder_end_object (builder);
      plaza_cli_emit (json_builder_get_root (builder));
    }
  else
    {
      g_print ("%s\n", state_words (info.state));
      if (made != NULL)
        {
          g_autofree char *words = plaza_moment_words (info.made_ms);

          g_print (_ ("Last copy: %s\n"), words);
        }
    }
  return info.state == PLAZA_SAFE_COPY_FULL || info.state == PLAZA_SAFE_COPY_FAILED
             ? PLAZA_EXIT_FAILED
             : PLAZA_EXIT_OK;
}

static int
run (PlazaCli *cli, PlazaProfile *profile, const char *to, gboolean off)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *absolute = to != NULL ? g_canonicalize_filename (to, NULL) : NULL;
  g_autofree char *folder = NULL;
  g_autoptr (PlazaSafeCopy) copy = NULL;
  g_autoptr (GError) error = NULL;

  if ((to != NULL || off) && !plaza_safe_copy_set_folder (store, absolute, &error))
    {
      if (to != NULL)
        plaza_error_name_subject (&error, to);
      return plaza_cli_fail (cli, error);
    }
  folder = plaza_safe_copy_get_folder (store, &error);
  if (error == NULL)
    copy = plaza_safe_copy_prepare (store, &error);
  if (error != NULL)
    return plaza_cli_fail (cli, error);
  if (copy != NULL && !plaza_safe_copy_write (copy, &error))
    plaza_cli_say (cli, plaza_cli_error_words (error), error);
  return report (cli, profile, folder);
}

int
plaza_command_backup (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("backup");
  g_autoptr (PlazaProfile) profile = NULL;
  g_autofree char *to = NULL;
  g_autoptr (GError) error = NULL;
  gboolean off = FALSE;
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &to,
      N_ ("From now on, copies go to this folder, such as a stick's"), N_ ("FOLDER") },
    { "off", 0, 0, G_OPTION_ARG_NONE, &off, N_ ("From now on, no copies"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 1 || (to != NULL && off))
    return plaza_cli_usage (&cli, "%s", _ ("nothing more is expected"));
  profile = plaza_cli_open (&cli, &error);
  if (profile == NULL)
    return plaza_cli_fail (&cli, error);
  return plaza_cli_close (&cli, profile, run (&cli, profile, to, off));
}

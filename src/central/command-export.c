/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "central/command.h"
#include "central/export.h"

static void
tell (PlazaCentralCli *cli, const char *out, const PlazaExportCounts *counts)
{
  JsonObject *object;

  if (!cli->json)
    {
      g_print (_ ("%lu responses, %lu without answers, %lu sealed contacts are in %s.\n"),
               (gulong) counts->responses, (gulong) counts->outcomes, (gulong) counts->contacts,
               out);
      if (counts->late > 0)
        g_print (
            _ ("%lu more were asked or keyed after the campaign's dates; they are there, marked "
               "late.\n"),
            (gulong) counts->late);
      if (counts->conflicts > 0)
        g_print (_ ("%lu responses have revisions that contradict each other.\n"),
                 (gulong) counts->conflicts);
      if (counts->withdrawal_asked > 0)
        g_print (_ ("%lu withdrawals wait for a decision.\n"), (gulong) counts->withdrawal_asked);
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "out", out);
  json_object_set_int_member (object, "responses", (gint64) counts->responses);
  json_object_set_int_member (object, "late", (gint64) counts->late);
  json_object_set_int_member (object, "topics", (gint64) counts->topics);
  json_object_set_int_member (object, "outcomes", (gint64) counts->outcomes);
  json_object_set_int_member (object, "void", (gint64) counts->voided);
  json_object_set_int_member (object, "withdrawn", (gint64) counts->withdrawn);
  json_object_set_int_member (object, "conflicts", (gint64) counts->conflicts);
  json_object_set_int_member (object, "contacts", (gint64) counts->contacts);
  plaza_central_cli_emit (object);
}

int
plaza_central_command_export (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  g_autoptr (PlazaStorage) storage = NULL;
  g_autofree char *form = NULL;
  PlazaExportCounts counts;
  const GOptionEntry entries[] = {
    { "form", 0, 0, G_OPTION_ARG_STRING, &form, N_ ("Only the responses of this form"), "ID" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("DIR"), entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 2)
    return plaza_central_cli_usage (_ ("export needs a directory that does not exist yet"));
  central = plaza_central_cli_open (&cli, &error);
  if (central != NULL)
    storage = plaza_central_storage (central, FALSE, &error);
  if (storage == NULL || !plaza_export (central, storage, argv[1], form, &counts, &error))
    return plaza_central_cli_fail (&cli, error);
  tell (&cli, argv[1], &counts);
  return PLAZA_CENTRAL_EXIT_OK;
}

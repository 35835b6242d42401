/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "central/command.h"
#include "central/restore.h"

static void
tell (PlazaCentralCli *cli, const char *out, const PlazaVerified *verified, double seconds)
{
  g_autofree char *head = plaza_hash_to_string (&verified->head);
  JsonObject *object;

  if (!cli->json)
    {
      g_print (_ ("The central is again in %s: %lu envelopes, %lu revisions, %lu contacts, in %.1f "
                  "seconds. Everything agrees.\n"),
               out, (gulong) verified->envelopes, (gulong) verified->revisions,
               (gulong) verified->contacts, seconds);
      g_print (_ ("Head of the log: %s\n"), head);
      g_print ("%s\n", _ ("Laptops' receipts tell whether something came after this backup: see "
                          "plaza-central verify --receipt."));
      return;
    }
  object = json_object_new ();
  json_object_set_int_member (object, "envelopes", (gint64) verified->envelopes);
  json_object_set_int_member (object, "entries", (gint64) verified->entries);
  json_object_set_int_member (object, "revisions", (gint64) verified->revisions);
  json_object_set_int_member (object, "contacts", (gint64) verified->contacts);
  json_object_set_string_member (object, "head", head);
  json_object_set_double_member (object, "seconds", seconds);
  plaza_central_cli_emit (object);
}

int
plaza_central_command_restore (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL;
  g_autofree char *out = NULL;
  g_autofree char *database = NULL;
  gint64 begun = g_get_monotonic_time ();
  PlazaVerified verified;
  const GOptionEntry entries[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, N_ ("The key that backup key made"), N_ ("FILE") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, N_ ("Folder for the central; absent or empty"),
      N_ ("DIR") },
    { "database", 0, 0, G_OPTION_ARG_STRING, &database,
      N_ ("Another empty PostgreSQL database than the one of the backup"), "URI" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("BACKUP"), entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 2 || key == NULL || out == NULL)
    return plaza_central_cli_usage (_ ("restore needs a backup, --key and --out"));
  if (!plaza_restore (argv[1], key, out, database, &verified, &error))
    {
      plaza_error_name_subject (&error, argv[1]);
      return plaza_central_cli_fail (&cli, error);
    }
  tell (&cli, out, &verified, (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  return PLAZA_CENTRAL_EXIT_OK;
}

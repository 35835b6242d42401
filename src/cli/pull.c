/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "store/replica.h"
#include "sync/client-profile.h"
#include "sync/feed.h"

static void
on_items (guint items, gpointer data)
{
  g_autofree char *words =
      g_strdup_printf (ngettext ("%u item read", "%u items read", items), items);

  plaza_cli_progress_show (data, words, 0);
}

static gboolean
pull (PlazaProfile *profile, guint *items, GError **error)
{
  g_autoptr (PlazaClient) client = plaza_client_new_for_profile (profile, error);
  g_autoptr (GAsyncResult) result = NULL;
  PlazaCliProgress progress;
  gboolean ok;

  if (client == NULL)
    return FALSE;
  plaza_cli_progress_init (&progress);
  plaza_feed_pull_async (client, profile, on_items, &progress, NULL, plaza_cli_done, &result);
  plaza_cli_wait (&result);
  ok = plaza_feed_pull_finish (client, result, items, error);
  plaza_cli_progress_end (&progress);
  return ok;
}

static void
report (PlazaCli *cli, guint items, const PlazaReplicaCounts *counts)
{
  if (!cli->json)
    {
      g_print (_ ("Read now: %u\nResponses here: %u\n"), items, counts->responses);
      return;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_add_int_value (plaza_cli_member (builder, "items"), items);
  json_builder_add_int_value (plaza_cli_member (builder, "responses"), counts->responses);
  json_builder_add_int_value (plaza_cli_member (builder, "revisions"), counts->revisions);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

int
plaza_command_pull (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("pull");
  g_autoptr (GError) error = NULL;
  PlazaReplicaCounts counts = { 0 };
  guint items = 0;
  int status = PLAZA_EXIT_OK;

  if (!plaza_cli_parse (&cli, NULL, NULL, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 1)
    return plaza_cli_usage (&cli, "%s", _ ("nothing more is expected"));
  g_autoptr (PlazaProfile) profile = plaza_cli_open (&cli, &error);
  if (profile == NULL)
    return plaza_cli_fail (&cli, error);
  if (pull (profile, &items, &error) &&
      plaza_replica_get_counts (plaza_profile_get_store (profile), &counts, &error))
    report (&cli, items, &counts);
  else
    status = plaza_cli_fail (&cli, error);
  return plaza_cli_close (&cli, profile, status);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "store/profile.h"

static int
list (PlazaCli *cli)
{
  g_autofree char *root = plaza_data_root ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) profiles = plaza_profile_list (root, &error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!profiles)
    return plaza_cli_fail (cli, error);
  json_builder_begin_array (builder);
  for (guint i = 0; i < profiles->len; i++)
    {
      PlazaProfile *profile = profiles->pdata[i];
      const char *fingerprint = plaza_profile_get_campaign_fingerprint (profile);
      g_autoptr (PlazaCampaign) campaign = plaza_data_load_campaign (root, fingerprint, NULL);

      if (!cli->json)
        {
          g_print ("%s  %s  %s\n", plaza_profile_get_id (profile), plaza_profile_get_name (profile),
                   campaign ? campaign->title : fingerprint);
          continue;
        }
      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "id"),
                                     plaza_profile_get_id (profile));
      json_builder_add_string_value (plaza_cli_member (builder, "name"),
                                     plaza_profile_get_name (profile));
      json_builder_add_string_value (plaza_cli_member (builder, "campaign"), fingerprint);
      plaza_cli_member (builder, "title");
      if (campaign)
        json_builder_add_string_value (builder, campaign->title);
      else
        json_builder_add_null_value (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (cli->json)
    plaza_cli_emit (json_builder_get_root (builder));
  return PLAZA_EXIT_OK;
}

int
plaza_command_profile (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("profile");

  if (!plaza_cli_parse (&cli, "list", NULL, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 2 || !g_str_equal (argv[1], "list"))
    return plaza_cli_usage (&cli, "%s", _ ("the only thing to do here is “list”"));
  return list (&cli);
}

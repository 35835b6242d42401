/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/day-words.h"
#include "base/error.h"
#include "cli/unreadable.h"
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

static void
report (PlazaCli *cli, const PlazaRepair *outcome, const PlazaUnreadable *unreadable)
{
  g_autofree char *copy = outcome->backup_ms > 0 ? plaza_clock_format (outcome->backup_ms) : NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!cli->json)
    {
      g_print (_ ("Rows still readable: %u. Rows from the last copy: %u.\n"), outcome->rows_kept,
               outcome->rows_restored);
      if (outcome->tables_lost)
        g_print (_ ("Tables that could not be read to their end: %u.\n"), outcome->tables_lost);
      if (copy)
        {
          g_autofree char *words = plaza_moment_words (outcome->backup_ms);

          g_print (_ ("The copy is of %s.\n"), words);
        }
      if (unreadable != NULL)
        plaza_cli_unreadable_print (unreadable);
      else if (outcome->pools_lost > 0)
        g_print (_ ("Lists of contacts that are lost or cannot be read: %u.\n"),
                 outcome->pools_lost);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_add_int_value (plaza_cli_member (builder, "kept"), outcome->rows_kept);
  json_builder_add_int_value (plaza_cli_member (builder, "restored"), outcome->rows_restored);
  json_builder_add_int_value (plaza_cli_member (builder, "tables_lost"), outcome->tables_lost);
  json_builder_add_int_value (plaza_cli_member (builder, "pools_lost"), outcome->pools_lost);
  plaza_cli_member (builder, "unreadable");
  if (unreadable != NULL)
    plaza_cli_unreadable_add (builder, unreadable);
  else
    json_builder_add_null_value (builder);
  plaza_cli_member (builder, "copy");
  if (copy)
    json_builder_add_string_value (builder, copy);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

/* Of a profile that opens also what cannot be read inside. */
static int
report_opened (PlazaCli *cli, PlazaProfile *profile, const PlazaRepair *outcome)
{
  g_autoptr (GError) error = NULL;
  PlazaUnreadable unreadable;

  if (!plaza_unreadable_look (plaza_profile_get_store (profile), &unreadable, &error))
    return plaza_cli_close (cli, profile, plaza_cli_fail (cli, error));
  report (cli, outcome, &unreadable);
  return plaza_cli_close (
      cli, profile, plaza_unreadable_total (&unreadable) > 0 ? PLAZA_EXIT_PARTLY : PLAZA_EXIT_OK);
}

/* Only what does not open is repaired: a repair makes the folios jump ahead. */
static int
repair (PlazaCli *cli)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) whole = plaza_cli_open (cli, &error);
  g_autoptr (PlazaProfile) damaged = NULL;
  PlazaRepair outcome = { 0 };

  if (whole)
    return report_opened (cli, whole, &outcome);
  if (!g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT))
    return plaza_cli_fail (cli, error);
  g_clear_error (&error);
  damaged = plaza_cli_find_profile (cli, &error);
  if (!damaged || !plaza_profile_repair (damaged, &outcome, &error))
    return plaza_cli_fail (cli, error);
  /* Without a file it would have to be typed again. */
  if (cli->passphrase_file)
    whole = plaza_cli_open (cli, NULL);
  if (whole)
    return report_opened (cli, whole, &outcome);
  report (cli, &outcome, NULL);
  return outcome.pools_lost > 0 ? PLAZA_EXIT_PARTLY : PLAZA_EXIT_OK;
}

int
plaza_command_profile (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("profile");

  if (!plaza_cli_parse (&cli, "list | repair", NULL, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc == 2 && g_str_equal (argv[1], "list"))
    return list (&cli);
  if (argc == 2 && g_str_equal (argv[1], "repair"))
    return repair (&cli);
  return plaza_cli_usage (&cli, "%s", _ ("say list or repair"));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/day-words.h"
#include "cli/unreadable.h"
#include "store/joining.h"
#include "store/late.h"
#include "store/outbox.h"
#include "store/session.h"

/* What can be said with the profile locked: how many sealed envelopes it has here. */
static gboolean
count_envelopes (
    const char *root, PlazaProfile *profile, guint *waiting, guint *aside, GError **error)
{
  g_autoptr (GPtrArray) items =
      plaza_outbox_list (root, plaza_profile_get_campaign_fingerprint (profile), error);

  *waiting = *aside = 0;
  for (guint i = 0; items && i < items->len; i++)
    {
      PlazaOutboxItem *item = items->pdata[i];
      if (!g_str_equal (item->profile, plaza_profile_get_id (profile)))
        continue;
      if (item->refused)
        (*aside)++;
      else
        (*waiting)++;
    }
  return items != NULL;
}

static void
add_count (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_add_int_value (plaza_cli_member (builder, name), value);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  plaza_cli_member (builder, name);
  if (text)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/* "yes", "not-yet" or the central's reason against it. */
static const char *
registered_code (PlazaProfile *profile)
{
  PlazaResult reason;

  switch (plaza_profile_get_registration_state (profile, &reason))
    {
    case PLAZA_REGISTRATION_WAITING:
      return "not-yet";
    case PLAZA_REGISTRATION_REFUSED:
      return plaza_result_code (reason);
    case PLAZA_REGISTERED:
    default:
      return "yes";
    }
}

/* By a package, or by the central itself. */
static gboolean
is_revoked (PlazaProfile *profile)
{
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (profile);

  return plaza_profile_is_revoked (profile) ||
         (enrolment &&
          plaza_campaign_is_revoked (plaza_profile_get_campaign (profile), enrolment->device));
}

/* The campaign as it is here, and this device in it. */
static void
say_campaign (PlazaProfile *profile)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (profile);
  g_autoptr (GPtrArray) current = plaza_campaign_current (campaign);

  for (guint i = 0; i < current->len; i++)
    {
      const PlazaCampaignQuestionnaire *form = g_ptr_array_index (current, i);
      g_print (_ ("Questionnaire: %s · version %s\n"), form->form_id, form->version);
    }
  if (campaign->asking_ends)
    {
      g_autofree char *day = plaza_day_words (campaign->asking_ends);

      g_print (_ ("Asking ends: %s\n"), day);
    }
  switch (plaza_profile_get_registration_state (profile, NULL))
    {
    case PLAZA_REGISTRATION_WAITING:
      g_print ("%s\n", _ ("Registered at the central: not yet"));
      break;
    case PLAZA_REGISTRATION_REFUSED:
      g_print ("%s\n", _ ("The central refused the code of this device. What it did is kept: ask "
                          "your coordinator for a new code and join again with it."));
      break;
    case PLAZA_REGISTERED:
    default:
      break;
    }
  if (is_revoked (profile))
    g_print ("%s\n",
             _ ("This device was taken out of use. Nothing is lost: save to USB and hand it "
                "to your coordinator."));
}

static void
add_campaign (JsonBuilder *builder, PlazaProfile *profile)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (profile);
  g_autoptr (GPtrArray) current = plaza_campaign_current (campaign);

  json_builder_add_int_value (plaza_cli_member (builder, "serial"), campaign->serial);
  json_builder_begin_array (plaza_cli_member (builder, "questionnaires"));
  for (guint i = 0; i < current->len; i++)
    {
      const PlazaCampaignQuestionnaire *form = g_ptr_array_index (current, i);

      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "form_id"), form->form_id);
      json_builder_add_string_value (plaza_cli_member (builder, "version"), form->version);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  add_text (builder, "asking_ends", campaign->asking_ends);
  add_text (builder, "keying_ends", campaign->keying_ends);
  json_builder_add_string_value (plaza_cli_member (builder, "registered"),
                                 registered_code (profile));
  json_builder_add_boolean_value (plaza_cli_member (builder, "revoked"), is_revoked (profile));
}

static void
report (PlazaCli *cli,
        PlazaProfile *profile,
        const PlazaCounts *counts,
        guint waiting,
        guint aside,
        guint late,
        const PlazaUnreadable *unreadable)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (profile);
  g_autofree char *last =
      counts->last_delivered_ms > 0 ? plaza_clock_format (counts->last_delivered_ms) : NULL;

  if (!cli->json)
    {
      g_print ("%s · %s\n", plaza_profile_get_name (profile), campaign->title);
      say_campaign (profile);
      g_print (_ ("Drafts: %u\nWaiting: %u (%u in sealed envelopes)\nDelivered: %u\n"),
               counts->drafts, counts->waiting, counts->packed, counts->delivered);
      if (counts->refused || aside)
        g_print (_ ("Refused by the central and kept: %u\n"), counts->refused);
      if (counts->other_waiting || counts->contacts_waiting)
        g_print (_ ("Also waiting: %u notes, %u contacts\n"), counts->other_waiting,
                 counts->contacts_waiting);
      if (last)
        {
          g_autofree char *words = plaza_moment_words (counts->last_delivered_ms);

          g_print (_ ("Last delivered: %s\n"), words);
        }
      plaza_cli_unreadable_print (unreadable);
      return;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "profile"),
                                 plaza_profile_get_id (profile));
  json_builder_add_string_value (plaza_cli_member (builder, "name"),
                                 plaza_profile_get_name (profile));
  json_builder_add_string_value (plaza_cli_member (builder, "campaign"), campaign->fingerprint);
  json_builder_add_string_value (plaza_cli_member (builder, "title"), campaign->title);
  json_builder_add_boolean_value (plaza_cli_member (builder, "practice"), campaign->practice);
  add_count (builder, "drafts", counts->drafts);
  add_count (builder, "waiting", counts->waiting);
  add_count (builder, "packed", counts->packed);
  add_count (builder, "delivered", counts->delivered);
  add_count (builder, "refused", counts->refused);
  add_count (builder, "other_waiting", counts->other_waiting);
  add_count (builder, "contacts_waiting", counts->contacts_waiting);
  add_count (builder, "envelopes_waiting", waiting);
  add_count (builder, "envelopes_set_aside", aside);
  add_count (builder, "late", late);
  add_text (builder, "last_delivered", last);
  plaza_cli_member (builder, "unreadable");
  plaza_cli_unreadable_add (builder, unreadable);
  add_campaign (builder, profile);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

int
plaza_command_status (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("status");
  g_autofree char *root = plaza_data_root ();
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;
  PlazaUnreadable unreadable;
  guint waiting, aside, late;

  if (!plaza_cli_parse (&cli, NULL, NULL, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 1)
    return plaza_cli_usage (&cli, "%s", _ ("nothing more is expected"));
  g_autoptr (PlazaProfile) profile = plaza_cli_open (&cli, &error);
  if (!profile)
    return plaza_cli_fail (&cli, error);
  int status = PLAZA_EXIT_OK;
  if (plaza_store_get_counts (plaza_profile_get_store (profile), &counts, &error) &&
      plaza_store_count_late (plaza_profile_get_store (profile), &late, &error) &&
      plaza_unreadable_look (plaza_profile_get_store (profile), &unreadable, &error) &&
      count_envelopes (root, profile, &waiting, &aside, &error))
    report (&cli, profile, &counts, waiting, aside, late, &unreadable);
  else
    status = plaza_cli_fail (&cli, error);
  return plaza_cli_close (&cli, profile, status);
}

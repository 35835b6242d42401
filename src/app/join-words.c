/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/join-words.h"

#include <glib/gi18n.h>

#include "app/words.h"
#include "base/clock.h"
#include "base/error.h"

static char *
words_for_expired (PlazaJoin *join)
{
  g_autofree char *date = plaza_clock_date (plaza_join_get_expiry (join));
  g_autofree char *today = plaza_clock_today ();
  g_autofree char *last = plaza_words_day (date);
  g_autofree char *now = plaza_words_day (today);

  /* Translators: two days */
  return g_strdup_printf (
      _ ("This code was good until %s, and this computer says that today is %s. If the date of the "
         "computer is wrong, correct it and try again; else ask your coordination for a new code."),
      last, now);
}

static const char *
words_for_verdict (PlazaJoinKitVerdict verdict)
{
  switch (verdict)
    {
    case PLAZA_JOIN_KIT_NO_FOLDER:
      return _ ("The USB stick or folder cannot be opened. Plug it in again, and choose it again.");
    case PLAZA_JOIN_KIT_NO_PACKAGE:
      return _ (
          "There is no consultation on this stick or in this folder. Choose the one that your "
          "coordination prepared.");
    case PLAZA_JOIN_KIT_DAMAGED:
      return _ ("The consultation on this stick is damaged: something was cut or changed while it "
                "was copied. Ask your coordination to copy it again.");
    case PLAZA_JOIN_KIT_FOREIGN:
      return _ ("This stick has another consultation than your invitation is for.");
    case PLAZA_JOIN_KIT_NO_INVITATIONS:
      return _ ("This stick has the consultation, but no invitations: joining needs a connection "
                "once, or a stick with the invitations.");
    case PLAZA_JOIN_KIT_CODE_UNKNOWN:
      return _ ("The invitations on this stick do not have this code. Compare it with your slip, "
                "letter by letter; perhaps the stick is older than your slip.");
    case PLAZA_JOIN_KIT_CODE_HERE:
      return _ ("Another profile of this laptop joined with this code: each person has a code of "
                "their own. If that profile is yours, unlock it; else ask your coordination for "
                "your own code.");
    case PLAZA_JOIN_KIT_CODE_EXPIRED:
    case PLAZA_JOIN_KIT_GOOD:
    default:
      return NULL;
    }
}

char *
plaza_join_words_for_error (PlazaJoin *join, const GError *error)
{
  PlazaJoinKitVerdict verdict = plaza_join_get_verdict (join);
  gboolean clock_doubt = FALSE;

  if (verdict == PLAZA_JOIN_KIT_CODE_EXPIRED)
    return words_for_expired (join);
  if (words_for_verdict (verdict) != NULL)
    return g_strdup (words_for_verdict (verdict));
  g_object_get (join, "clock-doubt", &clock_doubt, NULL);
  if (clock_doubt)
    return g_strdup (
        _ ("The date of this computer looks wrong, so the central database cannot be trusted. "
           "Correct the date and try again."));
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    return g_strdup (
        _ ("The central database does not take this code: it is unknown, out of date or was used "
           "on another laptop. Ask your coordination for a new one."));
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE))
    return g_strdup (
        _ ("The central database cannot be reached now. The code was not used up: try again when "
           "there is a connection, or join from your coordination's USB stick."));
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS))
    return g_strdup (
        _ ("There is a profile of this name on this laptop. If it is yours, unlock it; if not, "
           "choose another name."));
  return g_strdup (plaza_words_for_error (error));
}

static const char *
words_for_role (const char *role)
{
  if (g_str_equal (role, "coordinator"))
    return _ ("coordinator");
  if (g_str_equal (role, "administrator"))
    return _ ("administrator");
  return _ ("facilitator");
}

char *
plaza_join_words_for_invitation (PlazaCampaign *campaign, const PlazaInvitation *invitation)
{
  const PlazaCampaignOrganisation *organisation =
      plaza_campaign_organisation (campaign, invitation->organisation);
  const char *role = words_for_role (invitation->role);

  if (organisation == NULL)
    return g_strdup_printf ("%s, %s", invitation->person, role);
  return g_strdup_printf ("%s, %s, %s", invitation->person, role, organisation->name);
}

char **
plaza_join_words_for_organisations (PlazaCampaign *campaign)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < campaign->organisations->len; i++)
    {
      const PlazaCampaignOrganisation *organisation =
          g_ptr_array_index (campaign->organisations, i);

      g_strv_builder_add (names, organisation->name);
    }
  return g_strv_builder_end (names);
}

const char *
plaza_join_words_for_bad_link (void)
{
  return _ ("This is not a complete invitation. Copy the whole link, or open the file your "
            "coordination sent.");
}

const char *
plaza_join_words_for_code_alone (void)
{
  return _ ("The code is right, but a code alone does not say which consultation it is for. Paste "
            "the whole link, open the file, or choose your coordination's USB stick.");
}

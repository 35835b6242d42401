/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/client-profile.h"

#include "base/error.h"
#include "wire/campaign.h"

PlazaClient *
plaza_client_new_for_profile (PlazaProfile *profile, GError **error)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (profile);
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (profile);
  PlazaClient *client;

  if (campaign == NULL || enrolment == NULL)
    {
      plaza_throw (error, campaign == NULL ? PLAZA_ERROR_LOCKED : PLAZA_ERROR_REFUSED,
                   campaign == NULL ? "the profile is locked" : "the profile is not enrolled yet");
      return NULL;
    }
  client = plaza_client_new_for_campaign (campaign, error);
  if (client != NULL)
    plaza_client_set_token (client, enrolment->token);
  return client;
}

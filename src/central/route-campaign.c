/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/request.h"

static void
answer_campaign (PlazaRequest *self)
{
  g_autoptr (PlazaCampaign) campaign =
      plaza_central_find_campaign (self->serving->central, self->parameter);

  if (campaign == NULL)
    plaza_request_refuse (self, PLAZA_RESULT_NOT_FOUND);
  else
    plaza_request_answer (self, g_bytes_ref (plaza_campaign_package (campaign)),
                          "application/vnd.plaza.campaign");
}

/* GET /v1/campaign/{fingerprint}: the signed package. */
const PlazaRouteWork plaza_route_campaign = { .work = answer_campaign };

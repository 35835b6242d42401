/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/enrolment.h"
#include "central/log.h"
#include "central/metrics.h"
#include "central/request.h"

typedef struct
{
  PlazaRegistration registration;
  gboolean fresh;
} Arrival;

static void
arrival_free (gpointer data)
{
  Arrival *arrival = data;

  plaza_registration_clear (&arrival->registration);
  g_free (arrival);
}

static void
check_wait (PlazaRequest *self)
{
  plaza_request_wait_for (self, self->serving->guesses);
}

static void
open_registration (PlazaRequest *self, PlazaStorage *reader)
{
  g_autoptr (GBytes) body = plaza_request_take_body (self);
  g_autoptr (GError) error = NULL;
  Arrival *arrival = g_new0 (Arrival, 1);
  g_auto (PlazaRegistration) clear = { 0 };
  g_autoptr (PlazaCampaign) campaign = NULL;

  self->state = arrival;
  self->state_free = arrival_free;
  if (!plaza_registration_check (body, &clear, &error))
    plaza_request_refuse (self, PLAZA_RESULT_REGISTRATION);
  else if ((campaign = plaza_central_find_campaign (self->serving->central, clear.campaign)) ==
           NULL)
    plaza_request_refuse (self, PLAZA_RESULT_CAMPAIGN);
  else if (!plaza_registration_open (body, self->serving->central->seal, &arrival->registration,
                                     &error))
    plaza_request_refuse (self, PLAZA_RESULT_REGISTRATION);
  if (error != NULL)
    g_debug ("registration: %s", error->message);
}

static gboolean
register_device (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  Arrival *arrival = self->state;

  return plaza_enrolment_register (self->serving->central, storage, &arrival->registration,
                                   &arrival->fresh, &self->result, error);
}

static void
answer_registered (PlazaRequest *self)
{
  Arrival *arrival = self->state;
  JsonObject *object = json_object_new ();

  if (arrival->fresh)
    {
      plaza_metrics_add (PLAZA_METRIC_DEVICES_JOINED, 1);
      plaza_log (G_LOG_LEVEL_MESSAGE, "device-joined", "device", arrival->registration.device,
                 NULL);
    }
  json_object_set_string_member (object, "device", arrival->registration.device);
  plaza_request_answer_json (self, object);
}

/* Old registrations travel on sticks for weeks, and so do other campaigns': a used or expired code
 * or another campaign is no guess. */
static void
charge (PlazaRequest *self, PlazaResult result)
{
  if (self->state == NULL)
    return;
  plaza_metrics_add (PLAZA_METRIC_ENROLMENTS_REFUSED, 1);
  if (result == PLAZA_RESULT_REGISTRATION || result == PLAZA_RESULT_CODE_UNKNOWN)
    plaza_request_charge (self, self->serving->guesses, result);
}

/* POST /v1/devices: a device that joined without a connection; anybody may bring it. */
const PlazaRouteWork plaza_route_registration = {
  .begin = check_wait,
  .read = open_registration,
  .write = register_device,
  .written = answer_registered,
  .refused = charge,
};

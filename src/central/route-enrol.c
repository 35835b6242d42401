/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/enrolment.h"
#include "central/log.h"
#include "central/metrics.h"
#include "central/request.h"

typedef struct
{
  PlazaEnrolRequest request;
  PlazaEnrolment enrolment;
} Joining;

static void
joining_free (gpointer data)
{
  Joining *joining = data;

  plaza_enrol_request_clear (&joining->request);
  plaza_enrolment_clear (&joining->enrolment);
  g_free (joining);
}

static void
check_wait (PlazaRequest *self)
{
  plaza_request_wait_for (self, self->serving->guesses);
}

static void
read_request (PlazaRequest *self)
{
  g_autoptr (GBytes) body = plaza_request_take_body (self);
  g_autoptr (GError) error = NULL;
  Joining *joining = g_new0 (Joining, 1);

  self->state = joining;
  self->state_free = joining_free;
  if (plaza_enrol_request_parse (body, &joining->request, &error))
    return;
  g_debug ("enrolment: %s", error->message);
  plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
}

static gboolean
join (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  Joining *joining = self->state;

  return plaza_enrolment_join (self->serving->central, storage, &joining->request,
                               &joining->enrolment, &self->result, error);
}

static void
answer_joined (PlazaRequest *self)
{
  Joining *joining = self->state;

  plaza_metrics_add (PLAZA_METRIC_DEVICES_JOINED, 1);
  plaza_log (G_LOG_LEVEL_MESSAGE, "device-joined", "device", joining->enrolment.device, NULL);
  plaza_request_answer (self, plaza_enrolment_to_json (&joining->enrolment), PLAZA_TYPE_JSON);
}

/* Every answer but success is a guess that failed; a failure of ours is not. */
static void
charge (PlazaRequest *self, PlazaResult result)
{
  if (self->state == NULL)
    return;
  plaza_request_charge (self, self->serving->guesses, result);
  plaza_metrics_add (PLAZA_METRIC_ENROLMENTS_REFUSED, 1);
}

/* POST /v1/enrol: a join code for a device, its token and its batch. */
const PlazaRouteWork plaza_route_enrol = {
  .begin = check_wait,
  .work = read_request,
  .write = join,
  .written = answer_joined,
  .refused = charge,
};

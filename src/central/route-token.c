/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/clock.h"
#include "central/challenge.h"
#include "central/enrolment.h"
#include "central/log.h"
#include "central/request.h"

/* GET /v1/challenge */

static void
answer_challenge (PlazaRequest *self)
{
  g_autoptr (GBytes) challenge = plaza_challenge_new (self->serving->central);

  plaza_request_answer (self, plaza_challenge_to_json (challenge), PLAZA_TYPE_JSON);
}

const PlazaRouteWork plaza_route_challenge = { .work = answer_challenge };

/* POST /v1/token */

typedef struct
{
  PlazaTokenRequest request;
  PlazaTokenGrant grant;
} Renewal;

static void
renewal_free (gpointer data)
{
  Renewal *renewal = data;

  plaza_token_request_clear (&renewal->request);
  plaza_token_grant_clear (&renewal->grant);
  g_free (renewal);
}

static void
check_wait (PlazaRequest *self)
{
  plaza_request_wait_for (self, self->serving->tokens);
}

static void
read_request (PlazaRequest *self)
{
  g_autoptr (GBytes) body = plaza_request_take_body (self);
  g_autoptr (GError) error = NULL;
  Renewal *renewal = g_new0 (Renewal, 1);

  self->state = renewal;
  self->state_free = renewal_free;
  if (!plaza_token_request_parse (body, &renewal->request, &error))
    plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
  else if (!plaza_challenge_check (self->serving->central, renewal->request.challenge))
    plaza_request_refuse (self, PLAZA_RESULT_CHALLENGE);
}

/* That a device is unknown and that the key is another's are told apart to nobody. */
static void
check_signature (PlazaRequest *self, PlazaStorage *reader)
{
  Renewal *renewal = self->state;
  g_auto (PlazaDevice) device = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean found;

  if (!reader->table->find_device (reader, renewal->request.device, &device, &found, &error))
    plaza_request_refuse_for (self, error);
  else if (!found ||
           !plaza_token_request_verify (&renewal->request, device.campaign, &device.key, &error))
    plaza_request_refuse (self, PLAZA_RESULT_SIGNATURE);
}

static gboolean
put_token (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  Renewal *renewal = self->state;
  g_auto (PlazaDevice) device = { 0 };
  PlazaHash hash;
  gint64 expires;
  gboolean found;

  plaza_token_grant_clear (&renewal->grant);
  if (!storage->table->find_device (storage, renewal->request.device, &device, &found, error))
    return FALSE;
  if (!found || device.revoked != 0)
    {
      self->result = found ? PLAZA_RESULT_DEVICE_REVOKED : PLAZA_RESULT_SIGNATURE;
      return TRUE;
    }
  renewal->grant.token = plaza_enrolment_new_token (self->serving->central, &hash, &expires);
  renewal->grant.batch = g_strdup (device.batch);
  renewal->grant.expires = plaza_clock_format_utc (expires);
  return storage->table->set_next_token (storage, device.id, &hash, expires, error);
}

static void
answer_token (PlazaRequest *self)
{
  Renewal *renewal = self->state;

  plaza_log (G_LOG_LEVEL_MESSAGE, "token-renewed", "device", renewal->request.device, NULL);
  plaza_request_answer (self, plaza_token_grant_to_json (&renewal->grant), PLAZA_TYPE_JSON);
}

static void
charge (PlazaRequest *self, PlazaResult result)
{
  if (self->state != NULL && result != PLAZA_RESULT_DEVICE_REVOKED)
    plaza_request_charge (self, self->serving->tokens, result);
}

const PlazaRouteWork plaza_route_token = {
  .begin = check_wait,
  .work = read_request,
  .read = check_signature,
  .write = put_token,
  .written = answer_token,
  .refused = charge,
};

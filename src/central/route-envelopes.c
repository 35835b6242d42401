/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/intake.h"
#include "central/metrics.h"
#include "central/request.h"

static void
open_envelope (PlazaRequest *self, PlazaStorage *reader)
{
  g_autoptr (GBytes) envelope = plaza_request_take_body (self);
  g_autoptr (GError) error = NULL;
  PlazaResult result = PLAZA_RESULT_INTERNAL;

  self->state = plaza_intake_open (self->serving->central, reader, envelope, &result, &error);
  self->state_free = (GDestroyNotify) plaza_intake_free;
  if (self->state != NULL)
    {
      self->unlogged = ((PlazaIntake *) self->state)->contacts;
      return;
    }
  plaza_metrics_add (PLAZA_METRIC_ENVELOPES_REFUSED, 1);
  g_message ("envelope refused: %s", error->message);
  plaza_request_refuse (self, result);
}

static void
look_ahead (PlazaRequest *self, PlazaLookahead *keys)
{
  plaza_intake_look (self->state, keys);
}

static gboolean
store_envelope (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  PlazaIntake *intake = self->state;

  if (intake->contacts || intake->destroys)
    plaza_writer_want_checkpoint (self->serving->writer);
  return plaza_intake_store (intake, storage, error);
}

static void
answer_receipt (PlazaRequest *self)
{
  g_autoptr (GError) error = NULL;
  GBytes *receipt = plaza_intake_receipt (self->state, self->serving->central, &error);

  if (receipt == NULL)
    plaza_request_refuse_for (self, error);
  else
    {
      plaza_intake_note (self->state);
      plaza_request_answer (self, receipt, PLAZA_RECEIPT_MEDIA_TYPE);
    }
}

/* POST /v1/envelopes: a whole envelope, by whoever carries it. */
const PlazaRouteWork plaza_route_envelopes = {
  .read = open_envelope,
  .look = look_ahead,
  .write = store_envelope,
  .written = answer_receipt,
};

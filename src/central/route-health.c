/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/request.h"

static void
answer_ok (PlazaRequest *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "status", "ok");
  plaza_request_answer_json (self, object);
}

/* GET /healthz: the process lives. */
const PlazaRouteWork plaza_route_health = { .work = answer_ok };

/* GET /v1/probe: the token is good. */
const PlazaRouteWork plaza_route_probe = { .work = answer_ok };

/* GET /readyz: the database takes writes and the disk has room. */

static gboolean
write_nothing (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  if (!plaza_request_has_room (self))
    self->result = PLAZA_RESULT_DISK;
  return TRUE;
}

const PlazaRouteWork plaza_route_ready = { .write = write_nothing, .written = answer_ok };

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

/* GET /v1/probe: the token is good. */
const PlazaRouteWork plaza_route_probe = { .work = answer_ok };

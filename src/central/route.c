/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "central/route.h"
#include "wire/envelope.h"
#include "wire/piece.h"
#include "wire/registration.h"

#define NONE 0
#define ALL PLAZA_ROLES_ALL
#define STAFF (PLAZA_ROLE_COORDINATOR | PLAZA_ROLE_ADMINISTRATOR)
#define JSON "application/json"
#define ENVELOPE "application/vnd.plaza.envelope"
#define R(name) (G_GUINT64_CONSTANT (1) << PLAZA_RESULT_##name)

#define KIB 1024
#define CODE_RESULTS \
  (R (RATE) | R (CODE_UNKNOWN) | R (CODE_USED) | R (CODE_EXPIRED) | R (CAMPAIGN) | R (CONFLICT))
#define INTAKE_RESULTS (R (ENVELOPE) | R (CAMPAIGN))

const PlazaRoute plaza_routes[] = {
  { "GET", "/v1/campaign/{fingerprint}", NONE, NULL, 0, &plaza_route_campaign, "200 206 304",
    R (NOT_FOUND) | R (RANGE) },
  { "GET", "/v1/challenge", NONE, NULL, 0, &plaza_route_challenge, "200", 0 },
  { "GET", "/v1/devices", STAFF, NULL, 0, &plaza_route_devices, "200", 0 },
  { "POST", "/v1/devices", NONE, PLAZA_REGISTRATION_TYPE, PLAZA_REGISTRATION_SIZE,
    &plaza_route_registration, "201", CODE_RESULTS | R (REGISTRATION) },
  { "POST", "/v1/devices/{device}/revoke", STAFF, JSON, 4 * KIB, &plaza_route_revoke, "200",
    R (NOT_FOUND) },
  { "GET", "/v1/feed/{cursor}", STAFF, NULL, 0, &plaza_route_feed, "200", R (CAMPAIGN) },
  { "GET", "/v1/probe", ALL, NULL, 0, &plaza_route_probe, "200", 0 },
  { "POST", "/v1/enrol", NONE, JSON, 64 * KIB, &plaza_route_enrol, "201", CODE_RESULTS },
  { "POST", "/v1/envelopes", ALL, ENVELOPE, PLAZA_ENVELOPE_MAX_BYTES, &plaza_route_envelopes, "200",
    INTAKE_RESULTS },
  { "POST", "/v1/token", NONE, JSON, 4 * KIB, &plaza_route_token, "200",
    R (RATE) | R (CHALLENGE) | R (SIGNATURE) | R (DEVICE_REVOKED) },
  { "GET", "/v1/uploads/{envelope}", ALL, NULL, 0, &plaza_route_upload, "200", 0 },
  { "PATCH", "/v1/uploads/{envelope}", ALL, PLAZA_PIECE_MEDIA_TYPE, PLAZA_PIECE_MAX_BYTES,
    &plaza_route_piece, "200", INTAKE_RESULTS | R (OFFSET) | R (DIGEST) },
};

const guint plaza_n_routes = G_N_ELEMENTS (plaza_routes);

G_STATIC_ASSERT (G_N_ELEMENTS (plaza_routes) <= PLAZA_MAX_ROUTES);

guint
plaza_route_number (const PlazaRoute *route)
{
  return route != NULL ? (guint) (route - plaza_routes) : plaza_n_routes;
}

PlazaRole
plaza_role_parse (const char *name)
{
  if (strcmp (name, "facilitator") == 0)
    return PLAZA_ROLE_FACILITATOR;
  if (strcmp (name, "coordinator") == 0)
    return PLAZA_ROLE_COORDINATOR;
  return strcmp (name, "administrator") == 0 ? PLAZA_ROLE_ADMINISTRATOR : 0;
}

guint64
plaza_route_results (const PlazaRoute *route)
{
  guint64 results =
      route->results | R (BAD_REQUEST) | R (HEADERS) | R (INTERNAL) | R (BUSY) | R (DISK);

  if (route->roles != 0)
    results |= R (TOKEN) | R (RATE);
  if (route->roles != 0 && route->roles != PLAZA_ROLES_ALL)
    results |= R (FORBIDDEN);
  if (route->body_type != NULL)
    results |= R (TOO_LARGE) | R (MEDIA_TYPE);
  return results;
}

/* Whether @path is one of @pattern; the part in braces is never empty and never two parts. */
static gboolean
matches (const char *pattern, const char *path, char **parameter)
{
  const char *brace = strchr (pattern, '{');
  const char *behind;
  gsize before, length;

  if (brace == NULL)
    return strcmp (pattern, path) == 0;
  before = (gsize) (brace - pattern);
  if (strncmp (pattern, path, before) != 0)
    return FALSE;
  length = strcspn (path + before, "/");
  behind = strchr (brace, '}') + 1;
  if (length == 0 || strcmp (behind, path + before + length) != 0)
    return FALSE;
  if (parameter != NULL)
    *parameter = g_strndup (path + before, length);
  return TRUE;
}

PlazaResult
plaza_route_find (const char *method, const char *path, const PlazaRoute **out, char **parameter)
{
  PlazaResult result = PLAZA_RESULT_METHOD; /* unless some route has it */

  *out = NULL;
  *parameter = NULL;
  for (guint i = 0; i < plaza_n_routes; i++)
    if (strcmp (plaza_routes[i].method, method) == 0)
      result = PLAZA_RESULT_NOT_FOUND;
  for (guint i = 0; i < plaza_n_routes; i++)
    {
      if (!matches (plaza_routes[i].path, path, NULL))
        continue;
      if (strcmp (plaza_routes[i].method, method) == 0)
        {
          *out = plaza_routes + i;
          matches (plaza_routes[i].path, path, parameter);
          return PLAZA_RESULT_OK;
        }
      result = PLAZA_RESULT_METHOD;
    }
  return result;
}

char *
plaza_route_allowed (const char *path)
{
  GString *methods = g_string_new (NULL);

  for (guint i = 0; i < plaza_n_routes; i++)
    if (matches (plaza_routes[i].path, path, NULL))
      g_string_append_printf (methods, "%s%s", methods->len > 0 ? ", " : "",
                              plaza_routes[i].method);
  return g_string_free (methods, FALSE);
}

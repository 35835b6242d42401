/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/result.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

static const struct
{
  const char *code;
  guint status;
  gboolean retryable;
  const char *message;
} results[PLAZA_N_RESULTS] = {
  [PLAZA_RESULT_OK] = { "ok", 200, FALSE, "Done." },
  [PLAZA_RESULT_BAD_REQUEST] = { "bad-request", 400, FALSE, "The request is malformed." },
  [PLAZA_RESULT_TOKEN] = { "token", 401, FALSE, "The token is unknown, expired or revoked." },
  [PLAZA_RESULT_FORBIDDEN] = { "forbidden", 403, FALSE, "This role may not do that." },
  [PLAZA_RESULT_DEVICE_REVOKED] = { "device-revoked", 403, FALSE, "The device was revoked." },
  [PLAZA_RESULT_NOT_FOUND] = { "not-found", 404, FALSE, "There is nothing there." },
  [PLAZA_RESULT_METHOD] = { "method", 405, FALSE, "This method is not allowed here." },
  [PLAZA_RESULT_CODE_UNKNOWN] = { "code-unknown", 404, FALSE, "The code is not known." },
  [PLAZA_RESULT_CODE_USED] = { "code-used", 409, FALSE, "The code was used already." },
  [PLAZA_RESULT_CODE_EXPIRED] = { "code-expired", 410, FALSE, "The code has expired." },
  [PLAZA_RESULT_CONFLICT] = { "conflict", 409, FALSE, "This contradicts what is held." },
  [PLAZA_RESULT_OFFSET] = { "offset", 409, FALSE, "The piece does not begin where it should." },
  [PLAZA_RESULT_RANGE] = { "range", 416, FALSE, "The range lies beyond the end." },
  [PLAZA_RESULT_TOO_LARGE] = { "too-large", 413, FALSE, "The body is too large." },
  [PLAZA_RESULT_MEDIA_TYPE] = { "media-type", 415, FALSE, "The body is of another type." },
  [PLAZA_RESULT_ENVELOPE] = { "envelope", 422, FALSE, "The envelope cannot be taken." },
  [PLAZA_RESULT_DIGEST] = { "digest", 422, TRUE, "The piece was changed on its way." },
  [PLAZA_RESULT_CHALLENGE] = { "challenge", 422, FALSE, "The challenge is unknown or too old." },
  [PLAZA_RESULT_SIGNATURE] = { "signature", 422, FALSE, "The signature is not the device's." },
  [PLAZA_RESULT_REGISTRATION] = { "registration", 422, FALSE, "The registration cannot be taken." },
  [PLAZA_RESULT_CAMPAIGN] = { "campaign", 422, FALSE, "This belongs to another campaign." },
  [PLAZA_RESULT_RATE] = { "rate", 429, TRUE, "Too many requests." },
  [PLAZA_RESULT_HEADERS] = { "headers", 431, FALSE, "The headers are too large." },
  [PLAZA_RESULT_INTERNAL] = { "internal", 500, TRUE, "The server failed." },
  [PLAZA_RESULT_BUSY] = { "busy", 503, TRUE, "The server is busy." },
  [PLAZA_RESULT_DISK] = { "disk", 503, TRUE, "The server has little disk left." },
};

const char *
plaza_result_code (PlazaResult result)
{
  return results[result].code;
}

guint
plaza_result_status (PlazaResult result)
{
  return results[result].status;
}

const char *
plaza_result_message (PlazaResult result)
{
  return results[result].message;
}

gboolean
plaza_result_is_retryable (PlazaResult result)
{
  return results[result].retryable;
}

gboolean
plaza_result_find (const char *code, PlazaResult *out)
{
  for (PlazaResult result = 0; result < PLAZA_N_RESULTS; result++)
    if (strcmp (results[result].code, code) == 0)
      {
        *out = result;
        return TRUE;
      }
  return FALSE;
}

static JsonObject *
describe (PlazaResult result)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "code", results[result].code);
  json_object_set_string_member (body, "message", results[result].message);
  return body;
}

GBytes *
plaza_result_to_json (PlazaResult result)
{
  g_autoptr (JsonObject) body = describe (result);

  return plaza_json_write_object (body);
}

GBytes *
plaza_result_to_json_offset (guint64 offset)
{
  g_autoptr (JsonObject) body = describe (PLAZA_RESULT_OFFSET);

  json_object_set_int_member (body, "offset", (gint64) offset);
  return plaza_json_write_object (body);
}

gboolean
plaza_result_parse (GBytes *body, PlazaResult *out, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = 8192, .max_depth = 2, .max_values = 8 };
  g_autoptr (JsonObject) object = plaza_json_parse_object (body, &limits, error);
  const char *code;

  if (object == NULL || !plaza_json_only (object, error, "code", "message", "offset", NULL) ||
      plaza_json_get_string (object, "message", 500, error) == NULL ||
      (code = plaza_json_get_string (object, "code", 40, error)) == NULL)
    return FALSE;
  if (!plaza_result_find (code, out))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "A result code that nobody knows");
  return TRUE;
}

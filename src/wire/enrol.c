/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/enrol.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/json.h"
#include "seal/hash.h"
#include "wire/joinlink.h"
#include "wire/record.h"

static const PlazaJsonLimits limits = { .max_bytes = 8192, .max_depth = 1, .max_values = 16 };

void
plaza_enrol_request_clear (PlazaEnrolRequest *request)
{
  g_clear_pointer (&request->code, g_free);
  g_clear_pointer (&request->fingerprint, g_free);
}

GBytes *
plaza_enrol_request_to_json (const PlazaEnrolRequest *request)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *key = plaza_public_key_to_string (&request->device_key);

  json_object_set_string_member (object, "code", request->code);
  json_object_set_string_member (object, "device_key", key);
  json_object_set_string_member (object, "fingerprint", request->fingerprint);
  return plaza_json_write_object (object);
}

gboolean
plaza_enrol_request_parse (GBytes *json, PlazaEnrolRequest *out, GError **error)
{
  static const PlazaField field = { "fingerprint", G_STRUCT_OFFSET (PlazaEnrolRequest, fingerprint),
                                    PLAZA_FIELD_FINGERPRINT, 0, FALSE };
  static const char *const others[] = { "code", "device_key", NULL };
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  g_auto (PlazaEnrolRequest) request = { 0 };
  const char *code, *key;

  if (object == NULL || !plaza_fields_only (&field, 1, object, others, error) ||
      !plaza_fields_read (&field, 1, object, &request, error) ||
      (code = plaza_json_get_string (object, "code", 64, error)) == NULL ||
      (key = plaza_json_get_string (object, "device_key", 64, error)) == NULL ||
      !plaza_public_key_parse (key, &request.device_key, error) ||
      (request.code = plaza_join_code_normalise (code, error)) == NULL)
    {
      g_prefix_error (error, "Enrolment request: ");
      return FALSE;
    }
  *out = request;
  request = (PlazaEnrolRequest){ 0 };
  return TRUE;
}

#define FIELD(member, type, max) \
  { \
#member, G_STRUCT_OFFSET(PlazaEnrolment, member), PLAZA_FIELD_##type, max, FALSE \
  }

static const PlazaField fields[] = {
  FIELD (device, UUID, 0),   FIELD (token, TEXT, 200),        FIELD (batch, NAME, 4),
  FIELD (person, NAME, 100), FIELD (organisation, TEXT, 100), FIELD (role, NAME, 40),
};

void
plaza_enrolment_clear (PlazaEnrolment *enrolment)
{
  plaza_fields_clear (fields, G_N_ELEMENTS (fields), enrolment);
}

GBytes *
plaza_enrolment_to_json (const PlazaEnrolment *enrolment)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GError) error = NULL;

  /* Made by the server from its own rows: a field out of its form is a bug there. */
  if (!plaza_fields_write (fields, G_N_ELEMENTS (fields), enrolment, object, &error))
    g_critical ("Enrolment: %s", error->message);
  return plaza_json_write_object (object);
}

gboolean
plaza_enrolment_parse (GBytes *json, PlazaEnrolment *out, GError **error)
{
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  g_auto (PlazaEnrolment) enrolment = { 0 };

  if (object == NULL || !plaza_fields_only (fields, G_N_ELEMENTS (fields), object, NULL, error) ||
      !plaza_fields_read (fields, G_N_ELEMENTS (fields), object, &enrolment, error))
    {
      g_prefix_error (error, "Enrolment: ");
      return FALSE;
    }
  *out = enrolment;
  enrolment = (PlazaEnrolment){ 0 };
  return TRUE;
}

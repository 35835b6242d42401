/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/header.h"

#include <string.h>

#include "base/error.h"
#include "wire/record.h"

#define FIELD(member, type, max, optional) \
  { \
#member, G_STRUCT_OFFSET(PlazaHeader, member), PLAZA_FIELD_##type, max, optional \
  }

static const PlazaField fields[] = {
  FIELD (campaign, FINGERPRINT, 0, FALSE),
  FIELD (form_id, NAME, 200, FALSE),
  FIELD (form_version, TEXT, 100, FALSE),
  FIELD (response, UUID, 0, FALSE),
  FIELD (revision, UUID, 0, TRUE),
  FIELD (parent, UUID, 0, TRUE),
  FIELD (parent_hash, HASH, 0, TRUE),
  FIELD (device, UUID, 0, FALSE),
  FIELD (author, NAME, 100, FALSE),
  FIELD (mode, MODE, 0, FALSE),
  FIELD (session, UUID, 0, FALSE),
  FIELD (session_state, TEXT, 20, FALSE),
  FIELD (session_municipality, TEXT, 20, FALSE),
  FIELD (session_date, DATE, 0, FALSE),
  FIELD (organisation, TEXT, 100, FALSE),
  FIELD (batch, TEXT, 20, FALSE),
  FIELD (folio, NAME, 40, TRUE),
  FIELD (last_question, NAME, 500, TRUE),
  FIELD (ended, TIME, 0, FALSE),
};

static const char *const outcome_names[PLAZA_N_OUTCOMES] = {
  [PLAZA_OUTCOME_COMPLETED] = "completed",
  [PLAZA_OUTCOME_PARTIAL] = "partial",
  [PLAZA_OUTCOME_REFUSED] = "refused",
  [PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN] = "minor-without-guardian",
  [PLAZA_OUTCOME_UNDER_AGE] = "under-age",
  [PLAZA_OUTCOME_WITHDRAWN] = "withdrawn",
};

const char *
plaza_outcome_name (PlazaOutcome outcome)
{
  return outcome_names[outcome];
}

gboolean
plaza_outcome_parse (const char *name, PlazaOutcome *out, GError **error)
{
  for (PlazaOutcome outcome = 0; outcome < PLAZA_N_OUTCOMES; outcome++)
    if (strcmp (outcome_names[outcome], name) == 0)
      {
        *out = outcome;
        return TRUE;
      }
  return plaza_throw (error, PLAZA_ERROR_INVALID, "Not an outcome");
}

gboolean
plaza_outcome_keeps_answers (PlazaOutcome outcome)
{
  return outcome == PLAZA_OUTCOME_COMPLETED || outcome == PLAZA_OUTCOME_PARTIAL;
}

void
plaza_header_clear (PlazaHeader *header)
{
  plaza_fields_clear (fields, G_N_ELEMENTS (fields), header);
}

static gboolean
check (const PlazaHeader *header, GError **error)
{
  if ((header->revision != NULL) != plaza_outcome_keeps_answers (header->outcome))
    return plaza_throw (error, PLAZA_ERROR_INVALID,
                        "Header: a revision belongs to a completed or partial outcome only");
  if ((header->parent != NULL) != (header->parent_hash != NULL) ||
      (header->parent != NULL && header->revision == NULL))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Header: half a parent");
  return TRUE;
}

GBytes *
plaza_header_to_json (const PlazaHeader *header, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (!check (header, error) ||
      !plaza_fields_write (fields, G_N_ELEMENTS (fields), header, object, error))
    {
      g_prefix_error (error, "Header: ");
      return NULL;
    }
  json_object_set_string_member (object, "outcome", outcome_names[header->outcome]);
  return plaza_json_write_object (object);
}

gboolean
plaza_header_parse (GBytes *json, PlazaHeader *out, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = 16384, .max_depth = 1, .max_values = 32 };
  static const char *const others[] = { "outcome", NULL };
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  g_auto (PlazaHeader) header = { 0 };
  const char *outcome;

  if (object == NULL || !plaza_fields_only (fields, G_N_ELEMENTS (fields), object, others, error) ||
      !plaza_fields_read (fields, G_N_ELEMENTS (fields), object, &header, error) ||
      (outcome = plaza_json_get_string (object, "outcome", 40, error)) == NULL ||
      !plaza_outcome_parse (outcome, &header.outcome, error) || !check (&header, error))
    {
      g_prefix_error (error, "Header: ");
      return FALSE;
    }
  *out = header;
  header = (PlazaHeader){ 0 };
  return TRUE;
}

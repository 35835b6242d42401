/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/device-list.h"

#include "base/error.h"
#include "wire/record.h"

#define MAX_DEVICES 20000u

static const PlazaJsonLimits limits = { .max_bytes = 32u << 20,
                                        .max_depth = 6,
                                        .max_values = 2000000 };

#define FIELD(member, type, max, optional) \
  { \
#member, G_STRUCT_OFFSET(PlazaDeviceSummary, member), PLAZA_FIELD_##type, max, optional \
  }

static const PlazaField fields[] = {
  FIELD (device, UUID, 0, FALSE),
  FIELD (person, NAME, 100, FALSE),
  FIELD (organisation, TEXT, 100, FALSE),
  FIELD (role, NAME, 40, FALSE),
  FIELD (enrolled, TIME, 0, FALSE),
  FIELD (revoked, TIME, 0, TRUE),
  FIELD (reason, TEXT, PLAZA_REVOCATION_MAX_CHARS, TRUE),
  FIELD (last_seen, TIME, 0, TRUE),
};

static const struct
{
  const char *name;
  gsize offset;
} counts[] = {
  { "envelopes", G_STRUCT_OFFSET (PlazaDeviceSummary, envelopes) },
  { "entries", G_STRUCT_OFFSET (PlazaDeviceSummary, entries) },
  { "quarantined", G_STRUCT_OFFSET (PlazaDeviceSummary, quarantined) },
  { "newest_sequence", G_STRUCT_OFFSET (PlazaDeviceSummary, newest_sequence) },
};

PlazaDeviceSummary *
plaza_device_summary_new (void)
{
  PlazaDeviceSummary *summary = g_new0 (PlazaDeviceSummary, 1);

  summary->missing = g_array_new (FALSE, FALSE, sizeof (PlazaSequenceRange));
  return summary;
}

void
plaza_device_summary_free (PlazaDeviceSummary *summary)
{
  plaza_fields_clear (fields, G_N_ELEMENTS (fields), summary);
  g_array_unref (summary->missing);
  g_free (summary);
}

static JsonArray *
write_ranges (GArray *missing)
{
  JsonArray *ranges = json_array_new ();

  for (guint i = 0; i < missing->len; i++)
    {
      const PlazaSequenceRange *range = &g_array_index (missing, PlazaSequenceRange, i);
      JsonArray *pair = json_array_new ();

      json_array_add_int_element (pair, (gint64) range->from);
      json_array_add_int_element (pair, (gint64) range->to);
      json_array_add_array_element (ranges, pair);
    }
  return ranges;
}

GBytes *
plaza_device_list_to_json (GPtrArray *devices)
{
  g_autoptr (JsonObject) document = json_object_new ();
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < devices->len; i++)
    {
      const PlazaDeviceSummary *summary = g_ptr_array_index (devices, i);
      JsonObject *object = json_object_new ();
      g_autoptr (GError) error = NULL;

      /* made by the server from its own rows: a field out of its form is a bug there */
      if (!plaza_fields_write (fields, G_N_ELEMENTS (fields), summary, object, &error))
        g_critical ("Device: %s", error->message);
      for (guint j = 0; j < G_N_ELEMENTS (counts); j++)
        json_object_set_int_member (object, counts[j].name,
                                    (gint64) G_STRUCT_MEMBER (guint64, summary, counts[j].offset));
      json_object_set_array_member (object, "missing", write_ranges (summary->missing));
      json_array_add_object_element (list, object);
    }
  json_object_set_array_member (document, "devices", list);
  return plaza_json_write_object (document);
}

/* Reading */

static gboolean
read_bound (JsonArray *pair, guint index, guint64 least, guint64 *out, GError **error)
{
  JsonNode *node = json_array_get_element (pair, index);

  if (json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < (gint64) least)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "a range that is none");
  *out = (guint64) json_node_get_int (node);
  return TRUE;
}

static gboolean
read_range (JsonNode *node, GArray *missing, GError **error)
{
  JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  PlazaSequenceRange range;

  if (pair == NULL || json_array_get_length (pair) != 2)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "a range that is none");
  if (!read_bound (pair, 0, 1, &range.from, error) ||
      !read_bound (pair, 1, range.from, &range.to, error))
    return FALSE;
  g_array_append_val (missing, range);
  return TRUE;
}

static PlazaDeviceSummary *
read_device (JsonNode *node, GError **error)
{
  static const char *const others[] = { "envelopes",       "entries", "quarantined",
                                        "newest_sequence", "missing", NULL };
  g_autoptr (PlazaDeviceSummary) summary = plaza_device_summary_new ();
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonArray *missing;

  if (object == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "an element that is no object");
      return NULL;
    }
  if (!plaza_fields_only (fields, G_N_ELEMENTS (fields), object, others, error) ||
      !plaza_fields_read (fields, G_N_ELEMENTS (fields), object, summary, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (!plaza_json_get_int (object, counts[i].name, 0, G_MAXINT64,
                             (gint64 *) G_STRUCT_MEMBER_P (summary, counts[i].offset), error))
      return NULL;
  missing = plaza_json_get_array (object, "missing", PLAZA_DEVICE_MAX_GAPS, error);
  if (missing == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (missing); i++)
    if (!read_range (json_array_get_element (missing, i), summary->missing, error))
      return NULL;
  return g_steal_pointer (&summary);
}

GPtrArray *
plaza_device_list_parse (GBytes *json, GError **error)
{
  g_autoptr (GPtrArray) devices =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_device_summary_free);
  g_autoptr (JsonObject) document = plaza_json_parse_object (json, &limits, error);
  JsonArray *list = NULL;

  if (document != NULL && plaza_json_only (document, error, "devices", NULL))
    list = plaza_json_get_array (document, "devices", MAX_DEVICES, error);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      PlazaDeviceSummary *summary = read_device (json_array_get_element (list, i), error);

      if (summary == NULL)
        list = NULL;
      else
        g_ptr_array_add (devices, summary);
    }
  if (list != NULL)
    return g_steal_pointer (&devices);
  g_prefix_error (error, "Devices: ");
  return NULL;
}

/* Revocation */

GBytes *
plaza_revocation_to_json (const char *reason)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "reason", reason);
  return plaza_json_write_object (object);
}

char *
plaza_revocation_parse (GBytes *json, GError **error)
{
  static const PlazaJsonLimits small = { .max_bytes = 4096, .max_depth = 1, .max_values = 4 };
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &small, error);
  const char *reason = NULL;

  if (object != NULL && plaza_json_only (object, error, "reason", NULL))
    reason = plaza_json_get_string (object, "reason", PLAZA_REVOCATION_MAX_CHARS, error);
  if (reason == NULL)
    g_prefix_error (error, "Revocation: ");
  return g_strdup (reason);
}

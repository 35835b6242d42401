/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/json.h"

#include <string.h>

#include "base/error.h"
#include "base/json-build.h"

JsonNode *
plaza_json_parse_data (const char *data,
                       gssize length,
                       const PlazaJsonLimits *limits,
                       GError **error)
{
  gsize size = length < 0 ? strlen (data) : (gsize) length;

  return plaza_json_check (data, size, limits, error) ? plaza_json_build (data, size) : NULL;
}

JsonNode *
plaza_json_parse (GBytes *bytes, const PlazaJsonLimits *limits, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return plaza_json_parse_data (data != NULL ? data : "", (gssize) length, limits, error);
}

JsonObject *
plaza_json_parse_object (GBytes *bytes, const PlazaJsonLimits *limits, GError **error)
{
  g_autoptr (JsonNode) node = plaza_json_parse (bytes, limits, error);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "The JSON document is not an object");
      return NULL;
    }
  return json_node_dup_object (node);
}

/* The member, or NULL without error when it is absent or null. */
static JsonNode *
find (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

static gboolean
missing (const char *name, GError **error)
{
  return plaza_throw (error, PLAZA_ERROR_INVALID, "JSON: %s is missing", name);
}

static gboolean
wrong_type (const char *name, const char *wanted, GError **error)
{
  return plaza_throw (error, PLAZA_ERROR_INVALID, "JSON: %s is not %s", name, wanted);
}

gboolean
plaza_json_find_string (
    JsonObject *object, const char *name, gsize max_chars, const char **out, GError **error)
{
  JsonNode *node = find (object, name);
  const char *text;

  *out = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong_type (name, "a string", error);
  text = json_node_get_string (node);
  /* A character takes at most four bytes, so a long text is refused before it is counted. */
  if (strlen (text) / 4 > max_chars || (gsize) g_utf8_strlen (text, -1) > max_chars)
    return plaza_throw (error, PLAZA_ERROR_LIMIT,
                        "JSON: %s is longer than %" G_GSIZE_FORMAT " characters", name, max_chars);
  *out = text;
  return TRUE;
}

const char *
plaza_json_get_string (JsonObject *object, const char *name, gsize max_chars, GError **error)
{
  const char *text;

  if (!plaza_json_find_string (object, name, max_chars, &text, error))
    return NULL;
  if (text == NULL)
    missing (name, error);
  return text;
}

gboolean
plaza_json_find_int (JsonObject *object,
                     const char *name,
                     gint64 min,
                     gint64 max,
                     gint64 fallback,
                     gint64 *out,
                     GError **error)
{
  JsonNode *node = find (object, name);
  gint64 value;

  *out = fallback;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return wrong_type (name, "an integer", error);
  value = json_node_get_int (node);
  if (value < min || value > max)
    return plaza_throw (error, PLAZA_ERROR_LIMIT,
                        "JSON: %s is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, name,
                        min, max);
  *out = value;
  return TRUE;
}

gboolean
plaza_json_get_int (
    JsonObject *object, const char *name, gint64 min, gint64 max, gint64 *out, GError **error)
{
  if (find (object, name) == NULL)
    return missing (name, error);
  return plaza_json_find_int (object, name, min, max, 0, out, error);
}

gboolean
plaza_json_get_boolean (JsonObject *object, const char *name, gboolean *out, GError **error)
{
  JsonNode *node = find (object, name);

  if (node == NULL)
    return missing (name, error);
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (name, "a boolean", error);
  *out = json_node_get_boolean (node);
  return TRUE;
}

gboolean
plaza_json_find_object (JsonObject *object, const char *name, JsonObject **out, GError **error)
{
  JsonNode *node = find (object, name);

  *out = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong_type (name, "an object", error);
  *out = json_node_get_object (node);
  return TRUE;
}

JsonObject *
plaza_json_get_object (JsonObject *object, const char *name, GError **error)
{
  JsonObject *found;

  if (plaza_json_find_object (object, name, &found, error) && found == NULL)
    missing (name, error);
  return found;
}

gboolean
plaza_json_find_array (
    JsonObject *object, const char *name, guint max_items, JsonArray **out, GError **error)
{
  JsonNode *node = find (object, name);

  *out = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong_type (name, "an array", error);
  if (json_array_get_length (json_node_get_array (node)) > max_items)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "JSON: %s has more than %u items", name,
                        max_items);
  *out = json_node_get_array (node);
  return TRUE;
}

JsonArray *
plaza_json_get_array (JsonObject *object, const char *name, guint max_items, GError **error)
{
  JsonArray *found;

  if (plaza_json_find_array (object, name, max_items, &found, error) && found == NULL)
    missing (name, error);
  return found;
}

GStrv
plaza_json_array_strings (JsonArray *array, gsize max_chars, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        {
          wrong_type ("an array's item", "a string", error);
          return NULL;
        }
      if ((gsize) g_utf8_strlen (json_node_get_string (node), -1) > max_chars)
        {
          plaza_throw (error, PLAZA_ERROR_LIMIT, "JSON: an array's item is too long");
          return NULL;
        }
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}

gboolean
plaza_json_only (JsonObject *object, GError **error, ...)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObjectIter iter;
  const char *name;
  va_list names;

  va_start (names, error);
  while ((name = va_arg (names, const char *)) != NULL)
    g_hash_table_add (known, (gpointer) name);
  va_end (names);

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (known, name))
      return plaza_throw (error, PLAZA_ERROR_INVALID, "JSON: a member that nobody knows");
  return TRUE;
}

static void
write_text (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      guchar c = (guchar) *p;

      switch (c)
        {
        case '"':
        case '\\':
          g_string_append_c (out, '\\');
          g_string_append_c (out, *p);
          break;
        case '\b':
          g_string_append (out, "\\b");
          break;
        case '\f':
          g_string_append (out, "\\f");
          break;
        case '\n':
          g_string_append (out, "\\n");
          break;
        case '\r':
          g_string_append (out, "\\r");
          break;
        case '\t':
          g_string_append (out, "\\t");
          break;
        default:
          if (c < 0x20)
            g_string_append_printf (out, "\\u%04x", c);
          else
            g_string_append_c (out, *p);
        }
    }
  g_string_append_c (out, '"');
}

static void
write_double (GString *out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* The fewest digits that read back as the same number. */
  for (int digits = 15; digits <= 17; digits++)
    {
      char format[] = "%.15g";

      format[3] = (char) ('0' + digits - 10);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* Recurses: only trees made here or let through by the gate, whose depth is bounded, come to it. */
static void
write_node (GString *out, JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      {
        JsonObject *object = json_node_get_object (node);
        g_autoptr (GList) names = g_list_sort (json_object_get_members (object), compare_text);

        g_string_append_c (out, '{');
        for (GList *l = names; l != NULL; l = l->next)
          {
            if (l != names)
              g_string_append_c (out, ',');
            write_text (out, l->data);
            g_string_append_c (out, ':');
            write_node (out, json_object_get_member (object, l->data));
          }
        g_string_append_c (out, '}');
        break;
      }
    case JSON_NODE_ARRAY:
      {
        JsonArray *array = json_node_get_array (node);

        g_string_append_c (out, '[');
        for (guint i = 0; i < json_array_get_length (array); i++)
          {
            if (i > 0)
              g_string_append_c (out, ',');
            write_node (out, json_array_get_element (array, i));
          }
        g_string_append_c (out, ']');
        break;
      }
    case JSON_NODE_VALUE:
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        write_text (out, json_node_get_string (node));
      else if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
        g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
      else if (json_node_get_value_type (node) == G_TYPE_INT64)
        g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
      else
        write_double (out, json_node_get_double (node));
      break;
    case JSON_NODE_NULL:
      g_string_append (out, "null");
      break;
    default:
      g_assert_not_reached ();
    }
}

char *
plaza_json_write_string (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  write_node (out, node);
  return g_string_free (out, FALSE);
}

GBytes *
plaza_json_write (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  write_node (out, node);
  return g_string_free_to_bytes (out);
}

GBytes *
plaza_json_write_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_alloc ();

  json_node_init_object (node, object);
  return plaza_json_write (node);
}

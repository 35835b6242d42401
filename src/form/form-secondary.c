/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Secondary instances: inline, CSV, XML and GeoJSON. Each becomes a tree of root/item. */

#include "form/form-private.h"

#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "form/xml.h"

static gboolean
count_choices (PlazaLoader *self, guint n, PlazaNode *where, GError **error)
{
  PlazaForm *form = self->form;

  if (n > form->limits.max_choices - form->n_choices)
    return plaza_load_throw (error, PLAZA_ERROR_LIMIT, where, "more than %u choices",
                             form->limits.max_choices);
  form->n_choices += n;
  return TRUE;
}

static PlazaTree *
from_csv (PlazaLoader *self, GBytes *bytes, PlazaNode *where, GError **error)
{
  g_autoptr (PlazaCsv) csv = plaza_csv_parse (bytes, 0, NULL, error);
  if (csv == NULL || !count_choices (self, plaza_csv_n_rows (csv), where, error))
    return NULL;

  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *root = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "root");
  for (guint row = 0; row < plaza_csv_n_rows (csv); row++)
    {
      PlazaNode *item = plaza_node_append_element (root, NULL, NULL, "item");
      for (guint column = 0; column < plaza_csv_n_columns (csv); column++)
        plaza_node_set_value (
            plaza_node_append_element (item, NULL, NULL, plaza_csv_column_name (csv, column)),
            plaza_csv_cell (csv, row, column));
    }
  return g_steal_pointer (&tree);
}

static void
append_json (PlazaNode *item, const char *name, JsonNode *value)
{
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    text = g_strdup (json_node_get_string (value));
  else if (!JSON_NODE_HOLDS_NULL (value))
    text = plaza_json_write_string (value);
  plaza_node_set_value (plaza_node_append_element (item, NULL, NULL, name), text);
}

/* "lat lon 0 0" a position, joined by "; ", as ODK writes geometries. */
static void
append_positions (GString *out, JsonNode *coordinates, guint depth)
{
  if (!JSON_NODE_HOLDS_ARRAY (coordinates) || depth > 4)
    return;
  JsonArray *array = json_node_get_array (coordinates);
  if (json_array_get_length (array) >= 2 &&
      JSON_NODE_HOLDS_VALUE (json_array_get_element (array, 0)))
    {
      char lat[G_ASCII_DTOSTR_BUF_SIZE], lon[G_ASCII_DTOSTR_BUF_SIZE];
      g_ascii_dtostr (lon, sizeof lon, json_array_get_double_element (array, 0));
      g_ascii_dtostr (lat, sizeof lat, json_array_get_double_element (array, 1));
      g_string_append_printf (out, "%s%s %s 0 0", out->len > 0 ? "; " : "", lat, lon);
      return;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    append_positions (out, json_array_get_element (array, i), depth + 1);
}

static PlazaTree *
from_geojson (PlazaLoader *self, GBytes *bytes, PlazaNode *where, GError **error)
{
  const PlazaJsonLimits limits = { .max_bytes = self->form->limits.max_media_bytes,
                                   .max_depth = 32,
                                   .max_values = 5000000 };
  g_autoptr (JsonObject) object = plaza_json_parse_object (bytes, &limits, error);
  JsonArray *features =
      object != NULL ? plaza_json_get_array (object, "features", G_MAXUINT, error) : NULL;
  if (features == NULL || !count_choices (self, json_array_get_length (features), where, error))
    return NULL;

  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *root = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "root");
  for (guint i = 0; i < json_array_get_length (features); i++)
    {
      JsonNode *node = json_array_get_element (features, i);
      JsonObject *feature = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonObject *geometry = NULL, *properties = NULL;
      if (feature == NULL || !plaza_json_find_object (feature, "geometry", &geometry, error) ||
          !plaza_json_find_object (feature, "properties", &properties, error))
        {
          if (feature == NULL)
            plaza_throw (error, PLAZA_ERROR_INVALID, "feature %u is no object", i);
          return NULL;
        }
      PlazaNode *item = plaza_node_append_element (root, NULL, NULL, "item");
      if (geometry != NULL && json_object_has_member (geometry, "coordinates"))
        {
          g_autoptr (GString) text = g_string_new (NULL);
          append_positions (text, json_object_get_member (geometry, "coordinates"), 0);
          plaza_node_set_value (plaza_node_append_element (item, NULL, NULL, "geometry"),
                                text->str);
        }
      g_autoptr (GList) names = properties != NULL ? json_object_get_members (properties) : NULL;
      for (GList *l = names; l != NULL; l = l->next)
        append_json (item, l->data, json_object_get_member (properties, l->data));
      if (json_object_has_member (feature, "id") &&
          (properties == NULL || !json_object_has_member (properties, "id")))
        append_json (item, "id", json_object_get_member (feature, "id"));
    }
  return g_steal_pointer (&tree);
}

static PlazaTree *
from_file (PlazaLoader *self, const char *src, PlazaNode *where, GError **error)
{
  PlazaForm *form = self->form;

  if (form->media == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "%s is needed", src);
      return NULL;
    }
  g_autoptr (GBytes) bytes =
      plaza_media_read (form->media, src, form->limits.max_media_bytes, error);
  if (bytes == NULL)
    return NULL;
  if (g_str_has_prefix (src, "jr://file-csv/") || g_str_has_suffix (src, ".csv"))
    return from_csv (self, bytes, where, error);
  if (g_str_has_suffix (src, ".geojson"))
    return from_geojson (self, bytes, where, error);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (PlazaTree) tree =
      plaza_xml_parse (data != NULL ? data : "", (gssize) length, PLAZA_XML_DATA, error);
  if (tree == NULL || !count_choices (self, plaza_tree_node_count (tree) / 3, where, error))
    return NULL;
  return g_steal_pointer (&tree);
}

static PlazaTree *
from_inline (PlazaLoader *self, PlazaNode *element, GError **error)
{
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *root = plaza_node_first_element (element);
  guint items = 0;

  if (root == NULL)
    plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "root");
  else
    {
      for (PlazaNode *item = plaza_node_first_element (root); item != NULL;
           item = plaza_node_next_element (item))
        items++;
      if (!count_choices (self, items, element, error))
        return NULL;
      plaza_load_copy_elements (root, plaza_tree_document (tree));
    }
  return g_steal_pointer (&tree);
}

gboolean
plaza_load_secondary (PlazaLoader *self, GError **error)
{
  for (PlazaNode *child = plaza_node_first_element (self->model); child != NULL;
       child = plaza_node_next_element (child))
    {
      if (child == self->primary || !plaza_node_is (child, PLAZA_URI_XFORMS, "instance"))
        continue;
      const char *id = plaza_node_get_attribute (child, NULL, "id");
      const char *src = plaza_node_get_attribute (child, NULL, "src");
      g_autoptr (GError) local = NULL;
      g_autoptr (PlazaTree) tree = NULL;

      if (id == NULL || *id == '\0')
        return plaza_load_throw (error, PLAZA_ERROR_INVALID, child,
                                 "a secondary instance has no id");
      if (g_hash_table_contains (self->form->secondary, id))
        return plaza_load_throw (error, PLAZA_ERROR_INVALID, child, "instance “%s” is there twice",
                                 id);
      if (src != NULL && g_str_equal (src, "jr://instance/last-saved"))
        {
          /* Nothing of another person's answers is ever offered, so it is always the blank one. */
          tree = plaza_tree_new ();
          plaza_node_append_element (plaza_tree_document (tree), NULL, NULL,
                                     ((PlazaModelNode *) self->form->nodes->pdata[0])->local);
        }
      else if (src != NULL && *src != '\0')
        tree = from_file (self, src, child, &local);
      else
        tree = from_inline (self, child, &local);
      if (tree == NULL)
        return plaza_load_throw (error,
                                 local->domain == PLAZA_ERROR ? local->code : PLAZA_ERROR_FAILED,
                                 child, "instance “%s”: %s", id, local->message);

      PlazaSecondary *secondary = g_new0 (PlazaSecondary, 1);
      secondary->id = g_strdup (id);
      secondary->tree = g_steal_pointer (&tree);
      g_hash_table_insert (self->form->secondary, secondary->id, secondary);
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data/openapi.json and the route table say the same, both ways. */
#include "base/file.h"
#include "base/json.h"
#include "central/route.h"

static JsonObject *
load_description (void)
{
  const char *tests = g_getenv ("PLAZA_TEST_SRCDIR");
  g_autofree char *path = g_build_filename (tests, "..", "data", "openapi.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, 1 << 20, &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = plaza_json_parse_object (bytes, NULL, &error);
  g_assert_no_error (error);
  return object;
}

static const PlazaRoute *
find_route (const char *method, const char *path)
{
  g_autofree char *upper = g_ascii_strup (method, -1);

  for (guint i = 0; i < plaza_n_routes; i++)
    if (strcmp (plaza_routes[i].method, upper) == 0 && strcmp (plaza_routes[i].path, path) == 0)
      return plaza_routes + i;
  return NULL;
}

static gboolean
array_contains (JsonArray *array, const char *text)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (strcmp (json_array_get_string_element (array, i), text) == 0)
      return TRUE;
  return FALSE;
}

static void
check_security (const PlazaRoute *route, JsonObject *operation)
{
  JsonArray *security = json_object_get_array_member (operation, "security");
  guint named = 0;

  if (route->roles == 0)
    {
      g_assert_cmpuint (json_array_get_length (security), ==, 0);
      g_assert_false (json_object_has_member (operation, "x-roles"));
      return;
    }
  g_assert_cmpuint (json_array_get_length (security), ==, 1);
  g_assert_true (json_object_has_member (json_array_get_object_element (security, 0), "device"));
  security = json_object_get_array_member (operation, "x-roles");
  for (guint i = 0; i < json_array_get_length (security); i++)
    named |= plaza_role_parse (json_array_get_string_element (security, i));
  g_assert_cmpuint (named, ==, route->roles);
}

static void
check_body (const PlazaRoute *route, JsonObject *operation)
{
  JsonObject *content;

  if (route->body_type == NULL)
    {
      g_assert_false (json_object_has_member (operation, "requestBody"));
      g_assert_false (json_object_has_member (operation, "x-max-body"));
      return;
    }
  content = json_object_get_object_member (json_object_get_object_member (operation, "requestBody"),
                                           "content");
  g_assert_cmpuint (json_object_get_size (content), ==, 1);
  g_assert_true (json_object_has_member (content, route->body_type));
  g_assert_cmpint (json_object_get_int_member (operation, "x-max-body"), ==,
                   (gint64) route->max_body);
}

static void
check_parameter (const PlazaRoute *route, JsonObject *operation)
{
  const char *brace = strchr (route->path, '{');
  g_autofree char *name = NULL;
  JsonArray *parameters;
  guint found = 0;

  if (brace == NULL)
    return;
  name = g_strndup (brace + 1, strcspn (brace + 1, "}"));
  parameters = json_object_get_array_member (operation, "parameters");
  for (guint i = 0; i < json_array_get_length (parameters); i++)
    {
      JsonObject *parameter = json_array_get_object_element (parameters, i);

      if (strcmp (json_object_get_string_member (parameter, "in"), "path") != 0)
        continue;
      g_assert_cmpstr (json_object_get_string_member (parameter, "name"), ==, name);
      found++;
    }
  g_assert_cmpuint (found, ==, 1);
}

static void
check_answers (const PlazaRoute *route, JsonObject *operation)
{
  JsonObject *responses = json_object_get_object_member (operation, "responses");
  g_auto (GStrv) successes = g_strsplit (route->statuses, " ", -1);
  g_autoptr (GHashTable) wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 refusals = plaza_route_results (route);
  GHashTableIter iter;
  gpointer status;

  for (guint i = 0; successes[i] != NULL; i++)
    {
      g_assert_true (json_object_has_member (responses, successes[i]));
      g_hash_table_add (wanted, g_strdup (successes[i]));
    }
  for (PlazaResult result = 0; result < PLAZA_N_RESULTS; result++)
    {
      char *number;
      JsonObject *response;

      if ((refusals & (G_GUINT64_CONSTANT (1) << result)) == 0)
        continue;
      number = g_strdup_printf ("%u", plaza_result_status (result));
      g_assert_true (json_object_has_member (responses, number));
      response = json_object_get_object_member (responses, number);
      if (!array_contains (json_object_get_array_member (response, "x-codes"),
                           plaza_result_code (result)))
        g_error ("%s %s: %s is not described", route->method, route->path,
                 plaza_result_code (result));
      g_hash_table_add (wanted, number);
    }
  g_assert_cmpuint (json_object_get_size (responses), ==, g_hash_table_size (wanted));

  /* and no code that the route never gives */
  g_hash_table_iter_init (&iter, wanted);
  while (g_hash_table_iter_next (&iter, &status, NULL))
    {
      JsonObject *response = json_object_get_object_member (responses, status);
      JsonArray *codes = json_object_has_member (response, "x-codes")
                             ? json_object_get_array_member (response, "x-codes")
                             : NULL;

      for (guint i = 0; codes != NULL && i < json_array_get_length (codes); i++)
        {
          PlazaResult result;

          g_assert_true (plaza_result_find (json_array_get_string_element (codes, i), &result));
          g_assert_true ((refusals & (G_GUINT64_CONSTANT (1) << result)) != 0);
        }
    }
}

static void
test_table (void)
{
  g_autoptr (JsonObject) description = load_description ();
  JsonObject *paths = json_object_get_object_member (description, "paths");
  g_autoptr (GList) names = json_object_get_members (paths);
  guint described = 0;

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonObject *item = json_object_get_object_member (paths, name->data);
      g_autoptr (GList) methods = json_object_get_members (item);

      for (GList *method = methods; method != NULL; method = method->next)
        {
          const PlazaRoute *route = find_route (method->data, name->data);
          JsonObject *operation = json_object_get_object_member (item, method->data);

          g_test_message ("%s %s", (const char *) method->data, (const char *) name->data);
          g_assert_nonnull (route);
          check_security (route, operation);
          check_body (route, operation);
          check_parameter (route, operation);
          check_answers (route, operation);
          described++;
        }
    }
  /* no way in that is not described */
  g_assert_cmpuint (described, ==, plaza_n_routes);
}

/* Everything that is pointed to is there */
static void check_references (JsonArray *unused, guint index, JsonNode *node, gpointer description);

static void
check_member (JsonObject *object, const char *name, JsonNode *node, gpointer description)
{
  JsonObject *at = description;
  g_auto (GStrv) parts = NULL;

  if (strcmp (name, "$ref") != 0)
    {
      check_references (NULL, 0, node, description);
      return;
    }
  parts = g_strsplit (json_node_get_string (node), "/", -1);
  g_assert_cmpstr (parts[0], ==, "#");
  for (guint i = 1; parts[i] != NULL; i++)
    {
      g_assert_true (json_object_has_member (at, parts[i]));
      at = json_object_get_object_member (at, parts[i]);
    }
}

static void
check_references (JsonArray *unused, guint index, JsonNode *node, gpointer description)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), check_member, description);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), check_references, description);
}

static void
test_references (void)
{
  g_autoptr (JsonObject) description = load_description ();

  json_object_foreach_member (description, check_member, description);
  g_assert_cmpstr (json_object_get_string_member (description, "openapi"), ==, "3.0.3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openapi/table", test_table);
  g_test_add_func ("/openapi/references", test_references);
  return g_test_run ();
}

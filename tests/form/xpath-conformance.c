/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs recorded XPath assertions (xpath.jsonl.gz) over the evaluator, reports counts by file and
 * every difference, and fails when less than 97 % of those within the axes of the ODK XForms
 * specification hold. */

#include "form/xml.h"
#include "form/xpath.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  guint core_total;
  guint core_passed;
  guint total;
  guint passed;
} Count;

static gint64 recorded_now; /* µs; 0 = the real clock */

static gint64
fixed_now (gpointer data)
{
  return recorded_now != 0 ? recorded_now : g_get_real_time ();
}

static char *
read_gzip (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GInputStream) raw = G_INPUT_STREAM (g_file_read (file, NULL, error));
  if (raw == NULL)
    return NULL;
  g_autoptr (GConverter) gunzip =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (raw, gunzip);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  if (g_output_stream_splice (memory, stream, G_OUTPUT_STREAM_SPLICE_NONE, NULL, error) < 0 ||
      !g_output_stream_write_all (memory, "", 1, NULL, NULL, error) ||
      !g_output_stream_close (memory, NULL, error))
    return NULL;
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (memory));
}

/* The place of a node as the material writes it: child numbers from the document. */
static char *
index_path (PlazaNode *node)
{
  if (node->parent == NULL)
    return g_strdup ("/");
  g_autofree char *parent = index_path (node->parent);
  const char *base = strcmp (parent, "/") == 0 ? "" : parent;
  if (node->kind == PLAZA_NODE_ATTRIBUTE)
    return g_strdup_printf ("%s/@%s%s%s", base, node->prefix != NULL ? node->prefix : "",
                            node->prefix != NULL ? ":" : "", node->name->local);
  if (node->kind == PLAZA_NODE_NAMESPACE)
    return g_strdup_printf ("%s/@xmlns%s%s", base, *node->name->local != '\0' ? ":" : "",
                            node->name->local);
  guint index = 0;
  for (PlazaNode *n = node->prev; n != NULL; n = n->prev)
    index++;
  return g_strdup_printf ("%s/%u", base, index);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
join_paths (GPtrArray *paths, gboolean sort)
{
  if (sort)
    g_ptr_array_sort (paths, compare_strings);
  g_ptr_array_add (paths, NULL);
  return g_strjoinv (" ", (char **) paths->pdata);
}

static char *
expected_nodes (JsonObject *assertion, gboolean sort)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  JsonArray *array = json_object_get_array_member (assertion, "expected");
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (paths, g_strdup (json_array_get_string_element (array, i)));
  return join_paths (paths, sort);
}

static char *
found_nodes (const PlazaXPathValue *value, gboolean sort)
{
  if (value->type != PLAZA_XPATH_NODESET)
    return g_strdup_printf ("(a %s)", plaza_xpath_type_name (value->type));
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < value->nodes->len; i++)
    g_ptr_array_add (paths, index_path (value->nodes->pdata[i]));
  return join_paths (paths, sort);
}

static double
expected_number (JsonObject *assertion)
{
  JsonNode *node = json_object_get_member (assertion, "expected");
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return json_node_get_double (node);
  const char *text = json_node_get_string (node);
  return g_str_equal (text, "Infinity")    ? INFINITY
         : g_str_equal (text, "-Infinity") ? -INFINITY
                                           : NAN;
}

static char *
number_text (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  return g_strdup (isnan (number) ? "NaN" : g_ascii_dtostr (buffer, sizeof buffer, number));
}

static gboolean
numbers_agree (double got, double expected, double slack)
{
  if (isnan (expected) || isinf (expected))
    return isnan (expected) ? isnan (got) : got == expected;
  return fabs (got - expected) <= MAX (slack, fabs (expected) * 1e-14);
}

/* Compares; on a difference describes both. */
static gboolean
check (
    JsonObject *assertion, const PlazaXPathValue *value, double number, char **expected, char **got)
{
  const char *kind = json_object_get_string_member (assertion, "assert");
  if (g_str_has_suffix (kind, "nodeset"))
    {
      gboolean sort = g_str_has_prefix (kind, "unordered");
      *expected = expected_nodes (assertion, sort);
      *got = found_nodes (value, sort);
      return strcmp (*expected, *got) == 0;
    }
  if (g_str_equal (kind, "boolean"))
    {
      gboolean wanted = json_object_get_boolean_member (assertion, "expected");
      *expected = g_strdup (wanted ? "true" : "false");
      *got = g_strdup (plaza_xpath_value_to_boolean (value) ? "true" : "false");
      return strcmp (*expected, *got) == 0;
    }
  if (g_str_has_prefix (kind, "number"))
    {
      double wanted = expected_number (assertion);
      double slack = g_str_equal (kind, "number-rounded")
                         ? 1 / json_object_get_double_member (assertion, "factor")
                         : 0;
      *expected = number_text (wanted);
      *got = number_text (number);
      return numbers_agree (number, wanted, slack);
    }
  *got = plaza_xpath_value_to_string (value);
  if (g_str_equal (kind, "string-length"))
    {
      glong wanted = (glong) json_object_get_int_member (assertion, "expected");
      *expected = g_strdup_printf ("%ld characters", wanted);
      return g_utf8_strlen (*got, -1) == wanted;
    }
  *expected = g_strdup (json_object_get_string_member (assertion, "expected"));
  if (g_str_equal (kind, "string"))
    return strcmp (*expected, *got) == 0;
  g_autofree char *pattern = g_strdup (*expected + 1); /* /pattern/flags */
  char *end = strrchr (pattern, '/');
  gboolean caseless = strchr (end, 'i') != NULL;
  *end = '\0';
  return g_regex_match_simple (pattern, *got, caseless ? G_REGEX_CASELESS : 0, 0);
}

static gboolean
run (JsonObject *assertion, GTimeZone *zone, char **expected, char **got)
{
  g_autoptr (GError) error = NULL;
  const char *xml = json_object_get_string_member (assertion, "xml");
  const char *expression = json_object_get_string_member (assertion, "expression");
  const char *place = json_object_get_string_member (assertion, "context");
  const char *lang = json_object_get_null_member (assertion, "lang")
                         ? NULL
                         : json_object_get_string_member (assertion, "lang");
  g_autoptr (PlazaTree) tree = plaza_xml_parse (xml, -1, PLAZA_XML_DOCUMENT, &error);
  PlazaXPathHost host = { .now = fixed_now, .zone = zone, .language = lang };
  PlazaXPathContext context = { .host = &host };
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  g_autoptr (PlazaXPath) path = NULL;
  if (tree != NULL)
    context.node = plaza_xpath_find_context (tree, place, &error);
  if (context.node != NULL)
    {
      context.root = plaza_xpath_find_root (tree);
      path = plaza_xpath_compile_lenient (expression, plaza_tree_root (tree), &error);
    }
  double number;
  if (path == NULL || !plaza_xpath_evaluate (path, &context, &value, &error) ||
      !plaza_xpath_evaluate_number (path, &context, &number, &error))
    {
      *expected = g_strdup ("a value");
      *got = g_strdup (error->message);
      return FALSE;
    }
  return check (assertion, &value, number, expected, got);
}

/* Axes of the specification: child, parent, self and what // and @ abbreviate. */
static gboolean
is_core (const char *expression)
{
  return !g_regex_match_simple ("(ancestor|ancestor-or-self|following|following-sibling|preceding|"
                                "preceding-sibling|namespace|attribute|descendant|"
                                "descendant-or-self)\\s*::",
                                expression, 0, 0);
}

/* today() of the recording: some assertions name it. */
static void
find_recorded_day (JsonObject *assertion, GTimeZone *zone)
{
  const char *expression = json_object_get_string_member (assertion, "expression");
  if (recorded_now != 0 || strstr (expression, "\" >= today()") == NULL ||
      !g_str_has_suffix (json_object_get_string_member (assertion, "file"),
                         "date-comparison.test.ts"))
    return;
  g_autofree char *noon = g_strdup_printf ("%.10sT12:00:00", expression + 1);
  g_autoptr (GDateTime) moment = g_date_time_new_from_iso8601 (noon, zone);
  if (moment != NULL)
    recorded_now = g_date_time_to_unix (moment) * G_USEC_PER_SEC;
}

static Count *
count_of (GHashTable *counts, const char *file)
{
  Count *count = g_hash_table_lookup (counts, file);
  if (count == NULL)
    {
      count = g_new0 (Count, 1);
      g_hash_table_insert (counts, g_strdup (file), count);
    }
  return count;
}

static void
add (Count *count, gboolean core, gboolean passed)
{
  count->total++;
  count->passed += passed;
  count->core_total += core;
  count->core_passed += core && passed;
}

static GPtrArray *
load (const char *path, GTimeZone *zone)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = read_gzip (path, &error);
  g_assert_no_error (error);
  GPtrArray *assertions = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      if (**line == '\0')
        continue;
      JsonNode *node = json_from_string (*line, &error);
      g_assert_no_error (error);
      find_recorded_day (json_node_get_object (node), zone);
      g_ptr_array_add (assertions, node);
    }
  return assertions;
}

int
main (int argc, char **argv)
{
  const char *shared = g_getenv ("PLAZA_TEST_SHARED");
  g_autofree char *path =
      argc > 1 ? g_strdup (argv[1])
               : g_build_filename (shared != NULL ? shared : ".", "data/odk/xpath.jsonl.gz", NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_print ("1..0 # SKIP no conformance material\n");
      return 0;
    }
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("America/Phoenix");
  g_assert_nonnull (zone);
  g_autoptr (GPtrArray) assertions = load (path, zone);
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Count all = { 0 };
  for (guint i = 0; i < assertions->len; i++)
    {
      JsonObject *assertion = json_node_get_object (assertions->pdata[i]);
      const char *file = json_object_get_string_member (assertion, "file");
      const char *expression = json_object_get_string_member (assertion, "expression");
      g_autofree char *expected = NULL;
      g_autofree char *got = NULL;
      gboolean core = is_core (expression), passed = run (assertion, zone, &expected, &got);
      add (&all, core, passed);
      add (count_of (counts, file), core, passed);
      if (!passed)
        g_print ("# differs%s: %s: %s\n#   at %s expected %s, got %s\n",
                 core ? "" : " (optional axis)", file, expression,
                 json_object_get_string_member (assertion, "context"), expected, got);
    }
  g_autoptr (GList) files = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc) strcmp);
  for (GList *f = files; f != NULL; f = f->next)
    {
      Count *count = g_hash_table_lookup (counts, f->data);
      g_print ("# %4u/%-4u %s\n", count->passed, count->total, (char *) f->data);
    }
  double share = all.core_total > 0 ? 100.0 * all.core_passed / all.core_total : 0;
  g_print ("# all: %u of %u\n", all.passed, all.total);
  g_print ("# axes of the specification: %u of %u = %.2f %%\n", all.core_passed, all.core_total,
           share);
  g_print ("1..1\n%s 1 /form/xpath/conformance\n", share >= 97 ? "ok" : "not ok");
  return share >= 97 ? 0 : 1;
}

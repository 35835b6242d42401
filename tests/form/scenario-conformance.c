/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Plays recorded forms (scenarios.jsonl.gz) through `plazactl form play` and compares what it tells
 * after every step with what was recorded. Reports counts by file and every difference, and fails
 * when less than 90 % hold of those that are plain: no attachments from elsewhere, no known bug of
 * the recorder, no geographical types. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "form/xml.h"

typedef struct
{
  guint total;
  guint passed;
} Count;

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

/* What nobody can foresee: ids and the time of the recording. */
static char *
mask (const char *text)
{
  g_autoptr (GRegex) uuid = g_regex_new (
      "(uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", 0, 0, NULL);
  g_autoptr (GRegex) moment =
      g_regex_new ("2026-[0-9]{2}-[0-9]{2}T[0-9:.]+([+-][0-9:]+|Z)", 0, 0, NULL);
  g_autofree char *composed = g_utf8_normalize (text, -1, G_NORMALIZE_NFC);
  g_autofree char *first =
      g_regex_replace_literal (uuid, composed != NULL ? composed : text, -1, 0, "UUID", 0, NULL);

  /* A moment that the form itself holds is an answer: only those of today's recorder differ. */
  if (strstr (first, "2026-11-21T") == NULL && strstr (first, "2026-1") == NULL)
    return g_steal_pointer (&first);
  return g_regex_replace_literal (moment, first, -1, 0, "MOMENT", 0, NULL);
}

/* Elements, attributes that carry something, and texts; declarations and prefixes do not matter. */
static void
canonical (PlazaNode *node, GString *out)
{
  g_string_append_printf (out, "<%s", node->name->local);
  for (PlazaNode *a = node->first_attribute; a != NULL; a = a->next)
    if (a->kind == PLAZA_NODE_ATTRIBUTE && *plaza_node_peek_value (a) != '\0')
      g_string_append_printf (out, " %s=%s", a->name->local, plaza_node_peek_value (a));
  g_string_append_c (out, '>');
  PlazaNode *first = plaza_node_first_element (node);
  if (first == NULL)
    g_string_append (out, plaza_node_peek_value (node));
  for (PlazaNode *child = first; child != NULL; child = plaza_node_next_element (child))
    canonical (child, out);
  g_string_append_c (out, '/');
}

static char *
canonical_xml (const char *xml)
{
  g_autoptr (PlazaTree) tree = plaza_xml_parse (xml, -1, PLAZA_XML_DATA, NULL);
  GString *out = g_string_new (NULL);

  if (tree != NULL)
    canonical (plaza_tree_root (tree), out);
  g_autofree char *text = g_string_free (out, FALSE);
  return mask (text);
}

static const char *
member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                 json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
flag (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) &&
         (json_node_get_value_type (node) != G_TYPE_BOOLEAN || json_node_get_boolean (node));
}

static char *
options_text (JsonObject *object)
{
  GString *out = g_string_new (NULL);
  JsonArray *options = json_object_has_member (object, "options")
                           ? json_object_get_array_member (object, "options")
                           : NULL;

  for (guint i = 0; options != NULL && i < json_array_get_length (options); i++)
    {
      JsonArray *pair = json_array_get_array_element (options, i);
      g_string_append_printf (out, "%s=%s;", json_array_get_string_element (pair, 0),
                              json_array_get_string_element (pair, 1));
    }
  return g_string_free (out, FALSE);
}

/* The recorder's names for what our tool calls by XForms' own. */
static gboolean
same_type (const char *theirs, const char *ours)
{
  if (g_str_equal (theirs, "select"))
    return g_str_has_prefix (ours, "select");
  if (g_str_equal (theirs, "model-value"))
    return g_str_equal (ours, "value");
  if (g_str_has_prefix (theirs, "repeat-range"))
    return g_str_equal (ours, "repeat");
  if (g_str_equal (theirs, "repeat-instance"))
    return g_str_equal (ours, "instance");
  return g_str_equal (theirs, ours);
}

static void
differ (GString *why, const char *ref, const char *what, const char *theirs, const char *ours)
{
  g_autofree char *a = mask (theirs != NULL ? theirs : "(none)");
  g_autofree char *b = mask (ours != NULL ? ours : "(none)");

  if (why->len < 600 && !g_str_equal (a, b))
    g_string_append_printf (why, "#   %s %s: recorded “%s”, here “%s”\n", ref, what, a, b);
}

static void
compare_field (const char *ref, JsonObject *theirs, JsonObject *ours, GString *why)
{
  if (ours == NULL)
    {
      differ (why, ref, "is", "there", "missing");
      return;
    }
  const char *type = member (theirs, "type");
  if (!same_type (type, member (ours, "type")))
    differ (why, ref, "type", type, member (ours, "type"));
  if (flag (theirs, "relevant") != flag (ours, "relevant"))
    differ (why, ref, "relevant", flag (theirs, "relevant") ? "yes" : "no",
            flag (ours, "relevant") ? "yes" : "no");
  /* A value that is not relevant is told as "" by the recorder, as kept by us. */
  if (flag (theirs, "relevant") && member (theirs, "value") != NULL)
    differ (why, ref, "value", member (theirs, "value"), member (ours, "value"));
  if (flag (theirs, "required") != flag (ours, "required"))
    differ (why, ref, "required", flag (theirs, "required") ? "yes" : "no",
            flag (ours, "required") ? "yes" : "no");
  if (flag (theirs, "readonly") != flag (ours, "readonly"))
    differ (why, ref, "readonly", flag (theirs, "readonly") ? "yes" : "no",
            flag (ours, "readonly") ? "yes" : "no");
  if (json_object_has_member (theirs, "options"))
    {
      g_autofree char *a = options_text (theirs);
      g_autofree char *b = options_text (ours);
      differ (why, ref, "options", a, b);
    }
  if (member (theirs, "label") != NULL)
    differ (why, ref, "label", member (theirs, "label"), member (ours, "label"));
  if (member (theirs, "hint") != NULL)
    differ (why, ref, "hint", member (theirs, "hint"), member (ours, "hint"));
  const char *invalid = member (ours, "invalid");
  gboolean required_invalid = g_strcmp0 (invalid, "required") == 0;
  if (flag (theirs, "relevant") && flag (theirs, "requiredInvalid") != required_invalid)
    differ (why, ref, "required and empty", required_invalid ? "no" : "yes",
            required_invalid ? "yes" : "no");
  gboolean constraint_invalid = g_strcmp0 (invalid, "constraint") == 0;
  if (flag (theirs, "relevant") && flag (theirs, "constraintInvalid") != constraint_invalid)
    differ (why, ref, "constraint broken", constraint_invalid ? "no" : "yes",
            constraint_invalid ? "yes" : "no");
  if (member (theirs, "constraintInvalid") != NULL)
    differ (why, ref, "message", member (theirs, "constraintInvalid"), member (ours, "message"));
}

static void
apply (JsonObject *state, JsonObject *changed, JsonArray *gone)
{
  g_autoptr (GList) refs = json_object_get_members (changed);

  for (GList *l = refs; l != NULL; l = l->next)
    json_object_set_member (state, l->data,
                            json_node_copy (json_object_get_member (changed, l->data)));
  for (guint i = 0; gone != NULL && i < json_array_get_length (gone); i++)
    json_object_remove_member (state, json_array_get_string_element (gone, i));
}

static void
compare_state (JsonObject *theirs, JsonObject *ours, GString *why)
{
  g_autoptr (GList) refs = json_object_get_members (theirs);

  for (GList *l = refs; l != NULL; l = l->next)
    {
      g_autofree char *ref = g_strdup (l->data);
      char *range = strstr (ref, "#range");
      if (range != NULL)
        *range = '\0';
      JsonObject *mine =
          json_object_has_member (ours, ref) ? json_object_get_object_member (ours, ref) : NULL;
      compare_field (ref, json_object_get_object_member (theirs, l->data), mine, why);
    }
}

static JsonNode *
value_of (JsonNode *argument)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (argument) ? json_node_get_object (argument) : NULL;

  if (object != NULL && json_object_has_member (object, "num"))
    return json_node_copy (json_object_get_member (object, "num"));
  return json_node_copy (argument);
}

/* The line to send for a recorded step, or NULL when there is nothing to send. */
static char *
line_for (JsonObject *recorded)
{
  const char *op = member (recorded, "op");
  JsonArray *args = json_object_get_array_member (recorded, "args");
  g_autoptr (JsonObject) out = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  if (g_str_equal (op, "init"))
    return NULL;
  if (g_str_equal (op, "set-language"))
    {
      json_object_set_string_member (out, "op", "language");
      json_object_set_string_member (out, "language", json_array_get_string_element (args, 0));
    }
  else
    {
      json_object_set_string_member (out, "op",
                                     g_str_equal (op, "add-repeat")      ? "add"
                                     : g_str_equal (op, "remove-repeat") ? "remove"
                                                                         : "answer");
      json_object_set_string_member (out, "ref", json_array_get_string_element (args, 0));
      guint n = json_array_get_length (args);
      if (n == 2)
        json_object_set_member (out, "value", value_of (json_array_get_element (args, 1)));
      else if (n > 2)
        {
          JsonArray *values = json_array_new ();
          for (guint i = 1; i < n; i++)
            json_array_add_element (values, value_of (json_array_get_element (args, i)));
          json_object_set_array_member (out, "value", values);
        }
    }
  json_node_set_object (node, out);
  return json_to_string (node, FALSE);
}

static JsonObject *
parse (const char *line)
{
  g_autoptr (JsonNode) node = line != NULL ? json_from_string (line, NULL) : NULL;

  return node != NULL ? json_node_dup_object (node) : NULL;
}

/* A second recording of one test began from what the first had written: an edit of it, which shows
 * in its deprecatedID. */
static const char *
edited_instance (JsonObject *scenario, JsonObject *earlier)
{
  JsonArray *steps = json_object_get_array_member (scenario, "steps");
  const char *first = member (json_array_get_object_element (steps, 0), "xml");

  if (earlier == NULL || strstr (first, "deprecatedID") == NULL ||
      !g_str_equal (member (earlier, "test"), member (scenario, "test")))
    return NULL;
  steps = json_object_get_array_member (earlier, "steps");
  return member (json_array_get_object_element (steps, json_array_get_length (steps) - 1), "xml");
}

static gboolean
play (const char *tool, const char *folder, JsonObject *scenario, JsonObject *earlier, GString *why)
{
  g_autofree char *path = g_build_filename (folder, "form.xml", NULL);
  g_autofree char *edited = g_build_filename (folder, "edit.xml", NULL);
  JsonArray *steps = json_object_get_array_member (scenario, "steps");
  const char *edit = edited_instance (scenario, earlier);
  g_autoptr (GString) input = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *trouble = NULL;

  if (!g_file_set_contents (path, member (scenario, "form"), -1, &error) ||
      (edit != NULL && !g_file_set_contents (edited, edit, -1, &error)))
    g_error ("%s", error->message);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      g_autofree char *line = line_for (json_array_get_object_element (steps, i));
      if (line != NULL)
        g_string_append_printf (input, "%s\n", line);
      g_string_append (input, "{\"op\":\"state\"}\n{\"op\":\"xml\"}\n");
    }

  /* A file, not a pipe: a form that is refused is refused before a step is read. */
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *steps_path = g_build_filename (folder, "steps.jsonl", NULL);
  if (!g_file_set_contents (steps_path, input->str, -1, &error))
    g_error ("%s", error->message);
  g_subprocess_launcher_set_stdin_file_path (launcher, steps_path);
  g_autoptr (GSubprocess) process =
      g_subprocess_launcher_spawn (launcher, &error, tool, "form", "play", path,
                                   edit != NULL ? "--submission" : NULL, edited, NULL);
  if (process == NULL ||
      !g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &trouble, &error))
    g_error ("%s", error->message);
  if (!g_subprocess_get_if_exited (process) || g_subprocess_get_exit_status (process) != 0)
    {
      g_strdelimit (trouble, "\n", ' ');
      g_string_append_printf (why, "#   refused: %s\n", trouble);
      return FALSE;
    }

  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  g_autoptr (JsonObject) recorded = json_object_new ();
  guint at = 1; /* the first line is the first state, which is asked for again */
  for (guint i = 0; i < json_array_get_length (steps) && why->len == 0; i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      gboolean first = g_str_equal (member (step, "op"), "init");
      gboolean threw = g_str_equal (member (step, "op"), "answer-threw");
      g_autoptr (JsonObject) told = first ? NULL : parse (lines[at++]);
      g_autoptr (JsonObject) state = parse (lines[at++]);
      g_autoptr (JsonObject) written = parse (lines[at++]);
      if (state == NULL || written == NULL)
        {
          g_string_append (why, "#   the tool stopped\n");
          break;
        }
      apply (recorded, json_object_get_object_member (step, "changed"),
             json_object_get_array_member (step, "gone"));
      if (threw && !json_object_has_member (told, "error"))
        g_string_append (why, "#   recorded as refused, taken here\n");
      compare_state (recorded, json_object_get_object_member (state, "state"), why);
      g_autofree char *theirs = canonical_xml (member (step, "xml"));
      g_autofree char *ours = canonical_xml (member (written, "xml"));
      differ (why, "submission", "XML", theirs, ours);
      if (why->len > 0)
        {
          g_autofree char *line = line_for (step);
          g_string_append_printf (why, "#   at step %u: %s\n", i, line != NULL ? line : "init");
        }
    }
  return why->len == 0;
}

static gboolean
is_plain (JsonObject *scenario)
{
  const char *form = member (scenario, "form");

  return !flag (scenario, "external") && !flag (scenario, "knownBug") && form != NULL &&
         strstr (form, "geopoint") == NULL && strstr (form, "geotrace") == NULL &&
         strstr (form, "geoshape") == NULL;
}

int
main (int argc, char **argv)
{
  const char *shared = g_getenv ("PLAZA_TEST_SHARED");
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "/nonexistent", "data", "odk",
                                            "scenarios.jsonl.gz", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Count plain = { 0 }, all = { 0 };

  g_print ("1..1\n");
  if (argc < 2 || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_print ("ok 1 scenarios # SKIP the material is not there\n");
      return 0;
    }
  g_setenv ("TZ", "America/Phoenix", TRUE);
  g_autofree char *text = read_gzip (path, &error);
  g_autofree char *folder = g_dir_make_tmp ("plaza-scenario-XXXXXX", &error);
  if (text == NULL || folder == NULL)
    g_error ("%s", error->message);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (JsonObject) before = NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonObject) earlier = g_steal_pointer (&before);
      g_autoptr (JsonObject) scenario = *lines[i] != '\0' ? parse (lines[i]) : NULL;
      before = scenario != NULL ? json_object_ref (scenario) : NULL;
      if (scenario == NULL || (argc > 2 && strstr (member (scenario, "test"), argv[2]) == NULL &&
                               strstr (member (scenario, "file"), argv[2]) == NULL))
        continue;
      g_autoptr (GString) why = g_string_new (NULL);
      gboolean counted = is_plain (scenario);
      gboolean passed = play (argv[1], folder, scenario, earlier, why);
      all.total++;
      all.passed += passed;
      plain.total += counted;
      plain.passed += counted && passed;
      Count *count = g_hash_table_lookup (counts, member (scenario, "file"));
      if (count == NULL)
        {
          count = g_new0 (Count, 1);
          g_hash_table_insert (counts, g_strdup (member (scenario, "file")), count);
        }
      count->total += counted;
      count->passed += counted && passed;
      if (!passed)
        g_print ("# %s%s: %s\n%s", counted ? "" : "(not counted) ", member (scenario, "file"),
                 member (scenario, "test"), why->str);
    }
  g_autoptr (GList) files = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc) strcmp);
  for (GList *l = files; l != NULL; l = l->next)
    {
      Count *count = g_hash_table_lookup (counts, l->data);
      g_print ("# %3u of %3u  %s\n", count->passed, count->total, (char *) l->data);
    }
  g_print ("# %u of %u plain scenarios, %u of %u of all\n", plain.passed, plain.total, all.passed,
           all.total);
  gboolean good = plain.total > 0 && plain.passed * 100 >= plain.total * 90;
  g_print ("%s 1 scenarios: %u of %u\n", good ? "ok" : "not ok", plain.passed, plain.total);

  const char *const names[] = { "form.xml", "edit.xml", "steps.jsonl" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *used = g_build_filename (folder, names[i], NULL);
      g_remove (used);
    }
  g_rmdir (folder);
  return good ? 0 : 1;
}

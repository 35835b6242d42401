/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/form-play.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/line-reader.h"

/* What is told about one field. */
static JsonNode *
describe (PlazaField *field)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  PlazaFieldKind kind = plaza_field_get_kind (field);
  PlazaControl control = plaza_field_get_control (field);
  PlazaValidity validity = plaza_field_get_validity (field);

  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "type"),
                                 control != PLAZA_CONTROL_NONE ? plaza_control_get_name (control)
                                                               : plaza_field_kind_get_name (kind));
  json_builder_add_boolean_value (plaza_cli_member (builder, "relevant"),
                                  plaza_field_is_relevant (field));
  json_builder_add_boolean_value (plaza_cli_member (builder, "required"),
                                  plaza_field_is_required (field));
  json_builder_add_boolean_value (plaza_cli_member (builder, "readonly"),
                                  plaza_field_is_readonly (field));
  const char *label = plaza_field_get_label (field);
  if (label != NULL)
    json_builder_add_string_value (plaza_cli_member (builder, "label"), label);
  const char *hint = plaza_field_get_hint (field);
  if (hint != NULL)
    json_builder_add_string_value (plaza_cli_member (builder, "hint"), hint);
  if (kind == PLAZA_FIELD_VALUE)
    {
      json_builder_add_boolean_value (plaza_cli_member (builder, "valid"),
                                      validity == PLAZA_VALIDITY_OK);
      if (validity != PLAZA_VALIDITY_OK)
        json_builder_add_string_value (plaza_cli_member (builder, "invalid"),
                                       plaza_validity_get_name (validity));
      const char *message = plaza_field_get_message (field);
      if (message != NULL)
        json_builder_add_string_value (plaza_cli_member (builder, "message"), message);
      json_builder_add_string_value (
          plaza_cli_member (builder, "valueType"),
          plaza_value_type_get_name (plaza_field_get_value_type (field)));
      json_builder_add_string_value (plaza_cli_member (builder, "value"),
                                     plaza_field_get_value (field));
    }
  if (control == PLAZA_CONTROL_SELECT1 || control == PLAZA_CONTROL_SELECT ||
      control == PLAZA_CONTROL_RANK)
    {
      GPtrArray *choices = plaza_field_get_choices (field);
      json_builder_begin_array (plaza_cli_member (builder, "options"));
      for (guint i = 0; i < choices->len; i++)
        {
          PlazaChoice *choice = g_ptr_array_index (choices, i);
          json_builder_begin_array (builder);
          json_builder_add_string_value (builder, choice->value);
          json_builder_add_string_value (builder, choice->label);
          json_builder_end_array (builder);
        }
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
collect (PlazaField *field, JsonObject *state)
{
  g_autofree char *ref = plaza_field_dup_ref (field);

  json_object_set_member (state, ref, describe (field));
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    collect (plaza_field_get_child (field, i), state);
}

static JsonObject *
take_state (PlazaInterview *interview)
{
  JsonObject *state = json_object_new ();

  collect (plaza_interview_get_root (interview), state);
  return state;
}

/* What is in @after and differs from @before, and what is in @before only. */
static void
compare (JsonObject *before, JsonObject *after, JsonObject *out)
{
  JsonObject *changed = json_object_new ();
  JsonArray *gone = json_array_new ();
  g_autoptr (GList) refs = json_object_get_members (after);
  g_autoptr (GList) old = json_object_get_members (before);

  for (GList *l = refs; l != NULL; l = l->next)
    {
      JsonNode *now = json_object_get_member (after, l->data);
      JsonNode *then = json_object_get_member (before, l->data);
      if (then == NULL || !json_node_equal (then, now))
        json_object_set_member (changed, l->data, json_node_copy (now));
    }
  for (GList *l = old; l != NULL; l = l->next)
    if (!json_object_has_member (after, l->data))
      json_array_add_string_element (gone, l->data);
  json_object_set_object_member (out, "changed", changed);
  json_object_set_array_member (out, "gone", gone);
}

/* A JSON value as text in its lexical form, or NULL when it is none. */
static char *
text_of (JsonNode *value, PlazaField *field)
{
  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_ARRAY (value))
    {
      JsonArray *array = json_node_get_array (value);
      g_autoptr (GString) text = g_string_new (NULL);
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *part = text_of (json_array_get_element (array, i), field);
          if (part == NULL)
            return NULL;
          g_string_append_printf (text, "%s%s", i > 0 ? " " : "", part);
        }
      return g_strdup (text->str);
    }
  if (!JSON_NODE_HOLDS_VALUE (value))
    return NULL;
  if (json_node_get_value_type (value) == G_TYPE_STRING)
    return json_node_dup_string (value);
  if (json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    {
      gboolean yes = json_node_get_boolean (value);
      if (plaza_field_get_control (field) == PLAZA_CONTROL_TRIGGER)
        return g_strdup (yes ? "OK" : "");
      return g_strdup (yes ? "1" : "0");
    }
  return plaza_json_write_string (value);
}

static gboolean
answer (PlazaInterview *interview, PlazaField *field, JsonNode *value, GError **error)
{
  g_autofree char *text = text_of (value, field);
  PlazaControl control = plaza_field_get_control (field);
  gboolean chooses = control == PLAZA_CONTROL_SELECT1 || control == PLAZA_CONTROL_SELECT ||
                     control == PLAZA_CONTROL_RANK;
  g_autoptr (GError) refused = NULL;

  if (text == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "an object is no answer");
  if (plaza_interview_set_answer (interview, field, text, &refused))
    return TRUE;
  gboolean fraction = plaza_field_get_value_type (field) == PLAZA_VALUE_INT &&
                      control == PLAZA_CONTROL_INPUT && plaza_field_is_relevant (field) &&
                      !plaza_field_is_readonly (field);
  if (fraction && plaza_interview_set_value (interview, field, text, NULL))
    return TRUE;
  if (g_error_matches (refused, PLAZA_ERROR, PLAZA_ERROR_INVALID) && !chooses)
    plaza_interview_set_answer (interview, field, "", NULL);
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* `/data/r[2]` names the instance that is to come; the repeat is what is meant. */
static PlazaField *
find_repeat (PlazaInterview *interview, const char *ref)
{
  g_autofree char *plain = g_strdup (ref);
  gsize length = strlen (plain);

  if (length > 0 && plain[length - 1] == ']' && strrchr (plain, '[') > strrchr (plain, '/'))
    *strrchr (plain, '[') = '\0';
  PlazaField *field = plaza_interview_find (interview, plain);
  return field != NULL && plaza_field_get_kind (field) == PLAZA_FIELD_REPEAT ? field : NULL;
}

static void
add_missing (PlazaInterview *interview, JsonObject *out)
{
  g_autoptr (GPtrArray) missing = plaza_interview_get_missing (interview, PLAZA_SCOPE_ALL);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < missing->len; i++)
    {
      PlazaMissing *entry = g_ptr_array_index (missing, i);
      g_autofree char *ref = plaza_field_dup_ref (entry->field);
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "ref", ref);
      json_object_set_string_member (object, "invalid", plaza_validity_get_name (entry->validity));
      if (entry->message != NULL)
        json_object_set_string_member (object, "message", entry->message);
      json_array_add_object_element (list, object);
    }
  json_object_set_array_member (out, "missing", list);
}

static gboolean
step (PlazaInterview *interview, JsonObject *in, JsonObject *out, GError **error)
{
  const char *op = plaza_json_get_string (in, "op", 32, error);
  const char *ref = NULL;
  const char *language = NULL;

  if (op == NULL || !plaza_json_find_string (in, "ref", 4096, &ref, error) ||
      !plaza_json_find_string (in, "language", 256, &language, error))
    return FALSE;
  if (g_str_equal (op, "state"))
    {
      json_object_set_object_member (out, "state", take_state (interview));
      return TRUE;
    }
  if (g_str_equal (op, "xml"))
    {
      g_autoptr (GBytes) xml = plaza_interview_serialize (interview);
      g_autofree char *text = g_strndup (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml));
      json_object_set_string_member (out, "xml", text);
      return TRUE;
    }
  if (g_str_equal (op, "missing"))
    {
      add_missing (interview, out);
      return TRUE;
    }
  if (g_str_equal (op, "language"))
    {
      if (language == NULL && json_object_has_member (in, "value") &&
          (language = plaza_json_get_string (in, "value", 256, error)) == NULL)
        return FALSE;
      return plaza_interview_set_language (interview, language != NULL ? language : "", error);
    }
  if (ref == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "there is no ref, or no such op");
  gboolean adds = g_str_equal (op, "add");
  PlazaField *field = adds ? find_repeat (interview, ref) : plaza_interview_find (interview, ref);
  if (field == NULL)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "%s is not there", ref);
  if (adds)
    return plaza_interview_add_instance (interview, field, error) != NULL;
  if (g_str_equal (op, "answer"))
    return answer (interview, field, json_object_get_member (in, "value"), error);
  if (g_str_equal (op, "remove"))
    return plaza_interview_remove_instance (interview, field, error);
  if (g_str_equal (op, "restore"))
    return plaza_interview_restore_instance (interview, field, error);
  return plaza_throw (error, PLAZA_ERROR_INVALID, "there is no op of that name");
}

static void
print (JsonObject *out)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, out);
  plaza_cli_emit (json_node_ref (node));
  fflush (stdout);
}

static void
add_error (JsonObject *out, const GError *error)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "code", plaza_cli_error_name (error));
  json_object_set_string_member (object, "message", error->message);
  json_object_set_object_member (out, "error", object);
}

gboolean
plaza_form_play (PlazaInterview *interview, GError **error)
{
  g_autoptr (PlazaLineReader) reader = plaza_line_reader_new ("-", error);
  g_autoptr (JsonObject) first = json_object_new ();
  g_autoptr (JsonObject) state = take_state (interview);

  if (reader == NULL)
    return FALSE;
  json_object_set_object_member (first, "state", json_object_ref (state));
  if (plaza_interview_get_problem (interview) != NULL)
    add_error (first, plaza_interview_get_problem (interview));
  print (first);
  for (;;)
    {
      g_autoptr (JsonObject) out = json_object_new ();
      g_autoptr (GError) refused = NULL;
      g_autoptr (GBytes) line = NULL;
      PlazaLine kind = plaza_line_reader_next (reader, &line, error);

      if (kind == PLAZA_LINE_END || kind == PLAZA_LINE_ERROR)
        return kind == PLAZA_LINE_END;
      if (kind == PLAZA_LINE_BLANK)
        continue;
      if (kind == PLAZA_LINE_TOO_LONG)
        plaza_throw (&refused, PLAZA_ERROR_LIMIT, "the line is too long");
      g_autoptr (JsonObject) in =
          line != NULL ? plaza_json_parse_object (line, NULL, &refused) : NULL;
      if (in != NULL && step (interview, in, out, &refused) &&
          plaza_interview_get_problem (interview) != NULL)
        refused = g_error_copy (plaza_interview_get_problem (interview));
      if (!json_object_has_member (out, "state") && !json_object_has_member (out, "xml") &&
          !json_object_has_member (out, "missing"))
        {
          JsonObject *now = take_state (interview);
          compare (state, now, out);
          json_object_unref (state);
          state = now;
        }
      if (refused != NULL)
        add_error (out, refused);
      print (out);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/record.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"

/* Values */

/* The answer that @node states, in XForms lexical form; NULL when it is not one. */
static char *
node_to_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *item = json_array_get_element (array, i);
          if (!JSON_NODE_HOLDS_VALUE (item) || json_node_get_value_type (item) != G_TYPE_STRING)
            return NULL;
          if (text->len > 0)
            g_string_append_c (text, ' ');
          g_string_append (text, json_node_get_string (item));
        }
      return g_string_free (g_steal_pointer (&text), FALSE);
    }
  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return json_node_dup_string (node);
    case G_TYPE_INT64:
      return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
    case G_TYPE_BOOLEAN:
      return g_strdup (json_node_get_boolean (node) ? "true" : "false");
    case G_TYPE_DOUBLE:
      {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        return g_strdup (g_ascii_dtostr (buffer, sizeof buffer, json_node_get_double (node)));
      }
    default:
      return NULL;
    }
}

static gboolean
is_comment (const char *name)
{
  return name[0] == '_';
}

char *
plaza_record_get (JsonObject *record, const char *name)
{
  JsonNode *node = json_object_get_member (record, name);

  return node ? node_to_text (node) : NULL;
}

char *
plaza_record_fill_text (JsonObject *record, PlazaForm *form, const char *fill)
{
  for (guint i = 0; i < plaza_form_get_n_nodes (form); i++)
    {
      PlazaModelNode *node = plaza_form_get_node (form, i);
      if (g_strcmp0 (plaza_model_node_get_fill (node), fill) == 0)
        return plaza_record_get (record, plaza_model_node_get_name (node));
    }
  return NULL;
}

/* Checking names and types against the form */

/* The question or repeat called @name directly inside @repeat (NULL: outside every repeat). */
static PlazaModelNode *
find_model (PlazaForm *form, PlazaModelNode *repeat, const char *name)
{
  for (guint i = 0; i < plaza_form_get_n_nodes (form); i++)
    {
      PlazaModelNode *node = plaza_form_get_node (form, i);
      PlazaModelNode *inside = plaza_model_node_get_repeat (node);
      PlazaFieldKind kind = plaza_model_node_get_kind (node);

      if (kind == PLAZA_FIELD_REPEAT)
        inside = plaza_model_node_get_repeat (plaza_model_node_get_parent (node));
      else if (kind != PLAZA_FIELD_VALUE)
        continue;
      if (inside == repeat && g_str_equal (plaza_model_node_get_name (node), name))
        return node;
    }
  return NULL;
}

static gboolean
check_level (
    JsonObject *object, PlazaForm *form, PlazaModelNode *repeat, char **out_ref, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &value))
    {
      if (is_comment (name))
        continue;
      PlazaModelNode *node = find_model (form, repeat, name);
      if (!node)
        {
          *out_ref = g_strdup (name);
          return plaza_throw_words (error, PLAZA_ERROR_INVALID, "%s",
                                    repeat ? _ ("the questionnaire has no such question in this "
                                                "repeat")
                                           : _ ("the questionnaire has no such question"));
        }
      if (plaza_model_node_get_kind (node) == PLAZA_FIELD_VALUE)
        {
          g_autofree char *text = node_to_text (value);
          if (text)
            continue;
          *out_ref = g_strdup (plaza_model_node_get_ref (node));
          return plaza_throw_words (error, PLAZA_ERROR_INVALID, "%s",
                                    _ ("no answer can be of this JSON type"));
        }
      if (JSON_NODE_HOLDS_NULL (value))
        continue;
      if (!JSON_NODE_HOLDS_ARRAY (value))
        {
          *out_ref = g_strdup (plaza_model_node_get_ref (node));
          return plaza_throw_words (error, PLAZA_ERROR_INVALID, "%s",
                                    _ ("a repeat is an array of objects"));
        }
      JsonArray *array = json_node_get_array (value);
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *item = json_array_get_element (array, i);
          if (!JSON_NODE_HOLDS_OBJECT (item))
            {
              *out_ref = g_strdup (plaza_model_node_get_ref (node));
              return plaza_throw_words (error, PLAZA_ERROR_INVALID, "%s",
                                        _ ("a repeat is an array of objects"));
            }
          if (!check_level (json_node_get_object (item), form, node, out_ref, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
plaza_record_check (JsonObject *record, PlazaForm *form, char **out_ref, GError **error)
{
  *out_ref = NULL;
  return check_level (record, form, NULL, out_ref, error);
}

/* Filling */

/* The object that answers for what is in @instance (NULL: the record itself). */
static JsonObject *
object_of (JsonObject *record, PlazaField *instance)
{
  if (!instance)
    return record;

  PlazaField *repeat = plaza_field_get_parent (instance);
  JsonObject *outer = object_of (record, plaza_field_get_instance (repeat));
  JsonNode *list = outer ? json_object_get_member (outer, plaza_field_get_name (repeat)) : NULL;
  guint position = plaza_field_get_position (instance);

  if (!list || !JSON_NODE_HOLDS_ARRAY (list) || position == 0 ||
      position > json_array_get_length (json_node_get_array (list)))
    return NULL;
  return json_array_get_object_element (json_node_get_array (list), position - 1);
}

static char *
answer_for (JsonObject *record, const PlazaRecordTarget *target, PlazaField *field)
{
  const char *fill = plaza_field_get_fill (field);
  PlazaControl control = plaza_field_get_control (field);
  JsonObject *object;

  if (control == PLAZA_CONTROL_NONE || control == PLAZA_CONTROL_NOTE ||
      plaza_field_get_kind (field) != PLAZA_FIELD_VALUE || plaza_field_is_readonly (field))
    return NULL;
  /* Mode, date and session facts are the session's; the folio is the laptop's, or the sheet's. */
  if (fill && !(target->keep_folio && g_str_equal (fill, "folio")))
    return NULL;
  object = object_of (record, plaza_field_get_instance (field));
  if (!object || !json_object_has_member (object, plaza_field_get_name (field)))
    return NULL;
  return node_to_text (json_object_get_member (object, plaza_field_get_name (field)));
}

const char *
plaza_record_validity_words (PlazaValidity validity)
{
  switch (validity)
    {
    case PLAZA_VALIDITY_REQUIRED:
      return _ ("an answer is required");
    case PLAZA_VALIDITY_TYPE:
      return _ ("the answer is not of the kind that is asked");
    case PLAZA_VALIDITY_CHOICE:
      return _ ("the answer is none of the choices");
    case PLAZA_VALIDITY_CONSTRAINT:
      return _ ("the questionnaire does not allow this answer");
    default:
      return _ ("the answer is not accepted");
    }
}

static gboolean
give (PlazaRecordTarget *target, PlazaField *field, const char *value, GError **error)
{
  if (!target->set (field, value, target->user_data, error))
    {
      target->ref = plaza_field_dup_ref (field);
      return FALSE;
    }
  PlazaValidity validity = plaza_field_get_validity (field);
  if (validity == PLAZA_VALIDITY_OK || validity == PLAZA_VALIDITY_REQUIRED)
    return TRUE;
  target->ref = plaza_field_dup_ref (field);
  const char *message = plaza_field_get_message (field);
  return plaza_throw_words (error, PLAZA_ERROR_REFUSED, "%s%s%s",
                            plaza_record_validity_words (validity), message ? ": " : "",
                            message ? message : "");
}

/* Instances that the record has and the interview does not, where adding is a person's choice. */
static gboolean
grow (JsonObject *record, PlazaRecordTarget *target, PlazaField *field, GError **error)
{
  if (plaza_field_get_kind (field) == PLAZA_FIELD_REPEAT && plaza_field_is_relevant (field))
    {
      JsonObject *object = object_of (record, plaza_field_get_instance (field));
      JsonNode *list =
          object ? json_object_get_member (object, plaza_field_get_name (field)) : NULL;
      guint wanted = list && JSON_NODE_HOLDS_ARRAY (list)
                         ? json_array_get_length (json_node_get_array (list))
                         : 0;
      while (plaza_field_get_n_children (field) < wanted && plaza_field_can_add (field))
        if (!target->add (field, target->user_data, error))
          {
            target->ref = plaza_field_dup_ref (field);
            return FALSE;
          }
    }
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    if (!grow (record, target, plaza_field_get_child (field, i), error))
      return FALSE;
  return TRUE;
}

/* The first question of @page that has an answer in the record and was not come to before;
 * answering one may bring or take others, so the page is looked at anew each time. */
static PlazaField *
next_question (JsonObject *record,
               const PlazaRecordTarget *target,
               PlazaPage *page,
               GHashTable *seen,
               char **out_value)
{
  GPtrArray *fields = plaza_page_get_fields (page);

  for (guint i = 0; i < fields->len; i++)
    {
      PlazaField *field = fields->pdata[i];
      if (!g_hash_table_add (seen, field))
        continue;
      g_autofree char *value = answer_for (record, target, field);
      if (value && *value)
        {
          *out_value = g_steal_pointer (&value);
          return field;
        }
      /* Not relevant to the record now; but it may have come to the page only now. */
    }
  return NULL;
}

gboolean
plaza_record_fill (JsonObject *record, PlazaRecordTarget *target, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  PlazaField *root = plaza_interview_get_root (target->interview);
  guint index = 0;

  /* Answers change which pages there are behind the present one, never before it. */
  while (index < plaza_interview_get_pages (target->interview)->len)
    {
      PlazaPage *page = plaza_interview_get_pages (target->interview)->pdata[index];
      g_autofree char *value = NULL;
      PlazaField *field = next_question (record, target, page, seen, &value);

      if (field)
        {
          if (!give (target, field, value, error))
            return FALSE;
          continue;
        }
      if (target->outcome (target->user_data) >= 0)
        return TRUE;
      if (!grow (record, target, root, error))
        return FALSE;
      index++;
    }
  return TRUE;
}

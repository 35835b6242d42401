/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Submission XML, out and in, and the contact answers, which are never part of it. */

#include "form/interview-private.h"

#include <string.h>

#include "base/clock.h"
#include "form/xml.h"

static gboolean
goes_out (PlazaNode *node, gpointer data)
{
  PlazaField *field = node->state;

  if (node->kind == PLAZA_NODE_ATTRIBUTE)
    return field == NULL || !field->model->contact;
  return field == NULL || (field->relevant && !field->model->contact);
}

GBytes *
plaza_interview_serialize (PlazaInterview *self)
{
  char *xml = plaza_xml_write (self->root->node, goes_out, NULL);

  return g_bytes_new_take (xml, strlen (xml));
}

GBytes *
plaza_interview_finish (PlazaInterview *self, GError **error)
{
  gint64 now = self->now != NULL ? self->now (self->now_data) : g_get_real_time ();
  g_autofree char *text = plaza_clock_format (now / 1000);

  g_clear_error (&self->problem);
  for (guint i = 0; i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      if (g_strcmp0 (field->model->preload, "timestamp") == 0 &&
          g_strcmp0 (field->model->preload_params, "end") == 0)
        plaza_interview_put (self, field, text);
    }
  plaza_interview_run (self);
  if (g_error_matches (self->problem, PLAZA_ERROR, PLAZA_ERROR_LIMIT))
    {
      g_propagate_error (error, g_steal_pointer (&self->problem));
      return NULL;
    }
  return plaza_interview_serialize (self);
}

void
plaza_contact_answer_free (PlazaContactAnswer *self)
{
  g_free (self->value);
  g_free (self);
}

static void
collect_contact (PlazaField *field, GPtrArray *answers, gboolean *typed)
{
  const char *value = field->kind == PLAZA_FIELD_VALUE ? plaza_field_peek (field) : "";

  if (!field->relevant)
    return;
  if (field->model->contact && *value != '\0')
    {
      PlazaContactAnswer *answer = g_new0 (PlazaContactAnswer, 1);
      answer->name = field->model->name;
      answer->value = g_strdup (value);
      g_ptr_array_add (answers, answer);
      *typed = *typed || field->model->control == PLAZA_CONTROL_INPUT;
    }
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    collect_contact (plaza_field_get_child (field, i), answers, typed);
}

GPtrArray *
plaza_interview_get_contact_answers (PlazaInterview *self)
{
  GPtrArray *answers = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_contact_answer_free);
  gboolean typed = FALSE;

  collect_contact (self->root, answers, &typed);
  if (!typed)
    g_ptr_array_set_size (answers, 0);
  return answers;
}

/* Reading */

static gboolean read_children (PlazaInterview *self,
                               PlazaNode *element,
                               PlazaField *field,
                               GPtrArray *unknown,
                               GError **error);

static gboolean
read_instance (PlazaInterview *self,
               PlazaNode *element,
               PlazaField *repeat,
               GPtrArray *unknown,
               GError **error)
{
  if (repeat->children->len >= self->form->limits.max_repeat_instances)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "%s: more than %u instances", repeat->model->ref,
                        self->form->limits.max_repeat_instances);
  PlazaField *instance =
      plaza_repeat_insert (self, repeat, repeat->children->len, repeat->next_serial);
  return read_children (self, element, instance, unknown, error);
}

static void
note_unknown (PlazaNode *element, PlazaField *field, GPtrArray *unknown)
{
  gboolean meta = g_str_equal (field->model->local, "meta");

  /* What OpenRosa puts into meta is nobody's question. */
  if (unknown == NULL || meta)
    return;
  g_autofree char *ref = plaza_field_dup_ref (field);
  g_ptr_array_add (unknown, g_strdup_printf ("%s/%s", ref, element->name->local));
}

/* The attributes that are bound hold values too. */
static void
read_attributes (PlazaNode *element, PlazaField *field)
{
  for (PlazaNode *attribute = field->node->first_attribute; attribute != NULL;
       attribute = attribute->next)
    {
      const char *value =
          attribute->state != NULL
              ? plaza_node_get_attribute (element, attribute->name->uri, attribute->name->local)
              : NULL;
      if (value != NULL)
        plaza_node_set_value (attribute, value);
    }
}

static gboolean
read_children (
    PlazaInterview *self, PlazaNode *element, PlazaField *field, GPtrArray *unknown, GError **error)
{
  read_attributes (element, field);
  /* The repeats' own first instances make room for what was submitted. */
  for (guint i = 0; i < field->children->len; i++)
    {
      PlazaField *repeat = g_ptr_array_index (field->children, i);
      while (repeat->kind == PLAZA_FIELD_REPEAT && repeat->children->len > 0)
        {
          PlazaField *last = g_ptr_array_index (repeat->children, repeat->children->len - 1);
          plaza_repeat_take_out (self, last, PLAZA_INSTANCE_PARKED);
          g_ptr_array_remove (repeat->parked, last);
          repeat->next_serial = 1;
        }
    }
  for (PlazaNode *child = plaza_node_first_element (element); child != NULL;
       child = plaza_node_next_element (child))
    {
      PlazaField *target = NULL;
      for (guint i = 0; i < field->children->len && target == NULL; i++)
        {
          PlazaField *candidate = g_ptr_array_index (field->children, i);
          if (g_str_equal (candidate->model->local, child->name->local))
            target = candidate;
        }
      if (target == NULL || (target->node == NULL && target->kind != PLAZA_FIELD_REPEAT))
        {
          note_unknown (child, field, unknown);
          continue;
        }
      if (target->kind == PLAZA_FIELD_REPEAT)
        {
          if (!read_instance (self, child, target, unknown, error))
            return FALSE;
        }
      else if (target->kind == PLAZA_FIELD_VALUE)
        {
          g_autofree char *text = plaza_node_dup_string (child);
          read_attributes (child, target);
          plaza_node_set_value (target->node, text);
          target->answered = *text != '\0' && target->model->exprs[PLAZA_EXPR_CALCULATE] == NULL;
        }
      else if (!read_children (self, child, target, unknown, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_interview_read (PlazaInterview *self, GBytes *xml, GPtrArray *unknown, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (xml, &length);
  g_autoptr (PlazaTree) tree = NULL;

  if (length > self->form->limits.max_bytes)
    return plaza_throw (error, PLAZA_ERROR_LIMIT,
                        "the submission is larger than %" G_GSIZE_FORMAT " bytes",
                        self->form->limits.max_bytes);
  tree = plaza_xml_parse (data != NULL ? data : "", (gssize) length, PLAZA_XML_DATA, error);
  if (tree == NULL)
    {
      g_prefix_error (error, "reading the submission: ");
      return FALSE;
    }
  PlazaNode *root = plaza_tree_root (tree);
  if (!g_str_equal (root->name->local, self->root->model->local))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the submission is <%s>, not <%s>",
                        root->name->local, self->root->model->local);
  /* A default belongs to a blank form: what a submission leaves empty is empty. */
  for (guint i = 0; self->frozen && i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      if (field->kind == PLAZA_FIELD_VALUE && field->node != NULL && !field->model->attribute)
        plaza_node_set_value (field->node, NULL);
    }
  return read_children (self, root, self->root, unknown, error);
}

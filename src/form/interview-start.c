/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* How an interview begins: a copy of the form's instance, preloads, ids, or what was submitted. */

#include "form/interview-private.h"

#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"

static PlazaInterview *
create (PlazaForm *form, const PlazaInterviewContext *context)
{
  static const PlazaInterviewContext nothing = { 0 };
  PlazaInterview *self = g_object_new (PLAZA_TYPE_INTERVIEW, NULL);

  if (context == NULL)
    context = &nothing;
  self->form = plaza_form_ref (form);
  self->pending = g_new0 (GPtrArray *, form->ranked->len + 1);
  self->zone = g_time_zone_new_local ();
  self->now = context->now;
  self->now_data = context->now_data;
  self->instance_id = g_strdup (context->instance_id);
  self->seed =
      context->instance_id != NULL ? g_strdup (context->instance_id) : plaza_uuid_random ();
  self->deprecated_id = g_strdup (context->deprecated_id);
  const char *const properties[] = { context->device_id, context->username, context->email,
                                     context->phone_number };
  for (guint i = 0; i < G_N_ELEMENTS (self->properties); i++)
    self->properties[i] = g_strdup (properties[i] != NULL ? properties[i] : "");
  plaza_interview_init_host (self);

  const char *language = plaza_form_find_language (form, context->language);
  self->language = form->default_language;
  for (guint i = 0; language != NULL && i + 1 < form->languages->len; i++)
    if (g_ptr_array_index (form->languages, i) == language)
      self->language = i;

  PlazaModelNode *model = g_ptr_array_index (form->nodes, 0);
  self->tree = plaza_tree_new ();
  self->root = plaza_field_new (self, model, PLAZA_FIELD_ROOT);
  self->root->slots[model->slot] = self->root;
  self->root->frame = self->root;
  g_rec_mutex_lock (&form->lock);
  PlazaNode *node =
      plaza_node_copy (plaza_tree_root (form->prototype), plaza_tree_document (self->tree), NULL);
  g_rec_mutex_unlock (&form->lock);
  plaza_interview_bind_tree (self, node, self->root, self->root);
  return self;
}

static char *
now_text (PlazaInterview *self)
{
  gint64 now = self->now != NULL ? self->now (self->now_data) : g_get_real_time ();

  return plaza_clock_format (now / 1000);
}

static void
preload (PlazaInterview *self, PlazaField *field)
{
  static const char *const names[] = { "deviceid", "username", "email", "phonenumber" };
  PlazaModelNode *model = field->model;
  const char *params = model->preload_params != NULL ? model->preload_params : "";
  g_autofree char *value = NULL;

  if (field->node == NULL || model->preload == NULL || model == self->form->instance_id)
    return;
  if (g_str_equal (model->preload, "uid"))
    {
      g_autofree char *uuid = plaza_uuid_random ();
      value = g_strconcat ("uuid:", uuid, NULL);
    }
  else if (g_str_equal (model->preload, "timestamp") && !g_str_equal (params, "end"))
    value = now_text (self);
  else if (g_str_equal (model->preload, "date"))
    {
      g_autofree char *now = now_text (self);
      value = g_strndup (now, 10);
    }
  else if (g_str_equal (model->preload, "property"))
    {
      g_autofree char *name = g_strdelimit (g_strdup (params), " _", '\n');
      g_auto (GStrv) parts = g_strsplit (name, "\n", -1);
      g_autofree char *joined = g_strjoinv ("", parts);
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        if (g_str_equal (joined, names[i]))
          value = g_strdup (self->properties[i]);
    }
  if (value != NULL)
    plaza_node_set_value (field->node, value);
}

/* The field of @model outside repeats, or in the first instances. */
PlazaField *
plaza_interview_field_of (PlazaInterview *self, PlazaModelNode *model)
{
  return model != NULL ? plaza_field_locate (self, model, NULL, NULL) : NULL;
}

/* meta/instanceID: what is given, else what the form's preload makes. */
static void
settle_instance_id (PlazaInterview *self)
{
  PlazaField *field = plaza_interview_field_of (self, self->form->instance_id);

  if (field == NULL || field->node == NULL)
    return;
  gboolean preloads = self->form->instance_id->preload != NULL;
  if (self->instance_id == NULL && (preloads || self->correcting))
    {
      g_autofree char *uuid = plaza_uuid_random ();
      self->instance_id = g_strconcat ("uuid:", uuid, NULL);
    }
  if (self->instance_id != NULL)
    plaza_node_set_value (field->node, self->instance_id);
}

static void
settle_deprecated_id (PlazaInterview *self)
{
  PlazaField *id = plaza_interview_field_of (self, self->form->instance_id);
  PlazaModelNode *model = self->form->deprecated_id;

  if (self->deprecated_id == NULL || id == NULL || id->node == NULL || model == NULL)
    return;
  PlazaField *field = self->root->slots[model->slot];
  if (field == NULL)
    {
      PlazaNode *node = plaza_node_insert_element (id->node->parent, id->node->next, model->uri,
                                                   model->prefix, model->local);
      field = self->root->slots[model->slot] = plaza_field_new (self, model, PLAZA_FIELD_VALUE);
      field->parent = id->parent;
      field->frame = self->root;
      field->node = node;
      node->state = field;
      g_ptr_array_add (id->parent->children, field);
    }
  if (field->node != NULL)
    plaza_node_set_value (field->node, self->deprecated_id);
}

/* Defaults are written as their types write them. */
static void
settle_defaults (PlazaInterview *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      if (field->kind != PLAZA_FIELD_VALUE || field->node == NULL)
        continue;
      g_autofree char *value =
          plaza_value_normalise (field->model->value_type, plaza_field_peek (field), TRUE);
      if (value != NULL && !g_str_equal (value, plaza_field_peek (field)))
        plaza_node_set_value (field->node, value);
    }
}

/* A repeat whose number is fixed, of which the form writes only the template, has one instance. */
static void
settle_fixed_repeats (PlazaInterview *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      if (field->kind == PLAZA_FIELD_REPEAT && field->model->no_add_remove &&
          field->model->exprs[PLAZA_EXPR_COUNT] == NULL && field->children->len == 0)
        plaza_repeat_insert (self, field, 0, 1);
    }
}

static gboolean
first_computation (PlazaInterview *self, gboolean events, GError **error)
{
  self->loading = TRUE;
  plaza_interview_update_relevance (self, self->root);
  plaza_interview_mark_all (self, self->root);
  plaza_interview_run (self);
  if (events)
    {
      for (guint i = 0; i < self->form->actions->len; i++)
        {
          PlazaAction *action = g_ptr_array_index (self->form->actions, i);
          if ((action->events & (PLAZA_EVENT_FIRST_LOAD | PLAZA_EVENT_LOAD)) == 0)
            continue;
          plaza_interview_queue_load (self, action);
        }
      plaza_interview_run (self);
    }
  self->loading = FALSE;
  /* A form that is too much for this machine is not begun; one wrong expression is empty. */
  if (!g_error_matches (self->problem, PLAZA_ERROR, PLAZA_ERROR_LIMIT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->problem));
  return FALSE;
}

PlazaInterview *
plaza_interview_new (PlazaForm *form, const PlazaInterviewContext *context, GError **error)
{
  g_autoptr (PlazaInterview) self = create (form, context);

  self->loading = TRUE;
  settle_fixed_repeats (self);
  settle_defaults (self);
  for (guint i = 0; i < self->fields->len; i++)
    preload (self, g_ptr_array_index (self->fields, i));
  settle_instance_id (self);
  settle_deprecated_id (self);
  if (!first_computation (self, TRUE, error))
    return NULL;
  return g_steal_pointer (&self);
}

static PlazaInterview *
from_submission (PlazaForm *form,
                 GBytes *xml,
                 gboolean correct,
                 GPtrArray *unknown,
                 const PlazaInterviewContext *context,
                 GError **error)
{
  g_autoptr (PlazaInterview) self = create (form, context);

  self->frozen = !correct;
  self->correcting = correct;
  self->loading = TRUE;
  if (!plaza_interview_read (self, xml, unknown, error))
    return NULL;
  if (correct && self->deprecated_id == NULL)
    {
      PlazaField *field = plaza_interview_field_of (self, form->instance_id);
      if (field != NULL && *plaza_field_peek (field) != '\0')
        self->deprecated_id = g_strdup (plaza_field_peek (field));
    }
  if (correct)
    settle_instance_id (self);
  settle_deprecated_id (self);
  if (!first_computation (self, FALSE, error))
    return NULL;
  return g_steal_pointer (&self);
}

PlazaInterview *
plaza_interview_new_from_submission (PlazaForm *form,
                                     GBytes *xml,
                                     gboolean correct,
                                     const PlazaInterviewContext *context,
                                     GError **error)
{
  return from_submission (form, xml, correct, NULL, context, error);
}

PlazaInterview *
plaza_interview_new_frozen (PlazaForm *form, GBytes *xml, GPtrArray *unknown, GError **error)
{
  return from_submission (form, xml, FALSE, unknown, NULL, error);
}

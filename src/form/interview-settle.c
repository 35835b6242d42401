/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* After everything is computed: how each field that was touched now stands, and telling people. */

#include "form/interview-private.h"

static PlazaValidity
judge (PlazaInterview *self, PlazaField *field)
{
  PlazaModelNode *model = field->model;
  PlazaExpr *constraint = model->exprs[PLAZA_EXPR_CONSTRAINT];
  const char *value = plaza_field_peek (field);

  if (!field->relevant || field->node == NULL)
    return PLAZA_VALIDITY_OK;
  if (*value == '\0')
    return field->required && model->in_body ? PLAZA_VALIDITY_REQUIRED : PLAZA_VALIDITY_OK;
  g_autofree char *normal = plaza_value_normalise (model->value_type, value, FALSE);
  if (normal == NULL)
    return PLAZA_VALIDITY_TYPE;
  if (!plaza_field_allows (field, value))
    return PLAZA_VALIDITY_CHOICE;
  if (constraint != NULL && !plaza_interview_eval_boolean (self, constraint, field, TRUE))
    return PLAZA_VALIDITY_CONSTRAINT;
  return PLAZA_VALIDITY_OK;
}

static void
touch_below (PlazaInterview *self, PlazaField *field, guint changes)
{
  plaza_interview_touch (self, field, changes);
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    touch_below (self, plaza_field_get_child (field, i), changes);
}

void
plaza_interview_look_at (PlazaInterview *self, PlazaField *field)
{
  PlazaExpr **exprs = field->model->exprs;
  guint dirty = field->dirty;

  field->dirty = 0;
  if (field->node == NULL && field->kind != PLAZA_FIELD_REPEAT)
    return;
  if ((dirty & (1u << PLAZA_EXPR_REQUIRED)) != 0)
    {
      gboolean required =
          plaza_interview_eval_boolean (self, exprs[PLAZA_EXPR_REQUIRED], field, FALSE);
      if (required != field->required)
        field->changes |= PLAZA_CHANGED_REQUIRED;
      field->required = required;
    }
  if ((dirty & (1u << PLAZA_EXPR_READONLY)) != 0)
    {
      gboolean readonly =
          plaza_interview_eval_boolean (self, exprs[PLAZA_EXPR_READONLY], field, FALSE);
      if (readonly != field->own_readonly)
        touch_below (self, field, PLAZA_CHANGED_READONLY);
      field->own_readonly = readonly;
    }
  if ((dirty & (1u << PLAZA_EXPR_TEXT)) != 0)
    {
      if (field->texts != 0)
        field->changes |= PLAZA_CHANGED_LABEL;
      plaza_field_clear_texts (field);
    }
  if (field->kind != PLAZA_FIELD_VALUE)
    return;
  PlazaValidity validity = judge (self, field);
  if (validity != field->validity)
    {
      field->changes |= PLAZA_CHANGED_VALIDITY;
      field->validity = validity;
      field->texts &= ~(1u << 3);
    }
}

static int
compare_fields (gconstpointer a, gconstpointer b)
{
  const PlazaField *first = *(PlazaField *const *) a;
  const PlazaField *second = *(PlazaField *const *) b;

  if (first->node != NULL && second->node != NULL)
    return first->node->order < second->node->order   ? -1
           : first->node->order > second->node->order ? 1
                                                      : 0;
  return first->model->index < second->model->index ? -1
                                                    : first->model->index > second->model->index;
}

void
plaza_interview_tell (PlazaInterview *self)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();

  for (guint i = 0; i < self->touched->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->touched, i);
      field->touched = FALSE;
      if (field->changes != 0 && !plaza_field_is_parked (field))
        g_ptr_array_add (changed, field);
      else
        field->changes = 0;
    }
  g_ptr_array_set_size (self->touched, 0);
  gboolean structure = self->structure_changed;
  gboolean pages = self->pages_changed || structure;
  self->structure_changed = self->pages_changed = FALSE;
  if (pages)
    plaza_interview_drop_pages (self);
  if (self->loading)
    {
      for (guint i = 0; i < changed->len; i++)
        ((PlazaField *) g_ptr_array_index (changed, i))->changes = 0;
      return;
    }

  plaza_tree_renumber (self->tree);
  g_ptr_array_sort (changed, compare_fields);
  g_autofree guint *what = g_new (guint, changed->len + 1);
  for (guint i = 0; i < changed->len; i++)
    {
      PlazaField *field = g_ptr_array_index (changed, i);
      what[i] = field->changes;
      field->changes = 0;
    }
  if (structure)
    g_signal_emit_by_name (self, "structure-changed");
  for (guint i = 0; i < changed->len; i++)
    g_signal_emit_by_name (self, "field-changed", g_ptr_array_index (changed, i), what[i]);
  if (pages)
    g_signal_emit_by_name (self, "pages-changed");
}

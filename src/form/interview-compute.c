/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Recomputation. A change marks what reads it; marked expressions are computed in the order of
 * their rank, so that each is computed once; what was computed may mark more. When nothing is
 * marked, queued events act, and when those are gone too, the fields that were touched are looked
 * at: required, read-only, valid. Then people are told. */

#include "form/interview-private.h"

#include <math.h>

/* Computing one thing this often in one go means it never settles. */
#define MAX_TIMES 100u

void
plaza_interview_note (PlazaInterview *self, PlazaField *field, GError *error)
{
  if (field != NULL && error != NULL)
    g_prefix_error (&error, "%s: ", field->model->ref);
  if (self->problem == NULL)
    self->problem = error;
  else
    g_clear_error (&error);
}

/* Relevance */

void
plaza_interview_update_relevance (PlazaInterview *self, PlazaField *field)
{
  gboolean above = field->parent == NULL || field->parent->relevant;
  /* A correction never asks for contact details again: they left on their own way. */
  gboolean relevant = above && field->own_relevant && !(self->correcting && field->model->contact);

  if (relevant == field->relevant)
    return;
  field->relevant = relevant;
  self->pages_changed = TRUE;
  plaza_interview_touch (self, field, PLAZA_CHANGED_RELEVANT);
  if (field->kind == PLAZA_FIELD_VALUE)
    {
      plaza_interview_propagate (self, field, FALSE);
      if (relevant && field->calculate_waits)
        plaza_interview_mark (self, field->model->exprs[PLAZA_EXPR_CALCULATE], field);
      if (relevant && field->model->exprs[PLAZA_EXPR_CHOICES] != NULL)
        plaza_interview_mark (self, field->model->exprs[PLAZA_EXPR_CHOICES], field);
      return;
    }
  for (guint i = 0; i < field->children->len; i++)
    plaza_interview_update_relevance (self, g_ptr_array_index (field->children, i));
}

static void
set_own_relevant (PlazaInterview *self, PlazaField *field, gboolean relevant)
{
  if (field->own_relevant == relevant)
    return;
  field->own_relevant = relevant;
  if (field->node != NULL)
    plaza_node_set_relevant (field->node, relevant);
  if (field->kind == PLAZA_FIELD_REPEAT && field->model->exprs[PLAZA_EXPR_RELEVANT] != NULL &&
      !field->model->exprs[PLAZA_EXPR_RELEVANT]->own_frame)
    for (guint i = 0; i < field->children->len; i++)
      plaza_node_set_relevant (((PlazaField *) g_ptr_array_index (field->children, i))->node,
                               relevant);
  plaza_interview_update_relevance (self, field);

  /* Of instances that decide for themselves, the repeat is as relevant as the best. */
  if (field->kind == PLAZA_FIELD_INSTANCE)
    {
      gboolean any = FALSE;
      for (guint i = 0; i < field->parent->children->len; i++)
        any = any || ((PlazaField *) g_ptr_array_index (field->parent->children, i))->own_relevant;
      set_own_relevant (self, field->parent, any);
    }
}

/* The ranked kinds */

static void
compute_value (PlazaInterview *self, PlazaExpr *expr, PlazaField *field)
{
  g_autoptr (GError) error = NULL;

  field->calculate_waits = !field->relevant && !field->model->attribute;
  if (field->calculate_waits || self->frozen ||
      (field->model == self->form->instance_id && self->instance_id != NULL))
    return;
  field->draws++;
  g_autofree char *text = plaza_interview_eval_string (self, expr->xpath, field->node, &error);
  if (text == NULL)
    plaza_interview_note (self, field, g_steal_pointer (&error));
  g_autofree char *value =
      plaza_value_normalise (field->model->value_type, text != NULL ? text : "", TRUE);
  plaza_interview_put (self, field, value != NULL ? value : "");
}

static void
compute_count (PlazaInterview *self, PlazaExpr *expr, PlazaField *field)
{
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  gboolean lent;

  if (self->frozen)
    return;
  PlazaNode *node = plaza_interview_lend_node (field, &lent);
  gboolean good = plaza_interview_eval (self, expr->xpath, node, NULL, &value, &error);
  double count = good ? plaza_xpath_value_to_number (&value) : NAN;
  plaza_xpath_value_clear (&value);
  value = (PlazaXPathValue) PLAZA_XPATH_VALUE_INIT;
  if (lent)
    plaza_node_remove (node);
  if (!good)
    {
      plaza_interview_note (self, field, g_steal_pointer (&error));
      return;
    }
  /* Half an answer (a number being typed again) is no count. */
  if (isnan (count))
    return;
  guint limit = self->form->limits.max_repeat_instances;
  if (count > limit)
    {
      g_autoptr (GError) over = NULL;
      plaza_throw (&over, PLAZA_ERROR_LIMIT, "more than %u instances", limit);
      plaza_interview_note (self, field, g_steal_pointer (&over));
    }
  plaza_repeat_set_count (self, field, count > 0 ? (guint) MIN (count, limit) : 0);
}

static void
compute_choices (PlazaInterview *self, PlazaField *field)
{
  const char *present = plaza_field_peek (field);
  const char *given = field->given != NULL ? field->given : present;

  plaza_field_clear_choices (field);
  plaza_interview_touch (self, field, PLAZA_CHANGED_CHOICES);
  if (field->model->key_select)
    plaza_interview_mark (self, field->model->frame->exprs[PLAZA_EXPR_COUNT],
                          field->instance->parent);
  /* What is not asked at the moment keeps its answer, and a key stays with its instance. */
  if (*given == '\0' || self->frozen || self->loading || !field->relevant ||
      field->model->key_select)
    return;
  gboolean all;
  g_autofree char *kept = plaza_field_filter_choices (field, given, &all);
  if (all)
    {
      g_autofree char *back = g_steal_pointer (&field->given);
      if (back != NULL)
        plaza_interview_put (self, field, kept);
      return;
    }
  if (field->given == NULL)
    field->given = g_strdup (present);
  plaza_interview_put (self, field, kept);
}

static void
compute (PlazaInterview *self, PlazaExpr *expr, PlazaField *field)
{
  switch (expr->kind)
    {
    case PLAZA_EXPR_RELEVANT:
      set_own_relevant (self, field, plaza_interview_eval_boolean (self, expr, field, TRUE));
      break;
    case PLAZA_EXPR_CALCULATE:
      compute_value (self, expr, field);
      break;
    case PLAZA_EXPR_COUNT:
      compute_count (self, expr, field);
      break;
    case PLAZA_EXPR_CHOICES:
      compute_choices (self, field);
      break;
    default:
      break;
    }
}

/* The run */

static gboolean
spent (PlazaInterview *self, gint64 deadline, guint64 *count, guint64 limit)
{
  if (++*count > limit || ((*count & 15) == 0 && g_get_monotonic_time () > deadline))
    {
      g_autoptr (GError) error = NULL;
      plaza_throw (&error, PLAZA_ERROR_LIMIT, "%s",
                   *count > limit ? "the form never settles"
                                  : "the form takes too long to compute");
      plaza_interview_note (self, NULL, g_steal_pointer (&error));
      return TRUE;
    }
  return FALSE;
}

static void
drop_pending (PlazaInterview *self)
{
  while (self->heap->len > 0)
    {
      guint rank = plaza_interview_pop_rank (self);
      PlazaExpr *expr = g_ptr_array_index (self->form->ranked, rank);
      for (guint i = 0; i < self->pending[rank]->len; i++)
        ((PlazaField *) g_ptr_array_index (self->pending[rank], i))->dirty &= ~(1u << expr->kind);
      g_ptr_array_set_size (self->pending[rank], 0);
    }
  g_queue_clear_full (&self->actions, g_free);
}

void
plaza_interview_run (PlazaInterview *self)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) self->form->limits.max_milliseconds * 1000;
  guint64 count = 0;
  gboolean over = FALSE;

  g_rec_mutex_lock (&self->form->lock);
  self->deadline = deadline;
  while (!over && (self->heap->len > 0 || !g_queue_is_empty (&self->actions)))
    {
      guint64 limit = (guint64) MAX_TIMES * (self->fields->len + 100);
      if (self->heap->len == 0)
        {
          over = spent (self, deadline, &count, limit);
          plaza_interview_act (self);
          continue;
        }
      guint rank = plaza_interview_pop_rank (self);
      PlazaExpr *expr = g_ptr_array_index (self->form->ranked, rank);
      g_autoptr (GPtrArray) fields = self->pending[rank];
      self->pending[rank] = NULL;
      for (guint i = 0; i < fields->len; i++)
        {
          PlazaField *field = g_ptr_array_index (fields, i);
          field->dirty &= ~(1u << expr->kind);
          over = over || spent (self, deadline, &count, limit);
          if (!over && !plaza_field_is_parked (field))
            compute (self, expr, field);
        }
    }
  if (over)
    drop_pending (self);
  for (guint i = 0; i < self->touched->len; i++)
    plaza_interview_look_at (self, g_ptr_array_index (self->touched, i));
  self->deadline = 0;
  g_rec_mutex_unlock (&self->form->lock);
  plaza_interview_tell (self);
}

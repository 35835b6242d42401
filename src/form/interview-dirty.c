/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* What has to be computed again: marks on fields, a heap of ranks, and the graph's edges followed
 * from what changed to what reads it. */

#include "form/interview-private.h"

void
plaza_interview_touch (PlazaInterview *self, PlazaField *field, guint changes)
{
  field->changes |= changes;
  if (field->touched)
    return;
  field->touched = TRUE;
  g_ptr_array_add (self->touched, field);
}

/* The heap of ranks */

static void
push_rank (PlazaInterview *self, guint rank)
{
  GArray *heap = self->heap;
  guint at = heap->len;

  g_array_append_val (heap, rank);
  while (at > 0)
    {
      guint above = (at - 1) / 2;
      guint *a = &g_array_index (heap, guint, above), *b = &g_array_index (heap, guint, at);
      if (*a <= *b)
        break;
      guint swap = *a;
      *a = *b;
      *b = swap;
      at = above;
    }
}

/* The smallest rank that has fields waiting; there is one. */
guint
plaza_interview_pop_rank (PlazaInterview *self)
{
  GArray *heap = self->heap;
  guint first = g_array_index (heap, guint, 0);
  guint at = 0;

  g_array_index (heap, guint, 0) = g_array_index (heap, guint, heap->len - 1);
  g_array_set_size (heap, heap->len - 1);
  for (;;)
    {
      guint least = at;
      for (guint below = 2 * at + 1; below <= 2 * at + 2 && below < heap->len; below++)
        if (g_array_index (heap, guint, below) < g_array_index (heap, guint, least))
          least = below;
      if (least == at)
        return first;
      guint swap = g_array_index (heap, guint, at);
      g_array_index (heap, guint, at) = g_array_index (heap, guint, least);
      g_array_index (heap, guint, least) = swap;
      at = least;
    }
}

void
plaza_interview_mark (PlazaInterview *self, PlazaExpr *expr, PlazaField *field)
{
  guint bit = 1u << expr->kind;

  if ((field->dirty & bit) != 0 || (field->node == NULL && field->kind != PLAZA_FIELD_REPEAT))
    return;
  field->dirty |= bit;
  if (expr->kind > PLAZA_EXPR_LAST_RANKED)
    {
      plaza_interview_touch (self, field, 0);
      return;
    }
  GPtrArray *waiting = self->pending[expr->rank];
  if (waiting == NULL)
    waiting = self->pending[expr->rank] = g_ptr_array_new ();
  if (waiting->len == 0)
    push_rank (self, expr->rank);
  g_ptr_array_add (waiting, field);
}

void
plaza_interview_mark_all (PlazaInterview *self, PlazaField *field)
{
  for (guint kind = 0; kind < PLAZA_N_EXPR; kind++)
    {
      PlazaExpr *expr = field->model->exprs[kind];
      if (expr == NULL ||
          (field->kind == PLAZA_FIELD_INSTANCE &&
           (kind != PLAZA_EXPR_RELEVANT || !expr->own_frame)) ||
          (field->kind == PLAZA_FIELD_REPEAT && kind == PLAZA_EXPR_RELEVANT && expr->own_frame))
        continue;
      plaza_interview_mark (self, expr, field);
    }
  plaza_interview_touch (self, field, 0);
  if (field->slots != NULL)
    {
      guint n = field->kind == PLAZA_FIELD_ROOT ? self->form->n_root_slots : field->model->n_slots;
      for (guint i = 0; i < n; i++)
        if (field->slots[i] != NULL && field->slots[i] != field)
          plaza_interview_mark_all (self, field->slots[i]);
    }
  else if (field->kind == PLAZA_FIELD_REPEAT)
    for (guint i = 0; i < field->children->len; i++)
      plaza_interview_mark_all (self, g_ptr_array_index (field->children, i));
}

/* Marks @expr wherever it stands below @frame; @repeats: the repeats on the way, innermost first.
 */
static void
mark_below (PlazaInterview *self,
            PlazaExpr *expr,
            PlazaField *frame,
            PlazaModelNode *const *repeats,
            guint n_repeats)
{
  if (n_repeats > 0)
    {
      PlazaField *range = frame->slots[repeats[n_repeats - 1]->slot];
      for (guint i = 0; range != NULL && i < range->children->len; i++)
        mark_below (self, expr, g_ptr_array_index (range->children, i), repeats, n_repeats - 1);
      return;
    }
  PlazaField *field = frame->slots[expr->owner->slot];
  if (field == NULL)
    return;
  if (field->kind == PLAZA_FIELD_REPEAT && expr->own_frame)
    for (guint i = 0; i < field->children->len; i++)
      plaza_interview_mark (self, expr, g_ptr_array_index (field->children, i));
  else
    plaza_interview_mark (self, expr, field);
}

static void
mark_reader (PlazaInterview *self, PlazaReader *reader, PlazaField *changed)
{
  PlazaField *frame = self->root;
  PlazaModelNode *repeats[64];
  guint n_repeats = 0;

  /* The instance it reads within, or when the instances themselves changed, the one around. */
  if (reader->scope != NULL)
    for (PlazaField *at = changed->instance; at != NULL; at = at->parent->instance)
      {
        PlazaModelNode *scope = reader->scope;
        while (scope != NULL && scope != at->model)
          scope = scope->frame;
        if (scope != NULL)
          {
            frame = at;
            break;
          }
      }
  PlazaModelNode *owner = reader->expr->owner;
  if (reader->expr->own_frame && frame->model == owner && frame->kind == PLAZA_FIELD_INSTANCE)
    {
      plaza_interview_mark (self, reader->expr, frame);
      return;
    }
  for (PlazaModelNode *repeat = owner->frame;
       repeat != NULL && repeat != (frame->kind == PLAZA_FIELD_ROOT ? NULL : frame->model);
       repeat = repeat->frame)
    if (n_repeats < G_N_ELEMENTS (repeats))
      repeats[n_repeats++] = repeat;
  mark_below (self, reader->expr, frame, repeats, n_repeats);
}

static void
propagate_model (PlazaInterview *self, PlazaModelNode *model, PlazaField *changed, gboolean all)
{
  for (guint i = 0; i < model->readers->len; i++)
    {
      PlazaReader *reader = &g_array_index (model->readers, PlazaReader, i);
      if (all || reader->values)
        mark_reader (self, reader, changed);
    }
  if (all)
    for (guint i = 0; i < model->children->len; i++)
      propagate_model (self, g_ptr_array_index (model->children, i), changed, TRUE);
}

/* Tells what reads @field that its value changed, or for a repeat that instances came or went. */
void
plaza_interview_propagate (PlazaInterview *self, PlazaField *field, gboolean structure)
{
  propagate_model (self, field->model, field, structure);
}

gboolean
plaza_interview_put (PlazaInterview *self, PlazaField *field, const char *value)
{
  if (field->node == NULL || g_str_equal (plaza_field_peek (field), value))
    return FALSE;
  plaza_node_set_value (field->node, value);
  plaza_interview_touch (self, field, PLAZA_CHANGED_VALUE);
  plaza_interview_propagate (self, field, FALSE);
  if (!self->loading && field->model->actions->len > 0)
    plaza_interview_queue_event (self, PLAZA_EVENT_VALUE_CHANGED, field);
  return TRUE;
}

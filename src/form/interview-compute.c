/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Recomputation. A change marks what reads it; marked expressions are computed in the order of
 * their rank, so that each is computed once; what was computed may mark more. When nothing is
 * marked, queued events act, and when those are gone too, the fields that were touched are looked
 * at: required, read-only, valid. Then people are told. */

#include "form/interview-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  PlazaAction *action;
  PlazaField *within;
} Pending;

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

static guint
pop_rank (PlazaInterview *self)
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

/* A repeat without instances has no element to evaluate its own expressions at: one is put where
 * the first would be, for as long as the caller needs it. */
PlazaNode *
plaza_interview_lend_node (PlazaField *repeat, gboolean *out_lent)
{
  PlazaModelNode *model = repeat->model;

  *out_lent = repeat->children->len == 0;
  if (!*out_lent)
    return ((PlazaField *) g_ptr_array_index (repeat->children, 0))->node;
  return plaza_node_append_element (repeat->parent->node, model->uri, model->prefix, model->local);
}

static gboolean
evaluate_boolean (PlazaInterview *self, PlazaExpr *expr, PlazaField *field, gboolean fallback)
{
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  gboolean lent = FALSE;

  if (expr->constant >= 0)
    return expr->constant;
  PlazaNode *node =
      field->kind == PLAZA_FIELD_REPEAT ? plaza_interview_lend_node (field, &lent) : field->node;
  gboolean good = plaza_interview_eval (self, expr->xpath, node, NULL, &value, &error);
  gboolean result = good ? plaza_xpath_value_to_boolean (&value) : fallback;
  if (lent)
    {
      plaza_xpath_value_clear (&value);
      value = (PlazaXPathValue) PLAZA_XPATH_VALUE_INIT;
      plaza_node_remove (node);
    }
  if (!good)
    plaza_interview_note (self, field, g_steal_pointer (&error));
  return result;
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
      set_own_relevant (self, field, evaluate_boolean (self, expr, field, TRUE));
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

/* Events */

void
plaza_interview_queue_event (PlazaInterview *self, PlazaEvent event, PlazaField *within)
{
  GPtrArray *actions =
      event == PLAZA_EVENT_VALUE_CHANGED ? within->model->actions : self->form->actions;

  for (guint i = 0; i < actions->len; i++)
    {
      PlazaAction *action = g_ptr_array_index (actions, i);
      if ((action->events & event) == 0)
        continue;
      if (event == PLAZA_EVENT_NEW_REPEAT &&
          (action->source == NULL || action->source->repeat != within->model))
        continue;
      Pending *pending = g_new (Pending, 1);
      *pending = (Pending){ action, within };
      g_queue_push_tail (&self->actions, pending);
    }
}

static void
queue_within (PlazaInterview *self, PlazaAction *action, PlazaField *field, PlazaModelNode *repeat)
{
  if (field->kind == PLAZA_FIELD_INSTANCE && field->model == repeat)
    {
      Pending *pending = g_new (Pending, 1);
      *pending = (Pending){ action, field };
      g_queue_push_tail (&self->actions, pending);
    }
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    queue_within (self, action, plaza_field_get_child (field, i), repeat);
}

/* A load event inside a repeat happens in each of its instances. */
void
plaza_interview_queue_load (PlazaInterview *self, PlazaAction *action)
{
  if (action->source != NULL && action->source->repeat != NULL)
    {
      queue_within (self, action, self->root, action->source->repeat);
      return;
    }
  Pending *pending = g_new (Pending, 1);
  *pending = (Pending){ action, self->root };
  g_queue_push_tail (&self->actions, pending);
}

static void
act (PlazaInterview *self, PlazaAction *action, PlazaField *within)
{
  g_autoptr (GError) error = NULL;
  gboolean ambiguous;
  PlazaField *target = plaza_field_locate (self, action->target, within, &ambiguous);

  if (action->target_xpath != NULL)
    {
      g_auto (PlazaXPathValue) nodes = PLAZA_XPATH_VALUE_INIT;
      PlazaNode *node = within != NULL && within->node != NULL ? within->node : self->root->node;
      if (!plaza_interview_eval (self, action->target_xpath, node, NULL, &nodes, &error))
        {
          plaza_interview_note (self, within, g_steal_pointer (&error));
          return;
        }
      target = NULL;
      if (nodes.type == PLAZA_XPATH_NODESET && nodes.nodes->len > 0)
        target = ((PlazaNode *) g_ptr_array_index (nodes.nodes, 0))->state;
    }
  else if (ambiguous)
    {
      plaza_throw (&error, PLAZA_ERROR_INVALID, "line %u: %s means several nodes", action->line,
                   action->target->ref);
      plaza_interview_note (self, within, g_steal_pointer (&error));
      return;
    }
  if (target == NULL || target->node == NULL)
    return;

  g_autofree char *text = action->value != NULL ? plaza_interview_eval_string (self, action->value,
                                                                               target->node, &error)
                                                : g_strdup (action->words);
  if (text == NULL)
    {
      plaza_interview_note (self, target, g_steal_pointer (&error));
      return;
    }
  g_autofree char *value = plaza_value_normalise (target->model->value_type, text, TRUE);
  plaza_interview_put (self, target, value != NULL ? value : "");
}

/* Fields that were touched */

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
  if (constraint != NULL && !evaluate_boolean (self, constraint, field, TRUE))
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

static void
look_at (PlazaInterview *self, PlazaField *field)
{
  PlazaExpr **exprs = field->model->exprs;
  guint dirty = field->dirty;

  field->dirty = 0;
  if (field->node == NULL && field->kind != PLAZA_FIELD_REPEAT)
    return;
  if ((dirty & (1u << PLAZA_EXPR_REQUIRED)) != 0)
    {
      gboolean required = evaluate_boolean (self, exprs[PLAZA_EXPR_REQUIRED], field, FALSE);
      if (required != field->required)
        field->changes |= PLAZA_CHANGED_REQUIRED;
      field->required = required;
    }
  if ((dirty & (1u << PLAZA_EXPR_READONLY)) != 0)
    {
      gboolean readonly = evaluate_boolean (self, exprs[PLAZA_EXPR_READONLY], field, FALSE);
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
      guint rank = pop_rank (self);
      PlazaExpr *expr = g_ptr_array_index (self->form->ranked, rank);
      for (guint i = 0; i < self->pending[rank]->len; i++)
        ((PlazaField *) g_ptr_array_index (self->pending[rank], i))->dirty &= ~(1u << expr->kind);
      g_ptr_array_set_size (self->pending[rank], 0);
    }
  g_queue_clear_full (&self->actions, g_free);
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

static void
tell (PlazaInterview *self)
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
          g_autofree Pending *pending = g_queue_pop_head (&self->actions);
          over = spent (self, deadline, &count, limit);
          act (self, pending->action, pending->within);
          continue;
        }
      guint rank = pop_rank (self);
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
    look_at (self, g_ptr_array_index (self->touched, i));
  self->deadline = 0;
  g_rec_mutex_unlock (&self->form->lock);
  tell (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Repeat instances: how they are made, leave, wait and come back. Whoever typed into one never
 * loses it to a count: it is parked and returns when its choice does. */

#include "form/interview-private.h"

/* Makes the fields of @node's children (and attributes), whose own field is @field. */
void
plaza_interview_bind_tree (PlazaInterview *self,
                           PlazaNode *node,
                           PlazaField *field,
                           PlazaField *frame)
{
  PlazaModelNode *model = field->model;

  field->node = node;
  node->state = field;
  for (PlazaNode *attribute = node->first_attribute; attribute != NULL; attribute = attribute->next)
    {
      g_autofree char *path = g_strdup_printf ("%s/@%s", model->path, attribute->name->local);
      PlazaModelNode *bound =
          attribute->kind == PLAZA_NODE_ATTRIBUTE ? plaza_form_find_path (self->form, path) : NULL;
      if (bound == NULL)
        continue;
      PlazaField *child = frame->slots[bound->slot];
      if (child == NULL)
        child = frame->slots[bound->slot] = plaza_field_new (self, bound, PLAZA_FIELD_VALUE);
      child->parent = field;
      child->frame = frame;
      child->instance = field->instance;
      child->relevant = TRUE;
      child->node = attribute;
      attribute->state = child;
    }

  for (guint i = 0; i < model->children->len; i++)
    {
      PlazaModelNode *below = g_ptr_array_index (model->children, i);
      PlazaField *child = frame->slots[below->slot];
      if (child == NULL)
        {
          child = plaza_field_new (self, below, below->kind);
          frame->slots[below->slot] = child;
          child->parent = field;
          child->frame = frame;
          child->instance = field->instance;
          g_ptr_array_add (field->children, child);
        }
      for (PlazaNode *at = plaza_node_first_element (node); at != NULL;
           at = plaza_node_next_element (at))
        {
          if (!g_str_equal (at->name->local, below->local) ||
              !g_str_equal (at->name->uri, below->uri))
            continue;
          if (below->kind != PLAZA_FIELD_REPEAT)
            {
              plaza_interview_bind_tree (self, at, child, frame);
              break;
            }
          if (at->state != NULL)
            continue;
          PlazaField *instance = plaza_field_new (self, below, PLAZA_FIELD_INSTANCE);
          instance->serial = child->next_serial++;
          instance->parent = child;
          instance->frame = instance;
          instance->instance = instance;
          g_ptr_array_add (child->children, instance);
          plaza_interview_bind_tree (self, at, instance, instance);
        }
    }
}

/* The node before which the instance at @index of @repeat belongs, NULL for the end. */
static PlazaNode *
place_for (PlazaField *repeat, guint index)
{
  PlazaField *parent = repeat->parent;
  guint at;

  if (index < repeat->children->len)
    return ((PlazaField *) g_ptr_array_index (repeat->children, index))->node;
  if (!g_ptr_array_find (parent->children, repeat, &at))
    return NULL;
  for (guint i = at + 1; i < parent->children->len; i++)
    {
      PlazaField *next = g_ptr_array_index (parent->children, i);
      if (next->kind != PLAZA_FIELD_REPEAT && next->node != NULL)
        return next->node;
      if (next->kind == PLAZA_FIELD_REPEAT && next->children->len > 0)
        return ((PlazaField *) g_ptr_array_index (next->children, 0))->node;
    }
  return NULL;
}

static void
came (PlazaInterview *self, PlazaField *instance)
{
  PlazaField *repeat = instance->parent;
  PlazaExpr *relevant = repeat->model->exprs[PLAZA_EXPR_RELEVANT];

  if (relevant != NULL && !relevant->own_frame)
    plaza_node_set_relevant (instance->node, repeat->own_relevant);
  plaza_interview_update_relevance (self, instance);
  plaza_interview_mark_all (self, instance);
  plaza_interview_propagate (self, repeat, TRUE);
  self->structure_changed = TRUE;
}

PlazaField *
plaza_repeat_insert (PlazaInterview *self, PlazaField *repeat, guint index, guint serial)
{
  /* Where the form writes defaults for this place, they are meant. */
  GPtrArray *initial = repeat->model->initial;
  gboolean counted = repeat->model->exprs[PLAZA_EXPR_COUNT] != NULL;
  PlazaNode *source = counted && initial != NULL && index < initial->len
                          ? g_ptr_array_index (initial, index)
                          : repeat->model->source;
  PlazaNode *node = plaza_node_copy (source, repeat->parent->node, place_for (repeat, index));
  PlazaField *instance = plaza_field_new (self, repeat->model, PLAZA_FIELD_INSTANCE);

  instance->serial = serial;
  repeat->next_serial = MAX (repeat->next_serial, serial + 1);
  instance->parent = repeat;
  instance->frame = instance;
  instance->instance = instance;
  g_ptr_array_insert (repeat->children, (int) index, instance);
  plaza_interview_bind_tree (self, node, instance, instance);
  came (self, instance);
  return instance;
}

/* Takes the values out of the tree into the fields, everywhere below. */
static void
hold (PlazaField *field)
{
  if (field->kind == PLAZA_FIELD_VALUE && field->node != NULL)
    {
      g_free (field->held);
      field->held = g_strdup (plaza_node_peek_value (field->node));
    }
  plaza_field_clear_choices (field);
  field->node = NULL;
  field->relevant = FALSE;
  field->validity = PLAZA_VALIDITY_OK;
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    hold (plaza_field_get_child (field, i));
}

static void
hold_attributes (PlazaField *frame)
{
  for (guint i = 0; i < frame->model->n_slots; i++)
    if (frame->slots[i] != NULL && frame->slots[i]->model->attribute)
      hold (frame->slots[i]);
}

void
plaza_repeat_take_out (PlazaInterview *self, PlazaField *instance, PlazaInstanceState state)
{
  PlazaField *repeat = instance->parent;
  PlazaNode *node = instance->node;

  instance->position = plaza_field_get_position (instance);
  instance->state = state;
  instance->left = ++self->counter;
  hold (instance);
  hold_attributes (instance);
  g_ptr_array_remove (repeat->children, instance);
  g_ptr_array_add (repeat->parked, instance);
  plaza_node_remove (node);
  plaza_interview_propagate (self, repeat, TRUE);
  self->structure_changed = TRUE;
}

/* Gives a subtree its nodes and values again; nested instances too. */
static void
unhold (PlazaInterview *self, PlazaField *field, PlazaNode *node)
{
  field->node = node;
  node->state = field;
  plaza_node_set_relevant (node, field->own_relevant);
  if (field->kind == PLAZA_FIELD_VALUE)
    {
      plaza_node_set_value (node, field->held);
      g_clear_pointer (&field->held, g_free);
      return;
    }
  for (guint i = 0; i < field->children->len; i++)
    {
      PlazaField *child = g_ptr_array_index (field->children, i);
      PlazaModelNode *model = child->model;
      guint n = child->kind == PLAZA_FIELD_REPEAT ? child->children->len : 1;
      for (guint k = 0; k < n; k++)
        {
          PlazaField *target =
              child->kind == PLAZA_FIELD_REPEAT ? g_ptr_array_index (child->children, k) : child;
          unhold (self, target,
                  plaza_node_append_element (node, model->uri, model->prefix, model->local));
        }
    }
}

static void
unhold_attributes (PlazaField *frame)
{
  for (guint i = 0; i < frame->model->n_slots; i++)
    {
      PlazaField *field = frame->slots[i];
      if (field == NULL || !field->model->attribute)
        continue;
      PlazaModelNode *model = field->model;
      plaza_node_set_attribute (field->parent->node, model->uri, model->prefix, model->local,
                                field->held != NULL ? field->held : "");
      field->node = plaza_node_find_attribute (field->parent->node, model->uri, model->local);
      field->node->state = field;
      field->relevant = TRUE;
      g_clear_pointer (&field->held, g_free);
    }
}

void
plaza_repeat_bring_back (PlazaInterview *self, PlazaField *instance, guint index)
{
  PlazaField *repeat = instance->parent;
  PlazaModelNode *model = repeat->model;
  PlazaNode *node = plaza_node_insert_element (repeat->parent->node, place_for (repeat, index),
                                               model->uri, model->prefix, model->local);

  g_ptr_array_remove (repeat->parked, instance);
  g_ptr_array_insert (repeat->children, (int) index, instance);
  instance->state = PLAZA_INSTANCE_ACTIVE;
  unhold (self, instance, node);
  unhold_attributes (instance);
  came (self, instance);
}

/* Counted repeats */

typedef enum
{
  FIT_YES,   /* its select answers are choices */
  FIT_STALE, /* one has left its choices */
} Fit;

/* Looks at the selects of @field: with @keys only those that tell instances apart. */
static Fit
fit_of (PlazaField *field, gboolean keys)
{
  if (field->kind == PLAZA_FIELD_VALUE)
    {
      if (!plaza_field_chooses (field) || (keys && !field->model->key_select) ||
          *plaza_field_peek (field) == '\0' || field->node == NULL)
        return FIT_YES;
      plaza_field_clear_choices (field);
      return plaza_field_allows (field, plaza_field_peek (field)) ? FIT_YES : FIT_STALE;
    }
  for (guint i = 0; i < field->children->len; i++)
    if (fit_of (g_ptr_array_index (field->children, i), keys) == FIT_STALE)
      return FIT_STALE;
  return FIT_YES;
}

static gboolean
has_keys (PlazaField *repeat)
{
  PlazaForm *form = repeat->interview->form;

  for (guint i = repeat->model->index; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (node->frame == repeat->model && node->key_select)
        return TRUE;
    }
  return FALSE;
}

/* Whether another instance already speaks of what @instance speaks of. */
static gboolean
is_taken (PlazaField *repeat, PlazaField *instance)
{
  PlazaForm *form = repeat->interview->form;

  for (guint i = repeat->model->index; i < form->nodes->len; i++)
    {
      PlazaModelNode *node = g_ptr_array_index (form->nodes, i);
      if (node->frame != repeat->model || !node->key_select)
        continue;
      PlazaField *mine = instance->slots[node->slot];
      for (guint k = 0; k < repeat->children->len && mine != NULL; k++)
        {
          PlazaField *other =
              ((PlazaField *) g_ptr_array_index (repeat->children, k))->slots[node->slot];
          if (other != NULL && *plaza_field_peek (mine) != '\0' &&
              g_str_equal (plaza_field_peek (other), plaza_field_peek (mine)))
            return TRUE;
        }
    }
  return FALSE;
}

static void
leave (PlazaInterview *self, PlazaField *instance)
{
  gboolean touched = plaza_field_is_answered (instance);
  PlazaField *repeat = instance->parent;

  plaza_repeat_take_out (self, instance, PLAZA_INSTANCE_PARKED);
  /* Nobody wrote into it: there is nothing to wait for. Its id is not used again. */
  if (!touched)
    g_ptr_array_remove (repeat->parked, instance);
}

/* Takes out what @pick chooses, from the end, until @keep are left. */
typedef gboolean (*PickFunc) (PlazaField *instance);

static gboolean
is_stale (PlazaField *instance)
{
  return fit_of (instance, FALSE) == FIT_STALE;
}

static gboolean
is_stale_key (PlazaField *instance)
{
  return fit_of (instance, TRUE) == FIT_STALE;
}

static gboolean
is_untouched (PlazaField *instance)
{
  return !plaza_field_is_answered (instance);
}

static gboolean
is_any (PlazaField *instance)
{
  return TRUE;
}

static void
shrink (PlazaInterview *self, PlazaField *repeat, guint keep, PickFunc pick)
{
  for (guint i = repeat->children->len; i > 0 && repeat->children->len > keep; i--)
    {
      PlazaField *instance = g_ptr_array_index (repeat->children, i - 1);
      if (pick (instance))
        leave (self, instance);
    }
}

/* Where @instance was among the present ones, by the order in which they were made. */
static guint
index_for (PlazaField *repeat, PlazaField *instance)
{
  guint index = 0;

  while (index < repeat->children->len &&
         ((PlazaField *) g_ptr_array_index (repeat->children, index))->serial < instance->serial)
    index++;
  return index;
}

static int
compare_serial (gconstpointer a, gconstpointer b)
{
  const PlazaField *first = *(PlazaField *const *) a;
  const PlazaField *second = *(PlazaField *const *) b;

  return first->serial < second->serial ? -1 : first->serial > second->serial;
}

/* Brings back what is parked and fits, as long as there is room or an untouched instance to take
 * the place of. An instance has to be in the tree for its choices to be known: it is tried there.
 */
static void
return_parked (PlazaInterview *self, PlazaField *repeat, guint count)
{
  g_autoptr (GPtrArray) parked = g_ptr_array_copy (repeat->parked, NULL, NULL);

  g_ptr_array_sort (parked, compare_serial);
  for (guint i = 0; i < parked->len; i++)
    {
      PlazaField *instance = g_ptr_array_index (parked, i);
      guint left = instance->left;
      guint untouched = 0;
      for (guint k = 0; k < repeat->children->len; k++)
        untouched += is_untouched (g_ptr_array_index (repeat->children, k));
      if (repeat->children->len - untouched >= count)
        return;
      if (instance->state != PLAZA_INSTANCE_PARKED || is_taken (repeat, instance))
        continue;
      plaza_repeat_bring_back (self, instance, index_for (repeat, instance));
      if (fit_of (instance, FALSE) == FIT_STALE)
        {
          plaza_repeat_take_out (self, instance, PLAZA_INSTANCE_PARKED);
          instance->left = left;
        }
    }
}

/* However many instances each repeat may have, all together stay within what a form may be. */
static gboolean
is_full (PlazaInterview *self)
{
  return plaza_tree_node_count (self->tree) > self->form->limits.max_nodes;
}

void
plaza_repeat_set_count (PlazaInterview *self, PlazaField *repeat, guint count)
{
  gboolean was_changed = self->structure_changed;
  g_autoptr (GPtrArray) before = g_ptr_array_copy (repeat->children, NULL, NULL);

  if (has_keys (repeat))
    shrink (self, repeat, 0, is_stale_key);
  shrink (self, repeat, count, is_stale);
  if (repeat->parked->len > 0)
    return_parked (self, repeat, count);
  shrink (self, repeat, count, is_untouched);
  shrink (self, repeat, count, is_any);
  while (repeat->children->len < count)
    {
      if (is_full (self))
        {
          g_autoptr (GError) error = NULL;
          plaza_throw (&error, PLAZA_ERROR_LIMIT, "more than %u nodes",
                       self->form->limits.max_nodes);
          plaza_interview_note (self, repeat, g_steal_pointer (&error));
          break;
        }
      PlazaField *instance =
          plaza_repeat_insert (self, repeat, repeat->children->len, repeat->next_serial);
      plaza_interview_queue_event (self, PLAZA_EVENT_NEW_REPEAT, instance);
    }

  /* An instance that was only tried changed nothing. */
  gboolean same = before->len == repeat->children->len;
  for (guint i = 0; same && i < before->len; i++)
    same = g_ptr_array_index (before, i) == g_ptr_array_index (repeat->children, i);
  self->structure_changed = was_changed || !same;
}

/* By hand */

PlazaField *
plaza_interview_add_instance (PlazaInterview *self, PlazaField *repeat, GError **error)
{
  if (!plaza_field_can_add (repeat) || is_full (self))
    {
      if (is_full (self))
        plaza_throw (error, PLAZA_ERROR_LIMIT, "more than %u nodes", self->form->limits.max_nodes);
      else if (repeat->kind == PLAZA_FIELD_REPEAT &&
               repeat->children->len >= self->form->limits.max_repeat_instances)
        plaza_throw (error, PLAZA_ERROR_LIMIT, "%s: no more than %u instances", repeat->model->ref,
                     self->form->limits.max_repeat_instances);
      else
        plaza_throw (error, PLAZA_ERROR_REFUSED, "%s: instances cannot be added",
                     repeat->model->ref);
      return NULL;
    }
  g_clear_error (&self->problem);
  PlazaField *instance =
      plaza_repeat_insert (self, repeat, repeat->children->len, repeat->next_serial);
  plaza_interview_queue_event (self, PLAZA_EVENT_NEW_REPEAT, instance);
  plaza_interview_run (self);
  return instance;
}

gboolean
plaza_interview_remove_instance (PlazaInterview *self, PlazaField *instance, GError **error)
{
  if (!plaza_field_can_remove (instance))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "%s: instances cannot be removed",
                        instance->model->ref);
  g_clear_error (&self->problem);
  plaza_repeat_take_out (self, instance, PLAZA_INSTANCE_REMOVED);
  plaza_interview_run (self);
  return TRUE;
}

gboolean
plaza_interview_restore_instance (PlazaInterview *self, PlazaField *instance, GError **error)
{
  if (instance->kind != PLAZA_FIELD_INSTANCE || instance->state != PLAZA_INSTANCE_REMOVED ||
      plaza_field_is_parked (instance->parent))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "%s: this is not an instance that was removed",
                        instance->model->ref);
  g_clear_error (&self->problem);
  plaza_repeat_bring_back (self, instance,
                           MIN (instance->position - 1, instance->parent->children->len));
  plaza_interview_run (self);
  return TRUE;
}

static int
compare_left (gconstpointer a, gconstpointer b)
{
  const PlazaField *first = *(PlazaField *const *) a;
  const PlazaField *second = *(PlazaField *const *) b;

  return first->left < second->left ? -1 : first->left > second->left;
}

GPtrArray *
plaza_interview_get_parked (PlazaInterview *self)
{
  GPtrArray *parked = g_ptr_array_new ();

  for (guint i = 0; i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      for (guint k = 0; field->parked != NULL && k < field->parked->len; k++)
        if (!plaza_field_is_parked (field))
          g_ptr_array_add (parked, g_ptr_array_index (field->parked, k));
    }
  g_ptr_array_sort (parked, compare_left);
  return parked;
}

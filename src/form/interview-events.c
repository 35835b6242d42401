/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Events and what they set: <setvalue>. */

#include "form/interview-private.h"

typedef struct
{
  PlazaAction *action;
  PlazaField *within;
} Pending;

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

/* Does what the longest waiting event says. */
void
plaza_interview_act (PlazaInterview *self)
{
  g_autofree Pending *pending = g_queue_pop_head (&self->actions);

  act (self, pending->action, pending->within);
}

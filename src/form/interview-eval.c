/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Evaluating expressions on the live tree, and what they may ask of the interview. */

#include "form/interview-private.h"

#include <math.h>

gboolean
plaza_interview_eval (PlazaInterview *self,
                      PlazaXPath *xpath,
                      PlazaNode *node,
                      PlazaNode *current,
                      PlazaXPathValue *out,
                      GError **error)
{
  PlazaXPathContext context = {
    .node = node, .current = current, .host = &self->host, .deadline = self->deadline
  };

  PlazaField *before = self->evaluating;
  gboolean ready = self->random_ready;
  guint64 state = self->random;

  g_rec_mutex_lock (&self->form->lock);
  if (node->state != NULL && node->tree == self->tree)
    self->evaluating = node->state;
  self->random_ready = FALSE;
  gboolean good = plaza_xpath_evaluate (xpath, &context, out, error);
  self->evaluating = before;
  self->random_ready = ready;
  self->random = state;
  g_rec_mutex_unlock (&self->form->lock);
  return good;
}

/* A number that is none is an empty value, as in every ODK engine. */
char *
plaza_interview_eval_string (PlazaInterview *self,
                             PlazaXPath *xpath,
                             PlazaNode *node,
                             GError **error)
{
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;

  if (!plaza_interview_eval (self, xpath, node, NULL, &value, error))
    return NULL;
  if (value.type == PLAZA_XPATH_NUMBER && isnan (value.number))
    return g_strdup ("");
  return plaza_xpath_value_to_string (&value);
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

/* The truth of @expr at @field; @fallback when it fails. */
gboolean
plaza_interview_eval_boolean (PlazaInterview *self,
                              PlazaExpr *expr,
                              PlazaField *field,
                              gboolean fallback)
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

/* Random numbers are the same again when an interview is replayed: they come from its id, the field
 * and how often it was computed, so that it does not matter when somebody looks at a list. */
static guint64
host_random (gpointer data)
{
  PlazaInterview *self = data;

  if (!self->random_ready)
    {
      PlazaField *field = self->evaluating;
      g_autofree char *ref = field != NULL ? plaza_field_dup_stable_ref (field) : g_strdup ("");
      g_autofree char *seed =
          g_strdup_printf ("%s %s %u", self->seed, ref, field != NULL ? field->draws : 0);
      self->random = G_GUINT64_CONSTANT (0xcbf29ce484222325);
      for (const char *p = seed; *p != '\0'; p++)
        self->random = (self->random ^ (guchar) *p) * G_GUINT64_CONSTANT (0x100000001b3);
      self->random_ready = TRUE;
    }
  /* SplitMix64 */
  guint64 z = self->random += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static PlazaNode *
host_instance (const char *id, gpointer data)
{
  PlazaInterview *self = data;
  PlazaSecondary *secondary = g_hash_table_lookup (self->form->secondary, id);

  if (secondary != NULL)
    return plaza_tree_document (secondary->tree);
  return g_str_equal (id, self->form->primary_id) ? plaza_tree_document (self->tree) : NULL;
}

static char *
host_itext (const char *id, gpointer data)
{
  PlazaInterview *self = data;

  return plaza_interview_itext (self, id, self->evaluating, NULL);
}

static char *
host_choice_name (PlazaNode *context, const char *value, const char *reference, gpointer data)
{
  PlazaInterview *self = data;
  PlazaField *near = context != NULL ? context->state : NULL;
  PlazaModelNode *model = plaza_form_resolve (self->form, reference,
                                              near != NULL ? near->model : self->root->model, NULL);
  PlazaField *select = model != NULL ? plaza_field_locate (self, model, near, NULL) : NULL;

  return select != NULL ? g_strdup (plaza_field_choice_label (select, value)) : NULL;
}

static gint64
host_now (gpointer data)
{
  PlazaInterview *self = data;

  return self->now != NULL ? self->now (self->now_data) : g_get_real_time ();
}

void
plaza_interview_init_host (PlazaInterview *self)
{
  self->host = (PlazaXPathHost){ .instance = host_instance,
                                 .random = host_random,
                                 .itext = host_itext,
                                 .choice_name = host_choice_name,
                                 .now = host_now,
                                 .zone = self->zone,
                                 .data = self };
}

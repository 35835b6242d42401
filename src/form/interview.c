/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/interview-private.h"

#include <string.h>

#include "base/text.h"

#define MAX_ANSWER (1024u * 1024u)

enum
{
  SIGNAL_FIELD_CHANGED,
  SIGNAL_STRUCTURE_CHANGED,
  SIGNAL_PAGES_CHANGED,
  SIGNAL_LANGUAGE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaInterview, plaza_interview, G_TYPE_OBJECT)

static void
plaza_interview_finalize (GObject *object)
{
  PlazaInterview *self = PLAZA_INTERVIEW (object);

  GHashTableIter iter;
  gpointer page;
  plaza_interview_drop_pages (self);
  g_hash_table_iter_init (&iter, self->known);
  while (g_hash_table_iter_next (&iter, NULL, &page))
    plaza_page_detach (page);
  g_clear_pointer (&self->known, g_hash_table_unref);
  for (guint i = 0; self->pending != NULL && i < self->form->ranked->len; i++)
    g_clear_pointer (&self->pending[i], g_ptr_array_unref);
  g_free (self->pending);
  g_queue_clear_full (&self->actions, g_free);
  g_array_unref (self->heap);
  g_ptr_array_unref (self->touched);
  g_ptr_array_unref (self->fields);
  g_ptr_array_unref (self->no_choices);
  g_clear_pointer (&self->tree, plaza_tree_unref);
  g_clear_pointer (&self->zone, g_time_zone_unref);
  g_clear_error (&self->problem);
  g_free (self->instance_id);
  g_free (self->seed);
  g_free (self->deprecated_id);
  for (guint i = 0; i < G_N_ELEMENTS (self->properties); i++)
    g_free (self->properties[i]);
  g_clear_pointer (&self->form, plaza_form_unref);
  G_OBJECT_CLASS (plaza_interview_parent_class)->finalize (object);
}

static void
plaza_interview_class_init (PlazaInterviewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plaza_interview_finalize;

  signals[SIGNAL_FIELD_CHANGED] =
      g_signal_new ("field-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_UINT);
  signals[SIGNAL_STRUCTURE_CHANGED] =
      g_signal_new ("structure-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_PAGES_CHANGED] =
      g_signal_new ("pages-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LANGUAGE_CHANGED] =
      g_signal_new ("language-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
plaza_interview_init (PlazaInterview *self)
{
  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_field_free);
  self->heap = g_array_new (FALSE, FALSE, sizeof (guint));
  self->touched = g_ptr_array_new ();
  self->no_choices = g_ptr_array_new ();
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_queue_init (&self->actions);
}

PlazaForm *
plaza_interview_get_form (PlazaInterview *self)
{
  return self->form;
}

const char *
plaza_interview_get_instance_id (PlazaInterview *self)
{
  PlazaField *field = plaza_interview_field_of (self, self->form->instance_id);

  return field != NULL ? plaza_field_peek (field) : "";
}

char *
plaza_interview_dup_instance_name (PlazaInterview *self)
{
  PlazaField *field = plaza_interview_field_of (self, self->form->instance_name);

  return g_strdup (field != NULL && field->relevant ? plaza_field_peek (field) : "");
}

const GError *
plaza_interview_get_problem (PlazaInterview *self)
{
  return self->problem;
}

/* Language */

const char *
plaza_interview_get_language (PlazaInterview *self)
{
  return g_ptr_array_index (self->form->languages, self->language);
}

gboolean
plaza_interview_set_language (PlazaInterview *self, const char *language, GError **error)
{
  const char *found = plaza_form_find_language (self->form, language);
  guint index;

  if (found == NULL || !g_ptr_array_find (self->form->languages, found, &index))
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the form has no language “%s”", language);
  if (index == self->language)
    return TRUE;
  self->language = index;
  g_clear_error (&self->problem);
  for (guint i = 0; i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      plaza_field_clear_texts (field);
      plaza_field_clear_choices (field);
      for (guint kind = 0; kind <= PLAZA_EXPR_LAST_RANKED; kind++)
        if (field->model->exprs[kind] != NULL && field->model->exprs[kind]->language &&
            field->kind == PLAZA_FIELD_VALUE && !plaza_field_is_parked (field))
          plaza_interview_mark (self, field->model->exprs[kind], field);
    }
  plaza_interview_run (self);
  g_signal_emit (self, signals[SIGNAL_LANGUAGE_CHANGED], 0);
  return TRUE;
}

/* Finding */

PlazaField *
plaza_interview_get_root (PlazaInterview *self)
{
  return self->root;
}

static PlazaField *
child_named (PlazaField *field, const char *name)
{
  if (*name == '@')
    {
      PlazaField *frame = field->frame;
      guint n = frame->kind == PLAZA_FIELD_ROOT ? field->interview->form->n_root_slots
                                                : frame->model->n_slots;
      for (guint i = 0; i < n; i++)
        if (frame->slots[i] != NULL && frame->slots[i]->model->attribute &&
            frame->slots[i]->parent == field &&
            g_str_equal (frame->slots[i]->model->name, name + 1))
          return frame->slots[i];
      return NULL;
    }
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < plaza_field_get_n_children (field); i++)
      {
        PlazaField *child = g_ptr_array_index (field->children, i);
        if (g_str_equal (pass == 0 ? child->model->name : child->model->local, name))
          return child;
      }
  return NULL;
}

static PlazaField *
instance_with (PlazaField *repeat, guint serial)
{
  GPtrArray *const lists[] = { repeat->children, repeat->parked };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i]->len; k++)
      if (((PlazaField *) g_ptr_array_index (lists[i], k))->serial == serial)
        return g_ptr_array_index (lists[i], k);
  return NULL;
}

PlazaField *
plaza_interview_find (PlazaInterview *self, const char *ref)
{
  g_auto (GStrv) steps = g_strsplit (*ref == '/' ? ref + 1 : ref, "/", -1);
  PlazaField *field = self->root;

  if (steps[0] == NULL || (!g_str_equal (steps[0], self->root->model->name) &&
                           !g_str_equal (steps[0], self->root->model->local)))
    return NULL;
  for (guint i = 1; steps[i] != NULL && field != NULL; i++)
    {
      char *bracket = strchr (steps[i], '[');
      if (bracket != NULL)
        *bracket++ = '\0';
      if (field->kind == PLAZA_FIELD_REPEAT)
        field = plaza_field_get_child (field, 0);
      if (field != NULL)
        field = child_named (field, steps[i]);
      if (field == NULL || bracket == NULL)
        continue;
      gboolean stable = *bracket == '@';
      char *end;
      guint64 number = g_ascii_strtoull (bracket + stable, &end, 10);
      if (number == 0 || number > G_MAXUINT || !g_str_equal (end, "]"))
        return NULL;
      if (field->kind == PLAZA_FIELD_REPEAT)
        field = stable ? instance_with (field, (guint) number)
                       : plaza_field_get_child (field, (guint) number - 1);
      else if (stable || number != 1)
        return NULL;
    }
  return field;
}

PlazaField *
plaza_interview_find_fill (PlazaInterview *self, const char *fill)
{
  for (guint i = 0; i < self->form->nodes->len; i++)
    {
      PlazaModelNode *model = g_ptr_array_index (self->form->nodes, i);
      if (g_strcmp0 (model->fill, fill) == 0)
        return plaza_interview_field_of (self, model);
    }
  return NULL;
}

PlazaField *
plaza_interview_find_name (PlazaInterview *self, PlazaField *within, const char *name)
{
  PlazaField *field = within != NULL ? within : self->root;

  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    {
      PlazaField *child = g_ptr_array_index (field->children, i);
      if (g_str_equal (child->model->name, name) || g_str_equal (child->model->local, name))
        return child;
      PlazaField *found = child->kind == PLAZA_FIELD_GROUP || child->kind == PLAZA_FIELD_ROOT
                              ? plaza_interview_find_name (self, child, name)
                              : NULL;
      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Answering */

static char *
not_valid (PlazaField *field, GError **error, const char *why)
{
  plaza_throw (error, PLAZA_ERROR_INVALID, "%s: %s", field->model->ref, why);
  return NULL;
}

/* @value as it would be stored, or NULL when it cannot be. */
static char *
normalise (PlazaField *field, const char *value, gboolean cast, GError **error)
{
  PlazaModelNode *model = field->model;
  double start, end, step;
  g_autofree char *clean = NULL;

  if (value == NULL || *value == '\0')
    return g_strdup ("");
  if (strlen (value) > MAX_ANSWER)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "%s: more than 1 MiB", model->ref);
      return NULL;
    }
  clean = plaza_text_clean (value, -1, NULL, error);
  if (clean == NULL)
    {
      g_prefix_error (error, "%s: ", model->ref);
      return NULL;
    }
  if (plaza_field_chooses (field) && *clean != '\0')
    {
      gboolean all;
      g_autofree char *kept = plaza_field_filter_choices (field, clean, &all);
      if (!all)
        return not_valid (field, error, "not one of its choices");
      if (model->control == PLAZA_CONTROL_RANK)
        {
          g_auto (GStrv) parts = g_strsplit (kept, " ", -1);
          if (g_strv_length (parts) != plaza_field_get_choices (field)->len)
            return not_valid (field, error, "a rank has all its choices");
        }
      return g_steal_pointer (&kept);
    }
  if (model->control == PLAZA_CONTROL_TRIGGER && *clean != '\0' && !g_str_equal (clean, "OK"))
    return not_valid (field, error, "an acknowledgement is OK or nothing");
  g_autofree char *normal = plaza_value_normalise (model->value_type, clean, cast);
  if (normal == NULL)
    return not_valid (field, error, "not of its value type");
  if (*normal != '\0' && plaza_model_node_get_range (model, &start, &end, &step))
    {
      double number = g_ascii_strtod (normal, NULL);
      if (number < MIN (start, end) || number > MAX (start, end))
        return not_valid (field, error, "out of its range");
    }
  return g_steal_pointer (&normal);
}

static gboolean
may_answer (PlazaField *field, GError **error)
{
  const char *ref = field->model->ref;

  if (field->kind != PLAZA_FIELD_VALUE || field->model->control == PLAZA_CONTROL_NONE ||
      field->model->control == PLAZA_CONTROL_NOTE)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s is not a question", ref);
  if (plaza_field_is_parked (field))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "%s was put aside", ref);
  if (!field->relevant)
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "%s is not asked now", ref);
  if (plaza_field_is_readonly (field))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "%s cannot be changed", ref);
  return TRUE;
}

gboolean
plaza_interview_check_answer (PlazaInterview *self,
                              PlazaField *field,
                              const char *value,
                              char **out_normalised,
                              GError **error)
{
  g_return_val_if_fail (PLAZA_IS_INTERVIEW (self), FALSE);

  if (!may_answer (field, error))
    return FALSE;
  g_autofree char *normal = normalise (field, value, FALSE, error);
  if (normal == NULL)
    return FALSE;
  if (out_normalised != NULL)
    *out_normalised = g_steal_pointer (&normal);
  return TRUE;
}

static gboolean
store (PlazaInterview *self, PlazaField *field, const char *value, gboolean cast, GError **error)
{
  g_autofree char *normal = normalise (field, value, cast, error);

  if (normal == NULL)
    return FALSE;
  g_clear_error (&self->problem);
  g_clear_pointer (&field->given, g_free);
  field->answered = *normal != '\0';
  plaza_interview_put (self, field, normal);
  plaza_interview_run (self);
  return TRUE;
}

gboolean
plaza_interview_set_answer (PlazaInterview *self,
                            PlazaField *field,
                            const char *value,
                            GError **error)
{
  g_return_val_if_fail (PLAZA_IS_INTERVIEW (self), FALSE);

  return may_answer (field, error) && store (self, field, value, FALSE, error);
}

gboolean
plaza_interview_set_value (PlazaInterview *self,
                           PlazaField *field,
                           const char *value,
                           GError **error)
{
  g_return_val_if_fail (PLAZA_IS_INTERVIEW (self), FALSE);

  if (field->kind != PLAZA_FIELD_VALUE || field->node == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s holds no value here", field->model->ref);
  return store (self, field, value, TRUE, error);
}

/* Expressions of others */

static PlazaXPath *
compile (PlazaInterview *self, const char *expression, GError **error)
{
  g_rec_mutex_lock (&self->form->lock);
  PlazaXPath *xpath = plaza_xpath_compile (expression, self->root->node, error);
  g_rec_mutex_unlock (&self->form->lock);
  return xpath;
}

gboolean
plaza_interview_test (PlazaInterview *self,
                      const char *expression,
                      gboolean *out_value,
                      GError **error)
{
  g_autoptr (PlazaXPath) xpath = compile (self, expression, error);
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;

  if (xpath == NULL || !plaza_interview_eval (self, xpath, self->root->node, NULL, &value, error))
    return FALSE;
  *out_value = plaza_xpath_value_to_boolean (&value);
  return TRUE;
}

char *
plaza_interview_evaluate (PlazaInterview *self, const char *expression, GError **error)
{
  g_autoptr (PlazaXPath) xpath = compile (self, expression, error);

  return xpath != NULL ? plaza_interview_eval_string (self, xpath, self->root->node, error) : NULL;
}

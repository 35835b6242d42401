/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/interview-private.h"

#include <string.h>

PlazaField *
plaza_field_new (PlazaInterview *interview, PlazaModelNode *model, PlazaFieldKind kind)
{
  PlazaField *self = g_new0 (PlazaField, 1);

  self->interview = interview;
  self->model = model;
  self->kind = kind;
  self->own_relevant = TRUE;
  if (kind != PLAZA_FIELD_VALUE)
    self->children = g_ptr_array_new ();
  if (kind == PLAZA_FIELD_REPEAT)
    {
      self->parked = g_ptr_array_new ();
      self->next_serial = 1;
    }
  if (kind == PLAZA_FIELD_ROOT)
    self->slots = g_new0 (PlazaField *, interview->form->n_root_slots);
  else if (kind == PLAZA_FIELD_INSTANCE)
    self->slots = g_new0 (PlazaField *, model->n_slots + 1);
  g_ptr_array_add (interview->fields, self);
  return self;
}

void
plaza_field_free (PlazaField *self)
{
  plaza_field_clear_texts (self);
  plaza_field_clear_choices (self);
  g_clear_pointer (&self->chunk, g_string_chunk_free);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_clear_pointer (&self->parked, g_ptr_array_unref);
  g_free (self->slots);
  g_free (self->held);
  g_free (self->given);
  g_free (self);
}

void
plaza_field_clear_texts (PlazaField *self)
{
  self->texts = 0;
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->hint, g_free);
  g_clear_pointer (&self->guidance, g_free);
  g_clear_pointer (&self->message, g_free);
}

PlazaModelNode *
plaza_field_get_model (PlazaField *self)
{
  return self->model;
}

PlazaFieldKind
plaza_field_get_kind (PlazaField *self)
{
  return self->kind;
}

PlazaValueType
plaza_field_get_value_type (PlazaField *self)
{
  return self->kind == PLAZA_FIELD_VALUE ? self->model->value_type : PLAZA_VALUE_NONE;
}

PlazaControl
plaza_field_get_control (PlazaField *self)
{
  return self->kind == PLAZA_FIELD_VALUE ? self->model->control : PLAZA_CONTROL_NONE;
}

const char *
plaza_field_get_name (PlazaField *self)
{
  return self->model->name;
}

static void
append_ref (PlazaField *self, GString *ref, gboolean stable)
{
  /* An instance and its repeat are one step. */
  PlazaField *above = self->kind == PLAZA_FIELD_INSTANCE ? self->parent->parent : self->parent;

  if (above != NULL)
    append_ref (above, ref, stable);
  g_string_append_printf (ref, "/%s%s", self->model->attribute ? "@" : "", self->model->name);
  if (self->kind != PLAZA_FIELD_INSTANCE)
    return;
  if (stable || self->state != PLAZA_INSTANCE_ACTIVE)
    g_string_append_printf (ref, "[@%u]", self->serial);
  else
    g_string_append_printf (ref, "[%u]", plaza_field_get_position (self));
}

char *
plaza_field_dup_ref (PlazaField *self)
{
  GString *ref = g_string_new (NULL);

  append_ref (self, ref, FALSE);
  return g_string_free (ref, FALSE);
}

char *
plaza_field_dup_stable_ref (PlazaField *self)
{
  GString *ref = g_string_new (NULL);

  append_ref (self, ref, TRUE);
  return g_string_free (ref, FALSE);
}

PlazaField *
plaza_field_get_parent (PlazaField *self)
{
  return self->parent;
}

guint
plaza_field_get_n_children (PlazaField *self)
{
  return self->children != NULL ? self->children->len : 0;
}

PlazaField *
plaza_field_get_child (PlazaField *self, guint index)
{
  return index < plaza_field_get_n_children (self) ? g_ptr_array_index (self->children, index)
                                                   : NULL;
}

PlazaField *
plaza_field_get_instance (PlazaField *self)
{
  return self->instance;
}

guint
plaza_field_get_position (PlazaField *self)
{
  guint index;

  if (self->kind != PLAZA_FIELD_INSTANCE || self->state != PLAZA_INSTANCE_ACTIVE ||
      !g_ptr_array_find (self->parent->children, self, &index))
    return 0;
  return index + 1;
}

gboolean
plaza_field_is_parked (PlazaField *self)
{
  for (PlazaField *at = self->instance; at != NULL; at = at->parent->instance)
    if (at->state != PLAZA_INSTANCE_ACTIVE)
      return TRUE;
  return FALSE;
}

gboolean
plaza_field_can_add (PlazaField *self)
{
  return self->kind == PLAZA_FIELD_REPEAT && self->model->exprs[PLAZA_EXPR_COUNT] == NULL &&
         !self->model->no_add_remove && !plaza_field_is_parked (self) &&
         self->children->len < self->interview->form->limits.max_repeat_instances;
}

gboolean
plaza_field_can_remove (PlazaField *self)
{
  return self->kind == PLAZA_FIELD_INSTANCE && self->state == PLAZA_INSTANCE_ACTIVE &&
         self->model->exprs[PLAZA_EXPR_COUNT] == NULL && !self->model->no_add_remove;
}

gboolean
plaza_field_is_relevant (PlazaField *self)
{
  return self->relevant && !plaza_field_is_parked (self);
}

gboolean
plaza_field_is_required (PlazaField *self)
{
  return self->required;
}

gboolean
plaza_field_is_readonly (PlazaField *self)
{
  for (; self != NULL; self = self->parent)
    if (self->own_readonly)
      return TRUE;
  return FALSE;
}

PlazaValidity
plaza_field_get_validity (PlazaField *self)
{
  return self->validity;
}

const char *
plaza_field_peek (PlazaField *self)
{
  if (self->node != NULL && self->kind == PLAZA_FIELD_VALUE)
    return plaza_node_peek_value (self->node);
  return self->held != NULL ? self->held : "";
}

const char *
plaza_field_get_value (PlazaField *self)
{
  return plaza_field_peek (self);
}

gboolean
plaza_field_has_choice (PlazaField *self, const char *value)
{
  const char *p = plaza_field_peek (self);
  gsize length = strlen (value);

  while (*p != '\0')
    {
      gsize n = strcspn (p, " ");
      if (n == length && strncmp (p, value, n) == 0)
        return TRUE;
      p += n + (p[n] == ' ');
    }
  return FALSE;
}

gboolean
plaza_field_is_answered (PlazaField *self)
{
  if (self->kind == PLAZA_FIELD_VALUE)
    return self->answered && *plaza_field_peek (self) != '\0';
  for (guint i = 0; i < self->children->len; i++)
    if (plaza_field_is_answered (g_ptr_array_index (self->children, i)))
      return TRUE;
  return FALSE;
}

/* The field of @model in the same instances as @near; where they part, the first instance, and
 * @out_ambiguous tells when there are more. */
PlazaField *
plaza_field_locate (PlazaInterview *interview,
                    PlazaModelNode *model,
                    PlazaField *near,
                    gboolean *out_ambiguous)
{
  PlazaField *frame = interview->root;
  g_autoptr (GPtrArray) repeats = g_ptr_array_new ();

  if (out_ambiguous != NULL)
    *out_ambiguous = FALSE;
  for (PlazaModelNode *repeat = model->frame; repeat != NULL; repeat = repeat->frame)
    g_ptr_array_add (repeats, repeat);
  for (guint i = repeats->len; i > 0 && frame != NULL; i--)
    {
      PlazaModelNode *repeat = g_ptr_array_index (repeats, i - 1);
      PlazaField *range = frame->slots[repeat->slot];
      PlazaField *chosen = NULL;
      for (PlazaField *at = near != NULL ? near->instance : NULL; at != NULL && chosen == NULL;
           at = at->parent->instance)
        if (at->parent == range)
          chosen = at;
      if (chosen == NULL && range != NULL)
        {
          chosen = plaza_field_get_child (range, 0);
          if (range->children->len > 1 && out_ambiguous != NULL)
            *out_ambiguous = TRUE;
        }
      frame = chosen;
    }
  return frame != NULL ? frame->slots[model->slot] : NULL;
}

static const char *
text_of (PlazaField *self, guint which, char **store, PlazaText *text, const char *form)
{
  if ((self->texts & (1u << which)) == 0)
    {
      g_free (*store);
      *store = text != NULL ? plaza_interview_text (self->interview, text, self, form) : NULL;
      self->texts |= 1u << which;
    }
  return *store;
}

const char *
plaza_field_get_label (PlazaField *self)
{
  return text_of (self, 0, &self->label, plaza_model_node_get_label (self->model), NULL);
}

const char *
plaza_field_get_hint (PlazaField *self)
{
  return text_of (self, 1, &self->hint, plaza_model_node_get_hint (self->model), NULL);
}

const char *
plaza_field_get_guidance (PlazaField *self)
{
  return text_of (self, 2, &self->guidance, plaza_model_node_get_hint (self->model), "guidance");
}

char *
plaza_field_dup_media (PlazaField *self, const char *form)
{
  PlazaText *text = plaza_model_node_get_label (self->model);

  return text != NULL ? plaza_interview_text (self->interview, text, self, form) : NULL;
}

const char *
plaza_field_get_message (PlazaField *self)
{
  PlazaText *text = self->validity == PLAZA_VALIDITY_REQUIRED     ? self->model->required_message
                    : self->validity == PLAZA_VALIDITY_CONSTRAINT ? self->model->constraint_message
                                                                  : NULL;

  return text_of (self, 3, &self->message, text, NULL);
}

char *
plaza_field_dup_display (PlazaField *self)
{
  const char *value = plaza_field_peek (self);

  if (!plaza_field_chooses (self) || *value == '\0')
    return g_strdup (value);
  g_auto (GStrv) parts = g_strsplit (value, " ", -1);
  GString *text = g_string_new (NULL);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *label = plaza_field_choice_label (self, parts[i]);
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", label != NULL ? label : parts[i]);
    }
  return g_string_free (text, FALSE);
}

/* The first question below, of those where one is chosen or of those that are answered. */
static PlazaField *
find_question (PlazaField *self, gboolean select1)
{
  if (self->kind == PLAZA_FIELD_VALUE)
    return select1 ? (self->model->control == PLAZA_CONTROL_SELECT1 ? self : NULL)
           : plaza_field_is_answered (self) && self->model->control != PLAZA_CONTROL_NONE ? self
                                                                                          : NULL;
  for (guint i = 0; i < self->children->len; i++)
    {
      PlazaField *found = find_question (g_ptr_array_index (self->children, i), select1);
      if (found != NULL)
        return found;
    }
  return NULL;
}

char *
plaza_field_dup_summary (PlazaField *self)
{
  PlazaField *field = find_question (self, TRUE);

  /* Not the next choice: "No" to something else says nothing of a page without a topic. */
  if (field == NULL || !plaza_field_is_answered (field))
    field = find_question (self, FALSE);
  return field != NULL ? plaza_field_dup_display (field) : g_strdup ("");
}

const char *
plaza_field_get_privacy (PlazaField *self)
{
  return plaza_model_node_get_privacy (self->model);
}

const char *
plaza_field_get_paper (PlazaField *self)
{
  return self->model->paper;
}

const char *
plaza_field_get_fill (PlazaField *self)
{
  return self->model->fill;
}

gboolean
plaza_field_is_contact (PlazaField *self)
{
  return self->model->contact;
}

gboolean
plaza_field_is_aloud (PlazaField *self)
{
  return self->model->aloud;
}

gboolean
plaza_field_has_appearance (PlazaField *self, const char *word)
{
  return plaza_model_node_has_appearance (self->model, word);
}

const char *
plaza_validity_get_name (PlazaValidity validity)
{
  static const char *const names[] = { "ok", "required", "type", "choice", "constraint" };

  return validity < G_N_ELEMENTS (names) ? names[validity] : "";
}

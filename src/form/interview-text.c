/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Texts of a live interview: the current language, outputs filled in. */

#include "form/interview-private.h"

/* Where the outputs in a field's texts are evaluated. */
static PlazaNode *
context_of (PlazaInterview *self, PlazaField *field)
{
  if (field == NULL)
    return self->root->node;
  if (field->node != NULL)
    return field->node;
  if (field->kind == PLAZA_FIELD_REPEAT && field->children->len > 0)
    return ((PlazaField *) g_ptr_array_index (field->children, 0))->node;
  return field->parent != NULL ? context_of (self, field->parent) : self->root->node;
}

static char *
join (PlazaInterview *self, GPtrArray *segments, PlazaField *field)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < segments->len; i++)
    {
      PlazaSegment *segment = g_ptr_array_index (segments, i);
      g_autoptr (GError) error = NULL;
      if (segment->output == NULL)
        {
          g_string_append (text, segment->words);
          continue;
        }
      g_autofree char *value =
          plaza_interview_eval_string (self, segment->output, context_of (self, field), &error);
      if (value != NULL)
        g_string_append (text, value);
      else
        plaza_interview_note (self, field, g_steal_pointer (&error));
    }
  return g_string_free (text, FALSE);
}

static GPtrArray *
find_value (PlazaInterview *self, guint language, const char *id, const char *form)
{
  GPtrArray *values = plaza_form_get_itext (self->form, language, id);

  for (guint i = 0; values != NULL && i < values->len; i++)
    {
      PlazaItextValue *value = g_ptr_array_index (values, i);
      if (g_strcmp0 (value->form, form) == 0)
        return value->segments;
    }
  if (form == NULL && values != NULL)
    for (guint i = 0; i < values->len; i++)
      {
        PlazaItextValue *value = g_ptr_array_index (values, i);
        if (g_strcmp0 (value->form, "long") == 0 || g_strcmp0 (value->form, "short") == 0)
          return value->segments;
      }
  return NULL;
}

/* XLSForm tools write "-" where a translation is missing. */
static gboolean
is_missing (GPtrArray *segments)
{
  PlazaSegment *first = segments->len == 1 ? g_ptr_array_index (segments, 0) : NULL;

  return segments->len == 0 || (first != NULL && g_strcmp0 (first->words, "-") == 0);
}

char *
plaza_interview_itext (PlazaInterview *self, const char *id, PlazaField *field, const char *form)
{
  guint n = self->form->itext->len;
  GPtrArray *fallback = NULL;

  for (guint i = 0; i < n + 2; i++)
    {
      guint language = i == 0 ? self->language : i == 1 ? self->form->default_language : i - 2;
      GPtrArray *segments = language < n ? find_value (self, language, id, form) : NULL;
      if (segments != NULL && !is_missing (segments))
        return join (self, segments, field);
      if (fallback == NULL)
        fallback = segments;
    }
  return fallback != NULL ? join (self, fallback, field) : NULL;
}

char *
plaza_interview_text (PlazaInterview *self, PlazaText *text, PlazaField *field, const char *form)
{
  g_autoptr (GError) error = NULL;

  if (text->kind == PLAZA_TEXT_ITEXT)
    return plaza_interview_itext (self, text->id, field, form);
  if (form != NULL)
    return NULL;
  if (text->kind == PLAZA_TEXT_INLINE)
    return join (self, text->segments, field);
  char *words = plaza_interview_eval_string (self, text->xpath, context_of (self, field), &error);
  if (words == NULL)
    plaza_interview_note (self, field, g_steal_pointer (&error));
  return words;
}

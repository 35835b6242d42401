/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Texts: labels, hints and messages with their outputs, and itext in its languages. */

#include "form/form-private.h"

#include <string.h>

static void
add_words (GPtrArray *segments, const char *words)
{
  if (words == NULL || *words == '\0')
    return;
  PlazaSegment *segment = g_new0 (PlazaSegment, 1);
  segment->words = g_strdup (words);
  g_ptr_array_add (segments, segment);
}

/* White space at both ends belongs to the layout of the XML, not to the text. */
static void
trim (GPtrArray *segments)
{
  if (segments->len == 0)
    return;
  PlazaSegment *first = g_ptr_array_index (segments, 0);
  PlazaSegment *last = g_ptr_array_index (segments, segments->len - 1);
  if (first->words != NULL)
    g_strchug (first->words);
  if (last->words != NULL)
    g_strchomp (last->words);
}

static gboolean
add_segments (PlazaLoader *self, PlazaNode *element, GPtrArray *segments, GError **error)
{
  if (element->first_child == NULL)
    add_words (segments, plaza_node_peek_value (element));
  for (PlazaNode *child = element->first_child; child != NULL; child = child->next)
    {
      if (child->kind == PLAZA_NODE_TEXT)
        add_words (segments, child->value);
      else if (child->kind != PLAZA_NODE_ELEMENT)
        continue;
      else if (plaza_node_is (child, NULL, "output"))
        {
          const char *value = plaza_node_get_attribute (child, NULL, "value");
          if (value == NULL)
            value = plaza_node_get_attribute (child, NULL, "ref");
          if (value == NULL)
            return plaza_load_throw (error, PLAZA_ERROR_INVALID, child, "there is no value");
          PlazaSegment *segment = g_new0 (PlazaSegment, 1);
          g_ptr_array_add (segments, segment);
          segment->output = plaza_load_compile (self, value, child, "value", error);
          if (segment->output == NULL)
            return FALSE;
        }
      else if (!add_segments (self, child, segments, error))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
plaza_load_segments (PlazaLoader *self, PlazaNode *element, GError **error)
{
  g_autoptr (GPtrArray) segments = plaza_segments_new ();

  if (!add_segments (self, element, segments, error))
    return NULL;
  trim (segments);
  return g_steal_pointer (&segments);
}

/* The id in `jr:itext('id')`, or NULL when @source is anything else. */
static char *
literal_itext (const char *source)
{
  g_autofree char *text = g_strstrip (g_strdup (source));

  if (!g_str_has_prefix (text, "jr:itext("))
    return NULL;
  char *p = text + strlen ("jr:itext(");
  while (g_ascii_isspace (*p))
    p++;
  char quote = *p;
  if (quote != '\'' && quote != '"')
    return NULL;
  char *end = strchr (p + 1, quote);
  if (end == NULL)
    return NULL;
  char *rest = end + 1;
  while (g_ascii_isspace (*rest))
    rest++;
  return g_str_equal (rest, ")") ? g_strndup (p + 1, end - p - 1) : NULL;
}

static gboolean
itext_exists (PlazaForm *form, const char *id)
{
  for (guint i = 0; i < form->itext->len; i++)
    if (plaza_form_get_itext (form, i, id) != NULL)
      return TRUE;
  return FALSE;
}

static PlazaText *
reference (PlazaLoader *self, const char *ref, PlazaNode *where, GError **error)
{
  g_autofree char *id = literal_itext (ref);
  PlazaText *text = g_new0 (PlazaText, 1);

  if (id != NULL && itext_exists (self->form, id))
    {
      text->kind = PLAZA_TEXT_ITEXT;
      text->id = g_steal_pointer (&id);
      return text;
    }
  if (id != NULL)
    {
      plaza_text_free (text);
      plaza_load_throw (error, PLAZA_ERROR_INVALID, where, "there is no text “%s”", id);
      return NULL;
    }
  text->kind = PLAZA_TEXT_COMPUTED;
  text->xpath = plaza_load_compile (self, ref, where, "ref", error);
  if (text->xpath == NULL)
    g_clear_pointer (&text, plaza_text_free);
  return text;
}

PlazaText *
plaza_load_text (PlazaLoader *self, PlazaNode *element, GError **error)
{
  const char *ref = plaza_node_get_attribute (element, NULL, "ref");

  if (ref != NULL)
    return reference (self, ref, element, error);
  GPtrArray *segments = plaza_load_segments (self, element, error);
  if (segments == NULL)
    return NULL;
  PlazaText *text = g_new0 (PlazaText, 1);
  text->kind = PLAZA_TEXT_INLINE;
  text->segments = segments;
  return text;
}

PlazaText *
plaza_load_message (PlazaLoader *self, const char *value, PlazaNode *where, GError **error)
{
  if (strstr (value, "jr:itext(") != NULL)
    return reference (self, value, where, error);
  PlazaText *text = g_new0 (PlazaText, 1);
  text->kind = PLAZA_TEXT_INLINE;
  text->segments = plaza_segments_new ();
  add_words (text->segments, value);
  return text;
}

static void
itext_value_free (PlazaItextValue *self)
{
  g_free (self->form);
  g_ptr_array_unref (self->segments);
  g_free (self);
}

static gboolean
load_translation (PlazaLoader *self, PlazaNode *translation, GError **error)
{
  GHashTable *texts =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  g_ptr_array_add (self->form->itext, texts);
  for (PlazaNode *node = plaza_node_first_element (translation); node != NULL;
       node = plaza_node_next_element (node))
    {
      const char *id = plaza_node_get_attribute (node, NULL, "id");
      if (!plaza_node_is (node, NULL, "text"))
        return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, node, "only <text> belongs here");
      if (id == NULL)
        {
          plaza_load_warn (self, node, "a text has no id");
          continue;
        }
      GPtrArray *values = g_ptr_array_new_with_free_func ((GDestroyNotify) itext_value_free);
      g_hash_table_replace (texts, g_strdup (id), values);
      for (PlazaNode *value = plaza_node_first_element (node); value != NULL;
           value = plaza_node_next_element (value))
        {
          GPtrArray *segments = plaza_load_segments (self, value, error);
          if (segments == NULL)
            return FALSE;
          PlazaItextValue *entry = g_new0 (PlazaItextValue, 1);
          entry->form = g_strdup (plaza_node_get_attribute (value, NULL, "form"));
          entry->segments = segments;
          g_ptr_array_add (values, entry);
        }
    }
  return TRUE;
}

gboolean
plaza_load_itext (PlazaLoader *self, GError **error)
{
  PlazaForm *form = self->form;
  PlazaNode *itext = plaza_node_child (self->model, "itext");

  for (PlazaNode *node = itext != NULL ? plaza_node_first_element (itext) : NULL; node != NULL;
       node = plaza_node_next_element (node))
    {
      const char *language = plaza_node_get_attribute (node, NULL, "lang");
      if (!plaza_node_is (node, NULL, "translation"))
        return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, node,
                                 "only <translation> belongs here");
      if (language == NULL)
        language = "default";
      /* Whatever the attribute says ("true()", "", "1"), its presence marks the default. */
      if (plaza_node_get_attribute (node, NULL, "default") != NULL)
        form->default_language = form->languages->len;
      g_ptr_array_add (form->languages, g_strdup (language));
      if (!load_translation (self, node, error))
        return FALSE;
    }
  g_ptr_array_add (form->languages, NULL);
  return TRUE;
}

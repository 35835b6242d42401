/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* The choices of selects and ranks. */

#include "form/interview-private.h"

gboolean
plaza_field_chooses (PlazaField *self)
{
  return self->kind == PLAZA_FIELD_VALUE && self->model->choices != NULL;
}

/* A choice without a value clears the question: the form's doing, shown as it is. */
static PlazaChoice *
add_choice (PlazaField *self, const char *value, char *label)
{
  PlazaChoice *choice = g_new0 (PlazaChoice, 1);

  choice->value = g_string_chunk_insert (self->chunk, value);
  choice->label =
      label != NULL && *label != '\0' ? g_string_chunk_insert (self->chunk, label) : choice->value;
  g_ptr_array_add (self->choices, choice);
  g_free (label);
  return choice;
}

static void
add_media (PlazaField *self, PlazaChoice *choice, const char *id)
{
  static const char *const forms[] = { "image", "audio", "video" };
  const char **members[] = { &choice->image, &choice->audio, &choice->video };
  PlazaInterview *interview = self->interview;
  GPtrArray *values = plaza_form_get_itext (interview->form, interview->language, id);

  if (values == NULL || values->len < 2)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *media = plaza_interview_itext (interview, id, self, forms[i]);
      if (media != NULL)
        *members[i] = g_string_chunk_insert (self->chunk, media);
    }
}

static char *
part_of (PlazaField *self, PlazaNode *item, const char *name, PlazaXPath *xpath)
{
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  if (name != NULL)
    {
      PlazaNode *child = plaza_node_child (item, name);
      return child != NULL ? plaza_node_dup_string (child) : NULL;
    }
  if (xpath == NULL)
    return NULL;
  PlazaNode *current = self->node != NULL ? self->node : self->interview->root->node;
  if (plaza_interview_eval (self->interview, xpath, item, current, &value, &error))
    return plaza_xpath_value_to_string (&value);
  plaza_interview_note (self->interview, self, g_steal_pointer (&error));
  return NULL;
}

static char *
item_label (PlazaField *self, PlazaNode *item, char **out_id)
{
  PlazaChoiceSource *source = self->model->choices;

  if (source->label_itext == NULL)
    return part_of (self, item, source->label_name, source->label);
  g_autofree char *id = part_of (self, item, source->label_itext, NULL);
  char *label = id != NULL ? plaza_interview_itext (self->interview, id, self, NULL) : NULL;
  if (out_id != NULL)
    *out_id = g_steal_pointer (&id);
  return label;
}

static GPtrArray *
nodes_of (PlazaField *self, PlazaXPath *nodeset)
{
  PlazaNode *context = self->node != NULL ? self->node : self->interview->root->node;
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  if (!plaza_interview_eval (self->interview, nodeset, context, NULL, &value, &error))
    plaza_interview_note (self->interview, self, g_steal_pointer (&error));
  else if (value.type == PLAZA_XPATH_NODESET)
    return g_ptr_array_ref (value.nodes);
  return g_ptr_array_new ();
}

static void
build (PlazaField *self)
{
  PlazaChoiceSource *source = self->model->choices;

  self->choices = g_ptr_array_new_with_free_func (g_free);
  g_clear_pointer (&self->chunk, g_string_chunk_free);
  self->chunk = g_string_chunk_new (256);
  if (source->items != NULL)
    {
      for (guint i = 0; i < source->items->len; i++)
        {
          PlazaChoiceItem *item = g_ptr_array_index (source->items, i);
          char *label = item->label != NULL
                            ? plaza_interview_text (self->interview, item->label, self, NULL)
                            : NULL;
          PlazaChoice *choice = add_choice (self, item->value, label);
          if (item->label != NULL && item->label->kind == PLAZA_TEXT_ITEXT)
            add_media (self, choice, item->label->id);
        }
      return;
    }

  g_autoptr (GPtrArray) nodes = nodes_of (self, source->nodeset);
  for (guint i = 0; i < nodes->len; i++)
    {
      PlazaNode *item = g_ptr_array_index (nodes, i);
      g_autofree char *id = NULL;
      g_autofree char *value = part_of (self, item, source->value_name, source->value);
      PlazaChoice *choice =
          add_choice (self, value != NULL ? value : "", item_label (self, item, &id));
      if (id != NULL)
        add_media (self, choice, id);
    }
}

GPtrArray *
plaza_field_get_choices (PlazaField *self)
{
  if (!plaza_field_chooses (self) || self->node == NULL)
    return self->interview->no_choices;
  if (self->choices == NULL)
    build (self);
  return self->choices;
}

static PlazaChoice *
find_choice (PlazaField *self, const char *value)
{
  GPtrArray *choices = plaza_field_get_choices (self);

  if (choices == self->interview->no_choices)
    return NULL;
  if (self->by_value == NULL)
    {
      self->by_value = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = choices->len; i > 0; i--)
        {
          PlazaChoice *choice = g_ptr_array_index (choices, i - 1);
          g_hash_table_insert (self->by_value, (gpointer) choice->value, choice);
        }
    }
  return g_hash_table_lookup (self->by_value, value);
}

void
plaza_field_clear_choices (PlazaField *self)
{
  g_clear_pointer (&self->by_value, g_hash_table_unref);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
}

const char *
plaza_field_choice_label (PlazaField *self, const char *value)
{
  if (!plaza_field_chooses (self))
    return NULL;
  PlazaChoiceSource *source = self->model->choices;
  PlazaChoice *choice = find_choice (self, value);
  if (choice != NULL)
    return choice->label;
  if (source->nodeset == NULL || (source->unfiltered == NULL && self->node != NULL))
    return NULL;

  /* A topic that was unmarked still has a name. */
  g_autoptr (GPtrArray) nodes =
      nodes_of (self, source->unfiltered != NULL ? source->unfiltered : source->nodeset);
  for (guint i = 0; i < nodes->len; i++)
    {
      PlazaNode *item = g_ptr_array_index (nodes, i);
      g_autofree char *name = part_of (self, item, source->value_name, source->value);
      if (g_strcmp0 (name, value) != 0)
        continue;
      g_autofree char *label = item_label (self, item, NULL);
      if (self->chunk == NULL)
        self->chunk = g_string_chunk_new (256);
      return label != NULL ? g_string_chunk_insert_const (self->chunk, label) : NULL;
    }
  return NULL;
}

guint
plaza_field_get_choice_number (PlazaField *self, const char *value, guint *out_total)
{
  GPtrArray *choices = plaza_field_get_choices (self);
  PlazaChoiceSource *source = self->model->choices;

  if (source == NULL || source->unfiltered == NULL)
    {
      PlazaChoice *choice = find_choice (self, value);
      guint index;

      if (out_total != NULL)
        *out_total = choices->len;
      return choice != NULL && g_ptr_array_find (choices, choice, &index) ? index + 1 : 0;
    }
  g_autoptr (GPtrArray) nodes = nodes_of (self, source->unfiltered);
  if (out_total != NULL)
    *out_total = nodes->len;
  for (guint i = 0; i < nodes->len; i++)
    {
      g_autofree char *name =
          part_of (self, g_ptr_array_index (nodes, i), source->value_name, source->value);
      if (g_strcmp0 (name, value) == 0)
        return i + 1;
    }
  return 0;
}

/* Every part of @value is a choice, and a single choice is single. */
gboolean
plaza_field_allows (PlazaField *self, const char *value)
{
  if (!plaza_field_chooses (self) || *value == '\0')
    return TRUE;
  if (self->model->control == PLAZA_CONTROL_SELECT1)
    return find_choice (self, value) != NULL;
  g_auto (GStrv) parts = g_strsplit (value, " ", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && find_choice (self, parts[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* @value without the parts that are no choices, once each; of a select in the order of its
 * choices, of a rank as ranked with what is missing after it. */
char *
plaza_field_filter_choices (PlazaField *self, const char *value, gboolean *out_all)
{
  g_auto (GStrv) parts = NULL;
  GString *kept = g_string_new (NULL);
  g_autoptr (GHashTable) given = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *choices = plaza_field_get_choices (self);
  gboolean rank = self->model->control == PLAZA_CONTROL_RANK;
  guint n_kept = 0;

  if (self->model->control == PLAZA_CONTROL_SELECT1)
    {
      gboolean allowed = plaza_field_allows (self, value);
      *out_all = allowed;
      return g_string_free (allowed ? g_string_assign (kept, value) : kept, FALSE);
    }
  parts = g_strsplit_set (value, " \t\r\n", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && g_hash_table_add (given, parts[i]) && rank &&
        find_choice (self, parts[i]) != NULL)
      g_string_append_printf (kept, "%s%s", n_kept++ > 0 ? " " : "", parts[i]);
  for (guint i = 0; !rank && i < choices->len; i++)
    {
      PlazaChoice *choice = g_ptr_array_index (choices, i);
      if (g_hash_table_remove (given, choice->value))
        g_string_append_printf (kept, "%s%s", n_kept++ > 0 ? " " : "", choice->value);
    }
  *out_all = rank ? n_kept == g_hash_table_size (given) : g_hash_table_size (given) == 0;
  return g_string_free (kept, FALSE);
}

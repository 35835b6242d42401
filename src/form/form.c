/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/form-private.h"

#include <string.h>

const PlazaFormLimits PLAZA_FORM_LIMITS_DEFAULT = {
  .max_bytes = 16 * 1024 * 1024,
  .max_media_bytes = 64 * 1024 * 1024,
  .max_depth = 60,
  .max_nodes = 200000,
  .max_choices = 1500000,
  .max_repeat_instances = 2000,
  .max_milliseconds = 4000,
};

G_DEFINE_BOXED_TYPE (PlazaForm, plaza_form, plaza_form_ref, plaza_form_unref)

static void
segment_free (PlazaSegment *self)
{
  g_free (self->words);
  g_free (self);
}

GPtrArray *
plaza_segments_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) segment_free);
}

void
plaza_text_free (PlazaText *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->segments, g_ptr_array_unref);
  g_free (self->id);
  g_free (self);
}

void
plaza_body_free (PlazaBody *self)
{
  if (self == NULL)
    return;
  plaza_text_free (self->label);
  plaza_text_free (self->hint);
  g_ptr_array_unref (self->children);
  g_free (self);
}

void
plaza_action_free (PlazaAction *self)
{
  g_free (self->words);
  g_free (self);
}

static void
choice_item_free (PlazaChoiceItem *self)
{
  g_free (self->value);
  plaza_text_free (self->label);
  g_free (self);
}

PlazaChoiceSource *
plaza_choice_source_new (void)
{
  PlazaChoiceSource *self = g_new0 (PlazaChoiceSource, 1);

  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) choice_item_free);
  return self;
}

static void
choice_source_free (PlazaChoiceSource *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self->value_name);
  g_free (self->label_name);
  g_free (self->label_itext);
  g_free (self);
}

static void
model_node_free (PlazaModelNode *self)
{
  g_free (self->prefix);
  g_free (self->local);
  g_free (self->uri);
  g_free (self->name);
  g_free (self->ref);
  g_free (self->path);
  g_ptr_array_unref (self->children);
  plaza_text_free (self->required_message);
  plaza_text_free (self->constraint_message);
  g_free (self->preload);
  g_free (self->preload_params);
  g_free (self->privacy);
  g_free (self->paper);
  g_free (self->fill);
  plaza_text_free (self->label);
  plaza_text_free (self->hint);
  g_strfreev (self->appearances);
  g_hash_table_unref (self->parameters);
  choice_source_free (self->choices);
  g_ptr_array_unref (self->actions);
  g_array_unref (self->readers);
  g_clear_pointer (&self->initial, g_ptr_array_unref);
  g_free (self);
}

static void
secondary_free (PlazaSecondary *self)
{
  g_free (self->id);
  g_clear_pointer (&self->tree, plaza_tree_unref);
  g_free (self);
}

PlazaForm *
plaza_form_alloc (PlazaMedia *media, const PlazaFormLimits *limits)
{
  PlazaForm *self = g_new0 (PlazaForm, 1);

  g_atomic_ref_count_init (&self->refs);
  g_rec_mutex_init (&self->lock);
  self->limits = limits != NULL ? *limits : PLAZA_FORM_LIMITS_DEFAULT;
  self->media = media != NULL ? g_object_ref (media) : NULL;
  self->languages = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->itext = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  self->secondary =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) secondary_free);
  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) model_node_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_ref = g_hash_table_new (g_str_hash, g_str_equal);
  self->exprs = g_ptr_array_new_with_free_func (g_free);
  self->ranked = g_ptr_array_new ();
  self->xpaths = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_xpath_free);
  self->actions = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_action_free);
  return self;
}

PlazaForm *
plaza_form_ref (PlazaForm *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
plaza_form_unref (PlazaForm *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->actions);
  plaza_body_free (self->body);
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->by_ref);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->exprs);
  g_ptr_array_unref (self->ranked);
  g_ptr_array_unref (self->itext);
  g_ptr_array_unref (self->xpaths);
  g_hash_table_unref (self->secondary);
  g_clear_pointer (&self->prototype, plaza_tree_unref);
  g_clear_pointer (&self->templates, plaza_tree_unref);
  g_clear_pointer (&self->source, plaza_tree_unref);
  g_ptr_array_unref (self->languages);
  g_ptr_array_unref (self->warnings);
  g_clear_object (&self->media);
  g_free (self->id);
  g_free (self->primary_id);
  g_free (self->version);
  g_free (self->title);
  g_rec_mutex_clear (&self->lock);
  g_free (self);
}

const char *
plaza_form_get_id (PlazaForm *self)
{
  return self->id;
}

const char *
plaza_form_get_version (PlazaForm *self)
{
  return self->version;
}

const char *
plaza_form_get_title (PlazaForm *self)
{
  return self->title;
}

const char *const *
plaza_form_get_warnings (PlazaForm *self)
{
  return (const char *const *) self->warnings->pdata;
}

const char *const *
plaza_form_get_languages (PlazaForm *self)
{
  return (const char *const *) self->languages->pdata;
}

const char *
plaza_form_get_default_language (PlazaForm *self)
{
  return self->languages->len > 1 ? self->languages->pdata[self->default_language] : NULL;
}

/* The code between the last brackets of `Español (es)`, else all of it. */
static char *
language_code (const char *name)
{
  const char *open = strrchr (name, '(');
  const char *close = open != NULL ? strchr (open, ')') : NULL;

  return close != NULL ? g_strndup (open + 1, close - open - 1) : g_strdup (name);
}

const char *
plaza_form_find_language (PlazaForm *self, const char *wanted)
{
  if (wanted == NULL)
    return NULL;
  const char *const *names = plaza_form_get_languages (self);
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], wanted))
      return names[i];

  g_autofree char *short_wanted = g_strndup (wanted, strcspn (wanted, "_-.@"));
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; names[i] != NULL; i++)
      {
        g_autofree char *code = language_code (names[i]);
        if (g_ascii_strcasecmp (code, pass == 0 ? wanted : short_wanted) == 0)
          return names[i];
      }
  return NULL;
}

guint
plaza_form_get_n_nodes (PlazaForm *self)
{
  return self->nodes->len;
}

PlazaModelNode *
plaza_form_get_node (PlazaForm *self, guint index)
{
  return index < self->nodes->len ? g_ptr_array_index (self->nodes, index) : NULL;
}

PlazaModelNode *
plaza_form_find_path (PlazaForm *self, const char *path)
{
  return g_hash_table_lookup (self->by_path, path);
}

PlazaModelNode *
plaza_form_find_node (PlazaForm *self, const char *ref)
{
  PlazaModelNode *node = g_hash_table_lookup (self->by_ref, ref);

  return node != NULL ? node : plaza_form_find_path (self, ref);
}

GPtrArray *
plaza_form_get_itext (PlazaForm *self, guint language, const char *id)
{
  if (language >= self->itext->len)
    return NULL;
  return g_hash_table_lookup (g_ptr_array_index (self->itext, language), id);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* The pages of a live interview, and what is missing on them. */

#include "form/interview-private.h"

typedef struct
{
  PlazaField *field;
  PlazaBody *body;
  guint section;
  GPtrArray *fields;
} Draft;

typedef struct
{
  PlazaInterview *interview;
  GArray *drafts;
  guint section;
  gboolean run; /* of single questions at the top */
} Builder;

static void
draft_clear (Draft *draft)
{
  g_ptr_array_unref (draft->fields);
}

void
plaza_interview_drop_pages (PlazaInterview *self)
{
  g_clear_pointer (&self->pages, g_ptr_array_unref);
  g_clear_pointer (&self->page_of, g_hash_table_unref);
}

/* The field of @model in @frame or in what holds it. */
static PlazaField *
field_in (PlazaField *frame, PlazaModelNode *model)
{
  for (PlazaField *at = frame; at != NULL;
       at = at->kind == PLAZA_FIELD_ROOT ? NULL : at->parent->frame)
    if (at->kind == PLAZA_FIELD_ROOT ? model->frame == NULL : model->frame == at->model)
      return at->slots[model->slot];
  return NULL;
}

/* What is shown of @body on a page, in order. */
static void
collect (PlazaBody *body, PlazaField *frame, GPtrArray *fields)
{
  PlazaField *field = body->model != NULL ? field_in (frame, body->model) : NULL;

  if (body->model != NULL && (field == NULL || !field->relevant))
    return;
  if (body->kind == PLAZA_BODY_CONTROL)
    {
      g_ptr_array_add (fields, field);
      return;
    }
  if (body->kind == PLAZA_BODY_REPEAT)
    {
      g_ptr_array_add (fields, field);
      for (guint i = 0; i < field->children->len; i++)
        {
          PlazaField *instance = g_ptr_array_index (field->children, i);
          if (!instance->relevant)
            continue;
          for (guint k = 0; k < body->children->len; k++)
            collect (g_ptr_array_index (body->children, k), instance, fields);
        }
      return;
    }
  if (field != NULL && field->kind == PLAZA_FIELD_GROUP && body->label != NULL)
    g_ptr_array_add (fields, field);
  for (guint i = 0; i < body->children->len; i++)
    collect (g_ptr_array_index (body->children, i), frame, fields);
}

static void
add_page (Builder *builder, PlazaField *field, PlazaBody *body, GPtrArray *fields)
{
  Draft draft = { field, body, builder->section, g_ptr_array_ref (fields) };

  g_array_append_val (builder->drafts, draft);
}

static void
lay_out (Builder *builder, PlazaBody *body, PlazaField *frame)
{
  PlazaField *field = body->model != NULL ? field_in (frame, body->model) : NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();

  if (body->model != NULL && (field == NULL || !field->relevant))
    return;
  if (body->kind == PLAZA_BODY_CONTROL)
    {
      g_ptr_array_add (fields, field);
      add_page (builder, field, body, fields);
    }
  else if (body->kind == PLAZA_BODY_REPEAT)
    {
      for (guint i = 0; i < field->children->len; i++)
        {
          PlazaField *instance = g_ptr_array_index (field->children, i);
          g_autoptr (GPtrArray) shown = g_ptr_array_new ();
          if (!instance->relevant)
            continue;
          for (guint k = 0; k < body->children->len; k++)
            collect (g_ptr_array_index (body->children, k), instance, shown);
          if (shown->len > 0)
            add_page (builder, instance, body, shown);
        }
      if (plaza_field_can_add (field))
        {
          g_ptr_array_add (fields, field);
          add_page (builder, field, body, fields);
        }
    }
  else if (body->field_list)
    {
      for (guint i = 0; i < body->children->len; i++)
        collect (g_ptr_array_index (body->children, i), frame, fields);
      if (fields->len > 0)
        add_page (builder, field, body, fields);
    }
  else
    for (guint i = 0; i < body->children->len; i++)
      {
        PlazaBody *child = g_ptr_array_index (body->children, i);
        if (body->parent == NULL)
          {
            gboolean single = child->kind == PLAZA_BODY_CONTROL;
            if (!single || !builder->run)
              builder->section++;
            builder->run = single;
          }
        lay_out (builder, child, frame);
      }
}

static void
build (PlazaInterview *self)
{
  g_autoptr (GArray) drafts = g_array_new (FALSE, FALSE, sizeof (Draft));
  Builder builder = { .interview = self, .drafts = drafts };
  g_autoptr (GHashTable) kept =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);

  g_array_set_clear_func (drafts, (GDestroyNotify) draft_clear);
  self->pages = g_ptr_array_new_with_free_func (g_object_unref);
  self->page_of = g_hash_table_new (NULL, NULL);
  lay_out (&builder, self->form->body, self->root);

  /* Sections without a page do not count. */
  guint n_sections = 0;
  for (guint i = 0; i < drafts->len; i++)
    n_sections += i == 0 || g_array_index (drafts, Draft, i).section !=
                                g_array_index (drafts, Draft, i - 1).section;
  guint section = 0, position = 0, n_positions = 0;
  for (guint i = 0; i < drafts->len; i++)
    {
      Draft *draft = &g_array_index (drafts, Draft, i);
      if (i == 0 || draft->section != g_array_index (drafts, Draft, i - 1).section)
        {
          section++;
          position = n_positions = 0;
          for (guint k = i; k < drafts->len; k++)
            n_positions += g_array_index (drafts, Draft, k).section == draft->section;
        }
      g_autofree char *key = plaza_page_make_key (draft->field, draft->body);
      PlazaPage *page = g_hash_table_lookup (self->known, key);
      page = page != NULL ? g_object_ref (page) : plaza_page_new (self, draft->field, draft->body);
      plaza_page_update (page, draft->fields, section, n_sections, ++position, n_positions);
      g_ptr_array_add (self->pages, page);
      g_hash_table_insert (kept, g_steal_pointer (&key), g_object_ref (page));
      for (guint k = 0; k < draft->fields->len; k++)
        g_hash_table_insert (self->page_of, g_ptr_array_index (draft->fields, k), page);
    }
  GHashTable *before = self->known;
  self->known = g_steal_pointer (&kept);
  g_hash_table_unref (before);
}

GPtrArray *
plaza_interview_get_pages (PlazaInterview *self)
{
  if (self->pages == NULL)
    build (self);
  return self->pages;
}

PlazaPage *
plaza_interview_find_page (PlazaInterview *self, const char *key)
{
  plaza_interview_get_pages (self);
  return g_hash_table_lookup (self->known, key);
}

PlazaPage *
plaza_interview_get_page_of (PlazaInterview *self, PlazaField *field)
{
  plaza_interview_get_pages (self);
  return g_hash_table_lookup (self->page_of, field);
}

void
plaza_missing_free (PlazaMissing *self)
{
  g_free (self->message);
  g_free (self);
}

static void
add_missing (GPtrArray *missing, PlazaField *field, PlazaPage *page)
{
  PlazaMissing *entry = g_new0 (PlazaMissing, 1);

  entry->field = field;
  entry->page = page;
  entry->validity = field->validity;
  entry->message = g_strdup (plaza_field_get_message (field));
  g_ptr_array_add (missing, entry);
}

GPtrArray *
plaza_interview_get_missing (PlazaInterview *self, PlazaScope scope)
{
  GPtrArray *missing = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_missing_free);
  GPtrArray *pages = plaza_interview_get_pages (self);

  for (guint i = 0; i < pages->len; i++)
    {
      GPtrArray *fields = plaza_page_get_fields (g_ptr_array_index (pages, i));
      for (guint k = 0; k < fields->len; k++)
        {
          PlazaField *field = g_ptr_array_index (fields, k);
          if (field->validity != PLAZA_VALIDITY_OK &&
              (scope == PLAZA_SCOPE_ALL || !field->model->contact))
            add_missing (missing, field, g_ptr_array_index (pages, i));
        }
    }
  for (guint i = 0; i < self->fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (self->fields, i);
      if (field->validity != PLAZA_VALIDITY_OK && !plaza_field_is_parked (field) &&
          (scope == PLAZA_SCOPE_ALL || !field->model->contact) &&
          !g_hash_table_contains (self->page_of, field))
        add_missing (missing, field, NULL);
    }
  return missing;
}

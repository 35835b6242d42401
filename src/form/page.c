/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/page.h"

#include "form/interview-private.h"

struct _PlazaPage
{
  GObject parent_instance;

  PlazaInterview *interview; /* not owned; NULL once it is gone */
  PlazaField *field;
  PlazaBody *body;
  char *key;
  char *title;
  char *hint;
  GPtrArray *fields;
  guint section;
  guint n_sections;
  guint position;
  guint n_positions;
};

G_DEFINE_FINAL_TYPE (PlazaPage, plaza_page, G_TYPE_OBJECT)

static void
plaza_page_finalize (GObject *object)
{
  PlazaPage *self = PLAZA_PAGE (object);

  g_free (self->key);
  g_free (self->title);
  g_free (self->hint);
  g_ptr_array_unref (self->fields);
  G_OBJECT_CLASS (plaza_page_parent_class)->finalize (object);
}

static void
plaza_page_class_init (PlazaPageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plaza_page_finalize;
}

static void
plaza_page_init (PlazaPage *self)
{
  self->fields = g_ptr_array_new ();
}

/* The key of a page: of its field, or of the place in the body of a group without one. */
char *
plaza_page_make_key (PlazaField *field, PlazaBody *body)
{
  if (field != NULL)
    return plaza_field_dup_stable_ref (field);
  return g_strdup_printf ("#%u", body->id);
}

PlazaPage *
plaza_page_new (PlazaInterview *interview, PlazaField *field, PlazaBody *body)
{
  PlazaPage *self = g_object_new (PLAZA_TYPE_PAGE, NULL);

  self->interview = interview;
  self->field = field;
  self->body = body;
  self->key = plaza_page_make_key (field, body);
  return self;
}

void
plaza_page_update (PlazaPage *self,
                   GPtrArray *fields,
                   guint section,
                   guint n_sections,
                   guint position,
                   guint n_positions)
{
  g_ptr_array_unref (self->fields);
  self->fields = g_ptr_array_ref (fields);
  self->section = section;
  self->n_sections = n_sections;
  self->position = position;
  self->n_positions = n_positions;
}

void
plaza_page_detach (PlazaPage *self)
{
  self->interview = NULL;
  self->field = NULL;
  self->body = NULL;
  g_ptr_array_unref (self->fields);
  self->fields = g_ptr_array_new ();
}

const char *
plaza_page_get_key (PlazaPage *self)
{
  return self->key;
}

PlazaField *
plaza_page_get_field (PlazaPage *self)
{
  return self->field;
}

/* The text of the nearest element of the body that has one. */
static char *
words (PlazaPage *self, gboolean hint)
{
  PlazaField *field = self->field;
  PlazaBody *body = self->body;

  if (self->interview == NULL)
    return NULL;
  if (body->kind == PLAZA_BODY_CONTROL)
    body = body->parent;
  for (; body != NULL; body = body->parent)
    {
      PlazaText *text = hint ? body->hint : body->label;
      if (text != NULL)
        return plaza_interview_text (self->interview, text, field, NULL);
      if (hint && (body->parent == NULL || body->parent->model != body->model))
        return NULL;
    }
  return NULL;
}

const char *
plaza_page_get_title (PlazaPage *self)
{
  g_free (self->title);
  self->title = words (self, FALSE);
  return self->title != NULL ? self->title : "";
}

const char *
plaza_page_get_hint (PlazaPage *self)
{
  g_free (self->hint);
  self->hint = words (self, TRUE);
  return self->hint;
}

GPtrArray *
plaza_page_get_fields (PlazaPage *self)
{
  return self->fields;
}

guint
plaza_page_get_section (PlazaPage *self)
{
  return self->section;
}

guint
plaza_page_get_n_sections (PlazaPage *self)
{
  return self->n_sections;
}

guint
plaza_page_get_position (PlazaPage *self)
{
  return self->position;
}

guint
plaza_page_get_n_positions (PlazaPage *self)
{
  return self->n_positions;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/validation.h"

#include <string.h>

#include "form/interview-private.h"
#include "form/xml.h"

void
plaza_mark_free (PlazaMark *self)
{
  g_free (self->ref);
  g_free (self->message);
  g_free (self);
}

const char *
plaza_mark_code_get_name (PlazaMarkCode code)
{
  static const char *const names[] = { "required", "constraint",   "unknown-node", "choice",
                                       "type",     "not-relevant", "contact",      "form" };

  return code < G_N_ELEMENTS (names) ? names[code] : "";
}

static void
add (GPtrArray *marks, PlazaMarkCode code, char *ref, const char *message)
{
  PlazaMark *mark = g_new0 (PlazaMark, 1);

  mark->code = code;
  mark->ref = ref;
  mark->message = g_strdup (message);
  g_ptr_array_add (marks, mark);
}

static void
judge (PlazaField *field, GPtrArray *marks)
{
  if (field->kind != PLAZA_FIELD_VALUE)
    {
      for (guint i = 0; i < field->children->len; i++)
        judge (g_ptr_array_index (field->children, i), marks);
      return;
    }
  gboolean empty = *plaza_field_peek (field) == '\0';
  if (field->model->contact)
    {
      if (!empty)
        add (marks, PLAZA_MARK_CONTACT, plaza_field_dup_ref (field),
             "a contact answer does not belong in a submission");
      return;
    }
  if (!field->relevant)
    {
      if (!empty)
        add (marks, PLAZA_MARK_NOT_RELEVANT, plaza_field_dup_ref (field),
             "has a value but is not relevant");
      return;
    }
  switch (field->validity)
    {
    case PLAZA_VALIDITY_OK:
      break;
    case PLAZA_VALIDITY_REQUIRED:
      add (marks, PLAZA_MARK_REQUIRED, plaza_field_dup_ref (field), "is required and empty");
      break;
    case PLAZA_VALIDITY_TYPE:
      {
        g_autofree char *message = g_strdup_printf (
            "is not of type %s", plaza_value_type_get_name (field->model->value_type));
        add (marks, PLAZA_MARK_TYPE, plaza_field_dup_ref (field), message);
        break;
      }
    case PLAZA_VALIDITY_CHOICE:
      add (marks, PLAZA_MARK_CHOICE, plaza_field_dup_ref (field), "is not one of its choices");
      break;
    case PLAZA_VALIDITY_CONSTRAINT:
      add (marks, PLAZA_MARK_CONSTRAINT, plaza_field_dup_ref (field), "breaks its constraint");
      break;
    }
}

/* Who the submission says it is for. */
static void
judge_form (PlazaForm *self, GBytes *xml, GPtrArray *marks)
{
  gsize length;
  const char *data = g_bytes_get_data (xml, &length);
  g_autoptr (PlazaTree) tree =
      plaza_xml_parse (data != NULL ? data : "", (gssize) length, PLAZA_XML_DATA, NULL);
  PlazaNode *root = tree != NULL ? plaza_tree_root (tree) : NULL;
  const char *id = root != NULL ? plaza_node_get_attribute (root, NULL, "id") : NULL;
  const char *version = root != NULL ? plaza_node_get_attribute (root, NULL, "version") : NULL;

  if (id != NULL && !g_str_equal (id, self->id))
    add (marks, PLAZA_MARK_FORM, g_strdup ("/@id"), "is of another form");
  if (version != NULL && !g_str_equal (version, self->version))
    add (marks, PLAZA_MARK_FORM, g_strdup ("/@version"), "is of another version of the form");
}

GPtrArray *
plaza_form_validate_submission (PlazaForm *self, GBytes *xml, GError **error)
{
  g_autoptr (GPtrArray) marks = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_mark_free);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PlazaInterview) interview = plaza_interview_new_frozen (self, xml, unknown, error);

  if (interview == NULL)
    return NULL;
  judge_form (self, xml, marks);
  if (plaza_interview_get_problem (interview) != NULL)
    add (marks, PLAZA_MARK_FORM, g_strdup ("/"), plaza_interview_get_problem (interview)->message);
  judge (interview->root, marks);
  for (guint i = 0; i < unknown->len; i++)
    add (marks, PLAZA_MARK_UNKNOWN_NODE, g_strdup (g_ptr_array_index (unknown, i)),
         "the form has no such node");
  return g_steal_pointer (&marks);
}

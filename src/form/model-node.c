/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/form-private.h"

const char *
plaza_model_node_get_ref (PlazaModelNode *self)
{
  return self->ref;
}

const char *
plaza_model_node_get_name (PlazaModelNode *self)
{
  return self->name;
}

PlazaFieldKind
plaza_model_node_get_kind (PlazaModelNode *self)
{
  return self->kind;
}

PlazaModelNode *
plaza_model_node_get_parent (PlazaModelNode *self)
{
  return self->parent;
}

PlazaValueType
plaza_model_node_get_value_type (PlazaModelNode *self)
{
  return self->value_type;
}

PlazaControl
plaza_model_node_get_control (PlazaModelNode *self)
{
  return self->control;
}

PlazaModelNode *
plaza_model_node_get_repeat (PlazaModelNode *self)
{
  return self->repeat;
}

const char *
plaza_model_node_get_privacy (PlazaModelNode *self)
{
  for (; self != NULL; self = self->parent)
    if (self->privacy != NULL)
      return self->privacy;
  return NULL;
}

gboolean
plaza_model_node_is_contact (PlazaModelNode *self)
{
  return self->contact;
}

const char *
plaza_model_node_get_paper (PlazaModelNode *self)
{
  return self->paper;
}

const char *
plaza_model_node_get_fill (PlazaModelNode *self)
{
  return self->fill;
}

gboolean
plaza_model_node_is_aloud (PlazaModelNode *self)
{
  return self->aloud;
}

gboolean
plaza_model_node_is_calculated (PlazaModelNode *self)
{
  return self->exprs[PLAZA_EXPR_CALCULATE] != NULL;
}

gboolean
plaza_model_node_has_appearance (PlazaModelNode *self, const char *word)
{
  return self->appearances != NULL &&
         g_strv_contains ((const char *const *) self->appearances, word);
}

const char *const *
plaza_model_node_get_appearances (PlazaModelNode *self)
{
  static const char *const none[] = { NULL };

  return self->appearances != NULL ? (const char *const *) self->appearances : none;
}

const char *
plaza_model_node_get_parameter (PlazaModelNode *self, const char *name)
{
  return g_hash_table_lookup (self->parameters, name);
}

gboolean
plaza_model_node_get_range (PlazaModelNode *self, double *start, double *end, double *step)
{
  static const char *const names[] = { "start", "end", "step" };
  double values[3];

  if (self->control != PLAZA_CONTROL_RANGE)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    values[i] = g_ascii_strtod (plaza_model_node_get_parameter (self, names[i]), NULL);
  *start = values[0];
  *end = values[1];
  *step = values[2];
  return TRUE;
}

guint
plaza_model_node_get_max_length (PlazaModelNode *self)
{
  PlazaExpr *constraint = self->exprs[PLAZA_EXPR_CONSTRAINT];
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *number = NULL;
  const char *source;

  if (constraint == NULL || constraint->xpath == NULL)
    return 0;
  source = plaza_xpath_source (constraint->xpath);
  /* With "or" the text may be longer where the other side holds. */
  if (g_regex_match_simple ("\\bor\\b", source, 0, 0))
    return 0;
  regex = g_regex_new ("string-length\\s*\\(\\s*\\.\\s*\\)\\s*<=\\s*([0-9]{1,6})(?![0-9.])", 0, 0,
                       NULL);
  if (!g_regex_match (regex, source, 0, &match))
    return 0;
  number = g_match_info_fetch (match, 1);
  return (guint) g_ascii_strtoull (number, NULL, 10);
}

/* A repeat and the group around it often share a node; the label is on either. */
PlazaText *
plaza_model_node_get_label (PlazaModelNode *self)
{
  PlazaBody *body = self->body;

  if (body == NULL)
    return self->label;
  if (body->label == NULL && body->parent != NULL && body->parent->model == self)
    body = body->parent;
  return body->label;
}

PlazaText *
plaza_model_node_get_hint (PlazaModelNode *self)
{
  PlazaBody *body = self->body;

  if (body == NULL)
    return self->hint;
  if (body->hint == NULL && body->parent != NULL && body->parent->model == self)
    body = body->parent;
  return body->hint;
}

const char *
plaza_value_type_get_name (PlazaValueType type)
{
  static const char *const names[] = {
    "",         "string",   "int",      "decimal",  "boolean", "date",    "time",
    "dateTime", "geopoint", "geotrace", "geoshape", "binary",  "barcode", "intent",
  };

  return type < G_N_ELEMENTS (names) ? names[type] : "";
}

const char *
plaza_control_get_name (PlazaControl control)
{
  static const char *const names[] = {
    "", "input", "note", "select1", "select", "rank", "range", "trigger", "upload",
  };

  return control < G_N_ELEMENTS (names) ? names[control] : "";
}

const char *
plaza_field_kind_get_name (PlazaFieldKind kind)
{
  static const char *const names[] = { "root", "group", "repeat", "instance", "value" };

  return kind < G_N_ELEMENTS (names) ? names[kind] : "";
}

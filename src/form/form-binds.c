/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

/* Binds: types, expressions, preloads and Plaza's own attributes. */

#include "form/form-private.h"

#include <string.h>

PlazaExpr *
plaza_model_node_add_expr (PlazaModelNode *self, PlazaExprKind kind, PlazaXPath *xpath)
{
  PlazaExpr *expr = g_new0 (PlazaExpr, 1);

  expr->kind = kind;
  expr->owner = self;
  expr->xpath = xpath;
  expr->constant = -1;
  if (xpath != NULL)
    {
      g_autofree char *source = g_strstrip (g_strdup (plaza_xpath_source (xpath)));
      if (g_str_equal (source, "true()"))
        expr->constant = 1;
      else if (g_str_equal (source, "false()"))
        expr->constant = 0;
      expr->language = (plaza_xpath_uses (xpath) & PLAZA_XPATH_USES_LANGUAGE) != 0;
    }
  self->exprs[kind] = expr;
  g_ptr_array_add (self->form->exprs, expr);
  return expr;
}

static gboolean
load_expr (PlazaLoader *self,
           PlazaNode *bind,
           PlazaModelNode *node,
           const char *attribute,
           PlazaExprKind kind,
           GError **error)
{
  const char *source = plaza_node_get_attribute (bind, NULL, attribute);

  if (source == NULL || source[strspn (source, " \t\r\n")] == '\0')
    return TRUE;
  if (node->exprs[kind] != NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, bind, "%s has a second %s", node->ref,
                             attribute);
  PlazaXPath *xpath = plaza_load_compile (self, source, bind, attribute, error);
  if (xpath == NULL)
    return FALSE;
  plaza_model_node_add_expr (node, kind, xpath);
  return TRUE;
}

/* An attribute of the instance becomes a node of the model by being bound. */
static PlazaModelNode *
bound_attribute (PlazaLoader *self, const char *nodeset)
{
  const char *at = strrchr (nodeset, '@');

  if (at == NULL || at == nodeset || at[-1] != '/')
    return NULL;
  g_autofree char *element = g_strndup (nodeset, at - nodeset - 1);
  PlazaModelNode *parent = plaza_form_resolve (self->form, element, NULL, NULL);
  if (parent == NULL)
    return NULL;
  const char *colon = strchr (at, ':');
  g_autofree char *local = g_strstrip (g_strdup (colon != NULL ? colon + 1 : at + 1));
  for (PlazaNode *attribute = parent->element->first_attribute; attribute != NULL;
       attribute = attribute->next)
    if (attribute->kind == PLAZA_NODE_ATTRIBUTE && g_str_equal (attribute->name->local, local))
      {
        PlazaModelNode *node = plaza_load_add_attribute (self, parent, attribute);
        node->value_type = PLAZA_VALUE_STRING;
        return node;
      }
  return NULL;
}

static gboolean
load_preload (PlazaNode *bind, PlazaModelNode *node, GError **error)
{
  static const char *const known[] = { "uid",     "timestamp", "date",           "property",
                                       "patient", "context",   "question_count", NULL };
  const char *preload = plaza_node_get_attribute (bind, PLAZA_URI_JAVAROSA, "preload");

  if (preload == NULL)
    return TRUE;
  if (!g_strv_contains (known, preload))
    return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, bind, "jr:preload=\"%s\"", preload);
  g_free (node->preload);
  g_free (node->preload_params);
  node->preload = g_strdup (preload);
  node->preload_params =
      g_strdup (plaza_node_get_attribute (bind, PLAZA_URI_JAVAROSA, "preloadParams"));
  return TRUE;
}

static gboolean
load_bind (PlazaLoader *self, PlazaNode *bind, GError **error)
{
  const char *nodeset = plaza_node_get_attribute (bind, NULL, "nodeset");
  if (nodeset == NULL)
    nodeset = plaza_node_get_attribute (bind, NULL, "ref");
  if (nodeset == NULL)
    return plaza_load_throw (error, PLAZA_ERROR_INVALID, bind, "there is no nodeset");

  PlazaModelNode *root = g_ptr_array_index (self->form->nodes, 0);
  PlazaModelNode *node = plaza_form_resolve (self->form, nodeset, root, NULL);
  if (node == NULL)
    node = bound_attribute (self, nodeset);
  if (node == NULL)
    {
      plaza_load_warn (self, bind, "nodeset=\"%s\": the form has no such node", nodeset);
      return TRUE;
    }

  const char *type = plaza_node_get_attribute (bind, NULL, "type");
  if (node->kind == PLAZA_FIELD_VALUE && type != NULL)
    node->value_type = plaza_value_type_parse (type);

  if (!load_expr (self, bind, node, "relevant", PLAZA_EXPR_RELEVANT, error) ||
      !load_expr (self, bind, node, "required", PLAZA_EXPR_REQUIRED, error) ||
      !load_expr (self, bind, node, "readonly", PLAZA_EXPR_READONLY, error))
    return FALSE;
  if (node->kind == PLAZA_FIELD_VALUE &&
      (!load_expr (self, bind, node, "calculate", PLAZA_EXPR_CALCULATE, error) ||
       !load_expr (self, bind, node, "constraint", PLAZA_EXPR_CONSTRAINT, error) ||
       !load_preload (bind, node, error)))
    return FALSE;

  const char *message = plaza_node_get_attribute (bind, PLAZA_URI_JAVAROSA, "constraintMsg");
  if (message != NULL && node->constraint_message == NULL)
    {
      node->constraint_message = plaza_load_message (self, message, bind, error);
      if (node->constraint_message == NULL)
        return FALSE;
    }
  message = plaza_node_get_attribute (bind, PLAZA_URI_JAVAROSA, "requiredMsg");
  if (message != NULL && node->required_message == NULL)
    {
      node->required_message = plaza_load_message (self, message, bind, error);
      if (node->required_message == NULL)
        return FALSE;
    }

  char **const own[] = { &node->privacy, &node->paper, &node->fill };
  const char *const names[] = { "privacy", "paper", "fill" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (*own[i] == NULL)
      *own[i] = g_strdup (plaza_node_get_attribute (bind, PLAZA_URI_PLAZA, names[i]));
  if (g_strcmp0 (plaza_node_get_attribute (bind, PLAZA_URI_PLAZA, "aloud"), "yes") == 0)
    node->aloud = TRUE;
  return TRUE;
}

gboolean
plaza_load_binds (PlazaLoader *self, GError **error)
{
  static const char *const known[] = {
    "instance", "itext", "bind", "submission", "setvalue", NULL
  };

  for (PlazaNode *child = plaza_node_first_element (self->model); child != NULL;
       child = plaza_node_next_element (child))
    if (plaza_node_is (child, NULL, "bind"))
      {
        if (!load_bind (self, child, error))
          return FALSE;
      }
    else if (!g_strv_contains (known, child->name->local))
      return plaza_load_throw (error, PLAZA_ERROR_UNSUPPORTED, child, "Plaza does not know this");

  /* Without a meta block of its own the form still gives every interview an id. */
  PlazaModelNode *id = self->form->instance_id;
  if (self->form->own_meta && id->preload == NULL && id->exprs[PLAZA_EXPR_CALCULATE] == NULL)
    id->preload = g_strdup ("uid");
  return TRUE;
}

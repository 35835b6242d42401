/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include "base/error.h"
#include <math.h>
#include <string.h>

/* ---- compiling ---- */

typedef gboolean (*Visit) (const XpExpr *expr, gpointer data, GError **error);

static gboolean visit_all (XpExpr **exprs, guint n, Visit visit, gpointer data, GError **error);

static gboolean
visit_expr (const XpExpr *expr, Visit visit, gpointer data, GError **error)
{
  if (expr == NULL)
    return TRUE;
  if (!visit (expr, data, error) ||
      !visit_all (expr->operands, expr->n_operands, visit, data, error) ||
      !visit_expr (expr->start, visit, data, error) ||
      !visit_all (expr->filters, expr->n_filters, visit, data, error))
    return FALSE;
  for (guint i = 0; i < expr->n_steps; i++)
    if (!visit_all (expr->steps[i].predicates, expr->steps[i].n_predicates, visit, data, error))
      return FALSE;
  return TRUE;
}

static gboolean
visit_all (XpExpr **exprs, guint n, Visit visit, gpointer data, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!visit_expr (exprs[i], visit, data, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_call (const XpExpr *expr, gpointer data G_GNUC_UNUSED, GError **error)
{
  if (expr->op != XP_CALL)
    return TRUE;
  const XpFunction *function = expr->function;
  if (function == NULL)
    return plaza_throw (error, PLAZA_ERROR_UNSUPPORTED, "the function %s() is not supported",
                        expr->text);
  if ((int) expr->n_operands < function->min)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s() needs at least %d arguments", expr->text,
                        function->min);
  if (function->max >= 0 && (int) expr->n_operands > function->max)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s() takes at most %d arguments", expr->text,
                        function->max);
  return TRUE;
}

static gboolean
note_uses (const XpExpr *expr, gpointer data, GError **error G_GNUC_UNUSED)
{
  PlazaXPath *self = data;
  if (expr->op != XP_CALL || expr->function == NULL)
    return TRUE;
  self->uses |= expr->function->uses;
  if (g_str_equal (expr->function->name, "randomize") && expr->n_operands == 1)
    self->uses |= PLAZA_XPATH_USES_RANDOM;
  if ((expr->function->uses & PLAZA_XPATH_USES_INSTANCE) != 0 && expr->n_operands > 0 &&
      expr->operands[0]->op == XP_LITERAL)
    g_ptr_array_add (self->instance_ids, g_strdup (expr->operands[0]->text));
  return TRUE;
}

static void
prefix_source (GError **error, const char *expression)
{
  gssize shown = MIN (g_utf8_strlen (expression, -1), 200);
  g_autofree char *start = g_utf8_substring (expression, 0, shown);
  g_prefix_error (error, "“%s”: ", start);
}

static PlazaXPath *
compile (const char *expression, PlazaNode *scope, gboolean strict, GError **error)
{
  gsize length = strlen (expression);
  if (length > PLAZA_XPATH_MAX_LENGTH)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "an expression of %zu bytes is too long", length);
      return NULL;
    }
  if (!g_utf8_validate_len (expression, length, NULL))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "an expression is not UTF-8");
      return NULL;
    }
  XpExpr *root = xp_parse (expression, scope, error);
  if (root == NULL || (strict && !visit_expr (root, check_call, NULL, error)))
    {
      xp_expr_free (root);
      prefix_source (error, expression);
      return NULL;
    }
  PlazaXPath *self = g_new0 (PlazaXPath, 1);
  self->source = g_strdup (expression);
  self->root = root;
  self->instance_ids = g_ptr_array_new_with_free_func (g_free);
  visit_expr (root, note_uses, self, NULL);
  g_ptr_array_add (self->instance_ids, NULL);
  return self;
}

PlazaXPath *
plaza_xpath_compile (const char *expression, PlazaNode *scope, GError **error)
{
  return compile (expression, scope, TRUE, error);
}

PlazaXPath *
plaza_xpath_compile_lenient (const char *expression, PlazaNode *scope, GError **error)
{
  return compile (expression, scope, FALSE, error);
}

void
plaza_xpath_free (PlazaXPath *self)
{
  if (self == NULL)
    return;
  g_free (self->source);
  xp_expr_free (self->root);
  g_ptr_array_unref (self->instance_ids);
  g_free (self);
}

const char *
plaza_xpath_source (PlazaXPath *self)
{
  return self->source;
}

PlazaXPathUses
plaza_xpath_uses (PlazaXPath *self)
{
  return self->uses;
}

const char *const *
plaza_xpath_instance_ids (PlazaXPath *self)
{
  return (const char *const *) self->instance_ids->pdata;
}

/* ---- evaluating ---- */

static const PlazaXPathHost no_host;

static void
eval_init (XpEval *eval, const PlazaXPathContext *context, GError **error)
{
  *eval = (XpEval){
    .host = context->host != NULL ? context->host : &no_host,
    .current = context->current != NULL ? context->current : context->node,
    .root = context->root != NULL ? context->root : plaza_tree_document (context->node->tree),
    .next_look = 1000,
    .deadline = context->deadline,
    .error = error,
  };
}

static void
eval_clear (XpEval *eval)
{
  if (eval->zone_owned)
    g_time_zone_unref (eval->zone);
}

/* Evaluates; on success the caller clears @value and then @eval. */
static gboolean
run (PlazaXPath *self,
     const PlazaXPathContext *context,
     XpEval *eval,
     XpValue *value,
     GError **error)
{
  XpFocus focus = { context->node, context->position != 0 ? context->position : 1,
                    context->size != 0 ? context->size : 1 };
  eval_init (eval, context, error);
  if (xp_eval (eval, self->root, &focus, value))
    return TRUE;
  eval_clear (eval);
  prefix_source (error, self->source);
  return FALSE;
}

static void
export_nodes (const XpValue *value, GPtrArray **nodes)
{
  *nodes = g_ptr_array_sized_new (value->n);
  for (guint i = 0; i < value->n; i++)
    g_ptr_array_add (*nodes, xp_nodes (value)[i]);
}

gboolean
plaza_xpath_evaluate (PlazaXPath *self,
                      const PlazaXPathContext *context,
                      PlazaXPathValue *out,
                      GError **error)
{
  XpEval eval;
  XpValue value = XP_VALUE_INIT;
  if (!run (self, context, &eval, &value, error))
    return FALSE;
  *out = (PlazaXPathValue){ .type = value.type };
  switch (value.type)
    {
    case PLAZA_XPATH_NODESET:
      export_nodes (&value, &out->nodes);
      break;
    case PLAZA_XPATH_BOOLEAN:
      out->boolean = value.boolean;
      break;
    case PLAZA_XPATH_DATE:
      out->number = xp_to_number (&eval, &value);
      out->string = g_strdup (xp_to_text (&eval, &value));
      break;
    case PLAZA_XPATH_NUMBER:
      out->number = value.number;
      if (value.floor_text)
        out->string = g_strdup (xp_to_text (&eval, &value));
      break;
    case PLAZA_XPATH_STRING:
      out->string = g_strdup (value.text);
      break;
    }
  xp_value_clear (&value);
  eval_clear (&eval);
  return TRUE;
}

gboolean
plaza_xpath_evaluate_boolean (PlazaXPath *self,
                              const PlazaXPathContext *context,
                              gboolean *out,
                              GError **error)
{
  XpEval eval;
  XpValue value = XP_VALUE_INIT;
  if (!run (self, context, &eval, &value, error))
    return FALSE;
  *out = xp_to_boolean (&value);
  xp_value_clear (&value);
  eval_clear (&eval);
  return TRUE;
}

gboolean
plaza_xpath_evaluate_number (PlazaXPath *self,
                             const PlazaXPathContext *context,
                             double *out,
                             GError **error)
{
  XpEval eval;
  XpValue value = XP_VALUE_INIT;
  if (!run (self, context, &eval, &value, error))
    return FALSE;
  *out = xp_to_number (&eval, &value);
  xp_value_clear (&value);
  eval_clear (&eval);
  return TRUE;
}

gboolean
plaza_xpath_evaluate_string (PlazaXPath *self,
                             const PlazaXPathContext *context,
                             char **out,
                             GError **error)
{
  XpEval eval;
  XpValue value = XP_VALUE_INIT;
  if (!run (self, context, &eval, &value, error))
    return FALSE;
  *out = g_strdup (xp_to_text (&eval, &value));
  xp_value_clear (&value);
  eval_clear (&eval);
  return TRUE;
}

gboolean
plaza_xpath_evaluate_nodes (PlazaXPath *self,
                            const PlazaXPathContext *context,
                            GPtrArray **out,
                            GError **error)
{
  XpEval eval;
  XpValue value = XP_VALUE_INIT;
  if (!run (self, context, &eval, &value, error))
    return FALSE;
  gboolean is_set = value.type == PLAZA_XPATH_NODESET;
  if (is_set)
    export_nodes (&value, out);
  else
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "gives a value, not nodes");
      prefix_source (error, self->source);
    }
  xp_value_clear (&value);
  eval_clear (&eval);
  return is_set;
}

/* ---- values ---- */

void
plaza_xpath_value_clear (PlazaXPathValue *value)
{
  g_clear_pointer (&value->string, g_free);
  g_clear_pointer (&value->nodes, g_ptr_array_unref);
  *value = (PlazaXPathValue) PLAZA_XPATH_VALUE_INIT;
}

const char *
plaza_xpath_type_name (PlazaXPathType type)
{
  static const char *const names[] = { "nodeset", "string", "number", "boolean", "date" };
  return names[type];
}

char *
plaza_xpath_number_to_string (double number)
{
  return xp_number_to_text (number);
}

double
plaza_xpath_string_to_number (const char *string)
{
  XpEval eval = { .host = &no_host };
  double number = xp_text_to_number (&eval, string);
  eval_clear (&eval);
  return number;
}

char *
plaza_xpath_value_to_string (const PlazaXPathValue *value)
{
  switch (value->type)
    {
    case PLAZA_XPATH_NODESET:
      return value->nodes->len > 0 ? plaza_node_dup_string (value->nodes->pdata[0]) : g_strdup ("");
    case PLAZA_XPATH_BOOLEAN:
      return g_strdup (value->boolean ? "true" : "false");
    case PLAZA_XPATH_NUMBER:
      return value->string != NULL ? g_strdup (value->string) : xp_number_to_text (value->number);
    case PLAZA_XPATH_STRING:
    case PLAZA_XPATH_DATE:
      break;
    }
  return g_strdup (value->string != NULL ? value->string : "");
}

double
plaza_xpath_value_to_number (const PlazaXPathValue *value)
{
  if (value->type == PLAZA_XPATH_NUMBER || value->type == PLAZA_XPATH_DATE)
    return value->number;
  if (value->type == PLAZA_XPATH_BOOLEAN)
    return value->boolean ? 1 : 0;
  g_autofree char *text = plaza_xpath_value_to_string (value);
  return plaza_xpath_string_to_number (text);
}

gboolean
plaza_xpath_value_to_boolean (const PlazaXPathValue *value)
{
  switch (value->type)
    {
    case PLAZA_XPATH_NODESET:
      return value->nodes->len > 0;
    case PLAZA_XPATH_BOOLEAN:
      return value->boolean;
    case PLAZA_XPATH_STRING:
      return value->string != NULL && *value->string != '\0';
    case PLAZA_XPATH_NUMBER:
    case PLAZA_XPATH_DATE:
      break;
    }
  return value->number != 0 && !isnan (value->number);
}

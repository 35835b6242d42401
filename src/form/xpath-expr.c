/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-expr.h"

#include <string.h>

XpExpr *
xp_expr_new (XpOp op)
{
  XpExpr *self = g_new0 (XpExpr, 1);
  self->op = op;
  self->depth = 1;
  return self;
}

void
xp_expr_list_add (XpExpr ***array, guint *n, XpExpr *expr)
{
  *array = g_renew (XpExpr *, *array, *n + 1);
  (*array)[(*n)++] = expr;
}

void
xp_expr_add_operand (XpExpr *self, XpExpr *operand)
{
  xp_expr_list_add (&self->operands, &self->n_operands, operand);
  self->depth = MAX (self->depth, operand->depth + 1);
}

static void
free_all (XpExpr **array, guint n)
{
  for (guint i = 0; i < n; i++)
    xp_expr_free (array[i]);
  g_free (array);
}

void
xp_expr_free (XpExpr *self)
{
  if (self == NULL)
    return;
  free_all (self->operands, self->n_operands);
  free_all (self->filters, self->n_filters);
  xp_expr_free (self->start);
  for (guint i = 0; i < self->n_steps; i++)
    {
      plaza_name_unref (self->steps[i].name);
      free_all (self->steps[i].predicates, self->steps[i].n_predicates);
    }
  g_free (self->steps);
  g_free (self->operators);
  g_free (self->text);
  if (self->compiled != NULL)
    g_regex_unref (self->compiled);
  g_free (self->cache.parents);
  g_free (self->cache.parent_stamps);
  g_free (self->cache.many);
  g_free (self);
}

XpStep *
xp_expr_add_step (XpExpr *path, XpAxis axis, XpTest test)
{
  path->steps = g_renew (XpStep, path->steps, path->n_steps + 1);
  XpStep *step = &path->steps[path->n_steps++];
  memset (step, 0, sizeof *step);
  step->axis = axis;
  step->test = test;
  return step;
}

static gboolean
any_expr (XpExpr **array, guint n, gboolean (*test) (const XpExpr *))
{
  for (guint i = 0; i < n; i++)
    if (test (array[i]))
      return TRUE;
  return FALSE;
}

gboolean
xp_expr_may_be_number (const XpExpr *self)
{
  switch (self->op)
    {
    case XP_NUMBER:
    case XP_ARITHMETIC:
    case XP_NEGATE:
      return TRUE;
    case XP_CALL:
      /* of unknown result, if() among them: NODESET stands for "it depends" */
      return self->function == NULL || self->function->type == PLAZA_XPATH_NUMBER ||
             self->function->type == PLAZA_XPATH_DATE ||
             self->function->type == PLAZA_XPATH_NODESET;
    default:
      return FALSE;
    }
}

gboolean
xp_expr_uses_position (const XpExpr *self)
{
  if (self->op == XP_CALL && self->n_operands == 0 &&
      (g_str_equal (self->text, "position") || g_str_equal (self->text, "last")))
    return TRUE;
  return any_expr (self->operands, self->n_operands, xp_expr_uses_position) ||
         (self->start != NULL && xp_expr_uses_position (self->start));
}

gboolean
xp_expr_uses_context_node (const XpExpr *self)
{
  if (self->op == XP_PATH && self->start == NULL && !self->absolute)
    return TRUE;
  /* Functions that may look at the context node by themselves: a short list of those that do not
   * is safer than a list of those that do. */
  if (self->op == XP_CALL)
    {
      static const char *const free_ones[] = { "current",  "concat", "string", "coalesce",
                                               "instance", "if",     "substr", "normalize-space" };
      gboolean known = FALSE;
      for (gsize i = 0; i < G_N_ELEMENTS (free_ones) && !known; i++)
        known = g_str_equal (self->text, free_ones[i]);
      if (!known || (self->n_operands == 0 && !g_str_equal (self->text, "current")))
        return TRUE;
    }
  return any_expr (self->operands, self->n_operands, xp_expr_uses_context_node) ||
         (self->start != NULL && xp_expr_uses_context_node (self->start));
}

gboolean
xp_is_key_path (const XpExpr *self)
{
  return self->op == XP_PATH && self->start == NULL && !self->absolute && self->n_steps == 1 &&
         self->steps[0].axis == XP_AXIS_CHILD && self->steps[0].n_predicates == 0 &&
         (self->steps[0].test == XP_TEST_NAME || self->steps[0].test == XP_TEST_BARE_NAME);
}

void
xp_step_find_key (XpStep *step)
{
  if (step->n_predicates == 0 || step->axis != XP_AXIS_CHILD)
    return;
  XpExpr *predicate = step->predicates[0], *equal = predicate;
  if (equal->op == XP_AND)
    equal = equal->operands[0];
  if (equal->op != XP_EQ || xp_expr_uses_position (predicate))
    return;
  for (guint i = 0; i < 2; i++)
    if (xp_is_key_path (equal->operands[i]) && !xp_expr_uses_context_node (equal->operands[1 - i]))
      {
        step->key.key = equal->operands[i]->steps[0].name;
        step->key.key_test = equal->operands[i]->steps[0].test;
        step->key.value = equal->operands[1 - i];
        step->key.whole = equal == predicate;
        return;
      }
}

/* `//name` is /descendant-or-self::node()/child::name; where no predicate counts positions, the
 * same nodes are /descendant::name, found in one walk. */
void
xp_expr_shorten_double_slash (XpExpr *path)
{
  XpStep *step = &path->steps[path->n_steps - 1];
  if (step->axis != XP_AXIS_CHILD)
    return;
  for (guint i = 0; i < step->n_predicates; i++)
    if (xp_expr_may_be_number (step->predicates[i]) || xp_expr_uses_position (step->predicates[i]))
      return;
  step->axis = XP_AXIS_DESCENDANT;
  memset (&step->key, 0, sizeof step->key);
  path->steps[path->n_steps - 2] = *step;
  path->n_steps--;
}

void
xp_expr_mark_plain (XpExpr *path)
{
  path->plain = path->absolute && path->start == NULL && path->n_steps > 0;
  for (guint i = 0; i < path->n_steps && path->plain; i++)
    path->plain = path->steps[i].axis == XP_AXIS_CHILD && path->steps[i].n_predicates == 0 &&
                  path->steps[i].name != NULL && path->steps[i].test != XP_TEST_NAMESPACE &&
                  path->steps[i].test != XP_TEST_INSTRUCTION;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include "base/error.h"
#include <math.h>

#define STEPS_BETWEEN_LOOKS 50000

gboolean
xp_tick (XpEval *eval, guint n)
{
  eval->steps += n + 1;
  if (eval->steps < eval->next_look)
    return TRUE;
  if (eval->steps > PLAZA_XPATH_MAX_STEPS)
    return plaza_throw (eval->error, PLAZA_ERROR_LIMIT, "the expression needs too many steps");
  eval->next_look = eval->steps + STEPS_BETWEEN_LOOKS;
  gint64 now = g_get_monotonic_time ();
  if (eval->deadline == 0)
    eval->deadline = now + PLAZA_XPATH_MAX_TIME_MS * 1000;
  if (now > eval->deadline)
    return plaza_throw (eval->error, PLAZA_ERROR_LIMIT, "the expression takes too long");
  return TRUE;
}

gboolean
xp_eval_number (XpEval *eval, const XpExpr *expr, const XpFocus *focus, double *number)
{
  XpValue value = XP_VALUE_INIT;
  if (!xp_eval (eval, expr, focus, &value))
    return FALSE;
  *number = xp_to_number (eval, &value);
  xp_value_clear (&value);
  return TRUE;
}

gboolean
xp_eval_boolean (XpEval *eval, const XpExpr *expr, const XpFocus *focus, gboolean *boolean)
{
  XpValue value = XP_VALUE_INIT;
  if (!xp_eval (eval, expr, focus, &value))
    return FALSE;
  *boolean = xp_to_boolean (&value);
  xp_value_clear (&value);
  return TRUE;
}

const char *
xp_eval_text (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *value)
{
  return xp_eval (eval, expr, focus, value) ? xp_to_text (eval, value) : NULL;
}

gboolean
xp_eval_nodes (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *set)
{
  if (!xp_eval (eval, expr, focus, set))
    return FALSE;
  if (set->type == PLAZA_XPATH_NODESET)
    return TRUE;
  xp_value_clear (set);
  return plaza_throw (eval->error, PLAZA_ERROR_INVALID,
                      "a value was given where nodes are expected");
}

static gboolean
eval_compare (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out)
{
  XpValue left = XP_VALUE_INIT, right = XP_VALUE_INIT;
  gboolean result = FALSE;
  gboolean done = xp_eval (eval, expr->operands[0], focus, &left) &&
                  xp_eval (eval, expr->operands[1], focus, &right) &&
                  xp_compare (eval, expr->op, &left, &right, &result);
  xp_value_clear (&left);
  xp_value_clear (&right);
  if (done)
    xp_set_boolean (out, result);
  return done;
}

static gboolean
eval_arithmetic (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out)
{
  double total;
  if (!xp_eval_number (eval, expr->operands[0], focus, &total))
    return FALSE;
  for (guint i = 1; i < expr->n_operands; i++)
    {
      double number;
      if (!xp_eval_number (eval, expr->operands[i], focus, &number))
        return FALSE;
      switch (expr->operators[i])
        {
        case '+':
          total += number;
          break;
        case '-':
          total -= number;
          break;
        case '*':
          total *= number;
          break;
        case '/':
          total /= number;
          break;
        default:
          total = fmod (total, number);
          break;
        }
    }
  xp_set_number (out, total);
  return TRUE;
}

static gboolean
eval_logic (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out)
{
  gboolean deciding = expr->op == XP_OR, result = !deciding;
  for (guint i = 0; i < expr->n_operands && result != deciding; i++)
    if (!xp_eval_boolean (eval, expr->operands[i], focus, &result))
      return FALSE;
  xp_set_boolean (out, result);
  return TRUE;
}

static gboolean
eval_union (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out)
{
  XpValue all = XP_VALUE_INIT;
  for (guint i = 0; i < expr->n_operands; i++)
    {
      XpValue part = XP_VALUE_INIT;
      if (!xp_eval_nodes (eval, expr->operands[i], focus, &part) || !xp_tick (eval, part.n))
        {
          xp_value_clear (&part);
          xp_value_clear (&all);
          return FALSE;
        }
      for (guint j = 0; j < part.n; j++)
        xp_push_node (&all, xp_nodes (&part)[j]);
      xp_value_clear (&part);
    }
  xp_sort (&all);
  *out = all;
  return TRUE;
}

static gboolean
eval_call (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out)
{
  const XpFunction *function = expr->function;
  if (function == NULL)
    return plaza_throw (eval->error, PLAZA_ERROR_UNSUPPORTED, "the function %s() is not known",
                        expr->text);
  if ((int) expr->n_operands < function->min ||
      (function->max >= 0 && (int) expr->n_operands > function->max))
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID, "%s() has too few or too many arguments",
                        expr->text);
  return function->call (eval, expr, focus, out);
}

gboolean
xp_eval (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out)
{
  if (!xp_tick (eval, 0))
    return FALSE;
  switch (expr->op)
    {
    case XP_OR:
    case XP_AND:
      return eval_logic (eval, expr, focus, out);
    case XP_EQ:
    case XP_NE:
    case XP_LT:
    case XP_LE:
    case XP_GT:
    case XP_GE:
      return eval_compare (eval, expr, focus, out);
    case XP_ARITHMETIC:
      return eval_arithmetic (eval, expr, focus, out);
    case XP_NEGATE:
      {
        double number;
        if (!xp_eval_number (eval, expr->operands[0], focus, &number))
          return FALSE;
        xp_set_number (out, number * expr->number);
        return TRUE;
      }
    case XP_UNION:
      return eval_union (eval, expr, focus, out);
    case XP_NUMBER:
      xp_set_number (out, expr->number);
      return TRUE;
    case XP_LITERAL:
      xp_set_text (out, expr->text);
      return TRUE;
    case XP_CALL:
      return eval_call (eval, expr, focus, out);
    case XP_PATH:
      return xp_eval_path (eval, expr, focus, out);
    }
  g_return_val_if_reached (FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include <math.h>

/* number() of a date written as text keeps the time of day in its value, but its text is the
 * whole day, as forms that store it expect. */
static gboolean
call_number (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  if (call->n_operands == 0)
    xp_push_node (&value, focus->node);
  else if (!xp_eval (eval, call->operands[0], focus, &value))
    return FALSE;
  if (value.type == PLAZA_XPATH_NUMBER || value.type == PLAZA_XPATH_DATE)
    {
      *out = value;
      return TRUE;
    }
  double number = xp_to_number (eval, &value), moment;
  gboolean is_moment = value.type != PLAZA_XPATH_BOOLEAN &&
                       xp_parse_moment (eval, xp_to_text (eval, &value), &moment);
  xp_value_clear (&value);
  xp_set_number (out, number);
  out->floor_text = is_moment;
  return TRUE;
}

/* Functions of one number. */
#define ONE_NUMBER(name, expression) \
  static gboolean call_##name (XpEval *eval, const XpExpr *call, const XpFocus *focus, \
                               XpValue *out) \
  { \
    double x; \
    if (!xp_eval_number (eval, call->operands[0], focus, &x)) \
      return FALSE; \
    xp_set_number (out, expression); \
    return TRUE; \
  }

ONE_NUMBER (int, trunc (x))
ONE_NUMBER (floor, floor (x))
ONE_NUMBER (ceiling, ceil (x))
ONE_NUMBER (abs, fabs (x))
ONE_NUMBER (sin, sin (x))
ONE_NUMBER (cos, cos (x))
ONE_NUMBER (tan, tan (x))
ONE_NUMBER (asin, asin (x))
ONE_NUMBER (acos, acos (x))
ONE_NUMBER (atan, atan (x))
ONE_NUMBER (sqrt, sqrt (x))
ONE_NUMBER (exp, exp (x))
ONE_NUMBER (exp10, pow (10, x))
ONE_NUMBER (log, log (x))
ONE_NUMBER (log10, log10 (x))

#define TWO_NUMBERS(name, expression) \
  static gboolean call_##name (XpEval *eval, const XpExpr *call, const XpFocus *focus, \
                               XpValue *out) \
  { \
    double x, y; \
    if (!xp_eval_number (eval, call->operands[0], focus, &x) || \
        !xp_eval_number (eval, call->operands[1], focus, &y)) \
      return FALSE; \
    xp_set_number (out, isnan (x) || isnan (y) ? NAN : expression); \
    return TRUE; \
  }

TWO_NUMBERS (pow, pow (x, y))
TWO_NUMBERS (atan2, atan2 (x, y))

/* round (x, decimals): halves away from zero; negative decimals round to tens and up. */
static gboolean
call_round (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  double x, decimals = 0;
  if (!xp_eval_number (eval, call->operands[0], focus, &x) ||
      (call->n_operands > 1 && !xp_eval_number (eval, call->operands[1], focus, &decimals)))
    return FALSE;
  double scale = pow (10, decimals), scaled = fabs (x) * scale;
  double rounded = isinf (scaled) ? fabs (x) : floor (scaled + 0.5) / scale;
  xp_set_number (out, isnan (x) || isnan (decimals) ? NAN : copysign (rounded, x));
  return TRUE;
}

static gboolean
call_pi (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_set_number (out, G_PI);
  return TRUE;
}

guint64
xp_random (XpEval *eval)
{
  if (eval->host->random != NULL)
    return eval->host->random (eval->host->data);
  return (guint64) g_random_int () << 32 | g_random_int ();
}

static gboolean
call_random (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_set_number (out, (double) (xp_random (eval) >> 11) * 0x1p-53);
  return TRUE;
}

typedef struct
{
  guint n;
  double sum;
  double min;
  double max;
} Tally;

static void
count_in (Tally *tally, double number)
{
  gboolean spoiled = isnan (tally->sum) || isnan (number);
  tally->min = spoiled ? NAN : tally->n == 0 ? number : MIN (tally->min, number);
  tally->max = spoiled ? NAN : tally->n == 0 ? number : MAX (tally->max, number);
  tally->sum += number;
  if (spoiled)
    tally->sum = NAN;
  tally->n++;
}

/* Numbers of all arguments, a node-set's one by one. What is not relevant is not there: its empty
 * value would spoil every sum over the instances of a repeat. */
static gboolean
tally_up (XpEval *eval, const XpExpr *call, const XpFocus *focus, Tally *tally)
{
  for (guint i = 0; i < call->n_operands; i++)
    {
      XpValue value = XP_VALUE_INIT;
      if (!xp_eval (eval, call->operands[i], focus, &value))
        return FALSE;
      if (value.type != PLAZA_XPATH_NODESET)
        count_in (tally, xp_to_number (eval, &value));
      else
        for (guint j = 0; j < value.n; j++)
          {
            PlazaNode *node = xp_nodes (&value)[j];
            XpValue one = { .type = PLAZA_XPATH_NODESET, .n = 1, .one = node };
            if (plaza_node_is_relevant (node))
              count_in (tally, xp_to_number (eval, &one));
          }
      gboolean within = xp_tick (eval, value.type == PLAZA_XPATH_NODESET ? value.n : 0);
      xp_value_clear (&value);
      if (!within)
        return FALSE;
    }
  return TRUE;
}

static gboolean
call_sum (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  Tally tally = { 0 };
  if (!tally_up (eval, call, focus, &tally))
    return FALSE;
  xp_set_number (out, tally.sum);
  return TRUE;
}

static gboolean
call_min (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  Tally tally = { 0 };
  if (!tally_up (eval, call, focus, &tally))
    return FALSE;
  xp_set_number (out, tally.n > 0 ? tally.min : NAN);
  return TRUE;
}

static gboolean
call_max (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  Tally tally = { 0 };
  if (!tally_up (eval, call, focus, &tally))
    return FALSE;
  xp_set_number (out, tally.n > 0 ? tally.max : NAN);
  return TRUE;
}

const XpFunction xp_number_functions[] = {
  { "number", 0, 1, PLAZA_XPATH_NUMBER, call_number, 0 },
  { "int", 1, 1, PLAZA_XPATH_NUMBER, call_int, 0 },
  { "floor", 1, 1, PLAZA_XPATH_NUMBER, call_floor, 0 },
  { "ceiling", 1, 1, PLAZA_XPATH_NUMBER, call_ceiling, 0 },
  { "round", 1, 2, PLAZA_XPATH_NUMBER, call_round, 0 },
  { "abs", 1, 1, PLAZA_XPATH_NUMBER, call_abs, 0 },
  { "sum", 1, 1, PLAZA_XPATH_NUMBER, call_sum, 0 },
  { "min", 0, -1, PLAZA_XPATH_NUMBER, call_min, 0 },
  { "max", 0, -1, PLAZA_XPATH_NUMBER, call_max, 0 },
  { "pow", 2, 2, PLAZA_XPATH_NUMBER, call_pow, 0 },
  { "sqrt", 1, 1, PLAZA_XPATH_NUMBER, call_sqrt, 0 },
  { "exp", 1, 1, PLAZA_XPATH_NUMBER, call_exp, 0 },
  { "exp10", 1, 1, PLAZA_XPATH_NUMBER, call_exp10, 0 },
  { "log", 1, 1, PLAZA_XPATH_NUMBER, call_log, 0 },
  { "log10", 1, 1, PLAZA_XPATH_NUMBER, call_log10, 0 },
  { "sin", 1, 1, PLAZA_XPATH_NUMBER, call_sin, 0 },
  { "cos", 1, 1, PLAZA_XPATH_NUMBER, call_cos, 0 },
  { "tan", 1, 1, PLAZA_XPATH_NUMBER, call_tan, 0 },
  { "asin", 1, 1, PLAZA_XPATH_NUMBER, call_asin, 0 },
  { "acos", 1, 1, PLAZA_XPATH_NUMBER, call_acos, 0 },
  { "atan", 1, 1, PLAZA_XPATH_NUMBER, call_atan, 0 },
  { "atan2", 2, 2, PLAZA_XPATH_NUMBER, call_atan2, 0 },
  { "pi", 0, 0, PLAZA_XPATH_NUMBER, call_pi, 0 },
  { "random", 0, 0, PLAZA_XPATH_NUMBER, call_random, PLAZA_XPATH_USES_RANDOM },
  { 0 },
};

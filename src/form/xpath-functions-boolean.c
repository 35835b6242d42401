/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/regex.h"
#include "form/xpath-private.h"

#include "base/error.h"
#include <math.h>
#include <string.h>

static gboolean
call_true (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_set_boolean (out, TRUE);
  return TRUE;
}

static gboolean
call_false (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  xp_set_boolean (out, FALSE);
  return TRUE;
}

static gboolean
call_boolean (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  gboolean result;
  if (!xp_eval_boolean (eval, call->operands[0], focus, &result))
    return FALSE;
  xp_set_boolean (out, result);
  return TRUE;
}

static gboolean
call_not (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  if (!call_boolean (eval, call, focus, out))
    return FALSE;
  out->boolean = !out->boolean;
  return TRUE;
}

static gboolean
call_boolean_from_string (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  if (text == NULL)
    return FALSE;
  gboolean result = strcmp (text, "1") == 0 || strcmp (text, "true") == 0;
  xp_value_clear (&value);
  xp_set_boolean (out, result);
  return TRUE;
}

static gboolean
call_if (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  gboolean condition;
  return xp_eval_boolean (eval, call->operands[0], focus, &condition) &&
         xp_eval (eval, call->operands[condition ? 1 : 2], focus, out);
}

/* lang ('es'): whether the nearest xml:lang says so, or a variant of it. */
static gboolean
call_lang (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpValue value = XP_VALUE_INIT;
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  if (text == NULL)
    return FALSE;
  const char *found = NULL;
  for (PlazaNode *node = focus->node; node != NULL && found == NULL; node = node->parent)
    if (node->kind == PLAZA_NODE_ELEMENT)
      found = plaza_node_get_attribute (node, "http://www.w3.org/XML/1998/namespace", "lang");
  gsize length = strlen (text);
  gboolean result = found != NULL && length > 0 && g_ascii_strncasecmp (found, text, length) == 0 &&
                    (found[length] == '\0' || found[length] == '-');
  xp_value_clear (&value);
  xp_set_boolean (out, result);
  return TRUE;
}

static gboolean
call_regex (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  XpExpr *pattern = call->operands[1];
  XpValue value = XP_VALUE_INIT, pattern_value = XP_VALUE_INIT;
  g_autoptr (GRegex) regex = NULL;
  if (pattern->op == XP_LITERAL && pattern->compiled != NULL)
    regex = g_regex_ref (pattern->compiled);
  else
    {
      const char *text = xp_eval_text (eval, pattern, focus, &pattern_value);
      if (text != NULL)
        regex = plaza_regex_compile (text, eval->error);
      xp_value_clear (&pattern_value);
      if (regex == NULL)
        return FALSE;
      if (pattern->op == XP_LITERAL)
        pattern->compiled = g_regex_ref (regex);
    }
  const char *text = xp_eval_text (eval, call->operands[0], focus, &value);
  gboolean matches = FALSE;
  gboolean done = text != NULL && plaza_regex_match (regex, text, &matches, eval->error);
  xp_value_clear (&value);
  if (done)
    xp_set_boolean (out, matches);
  return done && xp_tick (eval, 100);
}

static gboolean
node_is_filled (PlazaNode *node)
{
  gboolean owned;
  char *text = xp_node_text (node, &owned);
  gboolean filled = text[strspn (text, " \t\r\n")] != '\0';
  if (owned)
    g_free (text);
  return filled;
}

/* Item @i of a value: of a node-set the node, filled or not; of anything else the value itself. */
static gboolean
item_is_true (const XpValue *value, guint i)
{
  return value->type == PLAZA_XPATH_NODESET ? node_is_filled (xp_nodes (value)[i])
                                            : xp_to_boolean (value);
}

static guint
items (const XpValue *value)
{
  return value->type == PLAZA_XPATH_NODESET ? value->n : 1;
}

static double
item_number (XpEval *eval, const XpValue *value, guint i)
{
  if (value->type != PLAZA_XPATH_NODESET)
    return xp_to_number (eval, value);
  XpValue one = { .type = PLAZA_XPATH_NODESET, .n = 1, .one = xp_nodes (value)[i] };
  return xp_to_number (eval, &one);
}

/* At least `min` and at most `max` (-1: no such limit) true answers, counted by weight. */
static gboolean
weigh (XpEval *eval, const XpExpr *call, const XpFocus *focus, gboolean weighted, XpValue *out)
{
  double min, max, total = 0;
  guint stride = weighted ? 2 : 1;
  if (call->n_operands % stride != 0)
    return plaza_throw (eval->error, PLAZA_ERROR_INVALID, "%s() has an answer without a weight",
                        call->text);
  if (!xp_eval_number (eval, call->operands[0], focus, &min) ||
      !xp_eval_number (eval, call->operands[1], focus, &max))
    return FALSE;
  for (guint i = 2; i < call->n_operands; i += stride)
    {
      XpValue answers = XP_VALUE_INIT, weights = XP_VALUE_INIT;
      gboolean done = xp_eval (eval, call->operands[i], focus, &answers) &&
                      (!weighted || xp_eval (eval, call->operands[i + 1], focus, &weights)) &&
                      xp_tick (eval, answers.type == PLAZA_XPATH_NODESET ? answers.n : 1);
      guint n = done ? items (&answers) : 0;
      gboolean unanswered = weighted && done && items (&weights) > n;
      if (weighted && done)
        n = MIN (n, items (&weights));
      for (guint j = 0; j < n; j++)
        if (item_is_true (&answers, j))
          total += weighted ? item_number (eval, &weights, j) : 1;
      xp_value_clear (&answers);
      xp_value_clear (&weights);
      if (!done)
        return FALSE;
      if (unanswered)
        {
          xp_set_boolean (out, FALSE);
          return TRUE;
        }
    }
  xp_set_boolean (out, (min == -1 || total >= min) && (max == -1 || total <= max));
  return TRUE;
}

static gboolean
call_checklist (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  return weigh (eval, call, focus, FALSE, out);
}

static gboolean
call_weighted_checklist (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out)
{
  return weigh (eval, call, focus, TRUE, out);
}

const XpFunction xp_boolean_functions[] = {
  { "true", 0, 0, PLAZA_XPATH_BOOLEAN, call_true, 0 },
  { "false", 0, 0, PLAZA_XPATH_BOOLEAN, call_false, 0 },
  { "boolean", 1, 1, PLAZA_XPATH_BOOLEAN, call_boolean, 0 },
  { "not", 1, 1, PLAZA_XPATH_BOOLEAN, call_not, 0 },
  { "boolean-from-string", 1, 1, PLAZA_XPATH_BOOLEAN, call_boolean_from_string, 0 },
  { "if", 3, 3, PLAZA_XPATH_NODESET, call_if, 0 },
  { "lang", 1, 1, PLAZA_XPATH_BOOLEAN, call_lang, 0 },
  { "regex", 2, 2, PLAZA_XPATH_BOOLEAN, call_regex, 0 },
  { "checklist", 2, -1, PLAZA_XPATH_BOOLEAN, call_checklist, 0 },
  { "weighted-checklist", 2, -1, PLAZA_XPATH_BOOLEAN, call_weighted_checklist, 0 },
  { 0 },
};

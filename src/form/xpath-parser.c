/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-expr.h"

#include "base/error.h"
#include <string.h>

typedef struct
{
  const char *source;
  PlazaNode *scope;
  XpToken token;
  guint depth;
  GError **error;
} Parser;

static XpExpr *parse_or (Parser *parser);

/* ---- tokens ---- */

/* `2mod3` is written in forms: an operator right after a number ends where a digit begins. */
static void
split_operator (Parser *parser)
{
  static const char *const words[] = { "and", "or", "div", "mod" };
  XpToken *token = &parser->token;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);
      if (token->prefix_end == token->start &&
          strncmp (parser->source + token->start, words[i], length) == 0 &&
          g_ascii_isdigit (parser->source[token->start + length]))
        token->end = token->start + length;
    }
}

static gboolean
advance (Parser *parser)
{
  XpToken last = parser->token;
  if (!xp_lex (parser->source, last.end, &parser->token, parser->error))
    return FALSE;
  if (last.kind == XP_TOKEN_NUMBER && parser->token.kind == XP_TOKEN_NAME &&
      parser->token.start == last.end)
    split_operator (parser);
  return TRUE;
}

static gboolean
unexpected (Parser *parser, const char *wanted)
{
  const XpToken *token = &parser->token;
  if (token->kind == XP_TOKEN_END)
    return plaza_throw (parser->error, PLAZA_ERROR_INVALID, "ends where %s is expected", wanted);
  return plaza_throw (parser->error, PLAZA_ERROR_INVALID,
                      "“%.*s” at character %ld, where %s is expected",
                      (int) MIN (token->end - token->start, 40), parser->source + token->start,
                      g_utf8_strlen (parser->source, (gssize) token->start) + 1, wanted);
}

static gboolean
expect (Parser *parser, XpTokenKind kind, const char *wanted)
{
  if (parser->token.kind != kind)
    return unexpected (parser, wanted);
  return advance (parser);
}

/* The first character after the token and white space, without moving. */
static const char *
after_token (Parser *parser)
{
  const char *p = parser->source + parser->token.end;
  return p + strspn (p, " \t\r\n");
}

static gboolean
token_is_word (Parser *parser, const char *word)
{
  const XpToken *token = &parser->token;
  return token->kind == XP_TOKEN_NAME && token->prefix_end == token->start &&
         token->end - token->start == strlen (word) &&
         strncmp (parser->source + token->start, word, token->end - token->start) == 0;
}

static char *
token_local (Parser *parser)
{
  const XpToken *token = &parser->token;
  gsize start = token->prefix_end > token->start ? token->prefix_end + 1 : token->start;
  return g_strndup (parser->source + start, token->end - start);
}

static char *
token_prefix (Parser *parser)
{
  const XpToken *token = &parser->token;
  return token->prefix_end > token->start
             ? g_strndup (parser->source + token->start, token->prefix_end - token->start)
             : NULL;
}

static const char *
lookup_prefix (Parser *parser, const char *prefix)
{
  static const char *const usual[][2] = {
    { "jr", "http://openrosa.org/javarosa" },
    { "orx", "http://openrosa.org/xforms" },
    { "odk", "http://www.opendatakit.org/xforms" },
    { "h", "http://www.w3.org/1999/xhtml" },
    { "html", "http://www.w3.org/1999/xhtml" },
    { "xhtml", "http://www.w3.org/1999/xhtml" },
    { "xf", "http://www.w3.org/2002/xforms" },
    { "xsd", "http://www.w3.org/2001/XMLSchema" },
    { "fn", "http://www.w3.org/2005/xpath-functions" },
  };
  const char *uri =
      parser->scope != NULL ? plaza_node_lookup_namespace (parser->scope, prefix) : NULL;
  if (uri == NULL && strcmp (prefix, "xml") == 0)
    uri = "http://www.w3.org/XML/1998/namespace";
  for (gsize i = 0; uri == NULL && i < G_N_ELEMENTS (usual); i++)
    if (strcmp (prefix, usual[i][0]) == 0)
      uri = usual[i][1];
  if (uri == NULL)
    plaza_throw (parser->error, PLAZA_ERROR_INVALID, "the prefix “%s” is not declared", prefix);
  return uri;
}

/* ---- paths ---- */

static gboolean
parse_predicates (Parser *parser, XpExpr *path, XpExpr ***predicates, guint *n)
{
  while (parser->token.kind == XP_TOKEN_OPEN_BRACKET)
    {
      if (!advance (parser))
        return FALSE;
      XpExpr *predicate = parse_or (parser);
      if (predicate == NULL)
        return FALSE;
      xp_expr_list_add (predicates, n, predicate);
      path->depth = MAX (path->depth, predicate->depth + 1);
      if (!expect (parser, XP_TOKEN_CLOSE_BRACKET, "“]”"))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_axis (Parser *parser, XpAxis *axis)
{
  static const struct
  {
    const char *name;
    XpAxis axis;
  } axes[] = {
    { "child", XP_AXIS_CHILD },
    { "parent", XP_AXIS_PARENT },
    { "self", XP_AXIS_SELF },
    { "attribute", XP_AXIS_ATTRIBUTE },
    { "descendant", XP_AXIS_DESCENDANT },
    { "descendant-or-self", XP_AXIS_DESCENDANT_OR_SELF },
    { "ancestor", XP_AXIS_ANCESTOR },
    { "ancestor-or-self", XP_AXIS_ANCESTOR_OR_SELF },
    { "following", XP_AXIS_FOLLOWING },
    { "following-sibling", XP_AXIS_FOLLOWING_SIBLING },
    { "preceding", XP_AXIS_PRECEDING },
    { "preceding-sibling", XP_AXIS_PRECEDING_SIBLING },
    { "namespace", XP_AXIS_NAMESPACE },
  };
  if (parser->token.kind == XP_TOKEN_AT)
    {
      *axis = XP_AXIS_ATTRIBUTE;
      return advance (parser);
    }
  *axis = XP_AXIS_CHILD;
  if (parser->token.kind != XP_TOKEN_NAME || !g_str_has_prefix (after_token (parser), "::"))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (axes); i++)
    if (token_is_word (parser, axes[i].name))
      {
        *axis = axes[i].axis;
        return advance (parser) && advance (parser);
      }
  return unexpected (parser, "the name of an axis");
}

/* node(), text(), comment(), processing-instruction('x') */
static gboolean
parse_node_type (Parser *parser, XpTest *test, const PlazaName **name, gboolean *found)
{
  static const struct
  {
    const char *name;
    XpTest test;
  } types[] = {
    { "node", XP_TEST_NODE },
    { "text", XP_TEST_TEXT },
    { "comment", XP_TEST_COMMENT },
    { "processing-instruction", XP_TEST_INSTRUCTION },
  };
  *found = FALSE;
  if (parser->token.kind != XP_TOKEN_NAME || *after_token (parser) != '(')
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (types) && !*found; i++)
    if (token_is_word (parser, types[i].name))
      {
        *test = types[i].test;
        *found = TRUE;
      }
  if (!*found)
    return TRUE;
  if (!advance (parser) || !advance (parser))
    return FALSE;
  if (*test == XP_TEST_INSTRUCTION && parser->token.kind == XP_TOKEN_LITERAL)
    {
      const XpToken *token = &parser->token;
      g_autofree char *target =
          g_strndup (parser->source + token->start + 1, token->end - token->start - 2);
      *name = plaza_name_ref_new (NULL, target);
      if (!advance (parser))
        return FALSE;
    }
  return expect (parser, XP_TOKEN_CLOSE, "“)”");
}

static gboolean
parse_node_test (Parser *parser, XpStep *step)
{
  gboolean found = FALSE;
  if (!parse_node_type (parser, &step->test, &step->name, &found))
    return FALSE;
  if (found)
    return TRUE;
  if (parser->token.kind == XP_TOKEN_STAR)
    {
      step->test = XP_TEST_ANY_NAME;
      return advance (parser);
    }
  if (parser->token.kind != XP_TOKEN_NAME)
    return unexpected (parser, "a step of a path");
  g_autofree char *prefix = token_prefix (parser);
  g_autofree char *local = token_local (parser);
  step->test = XP_TEST_BARE_NAME;
  const char *uri = NULL;
  if (prefix != NULL)
    {
      uri = lookup_prefix (parser, prefix);
      if (uri == NULL)
        return FALSE;
      step->test = g_str_equal (local, "*") ? XP_TEST_NAMESPACE : XP_TEST_NAME;
    }
  step->name = plaza_name_ref_new (uri, local);
  return advance (parser);
}

static gboolean
parse_step (Parser *parser, XpExpr *path)
{
  XpTokenKind kind = parser->token.kind;
  if (kind == XP_TOKEN_DOT || kind == XP_TOKEN_DOT_DOT)
    {
      XpStep *step = xp_expr_add_step (path, kind == XP_TOKEN_DOT ? XP_AXIS_SELF : XP_AXIS_PARENT,
                                       XP_TEST_NODE);
      /* `.[…]` is not in the grammar of XPath 1.0, but forms have it. */
      return advance (parser) &&
             parse_predicates (parser, path, &step->predicates, &step->n_predicates);
    }
  XpAxis axis;
  if (!parse_axis (parser, &axis))
    return FALSE;
  XpStep *step = xp_expr_add_step (path, axis, XP_TEST_NODE);
  if (!parse_node_test (parser, step) ||
      !parse_predicates (parser, path, &step->predicates, &step->n_predicates))
    return FALSE;
  xp_step_find_key (step);
  return TRUE;
}

static gboolean
starts_step (Parser *parser)
{
  switch (parser->token.kind)
    {
    case XP_TOKEN_NAME:
    case XP_TOKEN_STAR:
    case XP_TOKEN_DOT:
    case XP_TOKEN_DOT_DOT:
    case XP_TOKEN_AT:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Steps separated by / and //; the separator before the first one has been read. */
static gboolean
parse_steps (Parser *parser, XpExpr *path, gboolean doubled)
{
  for (;;)
    {
      if (doubled)
        xp_expr_add_step (path, XP_AXIS_DESCENDANT_OR_SELF, XP_TEST_NODE);
      if (!parse_step (parser, path))
        return FALSE;
      if (doubled)
        xp_expr_shorten_double_slash (path);
      if (parser->token.kind != XP_TOKEN_SLASH && parser->token.kind != XP_TOKEN_DOUBLE_SLASH)
        return TRUE;
      doubled = parser->token.kind == XP_TOKEN_DOUBLE_SLASH;
      if (!advance (parser))
        return FALSE;
    }
}

static XpExpr *
parse_location_path (Parser *parser)
{
  g_autoptr (XpExpr) path = xp_expr_new (XP_PATH);
  XpTokenKind kind = parser->token.kind;
  if (kind == XP_TOKEN_SLASH || kind == XP_TOKEN_DOUBLE_SLASH)
    {
      path->absolute = TRUE;
      if (!advance (parser))
        return NULL;
      if (kind == XP_TOKEN_SLASH && !starts_step (parser))
        return g_steal_pointer (&path);
    }
  if (!parse_steps (parser, path, kind == XP_TOKEN_DOUBLE_SLASH))
    return NULL;
  xp_expr_mark_plain (path);
  return g_steal_pointer (&path);
}

/* ---- primaries ---- */

static XpExpr *
parse_call (Parser *parser)
{
  g_autoptr (XpExpr) call = xp_expr_new (XP_CALL);
  g_autofree char *prefix = token_prefix (parser);
  g_autofree char *local = token_local (parser);
  const char *uri = NULL;
  if (prefix != NULL && (uri = lookup_prefix (parser, prefix)) == NULL)
    return NULL;
  call->function = xp_function_lookup (uri, local);
  call->text = prefix != NULL ? g_strdup_printf ("%s:%s", prefix, local) : g_strdup (local);
  if (!advance (parser) || !advance (parser))
    return NULL;
  if (parser->token.kind != XP_TOKEN_CLOSE)
    for (;;)
      {
        XpExpr *argument = parse_or (parser);
        if (argument == NULL)
          return NULL;
        xp_expr_add_operand (call, argument);
        if (parser->token.kind != XP_TOKEN_COMMA)
          break;
        if (!advance (parser))
          return NULL;
      }
  if (!expect (parser, XP_TOKEN_CLOSE, "“,” or “)”"))
    return NULL;
  return g_steal_pointer (&call);
}

static XpExpr *
parse_primary (Parser *parser)
{
  const XpToken token = parser->token;
  g_autoptr (XpExpr) expr = NULL;
  switch (token.kind)
    {
    case XP_TOKEN_NUMBER:
      expr = xp_expr_new (XP_NUMBER);
      expr->number = token.number;
      break;
    case XP_TOKEN_LITERAL:
      expr = xp_expr_new (XP_LITERAL);
      expr->text = g_strndup (parser->source + token.start + 1, token.end - token.start - 2);
      break;
    case XP_TOKEN_OPEN:
      if (!advance (parser))
        return NULL;
      expr = parse_or (parser);
      if (expr == NULL || !expect (parser, XP_TOKEN_CLOSE, "“)”"))
        return NULL;
      return g_steal_pointer (&expr);
    default:
      return parse_call (parser);
    }
  if (!advance (parser))
    return NULL;
  return g_steal_pointer (&expr);
}

static gboolean
starts_primary (Parser *parser)
{
  static const char *const node_types[] = { "node", "text", "comment", "processing-instruction" };
  switch (parser->token.kind)
    {
    case XP_TOKEN_NUMBER:
    case XP_TOKEN_LITERAL:
    case XP_TOKEN_OPEN:
      return TRUE;
    case XP_TOKEN_NAME:
      if (*after_token (parser) != '(')
        return FALSE;
      for (gsize i = 0; i < G_N_ELEMENTS (node_types); i++)
        if (token_is_word (parser, node_types[i]))
          return FALSE;
      return TRUE;
    default:
      return FALSE;
    }
}

static XpExpr *
parse_path (Parser *parser)
{
  if (!starts_primary (parser))
    {
      if (!starts_step (parser) && parser->token.kind != XP_TOKEN_SLASH &&
          parser->token.kind != XP_TOKEN_DOUBLE_SLASH)
        {
          unexpected (parser, "a value, a path or a function");
          return NULL;
        }
      return parse_location_path (parser);
    }
  g_autoptr (XpExpr) primary = parse_primary (parser);
  if (primary == NULL)
    return NULL;
  XpTokenKind kind = parser->token.kind;
  if (kind != XP_TOKEN_OPEN_BRACKET && kind != XP_TOKEN_SLASH && kind != XP_TOKEN_DOUBLE_SLASH)
    return g_steal_pointer (&primary);
  g_autoptr (XpExpr) path = xp_expr_new (XP_PATH);
  path->depth = primary->depth + 1;
  path->start = g_steal_pointer (&primary);
  if (!parse_predicates (parser, path, &path->filters, &path->n_filters))
    return NULL;
  kind = parser->token.kind;
  if (kind == XP_TOKEN_SLASH || kind == XP_TOKEN_DOUBLE_SLASH)
    if (!advance (parser) || !parse_steps (parser, path, kind == XP_TOKEN_DOUBLE_SLASH))
      return NULL;
  return g_steal_pointer (&path);
}

/* ---- operators ---- */

static XpExpr *
parse_union (Parser *parser)
{
  g_autoptr (XpExpr) expr = parse_path (parser);
  while (expr != NULL && parser->token.kind == XP_TOKEN_PIPE)
    {
      if (!advance (parser))
        return NULL;
      XpExpr *right = parse_path (parser);
      if (right == NULL)
        return NULL;
      if (expr->op != XP_UNION)
        {
          XpExpr *left = g_steal_pointer (&expr);
          expr = xp_expr_new (XP_UNION);
          xp_expr_add_operand (expr, left);
        }
      xp_expr_add_operand (expr, right);
    }
  return g_steal_pointer (&expr);
}

static XpExpr *
parse_unary (Parser *parser)
{
  guint minuses = 0;
  for (; parser->token.kind == XP_TOKEN_MINUS; minuses++)
    if (!advance (parser))
      return NULL;
  XpExpr *expr = parse_union (parser);
  if (expr == NULL || minuses == 0)
    return expr;
  XpExpr *negate = xp_expr_new (XP_NEGATE);
  negate->number = minuses % 2 == 0 ? 1 : -1;
  xp_expr_add_operand (negate, expr);
  return negate;
}

/* A chain a + b - c is one expression with three operands, so that its length is not depth. */
static XpExpr *
parse_chain (Parser *parser, XpExpr *(*parse_operand) (Parser *), guint8 (*operator_of) (Parser *))
{
  g_autoptr (XpExpr) expr = parse_operand (parser);
  gboolean own = FALSE;
  guint8 operator;
  while (expr != NULL && (operator= operator_of (parser)) != 0)
    {
      if (!advance (parser))
        return NULL;
      XpExpr *right = parse_operand (parser);
      if (right == NULL)
        return NULL;
      if (!own)
        {
          XpExpr *left = g_steal_pointer (&expr);
          expr = xp_expr_new (XP_ARITHMETIC);
          xp_expr_add_operand (expr, left);
          own = TRUE;
        }
      xp_expr_add_operand (expr, right);
      expr->operators = g_realloc (expr->operators, expr->n_operands);
      expr->operators[0] = 0;
      expr->operators[expr->n_operands - 1] = operator;
    }
  return g_steal_pointer (&expr);
}

static guint8
multiplying (Parser *parser)
{
  if (parser->token.kind == XP_TOKEN_STAR)
    return '*';
  if (token_is_word (parser, "div"))
    return '/';
  return token_is_word (parser, "mod") ? '%' : 0;
}

static guint8
adding (Parser *parser)
{
  return parser->token.kind == XP_TOKEN_PLUS ? '+' : parser->token.kind == XP_TOKEN_MINUS ? '-' : 0;
}

static XpExpr *
parse_product (Parser *parser)
{
  return parse_chain (parser, parse_unary, multiplying);
}

static XpExpr *
parse_sum (Parser *parser)
{
  return parse_chain (parser, parse_product, adding);
}

static XpExpr *
parse_comparisons (Parser *parser, gboolean equality)
{
  g_autoptr (XpExpr) expr = equality ? parse_comparisons (parser, FALSE) : parse_sum (parser);
  while (expr != NULL)
    {
      XpOp op;
      switch (parser->token.kind)
        {
        case XP_TOKEN_EQ:
          op = XP_EQ;
          break;
        case XP_TOKEN_NE:
          op = XP_NE;
          break;
        case XP_TOKEN_LT:
          op = XP_LT;
          break;
        case XP_TOKEN_LE:
          op = XP_LE;
          break;
        case XP_TOKEN_GT:
          op = XP_GT;
          break;
        case XP_TOKEN_GE:
          op = XP_GE;
          break;
        default:
          return g_steal_pointer (&expr);
        }
      if ((op == XP_EQ || op == XP_NE) != equality)
        return g_steal_pointer (&expr);
      if (!advance (parser))
        return NULL;
      XpExpr *right = equality ? parse_comparisons (parser, FALSE) : parse_sum (parser);
      if (right == NULL)
        return NULL;
      XpExpr *left = g_steal_pointer (&expr);
      expr = xp_expr_new (op);
      xp_expr_add_operand (expr, left);
      xp_expr_add_operand (expr, right);
      if (expr->depth > PLAZA_XPATH_MAX_DEPTH)
        break;
    }
  if (expr != NULL)
    plaza_throw (parser->error, PLAZA_ERROR_LIMIT, "nested too deeply");
  return NULL;
}

static XpExpr *
parse_and (Parser *parser)
{
  g_autoptr (XpExpr) expr = parse_comparisons (parser, TRUE);
  gboolean own = FALSE;
  while (expr != NULL && token_is_word (parser, "and"))
    {
      if (!advance (parser))
        return NULL;
      XpExpr *right = parse_comparisons (parser, TRUE);
      if (right == NULL)
        return NULL;
      if (!own)
        {
          XpExpr *left = g_steal_pointer (&expr);
          expr = xp_expr_new (XP_AND);
          xp_expr_add_operand (expr, left);
          own = TRUE;
        }
      xp_expr_add_operand (expr, right);
    }
  return g_steal_pointer (&expr);
}

static XpExpr *
parse_or (Parser *parser)
{
  if (++parser->depth > PLAZA_XPATH_MAX_DEPTH)
    {
      plaza_throw (parser->error, PLAZA_ERROR_LIMIT, "nested too deeply");
      return NULL;
    }
  g_autoptr (XpExpr) expr = parse_and (parser);
  gboolean own = FALSE;
  while (expr != NULL && token_is_word (parser, "or"))
    {
      if (!advance (parser))
        return NULL;
      XpExpr *right = parse_and (parser);
      if (right == NULL)
        return NULL;
      if (!own)
        {
          XpExpr *left = g_steal_pointer (&expr);
          expr = xp_expr_new (XP_OR);
          xp_expr_add_operand (expr, left);
          own = TRUE;
        }
      xp_expr_add_operand (expr, right);
    }
  parser->depth--;
  return g_steal_pointer (&expr);
}

XpExpr *
xp_parse (const char *source, PlazaNode *scope, GError **error)
{
  Parser parser = { .source = source, .scope = scope, .error = error };
  if (!advance (&parser))
    return NULL;
  g_autoptr (XpExpr) expr = parse_or (&parser);
  if (expr == NULL)
    return NULL;
  if (parser.token.kind != XP_TOKEN_END)
    {
      unexpected (&parser, "an operator or the end");
      return NULL;
    }
  return g_steal_pointer (&expr);
}

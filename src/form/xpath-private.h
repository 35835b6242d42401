/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of the evaluator share: tokens, the expression tree, values, and the running
 * evaluation. Everything here is named Xp… / xp_… and is for src/form/xpath*.c alone. */

#include "form/xpath.h"

G_BEGIN_DECLS

/* ---- tokens (xpath-lexer.c) ---- */

typedef enum
{
  XP_TOKEN_END,
  XP_TOKEN_NUMBER,
  XP_TOKEN_LITERAL,
  XP_TOKEN_NAME, /* prefix and local set; local "*" for prefix:* */
  XP_TOKEN_STAR,
  XP_TOKEN_OPEN,
  XP_TOKEN_CLOSE,
  XP_TOKEN_OPEN_BRACKET,
  XP_TOKEN_CLOSE_BRACKET,
  XP_TOKEN_COMMA,
  XP_TOKEN_DOT,
  XP_TOKEN_DOT_DOT,
  XP_TOKEN_AT,
  XP_TOKEN_AXIS, /* :: */
  XP_TOKEN_SLASH,
  XP_TOKEN_DOUBLE_SLASH,
  XP_TOKEN_PIPE,
  XP_TOKEN_PLUS,
  XP_TOKEN_MINUS,
  XP_TOKEN_EQ,
  XP_TOKEN_NE,
  XP_TOKEN_LT,
  XP_TOKEN_LE,
  XP_TOKEN_GT,
  XP_TOKEN_GE,
} XpTokenKind;

typedef struct
{
  XpTokenKind kind;
  gsize start; /* byte offsets in the source */
  gsize end;
  gsize prefix_end; /* NAME: end of the prefix, or start when there is none */
  double number;
} XpToken;

/* Reads the token at or after byte @from. */
gboolean xp_lex (const char *source, gsize from, XpToken *token, GError **error);

/* ---- expressions (xpath-parser.c) ---- */

typedef enum
{
  XP_OR, /* n operands */
  XP_AND,
  XP_EQ,
  XP_NE,
  XP_LT,
  XP_LE,
  XP_GT,
  XP_GE,
  XP_ARITHMETIC, /* n operands, left to right, `operators` before each but the first */
  XP_NEGATE,
  XP_UNION, /* n operands */
  XP_NUMBER,
  XP_LITERAL,
  XP_CALL,
  XP_PATH,
} XpOp;

typedef enum
{
  XP_AXIS_CHILD,
  XP_AXIS_PARENT,
  XP_AXIS_SELF,
  XP_AXIS_ATTRIBUTE,
  XP_AXIS_DESCENDANT,
  XP_AXIS_DESCENDANT_OR_SELF,
  XP_AXIS_ANCESTOR,
  XP_AXIS_ANCESTOR_OR_SELF,
  XP_AXIS_FOLLOWING,
  XP_AXIS_FOLLOWING_SIBLING,
  XP_AXIS_PRECEDING,
  XP_AXIS_PRECEDING_SIBLING,
  XP_AXIS_NAMESPACE,
} XpAxis;

typedef enum
{
  XP_TEST_NAME,      /* name: exactly, in a namespace */
  XP_TEST_BARE_NAME, /* name: written without a prefix, or in no namespace */
  XP_TEST_ANY_NAME,  /* * */
  XP_TEST_NAMESPACE, /* prefix:*; name->uri */
  XP_TEST_NODE,
  XP_TEST_TEXT,
  XP_TEST_COMMENT,
  XP_TEST_INSTRUCTION, /* name, when not NULL, is its target */
} XpTest;

typedef struct _XpExpr XpExpr;
typedef struct _XpFunction XpFunction;

/* `[key = value]` as the first thing a predicate asks, so that the rows of a big instance are
 * found by a table instead of one by one. */
typedef struct
{
  const PlazaName *key;
  XpTest key_test;
  XpExpr *value;  /* does not depend on the row; belongs to the predicate */
  gboolean whole; /* there is nothing else in the predicate */
} XpKey;

typedef struct
{
  XpAxis axis;
  XpTest test;
  const PlazaName *name; /* a reference */
  guint n_predicates;
  XpExpr **predicates;
  XpKey key; /* of the first predicate; key.key NULL = none */
} XpStep;

/* The nodes an absolute path of plain child steps found last time (xpath-path.c). */
typedef struct
{
  PlazaNode *root;
  guint64 stamp;
  guint n_levels; /* 0 = verify by the stamp alone */
  PlazaNode **parents;
  guint64 *parent_stamps;
  guint n;
  PlazaNode *one;
  PlazaNode **many;
} XpCache;

struct _XpExpr
{
  XpOp op;
  guint n_operands;
  XpExpr **operands; /* of an operator; arguments of a call */
  guint8 *operators; /* XP_ARITHMETIC: '+', '-', '*', '/', '%' */
  double number;     /* XP_NUMBER */
  char *text;        /* XP_LITERAL; XP_CALL: the name as written */
  const XpFunction *function;
  gpointer compiled; /* XP_CALL of regex() with a literal pattern: GRegex, made when first used */

  /* XP_PATH */
  gboolean absolute;
  XpExpr *start; /* a filter expression, or NULL: the context node or the root */
  guint n_filters;
  XpExpr **filters; /* predicates of `start` */
  guint n_steps;
  XpStep *steps;
  gboolean plain; /* absolute, every step child::name without a predicate */
  XpCache cache;

  guint depth;
};

void xp_expr_free (XpExpr *self);

/* Parses a whole expression. Unknown functions stay with function NULL. */
XpExpr *xp_parse (const char *source, PlazaNode *scope, GError **error);

/* Whether the value can be a number by itself, which as a predicate would mean a position. */
gboolean xp_expr_may_be_number (const XpExpr *self);

/* Whether position(), last() or the context node matter for the value. */
gboolean xp_expr_uses_position (const XpExpr *self);
gboolean xp_expr_uses_context_node (const XpExpr *self);

/* One child::name step without predicates from the context node: the key of a row. */
gboolean xp_is_key_path (const XpExpr *self);

struct _PlazaXPath
{
  char *source;
  XpExpr *root;
  PlazaXPathUses uses;
  GPtrArray *instance_ids; /* char *, NULL-terminated */
};

/* ---- values (xpath-value.c) ---- */

/* A node-set of one node needs no memory of its own; text may be borrowed from a node or literal,
 * which do not change during an evaluation. */
typedef struct
{
  PlazaXPathType type;
  gboolean owned;      /* text or many is freed with the value */
  gboolean floor_text; /* NUMBER made of a date by number(): its text is the whole day */
  guint n;             /* NODESET */
  guint capacity;
  union
  {
    const char *text;
    double number; /* DATE: milliseconds since 1970, NaN = no date */
    gboolean boolean;
    PlazaNode *one; /* n == 1 */
    PlazaNode **many;
  };
} XpValue;

#define XP_VALUE_INIT \
  { \
    .type = PLAZA_XPATH_NODESET \
  }

typedef struct
{
  PlazaNode *node;
  guint position;
  guint size;
} XpFocus;

typedef struct
{
  const PlazaXPathContext *context;
  const PlazaXPathHost *host; /* never NULL */
  PlazaNode *current;
  PlazaNode *root; /* what "/" is */
  GTimeZone *zone; /* use xp_zone() */
  gboolean zone_owned;
  gboolean pulling; /* inside pulldata(), whose columns are expressions */
  guint steps;
  guint next_look; /* at the clock */
  gint64 deadline;
  GError **error;
} XpEval;

void xp_value_clear (XpValue *value);
void xp_set_number (XpValue *out, double number);
void xp_set_boolean (XpValue *out, gboolean boolean);
void xp_set_date (XpValue *out, double milliseconds);
void xp_take_text (XpValue *out, char *text);
void xp_set_text (XpValue *out, const char *text); /* borrowed */
void xp_push_node (XpValue *set, PlazaNode *node);

static inline PlazaNode *const *
xp_nodes (const XpValue *set)
{
  return set->n == 1 ? &set->one : set->many;
}

double xp_to_number (XpEval *eval, const XpValue *value);
gboolean xp_to_boolean (const XpValue *value);
/* Makes the value a STRING and returns its text, valid until it is cleared. */
const char *xp_to_text (XpEval *eval, XpValue *value);
char *xp_node_text (PlazaNode *node, gboolean *owned);
double xp_text_to_number (XpEval *eval, const char *text);
char *xp_number_to_text (double number);
gboolean xp_compare (XpEval *eval, XpOp op, const XpValue *a, const XpValue *b, gboolean *result);

/* ---- dates (xpath-date.c) ---- */

#define XP_DAY_MS 86400000.0

GTimeZone *xp_zone (XpEval *eval);
/* "2019-06-01", "2019-06-01T10:00[:00[.000]][Z|+01:00]"; milliseconds since 1970. */
gboolean xp_parse_moment (XpEval *eval, const char *text, double *milliseconds);
/* The date alone at local midnight, else "2019-06-01T10:00:00.000-06:00". */
char *xp_moment_to_text (XpEval *eval, double milliseconds);

/* ---- evaluation (xpath-evaluator.c, xpath-path.c, xpath-index.c) ---- */

gboolean xp_eval (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out);
gboolean xp_eval_path (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *out);
void xp_sort (XpValue *set);

/* Counts @n units of work; FALSE with PLAZA_ERROR_LIMIT when the budget or the time is spent. */
gboolean xp_tick (XpEval *eval, guint n);

/** xp_random: 64 random bits, the host's when it has its own. */
guint64 xp_random (XpEval *eval);

/* Evaluates @expr and converts. xp_eval_text: @value holds the memory, clear it in any case. */
gboolean xp_eval_number (XpEval *eval, const XpExpr *expr, const XpFocus *focus, double *number);
gboolean
xp_eval_boolean (XpEval *eval, const XpExpr *expr, const XpFocus *focus, gboolean *boolean);
const char *xp_eval_text (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *value);
/* Evaluates @expr, which must give a node-set. */
gboolean xp_eval_nodes (XpEval *eval, const XpExpr *expr, const XpFocus *focus, XpValue *set);

gboolean xp_test_matches (XpTest test, const PlazaName *name, PlazaNodeKind kind, PlazaNode *node);

/* The children of @parent that match (@test, @name) and have a child (@key_test, @key) whose text
 * is @text, in document order: appended to @out. FALSE when no table serves (few children). */
gboolean xp_index_lookup (XpEval *eval,
                          PlazaNode *parent,
                          XpTest test,
                          const PlazaName *name,
                          XpTest key_test,
                          const PlazaName *key,
                          const char *text,
                          XpValue *out);

/* ---- functions (xpath-functions*.c) ---- */

typedef gboolean (*XpCall) (XpEval *eval, const XpExpr *call, const XpFocus *focus, XpValue *out);

struct _XpFunction
{
  const char *name;
  gint8 min;
  gint8 max;           /* -1 = any number */
  PlazaXPathType type; /* of the result; NODESET where it depends on the arguments */
  XpCall call;
  guint8 uses; /* PlazaXPathUses */
};

const XpFunction *xp_function_lookup (const char *uri, const char *local);

extern const XpFunction xp_string_functions[];
extern const XpFunction xp_number_functions[];
extern const XpFunction xp_date_functions[];
extern const XpFunction xp_nodeset_functions[];
extern const XpFunction xp_boolean_functions[];
extern const XpFunction xp_select_functions[];
extern const XpFunction xp_geo_functions[];

G_END_DECLS

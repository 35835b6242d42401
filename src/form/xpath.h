/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/node.h"

G_BEGIN_DECLS

/**
 * PlazaXPath: an ODK XForms expression, compiled once and evaluated often over PlazaNode trees.
 * XPath 1.0 with the functions and conversions of the ODK XForms specification. An object is used
 * from one thread at a time.
 */
typedef struct _PlazaXPath PlazaXPath;

typedef enum
{
  PLAZA_XPATH_NODESET,
  PLAZA_XPATH_STRING,
  PLAZA_XPATH_NUMBER,
  PLAZA_XPATH_BOOLEAN,
  /* a date or a moment, from date(), today(), now()…: its string is ISO 8601, its number days
   * since 1970-01-01 */
  PLAZA_XPATH_DATE,
} PlazaXPathType;

/**
 * PlazaXPathValue: a result. Only the field of its type is meaningful.
 */
typedef struct
{
  PlazaXPathType type;
  gboolean boolean;
  double number;    /* NUMBER; DATE: days since 1970-01-01T00:00Z */
  char *string;     /* STRING; DATE: ISO 8601. Owned. */
  GPtrArray *nodes; /* NODESET: PlazaNode *, document order, no duplicates. Owned. */
} PlazaXPathValue;

void plaza_xpath_value_clear (PlazaXPathValue *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaXPathValue, plaza_xpath_value_clear)
#define PLAZA_XPATH_VALUE_INIT \
  { \
    .type = PLAZA_XPATH_STRING \
  }

const char *plaza_xpath_type_name (PlazaXPathType type);

/** Conversions by the rules of the specification; the string is (transfer full). */
char *plaza_xpath_value_to_string (const PlazaXPathValue *value);
double plaza_xpath_value_to_number (const PlazaXPathValue *value);
gboolean plaza_xpath_value_to_boolean (const PlazaXPathValue *value);

/** plaza_xpath_number_to_string: as string(number) does: "" for NaN (as ODK does), "Infinity", no
 * exponent, no superfluous ".0". (transfer full) */
char *plaza_xpath_number_to_string (double number);

/** plaza_xpath_string_to_number: as number(string) does; an ISO date or moment gives days since
 * 1970, in the system's zone when it names none. */
double plaza_xpath_string_to_number (const char *string);

#define PLAZA_XPATH_MAX_LENGTH (256u * 1024) /* bytes of one expression */
#define PLAZA_XPATH_MAX_DEPTH 200u           /* nesting of one expression */
#define PLAZA_XPATH_MAX_STEPS 20000000u      /* nodes and operations of one evaluation */
#define PLAZA_XPATH_MAX_TIME_MS 2000u        /* of one evaluation */
#define PLAZA_XPATH_MAX_STRING (4u * 1024 * 1024)

/**
 * plaza_xpath_compile: compiles @expression. Prefixes are looked up at @scope (the element that
 * holds the expression; NULL: only `jr`, `orx`, `odk`, `h`, `xf` and `xsd`, with their usual
 * URIs; those are also the fallback). A name without prefix matches elements in no namespace or
 * written without a prefix.
 *
 * Returns: (transfer full): NULL with PLAZA_ERROR_INVALID (syntax, wrong argument count),
 * PLAZA_ERROR_UNSUPPORTED (unknown function) or PLAZA_ERROR_LIMIT; the message quotes the place.
 */
PlazaXPath *plaza_xpath_compile (const char *expression, PlazaNode *scope, GError **error);

/**
 * plaza_xpath_compile_lenient: the same, but a function that is unknown or has too few or too many
 * arguments is an error only once it is evaluated.
 */
PlazaXPath *plaza_xpath_compile_lenient (const char *expression, PlazaNode *scope, GError **error);
void plaza_xpath_free (PlazaXPath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaXPath, plaza_xpath_free)

const char *plaza_xpath_source (PlazaXPath *self);

/**
 * PlazaXPathHost: what an expression may ask of its surroundings. Every function may be NULL.
 */
typedef struct
{
  /* instance('id'): the node whose child is the root element of that instance (the document node
   * of its own tree, or its <instance> element); NULL when there is none. Without this function,
   * <instance id="…"> elements of the context node's own tree are found. */
  PlazaNode *(*instance) (const char *id, gpointer data);
  /* jr:itext('id'): (transfer full) text in the current language, NULL = no such text. Without
   * this function, the <itext> of the context node's own tree is read in `language`. */
  char *(*itext) (const char *id, gpointer data);
  /* jr:choice-name(@value, @reference): (transfer full) label of a choice of the select whose
   * reference is @reference (resolve it against @context), NULL = no such choice. */
  char *(*choice_name) (PlazaNode *context,
                        const char *value,
                        const char *reference,
                        gpointer data);
  /* now(): microseconds since 1970 UTC; NULL = g_get_real_time(). */
  gint64 (*now) (gpointer data);
  /* 64 random bits for random(), uuid() and randomize() without a seed; NULL = the system's. */
  guint64 (*random) (gpointer data);
  /* the zone of today(), now() and of dates without one; NULL = the system's. (transfer none) */
  GTimeZone *zone;
  const char *language; /* for the <itext> of the tree; NULL = its default */
  gpointer data;
} PlazaXPathHost;

/**
 * PlazaXPathContext: where an expression is evaluated. Initialise with { .node = … }.
 */
typedef struct
{
  PlazaNode *node;            /* context node: the bound node, or the element of a template */
  PlazaNode *current;         /* current(); NULL = node */
  guint position;             /* 0 is taken as 1 */
  guint size;                 /* 0 is taken as 1 */
  PlazaNode *root;            /* what "/" is; NULL = the document of the context node's tree */
  const PlazaXPathHost *host; /* NULL = none of its services */
  gint64 deadline;            /* g_get_monotonic_time(); 0 = in PLAZA_XPATH_MAX_TIME_MS */
} PlazaXPathContext;

/**
 * plaza_xpath_evaluate: evaluates into @out (cleared first by the caller or initialised with
 * PLAZA_XPATH_VALUE_INIT). Node-sets are valid until the tree changes.
 *
 * Errors: PLAZA_ERROR_INVALID (types that do not fit, bad regex), PLAZA_ERROR_NOT_FOUND (no such
 * instance), PLAZA_ERROR_LIMIT (steps, time, string length, regex backtracking). A message never
 * holds a value.
 */
gboolean plaza_xpath_evaluate (PlazaXPath *self,
                               const PlazaXPathContext *context,
                               PlazaXPathValue *out,
                               GError **error);

/** The same, converted. @out is set on success only; strings and arrays are (transfer full). */
gboolean plaza_xpath_evaluate_boolean (PlazaXPath *self,
                                       const PlazaXPathContext *context,
                                       gboolean *out,
                                       GError **error);
gboolean plaza_xpath_evaluate_number (PlazaXPath *self,
                                      const PlazaXPathContext *context,
                                      double *out,
                                      GError **error);
gboolean plaza_xpath_evaluate_string (PlazaXPath *self,
                                      const PlazaXPathContext *context,
                                      char **out,
                                      GError **error);
/** plaza_xpath_evaluate_nodes: PLAZA_ERROR_INVALID when the result is not a node-set. */
gboolean plaza_xpath_evaluate_nodes (PlazaXPath *self,
                                     const PlazaXPathContext *context,
                                     GPtrArray **out,
                                     GError **error);

/**
 * PlazaXPathDependency: one thing an expression reads, as a template path: "/data/g/x" by local
 * names, without predicates or positions; an attribute step is "@name".
 *
 * With @values, the text of the node there and of everything below is read. Without, only its
 * existence, number and place (count(), position(..), the steps towards a predicate): what
 * changes when repeat instances come and go. Where steps cannot be named beforehand (`*`, `//`,
 * most axes), the path ends at the last fixed step and @any_below says that anything below may be
 * meant; "/" with @any_below is "everything".
 */
typedef struct
{
  char *instance; /* NULL = the tree of the context node; else the id given to instance() */
  char *path;
  gboolean values;
  gboolean any_below;
} PlazaXPathDependency;

/**
 * plaza_xpath_dependencies: what the expression reads when its context node is at @context_path
 * (a template path as above; predicates and arguments included, duplicates merged).
 *
 * Returns: (transfer full) (element-type PlazaXPathDependency): frees its elements.
 */
GPtrArray *plaza_xpath_dependencies (PlazaXPath *self, const char *context_path);

typedef enum
{
  PLAZA_XPATH_USES_CLOCK = 1 << 0,    /* now(), today() */
  PLAZA_XPATH_USES_RANDOM = 1 << 1,   /* random(), uuid(), randomize() without seed */
  PLAZA_XPATH_USES_LANGUAGE = 1 << 2, /* jr:itext(), jr:choice-name() */
  PLAZA_XPATH_USES_INSTANCE = 1 << 3, /* instance(), pulldata() */
  PLAZA_XPATH_USES_OWN = 1 << 4, /* once(): reads the context node's own value; no dependency */
} PlazaXPathUses;

PlazaXPathUses plaza_xpath_uses (PlazaXPath *self);

/** plaza_xpath_instance_ids: (transfer none) NULL-terminated literal ids given to instance() and
 * pulldata(), for a form's load check. */
const char *const *plaza_xpath_instance_ids (PlazaXPath *self);

/**
 * plaza_xpath_get_path: when the whole expression is one plain location path of child steps by
 * name (`/data/g/x`, `../x`, `.`, `current()/../x`; no predicates), the template path it means
 * from @context_path (NULL: only absolute paths); else NULL. (transfer full)
 */
char *plaza_xpath_get_path (PlazaXPath *self, const char *context_path);

/**
 * plaza_xpath_find_root: what "/" means in a document that somebody hands in: the primary
 * instance when it is an XForm, else the document node.
 */
PlazaNode *plaza_xpath_find_root (PlazaTree *tree);

/**
 * plaza_xpath_find_context: the node that @reference names: an expression, of which the first
 * node counts, or a path of child numbers from the document node as test material has them
 * ("/0/1/3", every kind of node counted from 0, perhaps ending in "/@name"). NULL = the document
 * node, or the primary instance of an XForm.
 *
 * Returns: NULL with PLAZA_ERROR_NOT_FOUND or an error of the expression.
 */
PlazaNode *plaza_xpath_find_context (PlazaTree *tree, const char *reference, GError **error);

/**
 * plaza_xpath_describe: parses @document, evaluates @expression at the node that @reference names
 * (see plaza_xpath_find_context()) and says the type and value for people: "number<TAB>3", or
 * "nodeset<TAB>2" followed by one line "path<TAB>string" a node. Lines end in a newline.
 *
 * Returns: (transfer full): NULL on error.
 */
char *plaza_xpath_describe (const char *document,
                            gssize length,
                            const char *expression,
                            const char *reference,
                            GError **error);

G_END_DECLS

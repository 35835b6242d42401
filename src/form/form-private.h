/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a loaded form is made of. For the files of form/ only. */

#include "base/error.h"
#include "form/form.h"
#include "form/node.h"
#include "form/value.h"
#include "form/xpath.h"

G_BEGIN_DECLS

#define PLAZA_URI_XFORMS "http://www.w3.org/2002/xforms"
#define PLAZA_URI_XHTML "http://www.w3.org/1999/xhtml"
#define PLAZA_URI_JAVAROSA "http://openrosa.org/javarosa"
#define PLAZA_URI_OPENROSA "http://openrosa.org/xforms"
#define PLAZA_URI_ODK "http://www.opendatakit.org/xforms"
#define PLAZA_URI_PLAZA "https://gobabiertomx.org/plaza"

/* What an expression is for. The first four feed others and are recomputed in order of their rank;
 * the rest only describe a field and are looked at once everything has settled. */
typedef enum
{
  PLAZA_EXPR_RELEVANT,
  PLAZA_EXPR_CALCULATE,
  PLAZA_EXPR_COUNT,
  PLAZA_EXPR_CHOICES, /* takes away an answer that is no longer a choice */
  PLAZA_EXPR_REQUIRED,
  PLAZA_EXPR_READONLY,
  PLAZA_EXPR_CONSTRAINT,
  PLAZA_EXPR_TEXT,
  PLAZA_N_EXPR,
} PlazaExprKind;

#define PLAZA_EXPR_LAST_RANKED PLAZA_EXPR_CHOICES

/* One expression of one model node. */
typedef struct
{
  PlazaExprKind kind;
  PlazaModelNode *owner;
  PlazaXPath *xpath;  /* NULL for a PLAZA_EXPR_TEXT, which only stands for its dependencies */
  int constant;       /* 1 true(), 0 false(), -1 to be evaluated */
  guint rank;         /* place in the order of computation, ranked kinds only */
  gboolean own_frame; /* RELEVANT of a repeat: depends on the instance, not only on what is above */
  gboolean language;  /* its value changes with the language */
} PlazaExpr;

/* An edge of the dependency graph: @expr reads the node that holds this. */
typedef struct
{
  PlazaExpr *expr;
  PlazaModelNode *scope; /* the repeat within whose instance it reads; NULL: anywhere */
  gboolean values;       /* FALSE: only how many there are and where */
} PlazaReader;

/* A piece of text: words, or an <output>. */
typedef struct
{
  char *words;
  PlazaXPath *output;
} PlazaSegment;

typedef enum
{
  PLAZA_TEXT_INLINE,   /* segments */
  PLAZA_TEXT_ITEXT,    /* an itext id known at load */
  PLAZA_TEXT_COMPUTED, /* an expression */
} PlazaTextKind;

/* A label, hint or message as the form defines it. */
typedef struct
{
  PlazaTextKind kind;
  GPtrArray *segments; /* (element-type PlazaSegment) */
  char *id;
  PlazaXPath *xpath;
} PlazaText;

/* One <value form="…"> of an itext. */
typedef struct
{
  char *form; /* NULL for the plain one */
  GPtrArray *segments;
} PlazaItextValue;

/* Where the choices of a select come from: fixed items, or an itemset. */
typedef struct
{
  GPtrArray *items; /* (element-type PlazaChoiceItem), NULL for an itemset */
  PlazaXPath *nodeset;
  PlazaXPath *unfiltered; /* the nodeset without its predicates; NULL: it has none */
  char *value_name;       /* plain child names, the usual case; else the expressions below */
  char *label_name;
  PlazaXPath *value;
  PlazaXPath *label;
  char *label_itext; /* label is jr:itext(<this child>) */
} PlazaChoiceSource;

typedef struct
{
  char *value;
  PlazaText *label;
} PlazaChoiceItem;

typedef enum
{
  PLAZA_EVENT_FIRST_LOAD = 1 << 0,
  PLAZA_EVENT_LOAD = 1 << 1,
  PLAZA_EVENT_NEW_REPEAT = 1 << 2,
  PLAZA_EVENT_VALUE_CHANGED = 1 << 3,
} PlazaEvent;

/* <setvalue>. */
typedef struct
{
  guint events;
  PlazaModelNode *source; /* the node it is written in; NULL for the model */
  PlazaModelNode *target;
  PlazaXPath *target_xpath; /* when the ref has predicates; else NULL */
  PlazaXPath *value;        /* NULL: the words */
  char *words;
  guint line;
} PlazaAction;

struct _PlazaModelNode
{
  PlazaForm *form; /* not owned */
  guint index;
  PlazaFieldKind kind;
  gboolean attribute; /* a bound attribute: holds a value, is nobody's child */
  char *prefix;
  char *local;
  char *uri;
  char *name; /* prefix:local */
  char *ref;  /* by names */
  char *path; /* by local names, as dependencies name it */
  PlazaModelNode *parent;
  GPtrArray *children;    /* not owned, without attributes */
  PlazaModelNode *repeat; /* innermost repeat, itself included */
  PlazaModelNode *frame;  /* repeat whose instances hold this; NULL: the root */
  guint slot;             /* place among what its frame holds */
  guint n_slots;          /* of a repeat (and the root): what an instance holds */
  guint line;
  PlazaNode *element; /* where the form first writes it */
  PlazaNode *source;  /* of a repeat: a blank instance */
  GPtrArray *initial; /* of a repeat: PlazaNode of the instances that the form begins with */

  PlazaValueType value_type;
  PlazaExpr *exprs[PLAZA_N_EXPR];
  PlazaText *required_message;
  PlazaText *constraint_message;
  char *preload;
  char *preload_params;
  char *privacy;
  char *paper;
  char *fill;
  gboolean aloud;
  gboolean contact;

  PlazaControl control;
  gboolean in_body;
  PlazaText *label;
  PlazaText *hint;
  struct _PlazaBody *body; /* of a group or repeat: where its label is */
  GStrv appearances;
  GHashTable *parameters;
  PlazaChoiceSource *choices;
  GPtrArray *actions; /* PlazaAction on xforms-value-changed of this, not owned */

  gboolean no_add_remove;
  gboolean key_select; /* in a counted repeat: its choices depend on what the count depends on */
  GArray *readers;     /* of PlazaReader */
};

typedef enum
{
  PLAZA_BODY_GROUP,
  PLAZA_BODY_REPEAT,
  PLAZA_BODY_CONTROL,
} PlazaBodyKind;

/* The body as it is laid out: what pages are made from. */
typedef struct _PlazaBody PlazaBody;
struct _PlazaBody
{
  PlazaBodyKind kind;
  PlazaModelNode *model; /* NULL for a group without a ref */
  PlazaText *label;
  PlazaText *hint;
  gboolean field_list;
  guint id;            /* within the form */
  PlazaBody *parent;   /* not owned */
  GPtrArray *children; /* owned */
};

/* A secondary instance: its document node's first element is what instance('id') gives. */
typedef struct
{
  char *id;
  PlazaTree *tree;
} PlazaSecondary;

struct _PlazaForm
{
  gatomicrefcount refs;
  GRecMutex lock; /* expressions and secondary instances have caches */
  PlazaFormLimits limits;
  PlazaMedia *media;
  char *id;
  char *primary_id; /* of the primary <instance>, usually "" */
  char *version;
  char *title;
  GPtrArray *languages; /* strv storage, ends in NULL */
  guint default_language;
  GPtrArray *itext;      /* per language: GHashTable id → GPtrArray of PlazaItextValue */
  PlazaTree *source;     /* the form's document */
  PlazaTree *prototype;  /* the primary instance as a new interview starts with */
  PlazaTree *templates;  /* one blank instance a repeat */
  GHashTable *secondary; /* id → PlazaSecondary */
  GPtrArray *nodes;      /* PlazaModelNode, in document order */
  GHashTable *by_path;   /* local path → PlazaModelNode */
  GHashTable *by_ref;
  GPtrArray *exprs;   /* all PlazaExpr, owned */
  GPtrArray *ranked;  /* PlazaExpr by rank, not owned */
  GPtrArray *xpaths;  /* all PlazaXPath, owned */
  GPtrArray *actions; /* every PlazaAction, in document order */
  PlazaBody *body;    /* the root of the layout */
  guint n_body;
  guint n_root_slots;
  gboolean own_meta; /* meta/instanceID is our addition */
  PlazaModelNode *instance_id;
  PlazaModelNode *instance_name;
  PlazaModelNode *deprecated_id;
  guint n_choices;
  GPtrArray *warnings; /* strv storage, ends in NULL once loaded */
};

/* form-loader.c and its parts */
typedef struct
{
  PlazaForm *form;
  PlazaNode *model;
  PlazaNode *body;
  PlazaNode *primary;  /* the <instance> element */
  GHashTable *repeats; /* local path → <repeat> element */
} PlazaLoader;

void plaza_load_warn (PlazaLoader *self, PlazaNode *where, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean
plaza_load_throw (GError **error, PlazaError code, PlazaNode *where, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
PlazaXPath *plaza_load_compile (
    PlazaLoader *self, const char *source, PlazaNode *where, const char *attribute, GError **error);
/* The node that @ref means from @context; @out_exact: FALSE when it has predicates. */
PlazaModelNode *
plaza_form_resolve (PlazaForm *self, const char *ref, PlazaModelNode *context, gboolean *out_exact);
PlazaModelNode *
plaza_load_add_attribute (PlazaLoader *self, PlazaModelNode *parent, PlazaNode *attribute);
void plaza_load_copy_elements (PlazaNode *source, PlazaNode *parent);
GPtrArray *plaza_segments_new (void);
PlazaChoiceSource *plaza_choice_source_new (void);
PlazaForm *plaza_form_alloc (PlazaMedia *media, const PlazaFormLimits *limits);
char *plaza_load_words (PlazaNode *element);

gboolean plaza_load_instances (PlazaLoader *self, GError **error);
gboolean plaza_load_secondary (PlazaLoader *self, GError **error);
gboolean plaza_load_itext (PlazaLoader *self, GError **error);
gboolean plaza_load_binds (PlazaLoader *self, GError **error);
gboolean plaza_load_body (PlazaLoader *self, GError **error);
gboolean plaza_load_actions (PlazaLoader *self, GError **error);
PlazaText *plaza_model_node_get_label (PlazaModelNode *self);
PlazaText *plaza_model_node_get_hint (PlazaModelNode *self);
gboolean plaza_load_graph (PlazaLoader *self, GError **error);

/* plaza_load_text: of a <label> or <hint>; plaza_load_message: of a jr:…Msg attribute. */
PlazaText *plaza_load_text (PlazaLoader *self, PlazaNode *element, GError **error);
PlazaText *
plaza_load_message (PlazaLoader *self, const char *value, PlazaNode *where, GError **error);
GPtrArray *plaza_load_segments (PlazaLoader *self, PlazaNode *element, GError **error);
void plaza_text_free (PlazaText *self);
void plaza_body_free (PlazaBody *self);
void plaza_action_free (PlazaAction *self);

PlazaExpr *plaza_model_node_add_expr (PlazaModelNode *self, PlazaExprKind kind, PlazaXPath *xpath);
PlazaModelNode *plaza_form_find_path (PlazaForm *self, const char *path);
GPtrArray *plaza_form_get_itext (PlazaForm *self, guint language, const char *id);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The insides of PlazaInterview and PlazaField, shared by the files of form/ that make them. */

#include "form/form-private.h"
#include "form/interview.h"

G_BEGIN_DECLS

typedef enum
{
  PLAZA_INSTANCE_ACTIVE,
  PLAZA_INSTANCE_PARKED,  /* its repeat's count left no place for it */
  PLAZA_INSTANCE_REMOVED, /* a person took it out */
} PlazaInstanceState;

struct _PlazaField
{
  PlazaInterview *interview; /* not owned */
  PlazaModelNode *model;
  PlazaFieldKind kind;
  PlazaNode *node; /* NULL for a repeat, and while parked */
  PlazaField *parent;
  PlazaField *frame;    /* the instance (or the root) in whose slots it is */
  GPtrArray *children;  /* not owned; of a repeat: its active instances in order */
  PlazaField **slots;   /* of an instance and the root */
  GPtrArray *parked;    /* of a repeat, not owned: instances that are out */
  PlazaField *instance; /* the innermost instance it is in or is, NULL outside repeats */

  guint serial;      /* of an instance */
  guint next_serial; /* of a repeat */
  PlazaInstanceState state;
  guint left;     /* when it was parked or removed, counted */
  guint position; /* where a removed one was, 1-based */
  char *held;     /* value while parked */
  char *given;    /* what a person chose, of a select whose choices took some of it away */

  guint draws;   /* how often its value was computed */
  guint dirty;   /* bits by PlazaExprKind */
  guint changes; /* PlazaChanges not yet told */
  guint own_relevant : 1;
  guint relevant : 1;
  guint required : 1;
  guint own_readonly : 1;
  guint answered : 1;
  guint calculate_waits : 1; /* not computed while it was not relevant */
  guint touched : 1;
  guint texts : 4; /* which of the texts below are current */
  PlazaValidity validity;
  char *label;
  char *hint;
  char *guidance;
  char *message;
  GPtrArray *choices; /* NULL: to be made */
  GHashTable *by_value;
  GStringChunk *chunk;
};

struct _PlazaInterview
{
  GObject parent_instance;

  PlazaForm *form;
  PlazaTree *tree;
  PlazaField *root;
  GPtrArray *fields; /* all, owned */
  guint language;
  PlazaXPathHost host;
  PlazaField *evaluating; /* whose expression is being evaluated: outputs of itext mean it */
  guint64 random;         /* state of its random numbers */
  gboolean random_ready;
  gint64 deadline; /* of the recomputation under way, else 0 */
  GTimeZone *zone;
  PlazaClockFunc now;
  gpointer now_data;
  char *instance_id;
  char *seed; /* of random numbers: the instance id when it was given */
  char *deprecated_id;
  char *properties[4]; /* deviceid, username, email, phonenumber */
  gboolean frozen;     /* as submitted: nothing comes, goes or is taken away */
  gboolean correcting;
  gboolean loading;

  GPtrArray **pending; /* by rank: fields to compute */
  GArray *heap;        /* ranks that have some, smallest first */
  GPtrArray *touched;  /* fields to look at once settled */
  GQueue actions;      /* of Pending */
  guint counter;       /* of departures */
  gboolean structure_changed;
  gboolean pages_changed;
  GError *problem; /* the first of the last recomputation */

  GPtrArray *pages;    /* PlazaPage, NULL: to be made */
  GHashTable *page_of; /* PlazaField → PlazaPage */
  GHashTable *known;   /* key → PlazaPage, for pages that stay */
  GPtrArray *no_choices;
};

/* field.c */
PlazaField *plaza_field_new (PlazaInterview *interview, PlazaModelNode *model, PlazaFieldKind kind);
void plaza_field_free (PlazaField *self);
const char *plaza_field_peek (PlazaField *self);
PlazaField *plaza_field_locate (PlazaInterview *interview,
                                PlazaModelNode *model,
                                PlazaField *near,
                                gboolean *out_ambiguous);
void plaza_field_clear_texts (PlazaField *self);

/* interview-dirty.c */
guint plaza_interview_pop_rank (PlazaInterview *self);
void plaza_interview_mark (PlazaInterview *self, PlazaExpr *expr, PlazaField *field);
void plaza_interview_mark_all (PlazaInterview *self, PlazaField *field);
void plaza_interview_touch (PlazaInterview *self, PlazaField *field, guint changes);
void plaza_interview_propagate (PlazaInterview *self, PlazaField *field, gboolean structure);
gboolean plaza_interview_put (PlazaInterview *self, PlazaField *field, const char *value);

/* interview-events.c */
void plaza_interview_act (PlazaInterview *self);
void plaza_interview_queue_event (PlazaInterview *self, PlazaEvent event, PlazaField *within);
void plaza_interview_queue_load (PlazaInterview *self, PlazaAction *action);

/* interview-settle.c */
void plaza_interview_look_at (PlazaInterview *self, PlazaField *field);
void plaza_interview_tell (PlazaInterview *self);

/* interview-compute.c */
void plaza_interview_run (PlazaInterview *self);
void plaza_interview_update_relevance (PlazaInterview *self, PlazaField *field);
void plaza_interview_note (PlazaInterview *self, PlazaField *field, GError *error);

/* interview-repeats.c */
PlazaField *
plaza_repeat_insert (PlazaInterview *self, PlazaField *repeat, guint index, guint serial);
void plaza_repeat_take_out (PlazaInterview *self, PlazaField *instance, PlazaInstanceState state);
void plaza_repeat_bring_back (PlazaInterview *self, PlazaField *instance, guint index);
void plaza_repeat_set_count (PlazaInterview *self, PlazaField *repeat, guint count);
void plaza_interview_bind_tree (PlazaInterview *self,
                                PlazaNode *node,
                                PlazaField *field,
                                PlazaField *frame);

/* interview-eval.c: expressions on the live tree, under the form's lock */
gboolean plaza_interview_eval (PlazaInterview *self,
                               PlazaXPath *xpath,
                               PlazaNode *node,
                               PlazaNode *current,
                               PlazaXPathValue *out,
                               GError **error);
char *plaza_interview_eval_string (PlazaInterview *self,
                                   PlazaXPath *xpath,
                                   PlazaNode *node,
                                   GError **error);
PlazaNode *plaza_interview_lend_node (PlazaField *repeat, gboolean *out_lent);
gboolean plaza_interview_eval_boolean (PlazaInterview *self,
                                       PlazaExpr *expr,
                                       PlazaField *field,
                                       gboolean fallback);
void plaza_interview_init_host (PlazaInterview *self);

/* choices.c */
gboolean plaza_field_chooses (PlazaField *self);
void plaza_field_clear_choices (PlazaField *self);
gboolean plaza_field_allows (PlazaField *self, const char *value);
char *plaza_field_filter_choices (PlazaField *self, const char *value, gboolean *out_all);
const char *plaza_field_choice_label (PlazaField *self, const char *value);

/* interview-text.c */
char *
plaza_interview_text (PlazaInterview *self, PlazaText *text, PlazaField *field, const char *form);
char *
plaza_interview_itext (PlazaInterview *self, const char *id, PlazaField *field, const char *form);

/* submission.c: @unknown collects refs of elements that the form does not have, NULL to ignore */
gboolean
plaza_interview_read (PlazaInterview *self, GBytes *xml, GPtrArray *unknown, GError **error);

/* interview-start.c */
PlazaField *plaza_interview_field_of (PlazaInterview *self, PlazaModelNode *model);
PlazaInterview *
plaza_interview_new_frozen (PlazaForm *form, GBytes *xml, GPtrArray *unknown, GError **error);

/* interview-pages.c */
void plaza_interview_drop_pages (PlazaInterview *self);
char *plaza_page_make_key (PlazaField *field, PlazaBody *body);
PlazaPage *plaza_page_new (PlazaInterview *interview, PlazaField *field, PlazaBody *body);
void plaza_page_update (PlazaPage *self,
                        GPtrArray *fields,
                        guint section,
                        guint n_sections,
                        guint position,
                        guint n_positions);
void plaza_page_detach (PlazaPage *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/node.h"

G_BEGIN_DECLS

struct _PlazaTree
{
  int references; /* atomic */
  guint serial;
  PlazaNode *document;
  GPtrArray *blocks;
  guint block_used; /* nodes of the last block in use */
  PlazaNode *free_nodes;
  guint count;
  guint64 stamp;
  guint64 order_stamp; /* the stamp `order` is valid for */
  guint64 value_stamp; /* changes with values and relevance */
  GHashTable *names;   /* every name in use, one reference each */
  GStringChunk *strings;
  gpointer index; /* the evaluator's, see xpath-index.c */
  GDestroyNotify index_free;
};

/* Takes a node from the tree's memory; not linked anywhere yet. */
PlazaNode *_plaza_node_new (PlazaTree *tree, PlazaNodeKind kind);

/* Makes @node a child of @parent before @before (NULL = last). */
void _plaza_node_link (PlazaNode *parent, PlazaNode *node, PlazaNode *before);

/* Adds an attribute or declaration after @last (NULL = looked up). */
PlazaNode *_plaza_node_append_attribute (PlazaNode *element,
                                         PlazaNodeKind kind,
                                         const PlazaName *name,
                                         const char *prefix,
                                         PlazaNode *last);

/* Says that the child list of @parent changed. */
void _plaza_node_touch (PlazaNode *parent);

/* Of and between PlazaName. */
guint _plaza_name_hash (gconstpointer key);
gboolean _plaza_name_equal (gconstpointer a, gconstpointer b);

/* Turns the text of a leaf element into a text node. */
void _plaza_node_expand_text (PlazaNode *element);

G_END_DECLS

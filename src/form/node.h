/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PlazaName: an interned (namespace URI, local name) pair. Two names are equal exactly when their
 * pointers are equal, in the whole process and from any thread. Reference counted: a tree and a
 * compiled expression hold what they use.
 */
typedef struct _PlazaName PlazaName;

struct _PlazaName
{
  const char *uri;       /* "" for no namespace */
  const char *local;     /* "" only in the declaration of a default namespace */
  const PlazaName *bare; /* the same local name in no namespace (itself when it has none) */
};

const PlazaName *plaza_name_ref_new (const char *uri, const char *local);
void plaza_name_unref (const PlazaName *name);

typedef enum
{
  PLAZA_NODE_DOCUMENT,
  PLAZA_NODE_ELEMENT,
  PLAZA_NODE_ATTRIBUTE,
  PLAZA_NODE_NAMESPACE, /* a declaration: name->local is the prefix ("" = default), value the URI */
  PLAZA_NODE_TEXT,
  PLAZA_NODE_COMMENT,
  PLAZA_NODE_INSTRUCTION,
  PLAZA_NODE_DOCTYPE, /* `<!DOCTYPE name>` of a generic document; matched by node() only */
} PlazaNodeKind;

typedef struct _PlazaNode PlazaNode;
typedef struct _PlazaTree PlazaTree;

/**
 * PlazaNode: one node of a tree. The fields are for reading, except `state`, which belongs to
 * whoever built the tree (the interview keeps its per-node record there; never freed here).
 *
 * A leaf element holds its text in `value` (no text node), so that reading and writing an answer
 * is one pointer; only mixed content has PLAZA_NODE_TEXT children. Use plaza_node_dup_string() or
 * plaza_node_peek_value() rather than `value`.
 */
struct _PlazaNode
{
  PlazaNode *parent;
  PlazaNode *first_child;
  PlazaNode *last_child;
  PlazaNode *prev;
  PlazaNode *next;
  PlazaNode *first_attribute; /* attributes and namespace declarations, linked by next */
  PlazaTree *tree;
  const PlazaName *name; /* NULL for document, text and comment */
  const char *prefix;    /* as written, NULL when none; lives as long as the tree */
  const char *value;     /* leaf text, attribute value, … or NULL, which means "" */
  gpointer state;
  guint64 children_stamp; /* private: plaza_tree_stamp() at the last change of the child list */
  guint order;            /* valid after plaza_tree_renumber() */
  guint line;             /* in the source, 1-based, 0 = unknown */
  guint kind : 4;
  guint relevant : 1;    /* own flag, see plaza_node_set_relevant() */
  guint value_owned : 1; /* private */
};

/**
 * PlazaTree: a document and the memory of its nodes. Reference counted, used from one thread at a
 * time. Nodes are freed with the tree or by plaza_node_remove().
 */
PlazaTree *plaza_tree_new (void);
PlazaTree *plaza_tree_ref (PlazaTree *self);
void plaza_tree_unref (PlazaTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaTree, plaza_tree_unref)

/** plaza_tree_document: the PLAZA_NODE_DOCUMENT node. */
PlazaNode *plaza_tree_document (PlazaTree *self);

/** plaza_tree_root: the document element, or NULL while there is none. */
PlazaNode *plaza_tree_root (PlazaTree *self);

/**
 * plaza_tree_stamp: changes each time a node is added, removed or moved (not when a value or the
 * relevance changes), and is never 0. Caches of node positions and paths compare it.
 */
guint64 plaza_tree_stamp (PlazaTree *self);

/** plaza_tree_node_count: nodes alive, attributes and declarations included. */
guint plaza_tree_node_count (PlazaTree *self);

/** plaza_tree_renumber: makes every `order` valid; does nothing when they are. */
void plaza_tree_renumber (PlazaTree *self);

/** plaza_tree_name: interns a name that lives as long as the tree. @uri NULL = no namespace. */
const PlazaName *plaza_tree_name (PlazaTree *self, const char *uri, const char *local);

/**
 * plaza_node_append_element: a new last child element; @prefix and @uri NULL = none.
 * plaza_node_insert_element: the same before @before (NULL = last).
 */
PlazaNode *plaza_node_append_element (PlazaNode *parent,
                                      const char *uri,
                                      const char *prefix,
                                      const char *local);
PlazaNode *plaza_node_insert_element (
    PlazaNode *parent, PlazaNode *before, const char *uri, const char *prefix, const char *local);

/** plaza_node_set_namespace: renames an element or attribute into another namespace (NULL = none).
 */
void plaza_node_set_namespace (PlazaNode *node, const char *uri, const char *prefix);

/** plaza_node_append_text: adds text after the present content of an element. */
void plaza_node_append_text (PlazaNode *element, const char *text, gssize length);

/** plaza_node_append_leaf: a new last child comment (@local NULL) or processing instruction. */
PlazaNode *plaza_node_append_leaf (PlazaNode *parent,
                                   PlazaNodeKind kind,
                                   const char *local,
                                   const char *value);

/**
 * plaza_node_copy: deep copy of @source (of this or another tree; attributes, declarations, lines
 * and values too; `state` NULL, relevant TRUE) as a child of @parent before @before (NULL = last).
 */
PlazaNode *plaza_node_copy (PlazaNode *source, PlazaNode *parent, PlazaNode *before);

/**
 * plaza_node_remove: unlinks @node and frees it with everything below. The caller first takes
 * back every `state` below it.
 */
void plaza_node_remove (PlazaNode *node);

/** plaza_node_set_attribute: sets or adds; @value NULL removes. plaza_node_get_attribute: the
 * value, or NULL when there is no such attribute. @uri NULL = no namespace. */
void plaza_node_set_attribute (
    PlazaNode *element, const char *uri, const char *prefix, const char *local, const char *value);
const char *plaza_node_get_attribute (PlazaNode *element, const char *uri, const char *local);
PlazaNode *plaza_node_find_attribute (PlazaNode *element, const char *uri, const char *local);

/** plaza_node_declare_namespace: adds xmlns:@prefix (@prefix "" = default) unless declared here. */
void plaza_node_declare_namespace (PlazaNode *element, const char *prefix, const char *uri);

/**
 * plaza_node_lookup_namespace: the URI that @prefix ("" = default) stands for at @node, or NULL.
 */
const char *plaza_node_lookup_namespace (PlazaNode *node, const char *prefix);

/**
 * plaza_node_set_value: replaces the whole content of a leaf element (or the value of an
 * attribute or text) by @value (NULL = ""). Child elements are a programming error.
 */
void plaza_node_set_value (PlazaNode *node, const char *value);

/**
 * plaza_node_peek_value: the stored text of a leaf element or attribute, never NULL, relevance
 * disregarded. For an element with children: "".
 */
const char *plaza_node_peek_value (PlazaNode *node);

/**
 * plaza_node_set_relevant: the node's own flag. A node counts as relevant when it and all its
 * ancestors are (plaza_node_is_relevant()); expressions see the string value of any other as "".
 */
void plaza_node_set_relevant (PlazaNode *node, gboolean relevant);
gboolean plaza_node_is_relevant (PlazaNode *node);

/**
 * plaza_node_dup_string: the XPath string value as expressions see it: concatenated text of the
 * relevant leaves below. plaza_node_peek_string: the same without a copy when the node is a leaf,
 * else NULL (then use the copying one).
 */
char *plaza_node_dup_string (PlazaNode *node);
const char *plaza_node_peek_string (PlazaNode *node);

/** plaza_node_compare: document order: < 0, 0, > 0; nodes of different trees by tree creation. */
int plaza_node_compare (PlazaNode *a, PlazaNode *b);

/** plaza_node_is_ancestor: whether @ancestor is @node or above it. */
gboolean plaza_node_is_ancestor (PlazaNode *ancestor, PlazaNode *node);

/** Element navigation: the first child element, the next sibling element, or NULL. */
PlazaNode *plaza_node_first_element (PlazaNode *node);
PlazaNode *plaza_node_next_element (PlazaNode *node);

/** plaza_node_child: the first child element with this local name (any namespace), or NULL. */
PlazaNode *plaza_node_child (PlazaNode *node, const char *local);

/** plaza_node_is: whether @node is an element {@uri}@local; @uri NULL = any namespace. */
gboolean plaza_node_is (PlazaNode *node, const char *uri, const char *local);

/**
 * plaza_node_path: "/data/group/name" by local names; with @positions, a step with siblings of the
 * same name gets "[n]". An attribute ends in "/@name". For references and messages.
 */
char *plaza_node_path (PlazaNode *node, gboolean positions);

G_END_DECLS

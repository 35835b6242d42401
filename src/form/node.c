/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/node-private.h"

#include <string.h>

/* ---- trees ---- */

/* Nodes come in blocks and go back to a list of free nodes: the memory of a tree is one malloc for
 * 256 nodes, and a pointer to a removed node still points into the tree, so that the evaluator's
 * caches may look at its children_stamp before they trust it. */
#define NODES_PER_BLOCK 256

PlazaTree *
plaza_tree_new (void)
{
  static int serial = 1; /* atomic */
  PlazaTree *self = g_new0 (PlazaTree, 1);
  self->references = 1;
  self->serial = (guint) g_atomic_int_add (&serial, 1);
  self->blocks = g_ptr_array_new_with_free_func (g_free);
  self->names = g_hash_table_new (_plaza_name_hash, _plaza_name_equal);
  self->strings = g_string_chunk_new (4096);
  /* Stamps are unique among all trees, so that a cache never mistakes one for another that was
   * given the same memory. */
  self->stamp = ((guint64) self->serial << 40) + 1;
  self->document = _plaza_node_new (self, PLAZA_NODE_DOCUMENT);
  return self;
}

PlazaTree *
plaza_tree_ref (PlazaTree *self)
{
  g_atomic_int_inc (&self->references);
  return self;
}

static void
free_value (PlazaNode *node)
{
  if (node->value_owned)
    g_free ((char *) node->value);
  node->value = NULL;
  node->value_owned = FALSE;
}

void
plaza_tree_unref (PlazaTree *self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&self->references))
    return;
  for (guint b = 0; b < self->blocks->len; b++)
    {
      PlazaNode *block = g_ptr_array_index (self->blocks, b);
      guint used = b + 1 == self->blocks->len ? self->block_used : NODES_PER_BLOCK;
      for (guint i = 0; i < used; i++)
        free_value (&block[i]);
    }
  g_ptr_array_unref (self->blocks);
  if (self->index != NULL && self->index_free != NULL)
    self->index_free (self->index);
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    plaza_name_unref (name);
  g_hash_table_unref (self->names);
  g_string_chunk_free (self->strings);
  g_free (self);
}

PlazaNode *
plaza_tree_document (PlazaTree *self)
{
  return self->document;
}

PlazaNode *
plaza_tree_root (PlazaTree *self)
{
  return plaza_node_first_element (self->document);
}

guint64
plaza_tree_stamp (PlazaTree *self)
{
  return self->stamp;
}

guint
plaza_tree_node_count (PlazaTree *self)
{
  return self->count;
}

const PlazaName *
plaza_tree_name (PlazaTree *self, const char *uri, const char *local)
{
  PlazaName probe = { uri != NULL ? uri : "", local, NULL };
  const PlazaName *name = g_hash_table_lookup (self->names, &probe);
  if (name == NULL)
    {
      name = plaza_name_ref_new (probe.uri, local);
      g_hash_table_add (self->names, (gpointer) name);
    }
  return name;
}

/* The next node in document order; attributes come after their element. */
static PlazaNode *
next_in_order (PlazaNode *node)
{
  if (node->first_child != NULL)
    return node->first_child;
  while (node != NULL && node->next == NULL)
    node = node->parent;
  return node != NULL ? node->next : NULL;
}

void
plaza_tree_renumber (PlazaTree *self)
{
  if (self->order_stamp == self->stamp)
    return;
  guint order = 0;
  for (PlazaNode *node = self->document; node != NULL; node = next_in_order (node))
    {
      node->order = order++;
      for (PlazaNode *a = node->first_attribute; a != NULL; a = a->next)
        a->order = order++;
    }
  self->order_stamp = self->stamp;
}

/* ---- building ---- */

PlazaNode *
_plaza_node_new (PlazaTree *tree, PlazaNodeKind kind)
{
  PlazaNode *node = tree->free_nodes;
  if (node != NULL)
    tree->free_nodes = node->next;
  else
    {
      if (tree->blocks->len == 0 || tree->block_used == NODES_PER_BLOCK)
        {
          g_ptr_array_add (tree->blocks, g_new (PlazaNode, NODES_PER_BLOCK));
          tree->block_used = 0;
        }
      PlazaNode *block = g_ptr_array_index (tree->blocks, tree->blocks->len - 1);
      node = &block[tree->block_used++];
    }
  memset (node, 0, sizeof *node);
  node->tree = tree;
  node->kind = kind;
  node->relevant = TRUE;
  node->children_stamp = ++tree->stamp;
  tree->count++;
  return node;
}

void
_plaza_node_touch (PlazaNode *parent)
{
  parent->children_stamp = ++parent->tree->stamp;
}

void
_plaza_node_link (PlazaNode *parent, PlazaNode *node, PlazaNode *before)
{
  node->parent = parent;
  node->next = before;
  node->prev = before != NULL ? before->prev : parent->last_child;
  if (node->prev != NULL)
    node->prev->next = node;
  else
    parent->first_child = node;
  if (before != NULL)
    before->prev = node;
  else
    parent->last_child = node;
  _plaza_node_touch (parent);
}

static void
unlink_node (PlazaNode *node)
{
  PlazaNode *parent = node->parent;
  if (node->kind == PLAZA_NODE_ATTRIBUTE || node->kind == PLAZA_NODE_NAMESPACE)
    {
      if (node->prev != NULL)
        node->prev->next = node->next;
      else
        parent->first_attribute = node->next;
      if (node->next != NULL)
        node->next->prev = node->prev;
    }
  else
    {
      if (node->prev != NULL)
        node->prev->next = node->next;
      else
        parent->first_child = node->next;
      if (node->next != NULL)
        node->next->prev = node->prev;
      else
        parent->last_child = node->prev;
    }
  _plaza_node_touch (parent);
}

static void
release_node (PlazaNode *node)
{
  PlazaTree *tree = node->tree;
  for (PlazaNode *a = node->first_attribute, *next; a != NULL; a = next)
    {
      next = a->next;
      release_node (a);
    }
  free_value (node);
  memset (node, 0, sizeof *node);
  node->tree = tree;
  node->children_stamp = ++tree->stamp;
  node->next = tree->free_nodes;
  tree->free_nodes = node;
  tree->count--;
}

/* Bottom up without recursion: depth is the caller's data. */
static void
release_subtree (PlazaNode *top)
{
  PlazaNode *node = top;
  for (;;)
    {
      while (node->first_child != NULL)
        node = node->first_child;
      PlazaNode *parent = node->parent, *next = node->next;
      gboolean last = node == top;
      release_node (node);
      if (last)
        return;
      if (next != NULL)
        node = next;
      else
        {
          parent->first_child = NULL;
          node = parent;
        }
    }
}

void
plaza_node_remove (PlazaNode *node)
{
  g_return_if_fail (node->kind != PLAZA_NODE_DOCUMENT);
  unlink_node (node);
  node->next = NULL;
  release_subtree (node);
}

/* A leaf keeps its text in `value`; before it gets a child or a text() step asks for a node, the
 * text becomes one. */
void
_plaza_node_expand_text (PlazaNode *element)
{
  if (element->kind != PLAZA_NODE_ELEMENT || element->value == NULL)
    return;
  PlazaNode *text = _plaza_node_new (element->tree, PLAZA_NODE_TEXT);
  text->value = element->value;
  text->value_owned = element->value_owned;
  text->line = element->line;
  element->value = NULL;
  element->value_owned = FALSE;
  _plaza_node_link (element, text, NULL);
}

PlazaNode *
plaza_node_insert_element (
    PlazaNode *parent, PlazaNode *before, const char *uri, const char *prefix, const char *local)
{
  PlazaTree *tree = parent->tree;
  _plaza_node_expand_text (parent);
  PlazaNode *node = _plaza_node_new (tree, PLAZA_NODE_ELEMENT);
  node->name = plaza_tree_name (tree, uri, local);
  node->prefix = prefix != NULL && *prefix != '\0'
                     ? g_string_chunk_insert_const (tree->strings, prefix)
                     : NULL;
  _plaza_node_link (parent, node, before);
  return node;
}

PlazaNode *
plaza_node_append_element (PlazaNode *parent,
                           const char *uri,
                           const char *prefix,
                           const char *local)
{
  return plaza_node_insert_element (parent, NULL, uri, prefix, local);
}

void
plaza_node_set_namespace (PlazaNode *node, const char *uri, const char *prefix)
{
  PlazaTree *tree = node->tree;
  node->name = plaza_tree_name (tree, uri, node->name->local);
  node->prefix = prefix != NULL && *prefix != '\0'
                     ? g_string_chunk_insert_const (tree->strings, prefix)
                     : NULL;
  if (node->parent != NULL)
    _plaza_node_touch (node->parent);
}

void
plaza_node_append_text (PlazaNode *element, const char *text, gssize length)
{
  if (length < 0)
    length = (gssize) strlen (text);
  if (length == 0)
    return;
  PlazaTree *tree = element->tree;
  PlazaNode *target = element;
  if (element->first_child != NULL)
    {
      target = element->last_child;
      if (target->kind != PLAZA_NODE_TEXT)
        {
          target = _plaza_node_new (tree, PLAZA_NODE_TEXT);
          _plaza_node_link (element, target, NULL);
        }
    }
  const char *old = target->value != NULL ? target->value : "";
  gsize old_length = strlen (old);
  char *value = g_malloc (old_length + (gsize) length + 1);
  memcpy (value, old, old_length);
  memcpy (value + old_length, text, (gsize) length);
  value[old_length + (gsize) length] = '\0';
  free_value (target);
  target->value = value;
  target->value_owned = TRUE;
  tree->value_stamp++;
}

PlazaNode *
plaza_node_append_leaf (PlazaNode *parent, PlazaNodeKind kind, const char *local, const char *value)
{
  _plaza_node_expand_text (parent);
  PlazaNode *node = _plaza_node_new (parent->tree, kind);
  if (local != NULL)
    node->name = plaza_tree_name (parent->tree, NULL, local);
  if (value != NULL && *value != '\0')
    {
      node->value = g_strdup (value);
      node->value_owned = TRUE;
    }
  _plaza_node_link (parent, node, NULL);
  return node;
}

PlazaNode *
_plaza_node_append_attribute (PlazaNode *element,
                              PlazaNodeKind kind,
                              const PlazaName *name,
                              const char *prefix,
                              PlazaNode *last)
{
  PlazaNode *attribute = _plaza_node_new (element->tree, kind);
  attribute->name = name;
  attribute->prefix = prefix;
  attribute->parent = element;
  attribute->line = element->line;
  if (last == NULL)
    for (last = element->first_attribute; last != NULL && last->next != NULL;)
      last = last->next;
  attribute->prev = last;
  if (last != NULL)
    last->next = attribute;
  else
    element->first_attribute = attribute;
  return attribute;
}

static void
copy_content (PlazaNode *source, PlazaNode *copy)
{
  PlazaTree *tree = copy->tree;
  if (source->name != NULL)
    copy->name = source->tree == tree
                     ? source->name
                     : plaza_tree_name (tree, source->name->uri, source->name->local);
  if (source->prefix != NULL)
    copy->prefix = source->tree == tree
                       ? source->prefix
                       : g_string_chunk_insert_const (tree->strings, source->prefix);
  copy->line = source->line;
  if (source->value != NULL)
    {
      copy->value = g_strdup (source->value);
      copy->value_owned = TRUE;
    }
}

PlazaNode *
plaza_node_copy (PlazaNode *source, PlazaNode *parent, PlazaNode *before)
{
  g_return_val_if_fail (source->kind != PLAZA_NODE_DOCUMENT, NULL);
  g_return_val_if_fail (!plaza_node_is_ancestor (source, parent), NULL);
  PlazaTree *tree = parent->tree;
  _plaza_node_expand_text (parent);
  PlazaNode *top = NULL, *under = parent, *node = source;
  for (;;)
    {
      PlazaNode *copy = _plaza_node_new (tree, node->kind);
      copy_content (node, copy);
      PlazaNode *last = NULL;
      for (PlazaNode *a = node->first_attribute; a != NULL; a = a->next)
        {
          last = _plaza_node_append_attribute (copy, a->kind, NULL, NULL, last);
          copy_content (a, last);
        }
      if (top == NULL)
        top = copy;
      _plaza_node_link (under, copy, copy == top ? before : NULL);
      if (node->first_child != NULL)
        {
          node = node->first_child;
          under = copy;
          continue;
        }
      while (node != source && node->next == NULL)
        {
          node = node->parent;
          under = under->parent;
        }
      if (node == source)
        return top;
      node = node->next;
    }
}

/* ---- values ---- */

void
plaza_node_set_value (PlazaNode *node, const char *value)
{
  if (node->first_child != NULL)
    {
      for (PlazaNode *child = node->first_child; child != NULL; child = child->next)
        g_return_if_fail (child->kind != PLAZA_NODE_ELEMENT);
      while (node->first_child != NULL)
        plaza_node_remove (node->first_child);
    }
  /* @value may point into the present value: copy before freeing. */
  char *copy = value != NULL && *value != '\0' ? g_strdup (value) : NULL;
  free_value (node);
  node->value = copy;
  node->value_owned = copy != NULL;
  node->tree->value_stamp++;
}

/* The only child of a leaf whose text was expanded, or NULL. */
static PlazaNode *
only_text (PlazaNode *node)
{
  PlazaNode *child = node->first_child;
  return child != NULL && child->next == NULL && child->kind == PLAZA_NODE_TEXT ? child : NULL;
}

const char *
plaza_node_peek_value (PlazaNode *node)
{
  if (node->first_child != NULL)
    {
      PlazaNode *text = only_text (node);
      if (text == NULL)
        return "";
      node = text;
    }
  return node->value != NULL ? node->value : "";
}

void
plaza_node_set_relevant (PlazaNode *node, gboolean relevant)
{
  if (node->relevant == (relevant != FALSE))
    return;
  node->relevant = relevant != FALSE;
  node->tree->value_stamp++;
}

gboolean
plaza_node_is_relevant (PlazaNode *node)
{
  for (; node != NULL; node = node->parent)
    if (!node->relevant)
      return FALSE;
  return TRUE;
}

const char *
plaza_node_peek_string (PlazaNode *node)
{
  if (node->first_child != NULL && only_text (node) == NULL)
    return NULL;
  return plaza_node_is_relevant (node) ? plaza_node_peek_value (node) : "";
}

char *
plaza_node_dup_string (PlazaNode *node)
{
  const char *direct = plaza_node_peek_string (node);
  if (direct != NULL)
    return g_strdup (direct);
  GString *string = g_string_new (NULL);
  PlazaNode *at = plaza_node_is_relevant (node) ? node->first_child : NULL;
  while (at != NULL)
    {
      if (at->value != NULL && at->relevant &&
          (at->kind == PLAZA_NODE_TEXT || at->kind == PLAZA_NODE_ELEMENT))
        g_string_append (string, at->value);
      if (at->first_child != NULL && at->relevant)
        {
          at = at->first_child;
          continue;
        }
      while (at != node && at->next == NULL)
        at = at->parent;
      at = at == node ? NULL : at->next;
    }
  return g_string_free (string, FALSE);
}

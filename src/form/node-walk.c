/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/node-private.h"

#include <string.h>

int
plaza_node_compare (PlazaNode *a, PlazaNode *b)
{
  if (a == b)
    return 0;
  if (a->tree != b->tree)
    return a->tree->serial < b->tree->serial ? -1 : 1;
  plaza_tree_renumber (a->tree);
  return a->order < b->order ? -1 : a->order > b->order;
}

gboolean
plaza_node_is_ancestor (PlazaNode *ancestor, PlazaNode *node)
{
  for (; node != NULL; node = node->parent)
    if (node == ancestor)
      return TRUE;
  return FALSE;
}

PlazaNode *
plaza_node_first_element (PlazaNode *node)
{
  PlazaNode *child = node->first_child;
  while (child != NULL && child->kind != PLAZA_NODE_ELEMENT)
    child = child->next;
  return child;
}

PlazaNode *
plaza_node_next_element (PlazaNode *node)
{
  do
    node = node->next;
  while (node != NULL && node->kind != PLAZA_NODE_ELEMENT);
  return node;
}

gboolean
plaza_node_is (PlazaNode *node, const char *uri, const char *local)
{
  return node->kind == PLAZA_NODE_ELEMENT && strcmp (node->name->local, local) == 0 &&
         (uri == NULL || strcmp (node->name->uri, uri) == 0);
}

PlazaNode *
plaza_node_child (PlazaNode *node, const char *local)
{
  PlazaNode *child = plaza_node_first_element (node);
  while (child != NULL && strcmp (child->name->local, local) != 0)
    child = plaza_node_next_element (child);
  return child;
}

static void
append_step (GString *path, PlazaNode *node, gboolean positions)
{
  switch (node->kind)
    {
    case PLAZA_NODE_DOCUMENT:
      return;
    case PLAZA_NODE_ATTRIBUTE:
      g_string_append_printf (path, "/@%s", node->name->local);
      return;
    case PLAZA_NODE_NAMESPACE:
      g_string_append_printf (path, "/namespace::%s", node->name->local);
      return;
    case PLAZA_NODE_TEXT:
      g_string_append (path, "/text()");
      break;
    case PLAZA_NODE_COMMENT:
      g_string_append (path, "/comment()");
      break;
    case PLAZA_NODE_INSTRUCTION:
      g_string_append (path, "/processing-instruction()");
      break;
    case PLAZA_NODE_DOCTYPE:
      return;
    case PLAZA_NODE_ELEMENT:
      g_string_append_printf (path, "/%s", node->name->local);
      break;
    }
  if (!positions)
    return;
  guint position = 1;
  gboolean siblings = FALSE;
  for (PlazaNode *n = node->prev; n != NULL; n = n->prev)
    position += n->kind == node->kind && n->name == node->name;
  for (PlazaNode *n = node->next; n != NULL && !siblings; n = n->next)
    siblings = n->kind == node->kind && n->name == node->name;
  if (siblings || position > 1)
    g_string_append_printf (path, "[%u]", position);
}

char *
plaza_node_path (PlazaNode *node, gboolean positions)
{
  if (node->kind == PLAZA_NODE_DOCUMENT)
    return g_strdup ("/");
  g_autoptr (GPtrArray) chain = g_ptr_array_new ();
  for (PlazaNode *n = node; n != NULL; n = n->parent)
    g_ptr_array_add (chain, n);
  GString *path = g_string_new (NULL);
  for (guint i = chain->len; i-- > 0;)
    append_step (path, g_ptr_array_index (chain, i), positions);
  return g_string_free (path, FALSE);
}

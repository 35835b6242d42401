/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/node-private.h"

#include <string.h>

PlazaNode *
plaza_node_find_attribute (PlazaNode *element, const char *uri, const char *local)
{
  if (uri == NULL)
    uri = "";
  for (PlazaNode *a = element->first_attribute; a != NULL; a = a->next)
    if (a->kind == PLAZA_NODE_ATTRIBUTE && strcmp (a->name->local, local) == 0 &&
        strcmp (a->name->uri, uri) == 0)
      return a;
  return NULL;
}

const char *
plaza_node_get_attribute (PlazaNode *element, const char *uri, const char *local)
{
  PlazaNode *a = plaza_node_find_attribute (element, uri, local);
  return a == NULL ? NULL : a->value != NULL ? a->value : "";
}

void
plaza_node_set_attribute (
    PlazaNode *element, const char *uri, const char *prefix, const char *local, const char *value)
{
  PlazaNode *a = plaza_node_find_attribute (element, uri, local);
  if (value == NULL)
    {
      if (a != NULL)
        plaza_node_remove (a);
      return;
    }
  if (a == NULL)
    {
      PlazaTree *tree = element->tree;
      a = _plaza_node_append_attribute (
          element, PLAZA_NODE_ATTRIBUTE, plaza_tree_name (tree, uri, local),
          prefix != NULL && *prefix != '\0' ? g_string_chunk_insert_const (tree->strings, prefix)
                                            : NULL,
          NULL);
      _plaza_node_touch (element);
    }
  plaza_node_set_value (a, value);
}

static PlazaNode *
find_declaration (PlazaNode *element, const char *prefix)
{
  for (PlazaNode *a = element->first_attribute; a != NULL; a = a->next)
    if (a->kind == PLAZA_NODE_NAMESPACE && strcmp (a->name->local, prefix) == 0)
      return a;
  return NULL;
}

void
plaza_node_declare_namespace (PlazaNode *element, const char *prefix, const char *uri)
{
  if (find_declaration (element, prefix) != NULL)
    return;
  PlazaNode *a = _plaza_node_append_attribute (
      element, PLAZA_NODE_NAMESPACE, plaza_tree_name (element->tree, NULL, prefix), NULL, NULL);
  _plaza_node_touch (element);
  plaza_node_set_value (a, uri);
}

const char *
plaza_node_lookup_namespace (PlazaNode *node, const char *prefix)
{
  if (strcmp (prefix, "xml") == 0)
    return "http://www.w3.org/XML/1998/namespace";
  for (; node != NULL; node = node->parent)
    if (node->kind == PLAZA_NODE_ELEMENT)
      {
        PlazaNode *declaration = find_declaration (node, prefix);
        if (declaration != NULL)
          return declaration->value;
      }
  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath.h"

#include "base/error.h"
#include "form/xml.h"
#include <string.h>

PlazaNode *
plaza_xpath_find_root (PlazaTree *tree)
{
  const char *xforms = "http://www.w3.org/2002/xforms";
  PlazaNode *root = plaza_tree_root (tree);
  PlazaNode *head =
      root != NULL && plaza_node_is (root, NULL, "html") ? plaza_node_child (root, "head") : NULL;
  PlazaNode *model = head != NULL ? plaza_node_child (head, "model") : NULL;
  PlazaNode *instance = model != NULL && plaza_node_is (model, xforms, "model")
                            ? plaza_node_child (model, "instance")
                            : NULL;
  return instance != NULL ? instance : plaza_tree_document (tree);
}

/* "/0/1/3[/@name]": NULL when the text is not written so; @found NULL when there is no such node.
 */
static gboolean
find_by_numbers (PlazaTree *tree, const char *reference, PlazaNode **found)
{
  if (strspn (reference, "/0123456789") != strcspn (reference, "@") ||
      !g_ascii_isdigit (reference[1]))
    return FALSE;
  PlazaNode *node = plaza_tree_document (tree);
  const char *p = reference;
  while (node != NULL && *p == '/' && g_ascii_isdigit (p[1]))
    {
      guint64 index = g_ascii_strtoull (p + 1, (char **) &p, 10);
      for (node = node->first_child; node != NULL && index > 0; index--)
        node = node->next;
    }
  if (node != NULL && g_str_has_prefix (p, "/@"))
    {
      PlazaNode *attribute = node->first_attribute;
      for (p += 2; attribute != NULL; attribute = attribute->next)
        {
          g_autofree char *name =
              attribute->prefix != NULL
                  ? g_strdup_printf ("%s:%s", attribute->prefix, attribute->name->local)
              : attribute->kind == PLAZA_NODE_NAMESPACE
                  ? g_strdup_printf ("xmlns:%s", attribute->name->local)
                  : g_strdup (attribute->name->local);
          if (strcmp (name, p) == 0)
            break;
        }
      node = attribute;
      p += strlen (p);
    }
  *found = *p == '\0' ? node : NULL;
  return TRUE;
}

PlazaNode *
plaza_xpath_find_context (PlazaTree *tree, const char *reference, GError **error)
{
  PlazaNode *found = NULL;
  if (reference == NULL)
    return plaza_xpath_find_root (tree);
  if (strcmp (reference, "/") == 0)
    return plaza_tree_document (tree);
  if (!find_by_numbers (tree, reference, &found))
    {
      PlazaNode *root = plaza_xpath_find_root (tree);
      g_autoptr (PlazaXPath) path =
          plaza_xpath_compile_lenient (reference, plaza_tree_root (tree), error);
      g_autoptr (GPtrArray) nodes = NULL;
      PlazaXPathContext context = { .node = root, .root = root };
      if (path == NULL || !plaza_xpath_evaluate_nodes (path, &context, &nodes, error))
        return NULL;
      found = nodes->len > 0 ? nodes->pdata[0] : NULL;
    }
  if (found == NULL)
    plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the document has no node “%s”", reference);
  return found;
}

static char *
describe_nodes (GPtrArray *nodes)
{
  GString *string = g_string_new (NULL);
  g_string_append_printf (string, "nodeset\t%u\n", nodes->len);
  for (guint i = 0; i < nodes->len; i++)
    {
      g_autofree char *path = plaza_node_path (nodes->pdata[i], TRUE);
      g_autofree char *text = plaza_node_dup_string (nodes->pdata[i]);
      g_string_append_printf (string, "%s\t%s\n", path, text);
    }
  return g_string_free (string, FALSE);
}

char *
plaza_xpath_describe (const char *document,
                      gssize length,
                      const char *expression,
                      const char *reference,
                      GError **error)
{
  g_autoptr (PlazaTree) tree = plaza_xml_parse (document, length, PLAZA_XML_DOCUMENT, error);
  if (tree == NULL)
    return NULL;
  PlazaXPathContext context = { .node = plaza_xpath_find_context (tree, reference, error),
                                .root = plaza_xpath_find_root (tree) };
  if (context.node == NULL)
    return NULL;
  g_autoptr (PlazaXPath) path =
      plaza_xpath_compile_lenient (expression, plaza_tree_root (tree), error);
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  if (path == NULL || !plaza_xpath_evaluate (path, &context, &value, error))
    return NULL;
  if (value.type == PLAZA_XPATH_NODESET)
    return describe_nodes (value.nodes);
  g_autofree char *text = value.type == PLAZA_XPATH_NUMBER && value.number != value.number
                              ? g_strdup ("NaN")
                              : plaza_xpath_value_to_string (&value);
  return g_strdup_printf ("%s\t%s\n", plaza_xpath_type_name (value.type), text);
}

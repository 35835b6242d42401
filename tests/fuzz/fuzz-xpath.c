/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One line of expression, then a document: both are somebody else's. Whatever compiles is
 * evaluated at the root and at the first leaf, its dependencies are listed, and the document is
 * written and read back. */

#include "form/xml.h"
#include "form/xpath.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char ordinary[] =
    "<data xmlns:orx='http://openrosa.org/xforms' id='f'><a>1</a><b>si no</b><c>2019-06-01</c>"
    "<r><n>x</n><v>1</v></r><r><n>y</n><v>2</v></r><orx:meta><orx:instanceID/></orx:meta></data>";

static void
evaluate (PlazaXPath *path, PlazaNode *node)
{
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  PlazaXPathContext context = { .node = node };
  if (!plaza_xpath_evaluate (path, &context, &value, NULL))
    return;
  g_autofree char *text = plaza_xpath_value_to_string (&value);
  (void) plaza_xpath_value_to_number (&value);
  (void) plaza_xpath_value_to_boolean (&value);
}

static void
read_back (PlazaTree *tree)
{
  g_autofree char *xml = plaza_xml_write (plaza_tree_root (tree), NULL, NULL);
  g_autoptr (PlazaTree) again = plaza_xml_parse (xml, -1, PLAZA_XML_DATA, NULL);
  g_assert_nonnull (again);
}

static void
try_all (const char *expression, const char *document, gssize length, PlazaXmlFlags flags)
{
  g_autoptr (PlazaTree) tree = plaza_xml_parse (document, length, flags, NULL);
  if (tree == NULL)
    return;
  PlazaNode *root = plaza_tree_root (tree), *leaf = root;
  while (plaza_node_first_element (leaf) != NULL)
    leaf = plaza_node_first_element (leaf);
  if (flags == PLAZA_XML_DATA)
    read_back (tree);
  g_autoptr (PlazaXPath) path = plaza_xpath_compile_lenient (expression, root, NULL);
  if (path == NULL)
    return;
  g_autofree char *place = plaza_node_path (leaf, FALSE);
  g_autoptr (GPtrArray) dependencies = plaza_xpath_dependencies (path, place);
  g_autofree char *plain = plaza_xpath_get_path (path, place);
  evaluate (path, root);
  evaluate (path, leaf);
  plaza_node_copy (leaf, root, NULL);
  plaza_node_set_relevant (leaf, FALSE);
  evaluate (path, root);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *newline = size > 0 ? memchr (data, '\n', size) : NULL;
  gsize length = newline != NULL ? (gsize) (newline - data) : size;
  g_autofree char *expression = g_strndup ((const char *) data, length);
  if (newline == NULL || length + 1 == size)
    {
      try_all (expression, ordinary, -1, PLAZA_XML_DATA);
      return 0;
    }
  const char *document = (const char *) newline + 1;
  gssize rest = (gssize) (size - length - 1);
  try_all (expression, document, rest, PLAZA_XML_DATA);
  try_all (expression, document, rest, PLAZA_XML_DOCUMENT);
  return 0;
}

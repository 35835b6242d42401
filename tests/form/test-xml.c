/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "form/xml.h"

#include <string.h>

static void
assert_round_trip (const char *xml, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaTree) tree = plaza_xml_parse (xml, -1, PLAZA_XML_DATA, &error);
  g_assert_no_error (error);
  g_autofree char *out = plaza_xml_write (plaza_tree_root (tree), NULL, NULL);
  g_assert_cmpstr (out, ==, expected);
}

static void
test_round_trip (void)
{
  assert_round_trip ("<?xml version='1.0'?>\n<a>\n  <b/>\n  <c x='1'> t </c><!-- n -->\n</a>",
                     "<a><b/><c x=\"1\"> t </c></a>");
  assert_round_trip ("<a>x &lt; &amp; &#13;<![CDATA[<&]]></a>",
                     "<a>x &lt; &amp; &#13;&lt;&amp;</a>");
  assert_round_trip ("<a x='&quot;&lt;&#10;&#9;'/>", "<a x=\"&quot;&lt;&#10;&#9;\"/>");
  assert_round_trip ("<l>Hola <output value='/d/n'/> y <output value='/d/m'/></l>",
                     "<l>Hola <output value=\"/d/n\"/> y <output value=\"/d/m\"/></l>");
  assert_round_trip ("<a xmlns='u:1' xmlns:p='u:2'><p:b xmlns=''><c/></p:b></a>",
                     "<a xmlns=\"u:1\" xmlns:p=\"u:2\"><p:b xmlns=\"\"><c/></p:b></a>");
}

static void
test_encodings (void)
{
  assert_round_trip ("\xef\xbb\xbf<?xml version='1.0' encoding=\"utf-8\"?><a>ñ</a>", "<a>ñ</a>");
  assert_round_trip ("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xf1</a>", "<a>ñ</a>");
  assert_round_trip ("<a><![CDATA[<b = = = >]]><!-- < = --></a>", "<a>&lt;b = = = &gt;</a>");
}

static void
test_namespaces_from_around (void)
{
  g_autoptr (PlazaTree) tree = plaza_xml_parse (
      "<h xmlns='u:h' xmlns:o='u:o'><i><o:d k='1'><e o:w='2'/></o:d></i></h>", -1, 0, NULL);
  PlazaNode *i = plaza_tree_root (tree)->first_child;
  g_autofree char *out = plaza_xml_write (i->first_child, NULL, NULL);
  g_assert_cmpstr (out, ==, "<o:d xmlns:o=\"u:o\" k=\"1\"><e xmlns=\"u:h\" o:w=\"2\"/></o:d>");
}

static gboolean
keep_even (PlazaNode *node, gpointer data)
{
  return node->kind != PLAZA_NODE_ELEMENT || strcmp (node->name->local, "odd") != 0;
}

static void
test_filter_and_bad_characters (void)
{
  g_autoptr (PlazaTree) tree = plaza_xml_parse ("<d><odd>1</odd><even/></d>", -1, 0, NULL);
  PlazaNode *d = plaza_tree_root (tree);
  plaza_node_set_value (d->last_child, "a\001b\xff"
                                       "c\xef\xbf\xbe");
  g_autofree char *out = plaza_xml_write (d, keep_even, NULL);
  g_assert_cmpstr (out, ==, "<d><even>abc</even></d>");
}

static void
test_document_mode (void)
{
  g_autoptr (PlazaTree) tree = plaza_xml_parse ("<!DOCTYPE html><a> <b>x</b><!--c--> <?p q?></a>",
                                                -1, PLAZA_XML_DOCUMENT, NULL);
  g_assert_nonnull (tree);
  PlazaNode *document = plaza_tree_document (tree);
  g_assert_cmpint (document->first_child->kind, ==, PLAZA_NODE_DOCTYPE);
  PlazaNode *a = plaza_tree_root (tree);
  const PlazaNodeKind kinds[] = { PLAZA_NODE_TEXT, PLAZA_NODE_ELEMENT, PLAZA_NODE_COMMENT,
                                  PLAZA_NODE_TEXT, PLAZA_NODE_INSTRUCTION };
  PlazaNode *child = a->first_child;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++, child = child->next)
    g_assert_cmpint (child->kind, ==, kinds[i]);
  g_assert_null (child);
  g_autofree char *out = plaza_xml_write (a, NULL, NULL);
  g_assert_cmpstr (out, ==, "<a> <b>x</b><!--c--> <?p q?></a>");
}

static void
assert_refused (const char *xml, gssize length, PlazaError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  PlazaTree *tree = plaza_xml_parse (xml, length, PLAZA_XML_DOCUMENT, &error);
  g_assert_null (tree);
  g_assert_error (error, PLAZA_ERROR, (int) code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not name “%s”", error->message, part);
}

static void
test_refused (void)
{
  assert_refused ("<a>\n<b></a>", -1, PLAZA_ERROR_INVALID, "line 2: ");
  assert_refused ("", -1, PLAZA_ERROR_INVALID, "line ");
  assert_refused ("<a/><b/>", -1, PLAZA_ERROR_INVALID, "line 1: ");
  assert_refused ("<p:a/>", -1, PLAZA_ERROR_INVALID, "line 1: ");
  assert_refused ("<a>&nbsp;</a>", -1, PLAZA_ERROR_INVALID, "nbsp");
  assert_refused ("<a>\xff</a>", -1, PLAZA_ERROR_INVALID, "line 1: ");
  assert_refused ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", -1, PLAZA_ERROR_UNSUPPORTED,
                  "DOCTYPE");
  assert_refused ("<!DOCTYPE a [\n<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>", -1,
                  PLAZA_ERROR_UNSUPPORTED, "line 2: ");
  assert_refused ("<!DOCTYPE a [<!ENTITY x SYSTEM 'http://127.0.0.1:1/'>]><a>&x;</a>", -1,
                  PLAZA_ERROR_UNSUPPORTED, "line 1: ");
  assert_refused ("<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>", -1, PLAZA_ERROR_UNSUPPORTED,
                  "DTD");
  assert_refused ("<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///x'>%p;]><a/>", -1,
                  PLAZA_ERROR_UNSUPPORTED, "line 1: ");
}

static void
test_limits (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i <= PLAZA_XML_MAX_DEPTH; i++)
    g_string_append (deep, "<a>\n");
  assert_refused (deep->str, -1, PLAZA_ERROR_LIMIT, "line 201: ");
  g_autoptr (GString) wide = g_string_new ("<a>");
  for (guint i = 0; i <= PLAZA_XML_MAX_NODES; i++)
    g_string_append (wide, "<b/>");
  assert_refused (wide->str, (gssize) wide->len, PLAZA_ERROR_LIMIT, "nodes");

  /* What would be quadratic in libxml2 ends before it begins. */
  g_autoptr (GString) attributes = g_string_new ("<r>\n<a x='>='");
  for (guint i = 0; i < 200000; i++)
    g_string_append_printf (attributes, " b%u=''", i);
  g_string_append (attributes, "/></r>");
  gint64 start = g_get_monotonic_time ();
  assert_refused (attributes->str, -1, PLAZA_ERROR_LIMIT, "line 2: more than 1000 attributes");
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  g_autoptr (GString) namespaces = g_string_new (NULL);
  for (guint i = 0; i < 30; i++)
    {
      g_string_append (namespaces, "<a");
      for (guint j = 0; j < 90; j++)
        g_string_append_printf (namespaces, " xmlns:p%u_%u='u'", i, j);
      g_string_append (namespaces, ">");
    }
  assert_refused (namespaces->str, -1, PLAZA_ERROR_LIMIT, "namespaces");
  assert_refused ("<?xml version='1.0' encoding='UTF-7'?><a/>", -1, PLAZA_ERROR_UNSUPPORTED,
                  "UTF-7");
  assert_refused ("<\0a\0/\0>\0", 8, PLAZA_ERROR_INVALID, "UTF-8");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/xml/round-trip", test_round_trip);
  g_test_add_func ("/form/xml/encodings", test_encodings);
  g_test_add_func ("/form/xml/namespaces-from-around", test_namespaces_from_around);
  g_test_add_func ("/form/xml/filter", test_filter_and_bad_characters);
  g_test_add_func ("/form/xml/document-mode", test_document_mode);
  g_test_add_func ("/form/xml/refused", test_refused);
  g_test_add_func ("/form/xml/limits", test_limits);
  return g_test_run ();
}

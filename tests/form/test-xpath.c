/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "form/xml.h"
#include "form/xpath.h"

#include <math.h>
#include <string.h>

static PlazaTree *
parse (const char *xml)
{
  g_autoptr (GError) error = NULL;
  PlazaTree *tree = plaza_xml_parse (xml, -1, PLAZA_XML_DATA, &error);
  g_assert_no_error (error);
  return tree;
}

/* The string of @expression at the first node that @at finds. */
static char *
string_at (PlazaTree *tree, const char *at, const char *expression, const PlazaXPathHost *host)
{
  g_autoptr (GError) error = NULL;
  PlazaXPathContext context = { .node = plaza_xpath_find_context (tree, at, &error), .host = host };
  g_assert_no_error (error);
  g_autoptr (PlazaXPath) path = plaza_xpath_compile (expression, plaza_tree_root (tree), &error);
  g_assert_no_error (error);
  char *out = NULL;
  plaza_xpath_evaluate_string (path, &context, &out, &error);
  g_assert_no_error (error);
  return out;
}

static void
assert_string (PlazaTree *tree, const char *at, const char *expression, const char *expected)
{
  g_autofree char *got = string_at (tree, at, expression, NULL);
  if (strcmp (got, expected) != 0)
    g_error ("%s gives “%s”, not “%s”", expression, got, expected);
}

static void
assert_error (const char *expression, PlazaError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaTree) tree = parse ("<d><a>1</a></d>");
  PlazaXPathContext context = { .node = plaza_tree_root (tree) };
  g_autoptr (PlazaXPath) path = plaza_xpath_compile (expression, NULL, &error);
  g_auto (PlazaXPathValue) value = PLAZA_XPATH_VALUE_INIT;
  g_assert_false (path != NULL && plaza_xpath_evaluate (path, &context, &value, &error));
  g_assert_error (error, PLAZA_ERROR, (int) code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part);
}

static void
test_paths (void)
{
  g_autoptr (PlazaTree) tree = parse ("<data><g><x>1</x></g><r><n>a</n><v>10</v></r>"
                                      "<r><n>b</n><v>20</v></r><r><n>b</n><v>30</v></r></data>");
  assert_string (tree, "/data", "/data/g/x", "1");
  assert_string (tree, "/data/r[2]/v", "../n", "b");
  assert_string (tree, "/data/r[2]/v", "current()/../n", "b");
  assert_string (tree, "/data", "count(/data/r[n = 'b'])", "2");
  assert_string (tree, "/data", "sum(/data/r[n = 'b']/v)", "50");
  assert_string (tree, "/data", "join(' ', //v)", "10 20 30");
  assert_string (tree, "/data", "join(' ', //v[1])", "10 20 30");
  assert_string (tree, "/data", "join(' ', (//v)[2])", "20");
  assert_string (tree, "/data/r[3]/v", "position(..)", "3");
  assert_string (tree, "/data/r[3]/v", "join(' ', ../preceding-sibling::r/n)", "a b");
  assert_string (tree, "/data/r[3]/v", "/data/r[position() = position(current()/..) - 1]/v", "20");
  assert_string (tree, "/data", "/data/g/x/text()", "1");
  assert_string (tree, "/data", "join(',', /data/r/v | /data/g/x)", "1,10,20,30");
  assert_string (tree, "/data", "indexed-repeat(/data/r/v, /data/r, 2)", "20");
  assert_string (tree, "/data", "/data/missing = ''", "false");
}

static void
test_relevance (void)
{
  g_autoptr (PlazaTree) tree =
      parse ("<data><q>yes</q><r><v>1</v></r><r><v>2</v></r><g><x>7</x></g></data>");
  PlazaNode *data = plaza_tree_root (tree);
  plaza_node_set_relevant (plaza_node_child (data, "q"), FALSE);
  plaza_node_set_relevant (plaza_node_child (data, "r"), FALSE);
  plaza_node_set_relevant (plaza_node_child (data, "g"), FALSE);
  assert_string (tree, "/data", "/data/q = ''", "true");
  assert_string (tree, "/data", "string(/data/g/x)", "");
  assert_string (tree, "/data", "count(/data/r)", "1");
  assert_string (tree, "/data", "sum(/data/r/v)", "2");
  assert_string (tree, "/data", "max(/data/r/v)", "2");
  assert_string (tree, "/data", "position(/data/r[2])", "2");
}

static void
test_names (void)
{
  g_autoptr (PlazaTree) tree =
      parse ("<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml' "
             "xmlns:o='http://openrosa.org/xforms'><h:head><model><instance><data id='f'>"
             "<o:meta><o:instanceID>u</o:instanceID></o:meta><meta>m</meta></data></instance>"
             "<instance id='s'><root><item code='c1'><name>n1</name></item><item "
             "code=\"c'2\"><name>n2</name></item></root></instance>"
             "</model></h:head></h:html>");
  assert_string (tree, "/data", "../data/o:meta/orx:instanceID", "u");
  assert_string (tree, "/data", "./meta", "m");
  assert_string (tree, "/data", "@id", "f");
  assert_string (tree, "/data", "instance('s')/root/item/name", "n1");
  assert_string (tree, "/data", "pulldata('s', 'name', 'name', 'n1')", "n1");
  assert_string (tree, "/data", "pulldata('s', 'name', '@code', \"c'2\")", "n2");
  assert_string (tree, "/data", "pulldata('s', '@code', 'name', 'n1')", "c1");
  assert_string (tree, "/data", "pulldata('s', 'name', 'name', 'none')", "");
}

static gint64
noon (gpointer data)
{
  return G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC; /* 2023-11-14 22:13:20 UTC */
}

static void
test_dates (void)
{
  g_autoptr (PlazaTree) tree = parse ("<d><day>2019-06-01</day></d>");
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("America/Mexico_City");
  PlazaXPathHost host = { .now = noon, .zone = zone };
  static const char *const cases[][2] = {
    { "today()", "2023-11-14" },
    { "now()", "2023-11-14T16:13:20.000-06:00" },
    { "/d/day <= '2019-06-01'", "true" },
    { "date('2019-05-31') < /d/day", "true" },
    { "/d/day < today()", "true" },
    { "format-date(today() - 14, '%d/%m/%Y')", "" },
    { "format-date(date(today() - 14), '%e/%n/%y %a %b')", "31/10/23 Tue Oct" },
    { "decimal-time('06:00:00.000-06:00')", "0.25" },
    { "int((today() - date('2000-11-15')) div 365.25)", "22" },
    { "date('2024-02-30')", "Invalid Date" },
    { "date('2024-02-29')", "2024-02-29" },
    { "date('')", "" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = string_at (tree, "/d", cases[i][0], &host);
      if (strcmp (got, cases[i][1]) != 0)
        g_error ("%s gives “%s”, not “%s”", cases[i][0], got, cases[i][1]);
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    double number;
    const char *text;
  } cases[] = {
    { 0, "0" },
    { -0.0, "0" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1e21, "1000000000000000000000" },
    { 123456789012345680, "123456789012345680" },
    { 1.5e-7, "0.00000015" },
    { -2.25, "-2.25" },
    { 1e15 + 0.5, "1000000000000000.5" },
    { NAN, "" },
    { -INFINITY, "-Infinity" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = plaza_xpath_number_to_string (cases[i].number);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_cmpfloat (plaza_xpath_string_to_number (" -1.50 "), ==, -1.5);
  g_assert_cmpfloat (plaza_xpath_string_to_number ("12345678901234567890"), ==,
                     12345678901234567890.0);
  g_assert_true (isnan (plaza_xpath_string_to_number ("1e3")));
  g_assert_true (isnan (plaza_xpath_string_to_number ("+1")));
  g_assert_true (isnan (plaza_xpath_string_to_number ("-")));
  g_assert_true (isnan (plaza_xpath_string_to_number (".")));
  g_assert_true (isnan (plaza_xpath_string_to_number ("")));
}

static void
test_text (void)
{
  g_autoptr (PlazaTree) tree = parse ("<d><s>uno dos  tres</s></d>");
  assert_string (tree, "/d", "selected(/d/s, 'dos')", "true");
  assert_string (tree, "/d", "selected-at(/d/s, 2)", "tres");
  assert_string (tree, "/d", "count-selected(/d/s)", "3");
  assert_string (tree, "/d", "substr('ñandú', 1, 3)", "an");
  assert_string (tree, "/d", "string-length('ñandú')", "5");
  assert_string (tree, "/d", "translate('ñandú', 'ñú', 'nu')", "nandu");
  assert_string (tree, "/d", "substring-after('aXXb', 'XX')", "b");
  assert_string (tree, "/d", "regex('5512345678', '^[0-9]{10}$')", "true");
  assert_string (tree, "/d", "regex('5512345678\n', '^[0-9]{10}$')", "false");
  assert_string (tree, "/d", "digest('abc', 'SHA-256', 'hex')",
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_string (tree, "/d", "coalesce(/d/none, 'x')", "x");
  assert_string (tree, "/d", "if(1 > 2, 'a', /d/s)", "uno dos  tres");
}

static void
test_errors (void)
{
  assert_error ("", PLAZA_ERROR_INVALID, "ends where");
  assert_error ("1 +", PLAZA_ERROR_INVALID, "ends where");
  assert_error ("/d/[1]", PLAZA_ERROR_INVALID, "character 4");
  assert_error ("'open", PLAZA_ERROR_INVALID, "not closed");
  assert_error ("a $ b", PLAZA_ERROR_INVALID, "character 3");
  assert_error ("nope:a", PLAZA_ERROR_INVALID, "nope");
  assert_error ("explode()", PLAZA_ERROR_UNSUPPORTED, "explode()");
  assert_error ("0 and explode()", PLAZA_ERROR_UNSUPPORTED, "explode()");
  assert_error ("substr('a')", PLAZA_ERROR_INVALID, "at least 2");
  assert_error ("true(1)", PLAZA_ERROR_INVALID, "at most 0");
  assert_error ("count('a')", PLAZA_ERROR_INVALID, "nodes");
  assert_error ("instance('none')/x", PLAZA_ERROR_NOT_FOUND, "none");
  assert_error ("regex('a', '(')", PLAZA_ERROR_INVALID, "regular expression");
  assert_error ("\xff", PLAZA_ERROR_INVALID, "UTF-8");
}

static char *
repeated (const char *part, guint n, const char *middle, const char *end)
{
  GString *string = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append (string, part);
  g_string_append (string, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (string, end);
  return g_string_free (string, FALSE);
}

static void
test_limits (void)
{
  g_autofree char *deep = repeated ("(", 100000, "1", ")");
  assert_error (deep, PLAZA_ERROR_LIMIT, "deep");
  g_autofree char *calls = repeated ("not(", 5000, "1", ")");
  assert_error (calls, PLAZA_ERROR_LIMIT, "deep");
  g_autofree char *predicates = repeated ("a[", 5000, "1", "]");
  assert_error (predicates, PLAZA_ERROR_LIMIT, "deep");
  g_autofree char *equals = repeated ("1=", 5000, "1", "");
  assert_error (equals, PLAZA_ERROR_LIMIT, "deep");
  g_autofree char *huge = repeated ("1+", 200000, "1", "");
  assert_error (huge, PLAZA_ERROR_LIMIT, "too long");
  assert_error ("regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '^(a+)+$')",
                PLAZA_ERROR_LIMIT, "steps");
  assert_error ("regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', "
                "'(*LIMIT_MATCH=4000000000)^(a+)+$')",
                PLAZA_ERROR_LIMIT, "steps");
  assert_error ("uuid(1000000000)", PLAZA_ERROR_LIMIT, "too long");

  /* Chains are not depth. */
  g_autoptr (PlazaTree) tree = parse ("<d><a>1</a></d>");
  g_autofree char *sum = repeated ("1+", 20000, "1", "");
  assert_string (tree, "/d", sum, "20001");
  g_autofree char *either = repeated ("0 or ", 20000, "1", "");
  assert_string (tree, "/d", either, "true");
  g_autofree char *minuses = repeated ("-", 20001, "1", "");
  assert_string (tree, "/d", minuses, "-1");
}

/* A column that is an expression that asks for itself. */
static void
test_pulldata_in_itself (void)
{
  g_autoptr (PlazaTree) tree =
      parse ("<d><instance id='i'><root><item><k>1</k></item></root></instance>"
             "<e>pulldata('i', /d/e, 'k', '1')</e></d>");
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaXPath) path = plaza_xpath_compile ("pulldata('i', /d/e, 'k', '1')", NULL, NULL);
  PlazaXPathContext context = { .node = plaza_tree_root (tree) };
  char *text = NULL;
  g_assert_false (plaza_xpath_evaluate_string (path, &context, &text, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

/* Work that multiplies ends, with its reason. */
static void
test_exponential (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) xml = g_string_new ("<d>");
  for (guint i = 0; i < 400; i++)
    g_string_append (xml, "<a>x</a>");
  g_string_append (xml, "</d>");
  g_autoptr (PlazaTree) tree = parse (xml->str);
  PlazaXPathContext context = { .node = plaza_tree_root (tree) };
  static const char *const hostile[] = {
    "count(//a[count(//a[count(//a[. = 'y']) = 0]) = 0])",
    "count(//*[//*[//*[//*[. = 'y']]]])",
    "count(a[../a[../a[../a[. = 'y']]]])",
    "//a/../a/../a/../a/../a = 'y'",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (PlazaXPath) path = plaza_xpath_compile (hostile[i], NULL, &error);
      g_assert_no_error (error);
      gboolean result;
      if (!plaza_xpath_evaluate_boolean (path, &context, &result, &error))
        g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
      g_clear_error (&error);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
    }
}

static char *
dependencies_of (const char *expression, const char *at)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaXPath) path = plaza_xpath_compile (expression, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) found = plaza_xpath_dependencies (path, at);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < found->len; i++)
    {
      PlazaXPathDependency *d = found->pdata[i];
      g_ptr_array_add (lines, g_strdup_printf ("%s%s%s%s%s", d->instance != NULL ? d->instance : "",
                                               d->instance != NULL ? ":" : "", d->path,
                                               d->any_below ? "//" : "", d->values ? "" : "#"));
    }
  g_ptr_array_add (lines, NULL);
  return g_strjoinv (" ", (char **) lines->pdata);
}

static void
test_dependencies (void)
{
  static const char *const cases[][3] = {
    { "/data/a = 'x' and ../b > 3", "/data/g/c", "/data/a /data/g/b" },
    { ". > 3", "/data/c", "/data/c" },
    { "count(/data/r)", "/data/c", "/data/r#" },
    { "sum(/data/r/v)", "/data/c", "/data/r/v" },
    { "position(..)", "/data/r/v", "/data/r#" },
    { "/data/r[n = current()/../k]/v", "/data/s/t", "/data/r# /data/r/n /data/s/k /data/r/v" },
    { "instance('e')/root/item[state = /data/st]/label", "/data/c",
      "e:/root/item# e:/root/item/state /data/st e:/root/item/label" },
    { "indexed-repeat(/data/r/v, /data/r, /data/i)", "/data/c", "/data/r/v /data/r# /data/i" },
    { "//v", "/data/c", "///" },
    { "/data/*/v", "/data/c", "/data//" },
    { "pulldata('e', 'a', 'b', /data/k)", "/data/c", "/data/k e:///" },
    { "if(/data/a, /data/b, ../c)", "/data/g/x", "/data/a /data/b /data/g/c" },
    { "orx:meta/@id", "/data", "/data/meta/@id" },
    { "current()/../n", "/data/r/v", "/data/r/n" },
    { "once(uuid())", "/data/c", "" },
    { "jr:choice-name(/data/a, '/data/a')", "/data/c", "/data/a" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = dependencies_of (cases[i][0], cases[i][1]);
      if (strcmp (got, cases[i][2]) != 0)
        g_error ("%s reads “%s”, not “%s”", cases[i][0], got, cases[i][2]);
    }
}

static void
test_get_path (void)
{
  static const char *const cases[][3] = {
    { "/data/g/x", NULL, "/data/g/x" },
    { "../x", "/data/g/y", "/data/g/x" },
    { ".", "/data/g/y", "/data/g/y" },
    { "current()/../x", "/data/g/y", "/data/g/x" },
    { "../x", NULL, NULL },
    { "../x[1]", "/data/g/y", NULL },
    { "//x", "/data/g/y", NULL },
    { "1", "/data/g/y", NULL },
    { "../../../..", "/data/x", NULL },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlazaXPath) path = plaza_xpath_compile (cases[i][0], NULL, NULL);
      g_autofree char *got = plaza_xpath_get_path (path, cases[i][1]);
      g_assert_cmpstr (got, ==, cases[i][2]);
    }
}

static void
test_uses (void)
{
  g_autoptr (PlazaXPath) path = plaza_xpath_compile (
      "concat(today(), jr:itext('a'), instance('x')/root/a, pulldata('y', 'a', 'b', 'c'))", NULL,
      NULL);
  g_assert_cmpint (plaza_xpath_uses (path), ==,
                   PLAZA_XPATH_USES_CLOCK | PLAZA_XPATH_USES_LANGUAGE | PLAZA_XPATH_USES_INSTANCE);
  const char *const *ids = plaza_xpath_instance_ids (path);
  g_assert_cmpstr (ids[0], ==, "x");
  g_assert_cmpstr (ids[1], ==, "y");
  g_assert_null (ids[2]);
}

/* Remembered nodes follow the tree. */
static void
test_changing_tree (void)
{
  g_autoptr (PlazaTree) tree = parse ("<d><r><v>1</v></r><x>9</x></d>");
  g_autoptr (PlazaXPath) sum = plaza_xpath_compile ("sum(/d/r/v)", NULL, NULL);
  g_autoptr (PlazaXPath) x = plaza_xpath_compile ("/d/x", NULL, NULL);
  PlazaNode *d = plaza_tree_root (tree);
  PlazaXPathContext context = { .node = d };
  for (guint round = 0; round < 3; round++)
    {
      double number;
      char *text;
      g_assert_true (plaza_xpath_evaluate_number (sum, &context, &number, NULL));
      g_assert_cmpfloat (number, ==, round + 1);
      g_assert_true (plaza_xpath_evaluate_string (x, &context, &text, NULL));
      g_assert_cmpstr (text, ==, "9");
      g_free (text);
      plaza_node_copy (d->first_child, d, d->first_child->next);
    }
  while (plaza_node_is (d->first_child, NULL, "r"))
    plaza_node_remove (d->first_child);
  double number;
  g_assert_true (plaza_xpath_evaluate_number (sum, &context, &number, NULL));
  g_assert_cmpfloat (number, ==, 0);

  /* Another tree with the same shape. */
  g_autoptr (PlazaTree) other = parse ("<d><x>8</x></d>");
  PlazaXPathContext other_context = { .node = plaza_tree_root (other) };
  char *text;
  g_assert_true (plaza_xpath_evaluate_string (x, &other_context, &text, NULL));
  g_assert_cmpstr (text, ==, "8");
  g_free (text);
}

static void
test_big_instance (void)
{
  g_autoptr (GString) xml = g_string_new ("<root>");
  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (xml, "<item><name>n%u</name><state>s%u</state><big>%u</big></item>", i,
                            i % 32, i);
  g_string_append (xml, "</root>");
  gint64 start = g_get_monotonic_time ();
  g_autoptr (PlazaTree) tree = parse (xml->str);
  gint64 parsed = g_get_monotonic_time ();
  assert_string (tree, "/root", "/root/item[name = 'n77777']/big", "77777");
  gint64 first = g_get_monotonic_time ();
  assert_string (tree, "/root", "/root/item[name = 'n99999']/big", "99999");
  assert_string (tree, "/root", "/root/item[state = 's7' and name = 'n71']/big", "71");
  assert_string (tree, "/root", "count(/root/item[state = 's3'])", "3125");
  assert_string (tree, "/root", "count(/root/item[name = 'none'])", "0");
  assert_string (tree, "/root", "count(/root/item[big = 5])", "1");
  gint64 then = g_get_monotonic_time ();
  g_test_message ("100,000 rows: parsed in %d ms, first look-up %d ms, five more %d ms",
                  (int) (parsed - start) / 1000, (int) (first - parsed) / 1000,
                  (int) (then - first) / 1000);
  PlazaNode *row = plaza_tree_root (tree)->first_child;
  plaza_node_set_value (row->first_child, "changed");
  assert_string (tree, "/root", "/root/item[name = 'changed']/big", "0");
  assert_string (tree, "/root", "count(/root/item[name = 'n0'])", "0");
}

/* 500 questions, each relevant by the answer before. */
static void
test_speed (void)
{
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *data = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "data");
  PlazaNode *nodes[500];
  PlazaXPath *paths[500];
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *name = g_strdup_printf ("q%u", i);
      g_autofree char *expression = g_strdup_printf ("/data/q%u = 'si'", i > 0 ? i - 1 : 0);
      nodes[i] = plaza_node_append_element (data, NULL, NULL, name);
      plaza_node_set_value (nodes[i], "si");
      paths[i] = plaza_xpath_compile (expression, NULL, NULL);
    }
  gint64 best = G_MAXINT64, first = 0;
  for (guint round = 0; round < 20; round++)
    {
      gint64 start = g_get_monotonic_time ();
      for (guint i = 0; i < 500; i++)
        {
          PlazaXPathContext context = { .node = nodes[i] };
          gboolean relevant = FALSE;
          g_assert_true (plaza_xpath_evaluate_boolean (paths[i], &context, &relevant, NULL));
          g_assert_true (relevant);
        }
      gint64 took = g_get_monotonic_time () - start;
      first = round == 0 ? took : first;
      best = MIN (best, took);
    }
  g_test_message ("500 relevance expressions: first %d us, then %d us", (int) first, (int) best);
  for (guint i = 0; i < 500; i++)
    plaza_xpath_free (paths[i]);
}

static void
test_describe (void)
{
  g_autoptr (GError) error = NULL;
  const char *xml = "<d><a>1</a><a>2</a></d>";
  g_autofree char *nodes = plaza_xpath_describe (xml, -1, "/d/a", NULL, &error);
  g_assert_cmpstr (nodes, ==, "nodeset\t2\n/d/a[1]\t1\n/d/a[2]\t2\n");
  g_autofree char *number = plaza_xpath_describe (xml, -1, ". + 1", "/d/a[2]", &error);
  g_assert_cmpstr (number, ==, "number\t3\n");
  g_autofree char *by_number = plaza_xpath_describe (xml, -1, "string(.)", "/0/1", &error);
  g_assert_cmpstr (by_number, ==, "string\t2\n");
  g_assert_null (plaza_xpath_describe (xml, -1, ".", "/d/z", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/xpath/paths", test_paths);
  g_test_add_func ("/form/xpath/relevance", test_relevance);
  g_test_add_func ("/form/xpath/names", test_names);
  g_test_add_func ("/form/xpath/dates", test_dates);
  g_test_add_func ("/form/xpath/numbers", test_numbers);
  g_test_add_func ("/form/xpath/text", test_text);
  g_test_add_func ("/form/xpath/errors", test_errors);
  g_test_add_func ("/form/xpath/limits", test_limits);
  g_test_add_func ("/form/xpath/pulldata-in-itself", test_pulldata_in_itself);
  g_test_add_func ("/form/xpath/exponential", test_exponential);
  g_test_add_func ("/form/xpath/dependencies", test_dependencies);
  g_test_add_func ("/form/xpath/get-path", test_get_path);
  g_test_add_func ("/form/xpath/uses", test_uses);
  g_test_add_func ("/form/xpath/changing-tree", test_changing_tree);
  g_test_add_func ("/form/xpath/big-instance", test_big_instance);
  g_test_add_func ("/form/xpath/speed", test_speed);
  g_test_add_func ("/form/xpath/describe", test_describe);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <string.h>

#include "base/error.h"

static gboolean
accepts (const char *text, gssize length)
{
  g_autoptr (GError) error = NULL;
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  gboolean good = plaza_json_check (text, size, NULL, &error);

  g_assert_true (good == (error == NULL));
  if (good)
    {
      g_autoptr (JsonNode) node = plaza_json_parse_data (text, length, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (node);
      if (size == strlen (text)) /* the tree is the one json-glib makes of it */
        {
          g_autoptr (JsonNode) other = json_from_string (text, &error);

          g_assert_no_error (error);
          g_assert_true (json_node_equal (node, other));
        }
    }
  else
    g_assert_true (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_INVALID) ||
                   g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT));
  return good;
}

static void
test_valid (void)
{
  static const char *const cases[] = {
    "[]",
    "{}",
    " [ ] ",
    "\t{\n}\r",
    "[[]]",
    "[[],[]]",
    "[{},{}]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "123456789",
    "9223372036854775807",
    "-9223372036854775808",
    "1.5",
    "-0.0",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "1.25e-7",
    "0e1",
    "0e+1",
    "1e308",
    "\"\"",
    "\"a\"",
    "\" \"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u00e1\"",
    "\"\\u00E1\"",
    "\"\\uD834\\uDD1E\"",
    "\"\\ud834\\udd1e\"",
    "\"\\u0001\"",
    "\"\\u001f\"",
    "\"\\uFFFF\"",
    "\"\\u2028\"",
    "\"á\"",
    "\"💧\"",
    "\"\xEF\xBF\xBD\"",
    "\"\xED\x9F\xBF\"",
    "\"\xEE\x80\x80\"",
    "\"\xF4\x8F\xBF\xBF\"",
    "\"\x7F\"",
    "[1,2,3]",
    "[1 , 2]",
    "[\"a\",null,true,false,{},[],1.0]",
    "{\"a\":1}",
    "{ \"a\" : 1 }",
    "{\"\":0}",
    "{\"a\":{\"a\":{\"a\":[]}}}",
    "{\"a\":1,\"A\":2}",
    "{\"a\":1,\"b\":{\"a\":2},\"c\":[{\"a\":3},{\"a\":4}]}",
    "{\"a\\u0062\":1,\"ac\":2}",
    "{\"ñ\":1,\"n\\u0303\":2}",
    "[\"/*no comment*/\"]",
    "[\"#\",\"//\"]",
    "{\"a\":\"\\u0022\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (!accepts (cases[i], -1))
      g_error ("refused: %s", cases[i]);
}

static void
test_invalid (void)
{
  static const char *const cases[] = {
    "",
    " ",
    "[",
    "]",
    "{",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1]]",
    "[1}",
    "{1}",
    "{]",
    "[}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\" 1}",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\"::1}",
    "{\"a\":1:2}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{\"a\":1",
    "{\"a\"",
    "{\"a\":",
    "['a']",
    "'a'",
    "nul",
    "nulll",
    "Null",
    "NULL",
    "tru",
    "True",
    "fals",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "[-]",
    "-",
    "+1",
    "01",
    "-01",
    "010",
    "0x10",
    "0b1",
    "1.",
    ".1",
    "-.1",
    "1.e1",
    "1e",
    "1e+",
    "1e-",
    "1ee2",
    "1e1.5",
    "1 000",
    "1_000",
    "1,000",
    "--1",
    "1-1",
    "2.e3",
    "0.",
    "1e999",
    "-1e999",
    "9223372036854775808",
    "-9223372036854775809",
    "1a",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\",
    "\"\\a\"",
    "\"\\x41\"",
    "\"\\'\"",
    "\"\\U0041\"",
    "\"\\u\"",
    "\"\\u12\"",
    "\"\\u123\"",
    "\"\\u123g\"",
    "\"\\u+123\"",
    "\"\\u0000\"",
    "\"\\uD800\"",
    "\"\\uDC00\"",
    "\"\\uD800\\n\"",
    "\"\\uD800\\u0041\"",
    "\"\\uD800\\uD800\"",
    "\"\\uD834\\",
    "\"\t\"",
    "\"\n\"",
    "\"\r\"",
    "\"\x01\"",
    "\"\x1F\"",
    "\"\xFF\"",
    "\"\xC0\xAF\"",
    "\"\xC3\"",
    "\"\xC3\x28\"",
    "\"\x80\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xF0\x80\x80\x80\"",
    "\"\xE2\x82\"",
    "\"\xF8\x88\x80\x80\x80\"",
    "\xEF\xBB\xBF{}",
    "{} {}",
    "[] x",
    "[],[]",
    "1 2",
    "\"a\" \"b\"",
    "// c\n[]",
    "/* c */[]",
    "[] // c",
    "[1] #c",
    "[\f1]",
    "[\v1]",
    "[\xC2\xA0]",
    "\xE2\x81\xA0[]",
    "[a]",
    "[\"a\"b]",
    "{\"a\":b}",
    "*",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"b\":2,\"a\":3}",
    "{\"ab\":1,\"a\\u0062\":2}",
    "{\"\\u0061\":1,\"a\":2}",
    "{\"\":1,\"\":2}",
    "[{\"x\":{\"k\":1,\"k\":2}}]",
    "{\"x\":{\"k\":1},\"y\":[{\"k\":1,\"j\":{},\"k\":2}]}",
    "{\"\\uD834\\uDD1E\":1,\"𝄞\":2}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (accepts (cases[i], -1))
      g_error ("accepted: %s", cases[i]);
  g_assert_false (accepts ("\"a\0b\"", 5));
  g_assert_false (accepts ("[]\0", 3));
  g_assert_false (accepts ("\0", 1));
}

static void
test_limits (void)
{
  const PlazaJsonLimits small = { .max_bytes = 100, .max_depth = 3, .max_values = 5 };
  g_autoptr (GError) error = NULL;
  g_autofree char *deep = g_strnfill (1 << 20, '[');
  g_autofree char *objects = NULL;
  g_autofree char *number = g_strnfill (1 << 20, '7');
  g_autofree char *fraction = NULL;
  GString *nested = g_string_new (NULL);
  gint64 begin = g_get_monotonic_time ();

  g_assert_false (accepts (deep, -1));
  for (int i = 0; i < 100000; i++)
    g_string_append (nested, "{\"a\":");
  objects = g_string_free (nested, FALSE);
  g_assert_false (accepts (objects, -1));
  g_assert_false (accepts (number, -1));
  fraction = g_strconcat ("0.", number, NULL);
  g_assert_false (accepts (fraction, -1));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 1000000);

  g_assert_true (plaza_json_check ("[[[]]]", 6, &small, NULL));
  g_assert_false (plaza_json_check ("[[[[]]]]", 8, &small, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_true (plaza_json_check ("[1,2,3,4]", 9, &small, NULL));
  g_assert_false (plaza_json_check ("[1,2,3,4,5]", 11, &small, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (plaza_json_check (number, 101, &small, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
}

/* Names made to collide in g_str_hash() cost no more than others. */
static void
test_many_names (void)
{
  GString *text = g_string_new ("{");
  gint64 begin;

  for (guint i = 0; i < 1 << 16; i++)
    {
      g_string_append (text, i == 0 ? "\"" : ",\"");
      /* "b!" and "aB" have the same sum times 33 plus last: one hash for all combinations. */
      for (guint bit = 0; bit < 16; bit++)
        g_string_append (text, i >> bit & 1 ? "b!" : "aB");
      g_string_append (text, "\":0");
    }
  g_string_append_c (text, '}');
  begin = g_get_monotonic_time ();
  g_assert_true (plaza_json_check (text->str, text->len, NULL, NULL));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 1000000);
  g_string_free (text, TRUE);
}

static JsonObject *
object (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  JsonObject *parsed = plaza_json_parse_object (bytes, NULL, &error);

  g_assert_no_error (error);
  return parsed;
}

static void
test_getters (void)
{
  g_autoptr (JsonObject) all =
      object ("{\"s\":\"ñandú\",\"i\":42,\"d\":1.5,\"b\":true,\"n\":null,\"o\":{},"
              "\"a\":[\"x\",\"y\"],\"mixed\":[1,\"x\"]}");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) strings = NULL;
  const char *text;
  gint64 number;
  gboolean flag;
  JsonObject *inner;
  JsonArray *array;

  g_assert_cmpstr (plaza_json_get_string (all, "s", 5, &error), ==, "ñandú");
  g_assert_null (plaza_json_get_string (all, "s", 4, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (plaza_json_get_string (all, "i", 5, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (plaza_json_get_string (all, "n", 5, NULL));
  g_assert_null (plaza_json_get_string (all, "absent", 5, NULL));
  g_assert_true (plaza_json_find_string (all, "n", 5, &text, NULL));
  g_assert_null (text);

  g_assert_true (plaza_json_get_int (all, "i", 0, 42, &number, NULL));
  g_assert_cmpint (number, ==, 42);
  g_assert_false (plaza_json_get_int (all, "i", 0, 41, &number, NULL));
  g_assert_false (plaza_json_get_int (all, "d", 0, 41, &number, NULL));
  g_assert_false (plaza_json_get_int (all, "s", 0, 41, &number, NULL));
  g_assert_false (plaza_json_get_int (all, "b", 0, 41, &number, NULL));
  g_assert_true (plaza_json_find_int (all, "absent", 0, 9, 7, &number, NULL));
  g_assert_cmpint (number, ==, 7);
  g_assert_true (plaza_json_get_boolean (all, "b", &flag, NULL));
  g_assert_true (flag);
  g_assert_false (plaza_json_get_boolean (all, "i", &flag, NULL));
  g_assert_nonnull (plaza_json_get_object (all, "o", NULL));
  g_assert_null (plaza_json_get_object (all, "a", NULL));
  g_assert_true (plaza_json_find_object (all, "absent", &inner, NULL));
  g_assert_null (inner);

  array = plaza_json_get_array (all, "a", 2, NULL);
  strings = plaza_json_array_strings (array, 1, NULL);
  g_assert_cmpuint (g_strv_length (strings), ==, 2);
  g_assert_null (plaza_json_get_array (all, "a", 1, NULL));
  g_assert_null (plaza_json_array_strings (plaza_json_get_array (all, "mixed", 2, NULL), 1, NULL));

  g_assert_true (plaza_json_only (all, NULL, "s", "i", "d", "b", "n", "o", "a", "mixed", NULL));
  g_assert_false (plaza_json_only (all, NULL, "s", "i", "d", "b", "n", "o", "a", NULL));
}

static void
test_write (void)
{
  static const char in[] =
      " { \"b\" : [ 1 , -0 , 1.50 , 1e2, true , null ] , \"a\" : \"\\u00e1\\u0001\\/\\n\\\"\" ,"
      " \"B\" : { } , \"ñ\" : 0.1 } ";
  static const char out[] = "{\"B\":{},\"a\":\"á\\u0001/\\n\\\"\",\"b\":[1,0,1.5,100.0,true,null],"
                            "\"ñ\":0.1}";
  g_autoptr (JsonNode) node = plaza_json_parse_data (in, -1, NULL, NULL);
  g_autofree char *text = plaza_json_write_string (node);
  g_autoptr (JsonNode) again = plaza_json_parse_data (text, -1, NULL, NULL);
  g_autofree char *second = plaza_json_write_string (again);

  g_assert_cmpstr (text, ==, out);
  g_assert_cmpstr (second, ==, out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json/valid", test_valid);
  g_test_add_func ("/base/json/invalid", test_invalid);
  g_test_add_func ("/base/json/limits", test_limits);
  g_test_add_func ("/base/json/many-names", test_many_names);
  g_test_add_func ("/base/json/getters", test_getters);
  g_test_add_func ("/base/json/write", test_write);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "form/node.h"

static void
test_build (void)
{
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *data = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "data");
  PlazaNode *a = plaza_node_append_element (data, NULL, NULL, "a");
  PlazaNode *c = plaza_node_append_element (data, "urn:x", "x", "c");
  PlazaNode *b = plaza_node_insert_element (data, c, NULL, NULL, "b");
  g_assert_true (plaza_tree_root (tree) == data);
  g_assert_true (plaza_node_next_element (a) == b);
  g_assert_true (plaza_node_next_element (b) == c);
  g_assert_cmpint (plaza_node_compare (a, b), <, 0);
  g_assert_cmpint (plaza_node_compare (c, b), >, 0);
  g_assert_true (plaza_node_is (c, "urn:x", "c"));
  g_assert_false (plaza_node_is (c, "", "c"));
  g_assert_true (plaza_node_child (data, "c") == c);

  plaza_node_set_value (a, "one");
  plaza_node_set_value (b, "two");
  plaza_node_set_value (b, plaza_node_peek_value (b) + 1);
  g_assert_cmpstr (plaza_node_peek_value (b), ==, "wo");
  g_autofree char *all = plaza_node_dup_string (data);
  g_assert_cmpstr (all, ==, "onewo");

  plaza_node_set_attribute (a, NULL, NULL, "id", "7");
  g_assert_cmpstr (plaza_node_get_attribute (a, NULL, "id"), ==, "7");
  plaza_node_set_attribute (a, NULL, NULL, "id", NULL);
  g_assert_null (plaza_node_get_attribute (a, NULL, "id"));

  plaza_node_declare_namespace (data, "x", "urn:x");
  g_assert_cmpstr (plaza_node_lookup_namespace (b, "x"), ==, "urn:x");
  g_assert_null (plaza_node_lookup_namespace (b, "y"));
}

static void
test_names (void)
{
  const PlazaName *x = plaza_name_ref_new ("urn:x", "name");
  const PlazaName *same = plaza_name_ref_new ("urn:x", "name");
  const PlazaName *bare = plaza_name_ref_new (NULL, "name");
  g_assert_true (x == same);
  g_assert_true (x != bare);
  g_assert_true (x->bare == bare);
  g_assert_true (bare->bare == bare);
  plaza_name_unref (x);
  plaza_name_unref (bare);
  g_assert_cmpstr (same->bare->local, ==, "name");
  plaza_name_unref (same);
}

static void
test_relevance (void)
{
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *data = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "data");
  PlazaNode *group = plaza_node_append_element (data, NULL, NULL, "group");
  PlazaNode *leaf = plaza_node_append_element (group, NULL, NULL, "leaf");
  PlazaNode *other = plaza_node_append_element (data, NULL, NULL, "other");
  plaza_node_set_value (leaf, "hidden");
  plaza_node_set_value (other, "seen");
  plaza_node_set_relevant (group, FALSE);
  g_assert_true (leaf->relevant);
  g_assert_false (plaza_node_is_relevant (leaf));
  g_assert_cmpstr (plaza_node_peek_string (leaf), ==, "");
  g_assert_cmpstr (plaza_node_peek_value (leaf), ==, "hidden");
  g_autofree char *all = plaza_node_dup_string (data);
  g_assert_cmpstr (all, ==, "seen");
  plaza_node_set_relevant (group, TRUE);
  g_assert_cmpstr (plaza_node_peek_string (leaf), ==, "hidden");
}

static void
test_copy_and_remove (void)
{
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *data = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "data");
  PlazaNode *repeat = plaza_node_append_element (data, NULL, NULL, "repeat");
  PlazaNode *inner = plaza_node_append_element (repeat, NULL, NULL, "inner");
  plaza_node_set_value (plaza_node_append_element (inner, NULL, NULL, "x"), "1");
  plaza_node_set_attribute (inner, NULL, NULL, "k", "v");
  PlazaNode *after = plaza_node_append_element (data, NULL, NULL, "after");
  guint one = plaza_tree_node_count (tree);
  guint64 stamp = plaza_tree_stamp (tree);

  PlazaNode *copy = plaza_node_copy (repeat, data, after);
  g_assert_cmpuint (plaza_tree_stamp (tree), !=, stamp);
  g_assert_true (repeat->next == copy && copy->next == after);
  g_autofree char *text = plaza_node_dup_string (copy);
  g_assert_cmpstr (text, ==, "1");
  g_assert_cmpstr (plaza_node_get_attribute (copy->first_child, NULL, "k"), ==, "v");
  g_autofree char *path = plaza_node_path (copy->first_child->first_child, TRUE);
  g_assert_cmpstr (path, ==, "/data/repeat[2]/inner/x");
  g_autofree char *template_path = plaza_node_path (copy->first_child, FALSE);
  g_assert_cmpstr (template_path, ==, "/data/repeat/inner");

  plaza_node_remove (repeat);
  g_assert_true (data->first_child == copy);
  g_assert_cmpuint (plaza_tree_node_count (tree), ==, one);

  /* Another tree has its own names and strings. */
  PlazaNode *other_copy;
  g_autoptr (PlazaTree) other = plaza_tree_new ();
  other_copy = plaza_node_copy (data, plaza_tree_document (other), NULL);
  g_clear_pointer (&tree, plaza_tree_unref);
  g_autofree char *other_path = plaza_node_path (other_copy->first_child, TRUE);
  g_assert_cmpstr (other_path, ==, "/data/repeat");
}

static void
test_many (void)
{
  g_autoptr (PlazaTree) tree = plaza_tree_new ();
  PlazaNode *data = plaza_node_append_element (plaza_tree_document (tree), NULL, NULL, "data");
  gint64 start = g_get_monotonic_time ();
  for (int i = 0; i < 20000; i++)
    plaza_node_set_value (plaza_node_append_element (data, NULL, NULL, "q"), "v");
  gint64 built = g_get_monotonic_time ();
  for (int i = 0; i < 19999; i++)
    plaza_node_remove (data->last_child);
  g_assert_cmpuint (plaza_tree_node_count (tree), ==, 3);
  g_test_message ("20,000 leaves built in %" G_GINT64_FORMAT " us, removed in %" G_GINT64_FORMAT
                  " us",
                  built - start, g_get_monotonic_time () - built);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/node/build", test_build);
  g_test_add_func ("/form/node/names", test_names);
  g_test_add_func ("/form/node/relevance", test_relevance);
  g_test_add_func ("/form/node/copy-and-remove", test_copy_and_remove);
  g_test_add_func ("/form/node/many", test_many);
  return g_test_run ();
}

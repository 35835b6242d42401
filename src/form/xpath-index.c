/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/node-private.h"
#include "form/xpath-private.h"

/* Tables from the text of a key to the rows that have it, for `item[key = value]` over the rows of
 * a secondary instance. A table belongs to a tree and is right as long as neither its structure
 * nor a value in it changes; one that had to be made again and again without being asked twice is
 * given up, so that a repeat being filled is not indexed at each answer. */

#define FEWEST_ROWS 48
#define PATIENCE 3

typedef struct
{
  PlazaNode *parent;
  const PlazaName *row;
  const PlazaName *key;
  guint8 row_test;
  guint8 key_test;
} TableKey;

typedef struct
{
  TableKey key;
  guint64 stamp;
  guint64 value_stamp;
  GHashTable *rows; /* text (borrowed from the tree) → GPtrArray of PlazaNode */
  guint wasted;     /* times it was made and not asked again */
  gboolean asked;
} Table;

static guint
key_hash (gconstpointer data)
{
  const TableKey *key = data;
  return g_direct_hash (key->parent) * 31 + g_direct_hash (key->row) * 7 + g_direct_hash (key->key);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const TableKey *x = a, *y = b;
  return x->parent == y->parent && x->row == y->row && x->key == y->key &&
         x->row_test == y->row_test && x->key_test == y->key_test;
}

static void
table_free (gpointer data)
{
  Table *table = data;
  g_clear_pointer (&table->rows, g_hash_table_unref);
  plaza_name_unref (table->key.row);
  plaza_name_unref (table->key.key);
  g_free (table);
}

static void
add_row (Table *table, PlazaNode *row, const char *text)
{
  GPtrArray *rows = g_hash_table_lookup (table->rows, text);
  if (rows == NULL)
    {
      rows = g_ptr_array_new ();
      g_hash_table_insert (table->rows, (gpointer) text, rows);
    }
  if (rows->len == 0 || g_ptr_array_index (rows, rows->len - 1) != row)
    g_ptr_array_add (rows, row);
}

/* FALSE: not all keys are plain leaves, or the budget is spent (then eval->error is not set, the
 * long way will find out). */
static gboolean
fill (XpEval *eval, Table *table)
{
  const TableKey *key = &table->key;
  table->rows =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  for (PlazaNode *row = key->parent->first_child; row != NULL; row = row->next)
    {
      if (!xp_test_matches (key->row_test, key->row, PLAZA_NODE_ELEMENT, row))
        continue;
      for (PlazaNode *leaf = row->first_child; leaf != NULL; leaf = leaf->next)
        {
          eval->steps++;
          if (!xp_test_matches (key->key_test, key->key, PLAZA_NODE_ELEMENT, leaf))
            continue;
          const char *text = plaza_node_peek_string (leaf);
          if (text == NULL)
            return FALSE;
          add_row (table, row, text);
        }
    }
  return TRUE;
}

static gboolean
has_many_children (PlazaNode *parent)
{
  guint n = 0;
  for (PlazaNode *child = parent->first_child; child != NULL && n < FEWEST_ROWS;
       child = child->next)
    n++;
  return n == FEWEST_ROWS;
}

static Table *
get_table (PlazaTree *tree, const TableKey *key)
{
  if (tree->index == NULL)
    {
      tree->index = g_hash_table_new_full (key_hash, key_equal, NULL, table_free);
      tree->index_free = (GDestroyNotify) g_hash_table_unref;
    }
  Table *table = g_hash_table_lookup (tree->index, key);
  if (table == NULL)
    {
      table = g_new0 (Table, 1);
      table->key = *key;
      table->key.row = plaza_name_ref_new (key->row->uri, key->row->local);
      table->key.key = plaza_name_ref_new (key->key->uri, key->key->local);
      g_hash_table_insert (tree->index, &table->key, table);
    }
  return table;
}

gboolean
xp_index_lookup (XpEval *eval,
                 PlazaNode *parent,
                 XpTest test,
                 const PlazaName *name,
                 XpTest key_test,
                 const PlazaName *key,
                 const char *text,
                 XpValue *out)
{
  if (test != XP_TEST_BARE_NAME && test != XP_TEST_NAME)
    return FALSE;
  if (!has_many_children (parent))
    return FALSE;
  PlazaTree *tree = parent->tree;
  TableKey table_key = { parent, name, key, (guint8) test, (guint8) key_test };
  Table *table = get_table (tree, &table_key);
  if (table->wasted >= PATIENCE)
    return FALSE;
  if (table->stamp != tree->stamp || table->value_stamp != tree->value_stamp)
    {
      if (table->rows != NULL && !table->asked)
        table->wasted++;
      g_clear_pointer (&table->rows, g_hash_table_unref);
      table->asked = FALSE;
      if (!fill (eval, table))
        {
          table->wasted = PATIENCE;
          return FALSE;
        }
      table->stamp = tree->stamp;
      table->value_stamp = tree->value_stamp;
    }
  else
    table->asked = TRUE;
  GPtrArray *rows = g_hash_table_lookup (table->rows, text);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    xp_push_node (out, g_ptr_array_index (rows, i));
  return TRUE;
}

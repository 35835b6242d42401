/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/error.h"
#include "central/flatten.h"

#define MAX_DEPTH 64

/* The columns outside or inside repeats. */
typedef struct
{
  GPtrArray *names;
  GHashTable *index; /* name → index + 1 */
} Table;

struct _PlazaFlatten
{
  Table plain;
  Table repeated;
  GHashTable *columns; /* ref of a value node → index + 1 in its table */
  GHashTable *repeats; /* ref of a repeat → its name */
};

static void
table_init (Table *table)
{
  table->names = g_ptr_array_new_with_free_func (g_free);
  table->index = g_hash_table_new (g_str_hash, g_str_equal);
}

PlazaFlatten *
plaza_flatten_new (void)
{
  PlazaFlatten *self = g_new0 (PlazaFlatten, 1);

  table_init (&self->plain);
  table_init (&self->repeated);
  self->columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->repeats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
plaza_flatten_free (PlazaFlatten *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->plain.index);
  g_hash_table_unref (self->repeated.index);
  g_ptr_array_unref (self->plain.names);
  g_ptr_array_unref (self->repeated.names);
  g_hash_table_unref (self->columns);
  g_hash_table_unref (self->repeats);
  g_free (self);
}

/* "/data/a/b" without its first @drop characters, joined by "-". */
static char *
name_below (const char *ref, gsize drop)
{
  char *name = g_strdup (ref + drop + 1);

  g_strdelimit (name, "/", '-');
  return name;
}

/* The length of "/data". */
static gsize
root_length (const char *ref)
{
  const char *slash = strchr (ref + 1, '/');

  return slash != NULL ? (gsize) (slash - ref) : strlen (ref);
}

static void
add_column (PlazaFlatten *self, PlazaModelNode *node)
{
  const char *ref = plaza_model_node_get_ref (node);
  PlazaModelNode *repeat = plaza_model_node_get_repeat (node);
  Table *table = repeat != NULL ? &self->repeated : &self->plain;
  gsize drop = repeat != NULL ? strlen (plaza_model_node_get_ref (repeat)) : root_length (ref);
  g_autofree char *name = name_below (ref, drop);
  gpointer index = g_hash_table_lookup (table->index, name);

  if (g_hash_table_contains (self->columns, ref))
    return;
  if (index == NULL)
    {
      index = GUINT_TO_POINTER (table->names->len + 1);
      g_ptr_array_add (table->names, name);
      g_hash_table_insert (table->index, g_steal_pointer (&name), index);
    }
  g_hash_table_insert (self->columns, g_strdup (ref), index);
}

void
plaza_flatten_add_form (PlazaFlatten *self, PlazaForm *form)
{
  for (guint i = 0; i < plaza_form_get_n_nodes (form); i++)
    {
      PlazaModelNode *node = plaza_form_get_node (form, i);
      const char *ref = plaza_model_node_get_ref (node);

      if (plaza_model_node_is_contact (node))
        continue;
      if (plaza_model_node_get_kind (node) == PLAZA_FIELD_REPEAT)
        g_hash_table_replace (self->repeats, g_strdup (ref), name_below (ref, root_length (ref)));
      else if (plaza_model_node_get_kind (node) == PLAZA_FIELD_VALUE &&
               plaza_model_node_get_control (node) != PLAZA_CONTROL_NOTE)
        add_column (self, node);
    }
}

GPtrArray *
plaza_flatten_columns (PlazaFlatten *self, gboolean repeated)
{
  return repeated ? self->repeated.names : self->plain.names;
}

/* Reading */

typedef struct
{
  PlazaFlatten *flatten;
  GString *ref;
  GArray *lengths; /* of the ref before each open element */
  GString *text;
  gboolean leaf; /* no element has closed since the last one opened */
  char **values;
  GPtrArray *rows;
  GPtrArray *open;    /* (element-type PlazaFlatRow): the instances we are in, innermost last */
  GHashTable *counts; /* "position of the outer instance|ref" → number of instances so far */
} Reader;

void
plaza_flatten_free_values (char **values, guint n)
{
  for (guint i = 0; values != NULL && i < n; i++)
    g_free (values[i]);
  g_free (values);
}

static void
row_free (gpointer data)
{
  PlazaFlatRow *row = data;

  plaza_flatten_free_values (row->values, row->n_values);
  g_free (row->repeat);
  g_free (row->position);
  g_free (row);
}

static PlazaFlatRow *
innermost (Reader *reader)
{
  return reader->open->len > 0 ? g_ptr_array_index (reader->open, reader->open->len - 1) : NULL;
}

static void
open_instance (Reader *reader, const char *repeat)
{
  PlazaFlatRow *outer = innermost (reader);
  PlazaFlatRow *row = g_new0 (PlazaFlatRow, 1);
  g_autofree char *key =
      g_strconcat (outer != NULL ? outer->position : "", "|", reader->ref->str, NULL);
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (reader->counts, key)) + 1;

  row->repeat = g_strdup (repeat);
  row->position = outer != NULL ? g_strdup_printf ("%s.%u", outer->position, count)
                                : g_strdup_printf ("%u", count);
  row->n_values = reader->flatten->repeated.names->len;
  row->values = g_new0 (char *, row->n_values + 1);
  g_hash_table_insert (reader->counts, g_steal_pointer (&key), GUINT_TO_POINTER (count));
  g_ptr_array_add (reader->rows, row);
  g_ptr_array_add (reader->open, row);
}

static void
on_start (GMarkupParseContext *context,
          const char *name,
          const char **attributes,
          const char **values,
          gpointer data,
          GError **error)
{
  Reader *reader = data;
  const char *repeat;
  gsize length = reader->ref->len;

  if (reader->lengths->len >= MAX_DEPTH)
    {
      g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "too deep");
      return;
    }
  g_array_append_val (reader->lengths, length);
  g_string_append_c (reader->ref, '/');
  g_string_append (reader->ref, name);
  g_string_truncate (reader->text, 0);
  reader->leaf = TRUE;
  repeat = g_hash_table_lookup (reader->flatten->repeats, reader->ref->str);
  if (repeat != NULL)
    open_instance (reader, repeat);
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reader *reader = data;
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (reader->flatten->columns, reader->ref->str));

  if (index > 0 && reader->leaf && reader->text->len > 0)
    {
      PlazaFlatRow *row = innermost (reader);
      char **values = row != NULL ? row->values : reader->values;

      g_free (values[index - 1]);
      values[index - 1] = g_strdup (reader->text->str);
    }
  if (g_hash_table_contains (reader->flatten->repeats, reader->ref->str))
    g_ptr_array_set_size (reader->open, (int) reader->open->len - 1);
  g_string_truncate (reader->ref, g_array_index (reader->lengths, gsize, reader->lengths->len - 1));
  g_array_set_size (reader->lengths, reader->lengths->len - 1);
  g_string_truncate (reader->text, 0);
  reader->leaf = FALSE;
}

static void
on_text (
    GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_string_append_len (((Reader *) data)->text, text, (gssize) length);
}

gboolean
plaza_flatten_read (
    PlazaFlatten *self, GBytes *xml, char ***values, GPtrArray **rows, GError **error)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
  Reader reader = { .flatten = self };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  g_autoptr (GError) local = NULL;
  gsize length;
  const char *text = g_bytes_get_data (xml, &length);
  gboolean done;

  reader.ref = g_string_new (NULL);
  reader.lengths = g_array_new (FALSE, FALSE, sizeof (gsize));
  reader.text = g_string_new (NULL);
  reader.values = g_new0 (char *, self->plain.names->len + 1);
  reader.rows = g_ptr_array_new_with_free_func (row_free);
  reader.open = g_ptr_array_new ();
  reader.counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  done = g_markup_parse_context_parse (context, text, (gssize) length, &local) &&
         g_markup_parse_context_end_parse (context, &local);
  g_string_free (reader.ref, TRUE);
  g_string_free (reader.text, TRUE);
  g_array_unref (reader.lengths);
  g_ptr_array_unref (reader.open);
  g_hash_table_unref (reader.counts);
  *values = reader.values;
  *rows = reader.rows;
  /* the message of the parser may quote the submission */
  return done || plaza_throw (error, PLAZA_ERROR_INVALID, "the submission is no XML");
}

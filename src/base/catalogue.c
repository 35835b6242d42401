/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/catalogue.h"

#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/text.h"

/* What search compares, row by row beside PlazaCatalogueRow. */
typedef struct
{
  char *name;  /* folded */
  char *label; /* folded */
} Folded;

struct _PlazaCatalogue
{
  gatomicrefcount refs;
  char *id;
  PlazaCsv *csv;
  PlazaCatalogueRow *rows;
  Folded *folded;
  guint n_rows;
  GHashTable *by_code;    /* (element-type utf8 PlazaCatalogueRow) */
  GHashTable *incomplete; /* (element-type utf8) set of codes */
  GPtrArray *made_labels; /* (element-type utf8) labels that needed their code */
};

PlazaCatalogue *
plaza_catalogue_ref (PlazaCatalogue *catalogue)
{
  g_atomic_ref_count_inc (&catalogue->refs);
  return catalogue;
}

void
plaza_catalogue_unref (PlazaCatalogue *catalogue)
{
  if (!g_atomic_ref_count_dec (&catalogue->refs))
    return;
  for (guint i = 0; i < catalogue->n_rows; i++)
    {
      g_free (catalogue->folded[i].name);
      g_free (catalogue->folded[i].label);
    }
  g_free (catalogue->folded);
  g_free (catalogue->rows);
  g_hash_table_unref (catalogue->by_code);
  g_hash_table_unref (catalogue->incomplete);
  g_ptr_array_unref (catalogue->made_labels);
  g_clear_pointer (&catalogue->csv, plaza_csv_unref);
  g_free (catalogue->id);
  g_free (catalogue);
}

/* Marks every row that shares @texts[i] and its parent with another one. */
static gboolean *
find_repeated (PlazaCatalogue *catalogue, const char *const *texts)
{
  g_autoptr (GHashTable) first = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean *repeated = g_new0 (gboolean, MAX (catalogue->n_rows, 1));

  for (guint i = 0; i < catalogue->n_rows; i++)
    {
      g_autofree char *key = g_strconcat (catalogue->rows[i].parent, "\n", texts[i], NULL);
      gpointer other;

      if (g_hash_table_lookup_extended (first, key, NULL, &other))
        repeated[i] = repeated[GPOINTER_TO_UINT (other)] = TRUE;
      else
        g_hash_table_insert (first, g_steal_pointer (&key), GUINT_TO_POINTER (i));
    }
  return repeated;
}

static void
tell_homonyms_apart (PlazaCatalogue *catalogue)
{
  g_autofree const char **texts = g_new0 (const char *, MAX (catalogue->n_rows, 1));
  g_autofree gboolean *homonyms = NULL;
  g_autofree gboolean *same_label = NULL;

  for (guint i = 0; i < catalogue->n_rows; i++)
    texts[i] = catalogue->folded[i].name;
  homonyms = find_repeated (catalogue, texts);
  for (guint i = 0; i < catalogue->n_rows; i++)
    texts[i] = catalogue->folded[i].label;
  same_label = find_repeated (catalogue, texts);

  for (guint i = 0; i < catalogue->n_rows; i++)
    {
      PlazaCatalogueRow *row = &catalogue->rows[i];

      row->homonym = homonyms[i];
      if (!same_label[i])
        continue;
      row->label = g_strdup_printf ("%s (%s)", row->label, row->code);
      g_ptr_array_add (catalogue->made_labels, (gpointer) row->label);
      g_free (catalogue->folded[i].label);
      catalogue->folded[i].label = plaza_text_fold (row->label);
    }
}

/* Index of the column called @name, or of @fallback when no name is given; -1 when it may lack. */
static gboolean
find_column (PlazaCatalogue *catalogue,
             const char *name,
             const char *fallback,
             gboolean wanted,
             int *out,
             GError **error)
{
  *out = plaza_csv_find_column (catalogue->csv, name != NULL ? name : fallback);
  if (*out < 0 && (wanted || name != NULL))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Catalogue %s: no column %s", catalogue->id,
                        name != NULL ? name : fallback);
  return TRUE;
}

static gboolean
load_rows (PlazaCatalogue *catalogue, const PlazaCatalogueColumns *columns, GError **error)
{
  static const PlazaCatalogueColumns defaults;
  PlazaCsv *csv = catalogue->csv;
  int code, name, label, parent, complete;

  if (columns == NULL)
    columns = &defaults;
  if (!find_column (catalogue, columns->code, "code", TRUE, &code, error) ||
      !find_column (catalogue, columns->name, "name", TRUE, &name, error) ||
      !find_column (catalogue, columns->label, "label", FALSE, &label, error) ||
      !find_column (catalogue, columns->parent, "parent", FALSE, &parent, error))
    return FALSE;
  complete = plaza_csv_find_column (csv, "complete");

  catalogue->n_rows = plaza_csv_n_rows (csv);
  catalogue->rows = g_new0 (PlazaCatalogueRow, MAX (catalogue->n_rows, 1));
  catalogue->folded = g_new0 (Folded, MAX (catalogue->n_rows, 1));
  for (guint i = 0; i < catalogue->n_rows; i++)
    {
      PlazaCatalogueRow *row = &catalogue->rows[i];
      const char *mark = complete < 0 ? "" : plaza_csv_cell (csv, i, (guint) complete);

      row->index = i;
      row->code = plaza_csv_cell (csv, i, (guint) code);
      row->name = plaza_csv_cell (csv, i, (guint) name);
      row->label = label < 0 ? row->name : plaza_csv_cell (csv, i, (guint) label);
      if (*row->label == '\0')
        row->label = row->name;
      row->parent = parent < 0 ? "" : plaza_csv_cell (csv, i, (guint) parent);
      catalogue->folded[i].name = plaza_text_fold (row->name);
      catalogue->folded[i].label = plaza_text_fold (row->label);

      if (*row->code == '\0')
        return plaza_throw (error, PLAZA_ERROR_INVALID, "Catalogue %s, line %u: empty code",
                            catalogue->id, plaza_csv_line (csv, i));
      if (!g_hash_table_insert (catalogue->by_code, (gpointer) row->code, row))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "Catalogue %s, line %u: code %s again",
                            catalogue->id, plaza_csv_line (csv, i), row->code);
      if (strcmp (mark, "0") == 0)
        g_hash_table_add (catalogue->incomplete, (gpointer) row->code);
      else if (*mark != '\0' && strcmp (mark, "1") != 0)
        return plaza_throw (error, PLAZA_ERROR_INVALID,
                            "Catalogue %s, line %u: complete is neither 1 nor 0", catalogue->id,
                            plaza_csv_line (csv, i));
    }
  return TRUE;
}

PlazaCatalogue *
plaza_catalogue_new (const char *id,
                     GBytes *csv,
                     const PlazaCatalogueColumns *columns,
                     GError **error)
{
  g_autoptr (PlazaCatalogue) catalogue = g_new0 (PlazaCatalogue, 1);

  g_atomic_ref_count_init (&catalogue->refs);
  catalogue->id = g_strdup (id);
  catalogue->by_code = g_hash_table_new (g_str_hash, g_str_equal);
  catalogue->incomplete = g_hash_table_new (g_str_hash, g_str_equal);
  catalogue->made_labels = g_ptr_array_new_with_free_func (g_free);
  catalogue->csv = plaza_csv_parse (csv, 0, NULL, error);
  if (catalogue->csv == NULL)
    {
      g_prefix_error (error, "Catalogue %s: ", id);
      return NULL;
    }
  if (!load_rows (catalogue, columns, error))
    return NULL;
  tell_homonyms_apart (catalogue);
  return g_steal_pointer (&catalogue);
}

const char *
plaza_catalogue_id (PlazaCatalogue *catalogue)
{
  return catalogue->id;
}

guint
plaza_catalogue_n_rows (PlazaCatalogue *catalogue)
{
  return catalogue->n_rows;
}

const PlazaCatalogueRow *
plaza_catalogue_row (PlazaCatalogue *catalogue, guint index)
{
  g_return_val_if_fail (index < catalogue->n_rows, NULL);
  return &catalogue->rows[index];
}

const PlazaCatalogueRow *
plaza_catalogue_lookup (PlazaCatalogue *catalogue, const char *code)
{
  return g_hash_table_lookup (catalogue->by_code, code);
}

const char *
plaza_catalogue_value (PlazaCatalogue *catalogue, const PlazaCatalogueRow *row, const char *column)
{
  int index = plaza_csv_find_column (catalogue->csv, column);

  return index < 0 ? NULL : plaza_csv_cell (catalogue->csv, row->index, (guint) index);
}

/* Whether @needle begins some word of @text. */
static gboolean
begins_word (const char *text, const char *needle)
{
  for (const char *p = strstr (text, needle); p != NULL; p = strstr (p + 1, needle))
    if (p == text || ((guchar) p[-1] < 0x80 && !g_ascii_isalnum (p[-1])))
      return TRUE;
  return FALSE;
}

static gboolean
begins_all_words (const char *text, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (!begins_word (text, words[i]))
      return FALSE;
  return TRUE;
}

enum
{
  RANK_EXACT,
  RANK_PREFIX,
  RANK_WORD,
  RANK_ALL_WORDS,
  RANK_INSIDE,
  RANK_NONE
};

static guint
rank (const PlazaCatalogueRow *row,
      const Folded *folded,
      const char *needle,
      const char *const *words)
{
  if (strcmp (folded->name, needle) == 0 || strcmp (folded->label, needle) == 0 ||
      g_ascii_strcasecmp (row->code, needle) == 0)
    return RANK_EXACT;
  if (g_str_has_prefix (folded->name, needle) || g_str_has_prefix (row->code, needle))
    return RANK_PREFIX;
  if (begins_word (folded->name, needle) || begins_word (folded->label, needle))
    return RANK_WORD;
  if (begins_all_words (folded->name, words) || begins_all_words (folded->label, words))
    return RANK_ALL_WORDS;
  if (strstr (folded->name, needle) != NULL || strstr (folded->label, needle) != NULL)
    return RANK_INSIDE;
  return RANK_NONE;
}

typedef struct
{
  PlazaCatalogueRow *row;
  const char *label;
  guint rank;
} Found;

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *x = a, *y = b;
  int order;

  if (x->rank != y->rank)
    return x->rank < y->rank ? -1 : 1;
  order = strcmp (x->label, y->label);
  if (order != 0)
    return order;
  return x->row->index < y->row->index ? -1 : 1;
}

GPtrArray *
plaza_catalogue_search (PlazaCatalogue *catalogue,
                        const char *text,
                        const char *parent,
                        guint limit)
{
  g_autofree char *needle = plaza_text_fold (text);
  g_auto (GStrv) words = g_strsplit (needle, " ", -1);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));
  GPtrArray *rows = g_ptr_array_new ();

  for (guint i = 0; i < catalogue->n_rows; i++)
    {
      PlazaCatalogueRow *row = &catalogue->rows[i];
      Found one = { row, catalogue->folded[i].label, RANK_EXACT };

      if (parent != NULL && strcmp (row->parent, parent) != 0)
        continue;
      if (*needle != '\0')
        one.rank = rank (row, &catalogue->folded[i], needle, (const char *const *) words);
      if (one.rank != RANK_NONE)
        g_array_append_val (found, one);
    }
  if (*needle != '\0')
    g_array_sort (found, compare_found);
  for (guint i = 0; i < found->len && (limit == 0 || i < limit); i++)
    g_ptr_array_add (rows, g_array_index (found, Found, i).row);
  return rows;
}

gboolean
plaza_catalogue_is_incomplete (PlazaCatalogue *catalogue, const char *code)
{
  return g_hash_table_contains (catalogue->incomplete, code);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PlazaCatalogue: a code list loaded from CSV (states, municipalities, languages, themes…) with a
 * folded index for search as you type. Immutable and reference counted; threads may share it.
 */
typedef struct _PlazaCatalogue PlazaCatalogue;

/** PlazaCatalogueColumns: the columns' names in the CSV; NULL takes the default in parentheses. */
typedef struct
{
  const char *code;   /* (code) unique, kept as text: "01001" keeps its zero */
  const char *name;   /* (name) what people type */
  const char *label;  /* (label, else the name) what is shown; tells homonyms apart */
  const char *parent; /* (parent, else none) code of the row above, e.g. the state's */
} PlazaCatalogueColumns;

/** PlazaCatalogueRow: one row; strings live as long as the catalogue. */
typedef struct
{
  guint index; /* row number from 0, in file order */
  const char *code;
  const char *name;
  const char *label;
  const char *parent; /* "" when the catalogue has no parents */
  gboolean homonym;   /* another row of the same parent has the same folded name: show the label */
} PlazaCatalogueRow;

/**
 * plaza_catalogue_new: loads @csv.
 * @id: name of the catalogue, for messages
 * @columns: (nullable)
 *
 * A column `complete` (1 or 0) is optional: whether the list below that row is whole, as that of a
 * state's municipalities.
 * Errors: those of plaza_csv_parse(); PLAZA_ERROR_INVALID for a missing column, an empty or
 * repeated code, two rows of one parent with the same label.
 */
PlazaCatalogue *plaza_catalogue_new (const char *id,
                                     GBytes *csv,
                                     const PlazaCatalogueColumns *columns,
                                     GError **error);
PlazaCatalogue *plaza_catalogue_ref (PlazaCatalogue *catalogue);
void plaza_catalogue_unref (PlazaCatalogue *catalogue);

const char *plaza_catalogue_id (PlazaCatalogue *catalogue);
guint plaza_catalogue_n_rows (PlazaCatalogue *catalogue);
const PlazaCatalogueRow *plaza_catalogue_row (PlazaCatalogue *catalogue, guint index);

/** plaza_catalogue_lookup: Returns: (transfer none) (nullable): the row with exactly this code. */
const PlazaCatalogueRow *plaza_catalogue_lookup (PlazaCatalogue *catalogue, const char *code);

/** plaza_catalogue_value: Returns: (transfer none) (nullable): any other column of a row. */
const char *
plaza_catalogue_value (PlazaCatalogue *catalogue, const PlazaCatalogueRow *row, const char *column);

/**
 * plaza_catalogue_search: rows that match @text, best first: the exact code or name, a name
 * beginning with it, a word beginning with it, every word of it beginning some word, then anywhere
 * inside; equals by label. An empty @text gives all rows in file order.
 * @parent: (nullable): only rows of this parent
 * @limit: at most so many; 0 for all
 * Returns: (transfer container) (element-type PlazaCatalogueRow)
 */
GPtrArray *plaza_catalogue_search (PlazaCatalogue *catalogue,
                                   const char *text,
                                   const char *parent,
                                   guint limit);

/** plaza_catalogue_is_incomplete: whether the list below @code is marked incomplete. */
gboolean plaza_catalogue_is_incomplete (PlazaCatalogue *catalogue, const char *code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCatalogue, plaza_catalogue_unref)

G_END_DECLS

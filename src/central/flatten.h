/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/form.h"

G_BEGIN_DECLS

/**
 * PlazaFlatten: makes table rows of submission XML. Its columns are the value nodes of all forms it
 * was told of, contact left out: those outside every repeat make one row a submission, those inside
 * a repeat one row an instance.
 */
typedef struct _PlazaFlatten PlazaFlatten;

PlazaFlatten *plaza_flatten_new (void);
void plaza_flatten_free (PlazaFlatten *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaFlatten, plaza_flatten_free)

/** plaza_flatten_add_form: adds the columns of @form that are not there yet. */
void plaza_flatten_add_form (PlazaFlatten *self, PlazaForm *form);

/**
 * plaza_flatten_columns: (transfer none) (element-type utf8): names of the columns outside
 * (@repeated FALSE) or inside repeats: the path below the root, or below the repeat, joined by "-".
 */
GPtrArray *plaza_flatten_columns (PlazaFlatten *self, gboolean repeated);

/* One instance of a repeat. */
typedef struct
{
  char *repeat;   /* its path below the root, joined by "-" */
  char *position; /* "2"; in a repeat inside a repeat "1.2" */
  char **values;  /* one a column, NULL where there is none */
  guint n_values;
} PlazaFlatRow;

/**
 * plaza_flatten_read: reads one submission.
 * @values: (out) (transfer full): one a column outside repeats, NULL where there is none; free each
 *   and the array (plaza_flatten_free_values())
 * @rows: (out) (transfer full) (element-type PlazaFlatRow): in document order
 * PLAZA_ERROR_INVALID when it is no XML.
 */
gboolean plaza_flatten_read (
    PlazaFlatten *self, GBytes *xml, char ***values, GPtrArray **rows, GError **error);

/** plaza_flatten_free_values: of @n columns. */
void plaza_flatten_free_values (char **values, guint n);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** PlazaCsv: an immutable table with a header row, read from RFC 4180 bytes. Reference counted. */
typedef struct _PlazaCsv PlazaCsv;

typedef struct
{
  gsize max_bytes; /* of the file */
  guint max_columns;
  guint max_rows;  /* without the header */
  gsize max_field; /* bytes of one field */
} PlazaCsvLimits;

/** plaza_csv_limits_default: 64 MiB, 256 columns, 1,000,000 rows, 64 KiB a field. */
extern const PlazaCsvLimits plaza_csv_limits_default;

typedef enum
{
  PLAZA_CSV_UTF8,   /* with or without byte order mark */
  PLAZA_CSV_LATIN1, /* Windows-1252, read as such because it is not valid UTF-8 */
} PlazaCsvEncoding;

/**
 * plaza_csv_parse: reads @bytes; the encoding is detected, cells are UTF-8. LF and CRLF both end a
 * row; blank lines are skipped.
 * @delimiter: ',' '\t' ';', or 0 to take the one that the header line uses most
 * @limits: (nullable)
 * Errors: PLAZA_ERROR_INVALID (ragged row, stray quote, NUL, empty or repeated column name; the
 * message names the line), PLAZA_ERROR_LIMIT.
 */
PlazaCsv *
plaza_csv_parse (GBytes *bytes, char delimiter, const PlazaCsvLimits *limits, GError **error);

PlazaCsv *plaza_csv_ref (PlazaCsv *csv);
void plaza_csv_unref (PlazaCsv *csv);

guint plaza_csv_n_columns (PlazaCsv *csv);
guint plaza_csv_n_rows (PlazaCsv *csv);
PlazaCsvEncoding plaza_csv_encoding (PlazaCsv *csv);

/** plaza_csv_column_name: Returns: (transfer none): name of column @column. */
const char *plaza_csv_column_name (PlazaCsv *csv, guint column);

/** plaza_csv_find_column: index of the column named @name (exact), or -1. */
int plaza_csv_find_column (PlazaCsv *csv, const char *name);

/** plaza_csv_cell: Returns: (transfer none): "" for an empty cell; lives as long as @csv. */
const char *plaza_csv_cell (PlazaCsv *csv, guint row, guint column);

/** plaza_csv_line: line of the file at which @row begins, from 1. */
guint plaza_csv_line (PlazaCsv *csv, guint row);

/**
 * plaza_csv_append_row: writes one row to @out, quoted where needed, ended by CRLF.
 * @cells: (array length=n_cells): NULL entries are empty
 * @neutralise: pass every cell through plaza_text_neutralise()
 */
void
plaza_csv_append_row (GString *out, const char *const *cells, guint n_cells, gboolean neutralise);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCsv, plaza_csv_unref)

G_END_DECLS

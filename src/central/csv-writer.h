/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PlazaCsvWriter: one CSV table (RFC 4180, UTF-8 without BOM) written as a stream, so that an
 * export of any size needs the memory of one row. A cell that a spreadsheet would run as a formula
 * is neutralised (plaza_text_neutralise()); the exact value is in the submission XML.
 */
typedef struct _PlazaCsvWriter PlazaCsvWriter;

/** plaza_csv_writer_new: creates @path with mode 0600; an existing file is replaced. */
PlazaCsvWriter *plaza_csv_writer_new (const char *path, GError **error);

/** plaza_csv_writer_free: gives up what is unfinished. */
void plaza_csv_writer_free (PlazaCsvWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCsvWriter, plaza_csv_writer_free)

/**
 * plaza_csv_writer_add: appends one cell to the current row.
 * @text: (nullable): NULL is an empty cell. Invalid UTF-8 is replaced by U+FFFD.
 */
void plaza_csv_writer_add (PlazaCsvWriter *self, const char *text);

/** plaza_csv_writer_add_number: appends @number. */
void plaza_csv_writer_add_number (PlazaCsvWriter *self, gint64 number);

/** plaza_csv_writer_end_row: writes the row. */
gboolean plaza_csv_writer_end_row (PlazaCsvWriter *self, GError **error);

/** plaza_csv_writer_close: flushes to disk; the table is complete when this gives TRUE. */
gboolean plaza_csv_writer_close (PlazaCsvWriter *self, GError **error);

G_END_DECLS

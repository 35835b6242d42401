/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PLAZA_LINE_MAX_BYTES (1024u * 1024)

typedef enum
{
  PLAZA_LINE_TEXT,
  PLAZA_LINE_BLANK,    /* nothing but white space */
  PLAZA_LINE_TOO_LONG, /* it was passed over */
  PLAZA_LINE_END,
  PLAZA_LINE_ERROR,
} PlazaLine;

/** PlazaLineReader: the lines of a file or of standard input, never holding more than one. */
typedef struct _PlazaLineReader PlazaLineReader;

/** plaza_line_reader_new: @path is "-" for standard input. */
PlazaLineReader *plaza_line_reader_new (const char *path, GError **error);
void plaza_line_reader_free (PlazaLineReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaLineReader, plaza_line_reader_free)

/** plaza_line_reader_next: @out: (transfer full): the line without its end, for PLAZA_LINE_TEXT. */
PlazaLine plaza_line_reader_next (PlazaLineReader *self, GBytes **out, GError **error);

/** plaza_line_reader_get_fraction: how much of a file was read, 0 to 1; 0 when its size is not
 *  known. */
double plaza_line_reader_get_fraction (PlazaLineReader *self);

G_END_DECLS

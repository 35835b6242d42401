/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * PlazaFileRow: one line of a long list of files and what became of them, for a GtkListView.
 *
 * Properties (construct only): "icon-name", "title", "subtitle".
 */
#define PLAZA_TYPE_FILE_ROW (plaza_file_row_get_type ())
G_DECLARE_FINAL_TYPE (PlazaFileRow, plaza_file_row, PLAZA, FILE_ROW, GObject)

PlazaFileRow *plaza_file_row_new (const char *icon_name, const char *title, const char *subtitle);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint states; /* that the file has municipalities of */
  guint municipalities;
  guint localities;
  guint homonyms; /* municipalities whose label tells them from another of their state */
} PlazaCatalogueCounts;

/**
 * plaza_catalogue_import: makes our catalogues of a file of another layout, in @out (created):
 * estados.csv, municipios.csv and, when the file has localities, localidades.csv.
 *
 * @bytes is INEGI's AGEEML (UTF-8 or Windows-1252, comma, semicolon or tab, old or new spelling of
 * its header) or our own layout of municipalities; which, its header says. Codes get their zeros
 * back. A state of an AGEEML file is complete; of our own layout those in @complete ("all", or
 * codes with commas between; nullable).
 *
 * Errors: PLAZA_ERROR_INVALID, whose message names the line; those of plaza_csv_parse() and
 * plaza_file_write().
 */
gboolean plaza_catalogue_import (GBytes *bytes,
                                 const char *complete,
                                 const char *out,
                                 PlazaCatalogueCounts *counts,
                                 GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "base/catalogue.h"
#include "base/csv.h"

/* What is read, written and read again is the same table; a catalogue of it can be searched. */

static void
append_row (GString *out, PlazaCsv *csv, int row)
{
  guint n = plaza_csv_n_columns (csv);
  g_autofree const char **cells = g_new (const char *, n);

  for (guint column = 0; column < n; column++)
    cells[column] =
        row < 0 ? plaza_csv_column_name (csv, column) : plaza_csv_cell (csv, (guint) row, column);
  plaza_csv_append_row (out, cells, n, FALSE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (PlazaCsv) csv = plaza_csv_parse (bytes, 0, NULL, NULL);
  g_autoptr (PlazaCsv) again = NULL;
  g_autoptr (PlazaCatalogue) catalogue = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GBytes) written = NULL;

  if (csv == NULL)
    return 0;
  for (int row = -1; row < (int) plaza_csv_n_rows (csv); row++)
    append_row (out, csv, row);
  written = g_bytes_new_static (out->str, out->len);
  again = plaza_csv_parse (written, ',', NULL, NULL);
  if (again == NULL || plaza_csv_n_rows (again) != plaza_csv_n_rows (csv) ||
      plaza_csv_n_columns (again) != plaza_csv_n_columns (csv))
    fuzz_fail ("what was written reads otherwise");
  for (guint row = 0; row < plaza_csv_n_rows (csv); row++)
    for (guint column = 0; column < plaza_csv_n_columns (csv); column++)
      if (!g_str_equal (plaza_csv_cell (csv, row, column), plaza_csv_cell (again, row, column)))
        fuzz_fail ("a cell reads otherwise");

  catalogue = plaza_catalogue_new ("fuzz", bytes, NULL, NULL);
  if (catalogue != NULL && plaza_catalogue_n_rows (catalogue) > 0)
    {
      const PlazaCatalogueRow *row = plaza_catalogue_row (catalogue, 0);
      g_autoptr (GPtrArray) found = plaza_catalogue_search (catalogue, row->name, NULL, 0);

      if (found->len == 0)
        fuzz_fail ("a row is not found by its own name");
    }
  return 0;
}

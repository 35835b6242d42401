/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/csv.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

const PlazaCsvLimits plaza_csv_limits_default = {
  .max_bytes = 64u << 20, .max_columns = 256, .max_rows = 1000000, .max_field = 65536
};

struct _PlazaCsv
{
  gatomicrefcount refs;
  char *text;    /* the file in UTF-8, cells cut out of it in place */
  GArray *cells; /* (element-type guint32) offsets in text, header first, row by row */
  GArray *lines; /* (element-type guint32) line of each row, header first */
  guint n_columns;
  PlazaCsvEncoding encoding;
};

/* Reading position. Cells are written back over text already read: unquoting only shortens. */
typedef struct
{
  PlazaCsv *csv;
  const PlazaCsvLimits *limits;
  char delimiter;
  gsize at;
  guint line;
} Reader;

PlazaCsv *
plaza_csv_ref (PlazaCsv *csv)
{
  g_atomic_ref_count_inc (&csv->refs);
  return csv;
}

void
plaza_csv_unref (PlazaCsv *csv)
{
  if (!g_atomic_ref_count_dec (&csv->refs))
    return;
  g_free (csv->text);
  g_array_unref (csv->cells);
  g_array_unref (csv->lines);
  g_free (csv);
}

static gboolean
decode (PlazaCsv *csv, const char *data, gsize length, GError **error)
{
  if (length >= 3 && memcmp (data, "\xEF\xBB\xBF", 3) == 0)
    {
      data += 3;
      length -= 3;
    }
  if (length > 0 && memchr (data, '\0', length) != NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "CSV: the file holds NUL bytes");

  if (g_utf8_validate_len (data, length, NULL))
    {
      csv->encoding = PLAZA_CSV_UTF8;
      csv->text = g_strndup (data, length);
      return TRUE;
    }
  csv->encoding = PLAZA_CSV_LATIN1;
  csv->text = g_convert (data, (gssize) length, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
  if (csv->text == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "CSV: neither UTF-8 nor Latin-1");
  return TRUE;
}

static char
detect_delimiter (const char *text)
{
  static const char candidates[] = { ',', '\t', ';' };
  guint counts[G_N_ELEMENTS (candidates)] = { 0 };
  gboolean quoted = FALSE;
  gsize best = 0;

  for (const char *p = text; *p != '\0' && (quoted || *p != '\n'); p++)
    {
      if (*p == '"')
        quoted = !quoted;
      for (gsize i = 0; !quoted && i < G_N_ELEMENTS (candidates); i++)
        counts[i] += *p == candidates[i];
    }
  for (gsize i = 1; i < G_N_ELEMENTS (candidates); i++)
    if (counts[i] > counts[best])
      best = i;
  return candidates[best];
}

/* Whether the row ends at *p; moves past CRLF, LF or stays at the end of the text. */
static gboolean
row_ends (Reader *reader)
{
  char *text = reader->csv->text;

  if (text[reader->at] == '\0')
    return TRUE;
  if (text[reader->at] != '\n' && !(text[reader->at] == '\r' && text[reader->at + 1] == '\n'))
    return FALSE;
  reader->at += text[reader->at] == '\r' ? 2 : 1;
  reader->line++;
  return TRUE;
}

/* Reads one cell and what ends it; *last tells whether that was the row's end. */
static gboolean
read_cell (Reader *reader, gboolean *last, GError **error)
{
  char *text = reader->csv->text;
  guint32 begin = (guint32) reader->at;
  gsize end = reader->at;
  guint line = reader->line;

  if (text[reader->at] == '"')
    {
      reader->at++;
      for (;;)
        {
          char c = text[reader->at];

          if (c == '\0')
            return plaza_throw (error, PLAZA_ERROR_INVALID,
                                "CSV line %u: a quoted field does not end", line);
          if (c == '"' && text[reader->at + 1] != '"')
            break;
          if (c == '"')
            reader->at++;
          reader->line += c == '\n';
          text[end++] = c;
          reader->at++;
        }
      reader->at++;
    }
  else
    {
      while (text[reader->at] != '\0' && text[reader->at] != reader->delimiter &&
             text[reader->at] != '\n' &&
             !(text[reader->at] == '\r' && text[reader->at + 1] == '\n'))
        {
          if (text[reader->at] == '"')
            return plaza_throw (error, PLAZA_ERROR_INVALID,
                                "CSV line %u: a quote inside an unquoted field", line);
          reader->at++;
        }
      end = reader->at;
    }

  if (end - begin > reader->limits->max_field)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "CSV line %u: a field is too long", line);
  *last = FALSE;
  if (text[reader->at] == reader->delimiter)
    reader->at++;
  else if (row_ends (reader))
    *last = TRUE;
  else
    return plaza_throw (error, PLAZA_ERROR_INVALID, "CSV line %u: something after a quoted field",
                        line);
  text[end] = '\0';
  g_array_append_val (reader->csv->cells, begin);
  return TRUE;
}

static gboolean
read_row (Reader *reader, GError **error)
{
  PlazaCsv *csv = reader->csv;
  guint32 line = reader->line;
  guint n = 0;
  gboolean last = FALSE;

  while (!last)
    {
      if (++n > reader->limits->max_columns)
        return plaza_throw (error, PLAZA_ERROR_LIMIT, "CSV line %u: too many columns", line);
      if (!read_cell (reader, &last, error))
        return FALSE;
    }
  if (csv->lines->len == 0)
    csv->n_columns = n;
  else if (n != csv->n_columns)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "CSV line %u: %u fields instead of %u", line, n,
                        csv->n_columns);
  if (csv->lines->len > reader->limits->max_rows)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "CSV: more than %u rows",
                        reader->limits->max_rows);
  g_array_append_val (csv->lines, line);
  return TRUE;
}

static gboolean
check_header (PlazaCsv *csv, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint column = 0; column < csv->n_columns; column++)
    {
      const char *name = plaza_csv_column_name (csv, column);

      if (*name == '\0')
        return plaza_throw (error, PLAZA_ERROR_INVALID, "CSV line 1: column %u has no name",
                            column + 1);
      if (!g_hash_table_add (names, (gpointer) name))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "CSV line 1: column %u repeats a name",
                            column + 1);
    }
  return TRUE;
}

PlazaCsv *
plaza_csv_parse (GBytes *bytes, char delimiter, const PlazaCsvLimits *limits, GError **error)
{
  g_autoptr (PlazaCsv) csv = g_new0 (PlazaCsv, 1);
  Reader reader = { .csv = csv, .line = 1 };
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  reader.limits = limits != NULL ? limits : &plaza_csv_limits_default;
  g_atomic_ref_count_init (&csv->refs);
  csv->cells = g_array_new (FALSE, FALSE, sizeof (guint32));
  csv->lines = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (length > reader.limits->max_bytes || length > G_MAXUINT32 / 4)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "CSV: the file is too large");
      return NULL;
    }
  if (!decode (csv, data != NULL ? data : "", length, error))
    return NULL;
  reader.delimiter = delimiter != 0 ? delimiter : detect_delimiter (csv->text);

  while (csv->text[reader.at] != '\0')
    {
      if (row_ends (&reader))
        continue;
      if (!read_row (&reader, error))
        return NULL;
      if (csv->lines->len == 1 && !check_header (csv, error))
        return NULL;
    }
  if (csv->lines->len == 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "CSV: no header row");
      return NULL;
    }
  return g_steal_pointer (&csv);
}

guint
plaza_csv_n_columns (PlazaCsv *csv)
{
  return csv->n_columns;
}

guint
plaza_csv_n_rows (PlazaCsv *csv)
{
  return csv->lines->len - 1;
}

PlazaCsvEncoding
plaza_csv_encoding (PlazaCsv *csv)
{
  return csv->encoding;
}

const char *
plaza_csv_column_name (PlazaCsv *csv, guint column)
{
  g_assert (column < csv->n_columns);
  return csv->text + g_array_index (csv->cells, guint32, column);
}

int
plaza_csv_find_column (PlazaCsv *csv, const char *name)
{
  for (guint column = 0; column < csv->n_columns; column++)
    if (strcmp (plaza_csv_column_name (csv, column), name) == 0)
      return (int) column;
  return -1;
}

const char *
plaza_csv_cell (PlazaCsv *csv, guint row, guint column)
{
  g_assert (column < csv->n_columns && row < plaza_csv_n_rows (csv));
  return csv->text + g_array_index (csv->cells, guint32, (row + 1) * csv->n_columns + column);
}

guint
plaza_csv_line (PlazaCsv *csv, guint row)
{
  g_assert (row < plaza_csv_n_rows (csv));
  return g_array_index (csv->lines, guint32, row + 1);
}

static void
append_cell (GString *out, const char *cell)
{
  /* A mark at the beginning would be taken for the file's. */
  if (strpbrk (cell, ",;\t\"\r\n") == NULL && !g_str_has_prefix (cell, "\uFEFF"))
    {
      g_string_append (out, cell);
      return;
    }
  g_string_append_c (out, '"');
  for (const char *p = cell; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

void
plaza_csv_append_row (GString *out, const char *const *cells, guint n_cells, gboolean neutralise)
{
  gsize begin = out->len;

  for (guint i = 0; i < n_cells; i++)
    {
      const char *cell = cells[i] != NULL ? cells[i] : "";
      g_autofree char *neutral = neutralise ? plaza_text_neutralise (cell) : NULL;

      if (i > 0)
        g_string_append_c (out, ',');
      append_cell (out, neutral != NULL ? neutral : cell);
    }
  /* A row of one empty cell would read back as a blank line. */
  if (n_cells == 1 && out->len == begin)
    g_string_append (out, "\"\"");
  g_string_append (out, "\r\n");
}

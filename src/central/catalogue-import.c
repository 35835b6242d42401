/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "central/catalogue-import.h"
#include "central/central-resources.h"

#define STATES_RESOURCE "/org/gobabiertomx/Plaza/catalogues/estados.csv"

/* The columns we read, as they are spelled once folded: no case, marks, blanks or underscores. */
enum
{
  CVE_ENT,
  NOM_ENT,
  CVE_MUN,
  NOM_MUN,
  CVE_LOC,
  NOM_LOC,
  AMBITO,
  LAT,
  LON,
  ETIQUETA,
  BAJA,
  N_COLUMNS,
};

static const char *const spellings[N_COLUMNS] = {
  [CVE_ENT] = "cveent", [NOM_ENT] = "noment",    [CVE_MUN] = "cvemun", [NOM_MUN] = "nommun",
  [CVE_LOC] = "cveloc", [NOM_LOC] = "nomloc",    [AMBITO] = "ambito",  [LAT] = "latdecimal",
  [LON] = "londecimal", [ETIQUETA] = "etiqueta", [BAJA] = "baja",
};

typedef struct
{
  char *state; /* "01" */
  char *code;  /* "01001" */
  char *name;
  char *label;
  char *gone; /* date since when the source does not name it, "" while it does */
  char *head; /* (nullable): its head town, when it is told from others by that */
  gboolean labelled;
} Municipality;

typedef struct
{
  char *code; /* "010010001" */
  char *name;
  char *label;
  char *kind;
  char *lat;
  char *lon;
  char *gone;
} Locality;

typedef struct
{
  PlazaCsv *csv;
  int columns[N_COLUMNS];
  GPtrArray *municipalities;
  GHashTable *by_code;
  GPtrArray *localities;
  GHashTable *states;
} Import;

static void
municipality_free (gpointer data)
{
  Municipality *municipality = data;

  g_free (municipality->state);
  g_free (municipality->code);
  g_free (municipality->name);
  g_free (municipality->label);
  g_free (municipality->gone);
  g_free (municipality->head);
  g_free (municipality);
}

static void
locality_free (gpointer data)
{
  Locality *locality = data;

  g_free (locality->code);
  g_free (locality->name);
  g_free (locality->label);
  g_free (locality->kind);
  g_free (locality->lat);
  g_free (locality->lon);
  g_free (locality->gone);
  g_free (locality);
}

static gboolean
find_columns (Import *self, GError **error)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    self->columns[i] = -1;
  for (guint i = 0; i < plaza_csv_n_columns (self->csv); i++)
    {
      g_autofree char *folded = plaza_text_fold (plaza_csv_column_name (self->csv, i));
      g_autoptr (GString) spelled = g_string_new (folded);

      g_string_replace (spelled, " ", "", 0);
      g_string_replace (spelled, "_", "", 0);
      for (guint j = 0; j < N_COLUMNS; j++)
        if (strcmp (spelled->str, spellings[j]) == 0)
          self->columns[j] = (int) i;
    }
  if (self->columns[CVE_ENT] < 0 || self->columns[CVE_MUN] < 0 || self->columns[NOM_MUN] < 0)
    return plaza_throw_words (
        error, PLAZA_ERROR_INVALID,
        _ ("neither AGEEML nor our layout: it needs the columns CVE_ENT, CVE_MUN and "
           "NOM_MUN"));
  return TRUE;
}

/* A cell; "-" and "*" are how the source says nothing. */
static const char *
cell (Import *self, guint row, int column)
{
  const char *text;

  if (self->columns[column] < 0)
    return "";
  text = plaza_csv_cell (self->csv, row, (guint) self->columns[column]);
  return strcmp (text, "-") == 0 || strcmp (text, "*") == 0 ? "" : text;
}

/* A code of @digits digits; spreadsheets eat the zeros in front. */
static char *
read_code (Import *self, guint row, int column, guint digits, GError **error)
{
  const char *text = cell (self, row, column);
  gsize length = strlen (text);

  if (length == 0 || length > digits || strspn (text, "0123456789") != length)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("line %u: %s is no code of %u digits"),
                         plaza_csv_line (self->csv, row), spellings[column], digits);
      return NULL;
    }
  return g_strdup_printf ("%0*d", (int) digits, atoi (text));
}

static Municipality *
add_municipality (Import *self, guint row, const char *state, const char *number, GError **error)
{
  g_autofree char *code = g_strconcat (state, number, NULL);
  g_autofree char *name = plaza_text_clean (cell (self, row, NOM_MUN), -1, NULL, error);
  Municipality *municipality = g_hash_table_lookup (self->by_code, code);

  if (name == NULL)
    return NULL;
  if (name[0] == '\0')
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("line %u: the municipality has no name"),
                         plaza_csv_line (self->csv, row));
      return NULL;
    }
  if (municipality != NULL)
    {
      if (strcmp (municipality->name, name) == 0)
        return municipality;
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("line %u: %s has two names"),
                         plaza_csv_line (self->csv, row), code);
      return NULL;
    }
  municipality = g_new0 (Municipality, 1);
  municipality->state = g_strdup (state);
  municipality->code = g_steal_pointer (&code);
  municipality->name = g_steal_pointer (&name);
  municipality->label = plaza_text_clean (cell (self, row, ETIQUETA), -1, NULL, NULL);
  municipality->gone = g_strdup (self->columns[CVE_LOC] < 0 || atoi (cell (self, row, CVE_LOC)) == 0
                                     ? cell (self, row, BAJA)
                                     : "");
  municipality->labelled = municipality->label != NULL && municipality->label[0] != '\0';
  g_ptr_array_add (self->municipalities, municipality);
  g_hash_table_insert (self->by_code, municipality->code, municipality);
  g_hash_table_add (self->states, g_strdup (state));
  return municipality;
}

static gboolean
add_locality (Import *self, guint row, Municipality *municipality, GError **error)
{
  g_autofree char *number = read_code (self, row, CVE_LOC, 4, error);
  g_autofree char *name = NULL;
  Locality *locality;

  if (number == NULL)
    return FALSE;
  name = plaza_text_clean (cell (self, row, NOM_LOC), -1, NULL, error);
  if (name == NULL)
    return FALSE;
  if (strcmp (number, "0000") == 0 || name[0] == '\0')
    return TRUE; /* the row of the municipality itself */
  if (strcmp (number, "0001") == 0)
    municipality->head = g_strdup (name);
  locality = g_new0 (Locality, 1);
  locality->code = g_strconcat (municipality->code, number, NULL);
  locality->name = g_steal_pointer (&name);
  locality->kind = g_strdup (cell (self, row, AMBITO));
  locality->lat = g_strdup (cell (self, row, LAT));
  locality->lon = g_strdup (cell (self, row, LON));
  locality->gone = g_strdup (cell (self, row, BAJA));
  g_ptr_array_add (self->localities, locality);
  return TRUE;
}

static gboolean
read_rows (Import *self, GError **error)
{
  for (guint row = 0; row < plaza_csv_n_rows (self->csv); row++)
    {
      g_autofree char *state = read_code (self, row, CVE_ENT, 2, error);
      g_autofree char *number = state != NULL ? read_code (self, row, CVE_MUN, 3, error) : NULL;
      Municipality *municipality;

      if (number == NULL)
        return FALSE;
      if (strcmp (number, "000") == 0)
        continue; /* the row of the state itself */
      municipality = add_municipality (self, row, state, number, error);
      if (municipality == NULL)
        return FALSE;
      if (self->columns[CVE_LOC] >= 0 && !add_locality (self, row, municipality, error))
        return FALSE;
    }
  return self->municipalities->len > 0 ||
         plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("it holds no municipality"));
}

/* Labels that tell homonyms apart */

static int
compare_municipalities (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Municipality *const *) a)->code, (*(Municipality *const *) b)->code);
}

static int
compare_localities (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Locality *const *) a)->code, (*(Locality *const *) b)->code);
}

/* How often a folded name stands under one parent. */
static void
count_name (GHashTable *counts, const char *parent, gsize parent_length, const char *name)
{
  g_autofree char *folded = plaza_text_fold (name);
  char *key = g_strdup_printf ("%.*s %s", (int) parent_length, parent, folded);
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, key));

  g_hash_table_replace (counts, key, GUINT_TO_POINTER (count + 1));
}

static gboolean
is_homonym (GHashTable *counts, const char *parent, gsize parent_length, const char *name)
{
  g_autofree char *folded = plaza_text_fold (name);
  g_autofree char *key = g_strdup_printf ("%.*s %s", (int) parent_length, parent, folded);

  return GPOINTER_TO_UINT (g_hash_table_lookup (counts, key)) > 1;
}

/* "San Juan Mixtepec Distrito 08" is the head town of "San Juan Mixtepec": "Distrito 08" will do.
 */
static const char *
what_tells (const Municipality *municipality)
{
  const char *head = municipality->head;
  gsize length = strlen (municipality->name);

  if (head == NULL || strcmp (head, municipality->name) == 0)
    return municipality->code;
  return g_str_has_prefix (head, municipality->name) && head[length] == ' ' ? head + length + 1
                                                                            : head;
}

static void
label_municipalities (Import *self, PlazaCatalogueCounts *counts)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->municipalities->len; i++)
    {
      const Municipality *municipality = g_ptr_array_index (self->municipalities, i);

      count_name (names, municipality->state, 2, municipality->name);
    }
  for (guint i = 0; i < self->municipalities->len; i++)
    {
      Municipality *municipality = g_ptr_array_index (self->municipalities, i);
      gboolean homonym = is_homonym (names, municipality->state, 2, municipality->name);

      counts->homonyms += homonym;
      if (municipality->labelled)
        continue;
      g_free (municipality->label);
      municipality->label =
          homonym ? g_strdup_printf ("%s (%s)", municipality->name, what_tells (municipality))
                  : g_strdup (municipality->name);
    }
}

static void
label_localities (Import *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->localities->len; i++)
    {
      const Locality *locality = g_ptr_array_index (self->localities, i);

      count_name (names, locality->code, 5, locality->name);
    }
  for (guint i = 0; i < self->localities->len; i++)
    {
      Locality *locality = g_ptr_array_index (self->localities, i);

      locality->label = is_homonym (names, locality->code, 5, locality->name)
                            ? g_strdup_printf ("%s (%s)", locality->name, locality->code + 5)
                            : g_strdup (locality->name);
    }
}

/* Writing */

static gboolean
write_table (const char *out, const char *name, GString *text, GError **error)
{
  g_autofree char *path = g_build_filename (out, name, NULL);
  g_autoptr (GBytes) bytes = NULL;

  bytes = g_bytes_new_static (text->str, text->len);
  return plaza_file_write (path, bytes, error);
}

static void
append_row (GString *out, const char *const *cells)
{
  plaza_csv_append_row (out, cells, g_strv_length ((char **) cells), FALSE);
  /* the catalogues of the project end their lines with LF alone */
  g_string_truncate (out, out->len - 2);
  g_string_append_c (out, '\n');
}

static gboolean
is_complete (Import *self, const char *complete, const char *state)
{
  g_auto (GStrv) codes = NULL;

  if (!g_hash_table_contains (self->states, state))
    return FALSE;
  if (self->columns[NOM_ENT] >= 0 || g_strcmp0 (complete, "all") == 0)
    return TRUE;
  codes = g_strsplit (complete != NULL ? complete : "", ",", -1);
  return g_strv_contains ((const char *const *) codes, state);
}

/* Our own list of states, with what is complete now. */
static gboolean
write_states (Import *self, const char *complete, const char *out, GError **error)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (plaza_central_get_resource (), STATES_RESOURCE,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (PlazaCsv) csv = bytes != NULL ? plaza_csv_parse (bytes, ',', NULL, error) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint known = 0;
  guint n;

  if (csv == NULL)
    return FALSE;
  n = plaza_csv_n_columns (csv);
  for (guint row = 0; row <= plaza_csv_n_rows (csv); row++)
    {
      g_autofree const char **cells = g_new0 (const char *, n + 1);

      for (guint i = 0; i < n; i++)
        cells[i] = row == 0 ? plaza_csv_column_name (csv, i) : plaza_csv_cell (csv, row - 1, i);
      if (row > 0)
        {
          known += g_hash_table_contains (self->states, cells[0]);
          cells[n - 1] = is_complete (self, complete, cells[0]) ? "1" : "0";
        }
      append_row (text, cells);
    }
  if (known != g_hash_table_size (self->states))
    return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                              _ ("it holds a state that does not exist"));
  return write_table (out, "estados.csv", text, error);
}

static gboolean
write_municipalities (Import *self, const char *out, GError **error)
{
  const char *baja = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  /* the column is there when it says something */
  for (guint i = 0; i < self->municipalities->len && baja == NULL; i++)
    if (((Municipality *) g_ptr_array_index (self->municipalities, i))->gone[0] != '\0')
      baja = "baja";
  append_row (
      text, (const char *[]){ "cvegeo", "cve_ent", "cve_mun", "nom_mun", "etiqueta", baja, NULL });
  for (guint i = 0; i < self->municipalities->len; i++)
    {
      const Municipality *row = g_ptr_array_index (self->municipalities, i);

      append_row (text, (const char *[]){ row->code, row->state, row->code + 2, row->name,
                                          row->label, baja != NULL ? row->gone : NULL, NULL });
    }
  return write_table (out, "municipios.csv", text, error);
}

static gboolean
write_localities (Import *self, const char *out, GError **error)
{
  const char *baja = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->localities->len == 0)
    return TRUE;
  for (guint i = 0; i < self->localities->len && baja == NULL; i++)
    if (((Locality *) g_ptr_array_index (self->localities, i))->gone[0] != '\0')
      baja = "baja";
  append_row (text, (const char *[]){ "cvegeo", "cvemun", "cve_loc", "nom_loc", "etiqueta",
                                      "ambito", "lat_decimal", "lon_decimal", baja, NULL });
  for (guint i = 0; i < self->localities->len; i++)
    {
      const Locality *row = g_ptr_array_index (self->localities, i);
      g_autofree char *municipality = g_strndup (row->code, 5);

      append_row (text, (const char *[]){ row->code, municipality, row->code + 5, row->name,
                                          row->label, row->kind, row->lat, row->lon,
                                          baja != NULL ? row->gone : NULL, NULL });
    }
  return write_table (out, "localidades.csv", text, error);
}

gboolean
plaza_catalogue_import (GBytes *bytes,
                        const char *complete,
                        const char *out,
                        PlazaCatalogueCounts *counts,
                        GError **error)
{
  Import self = { NULL };
  g_autoptr (PlazaCsv) csv = plaza_csv_parse (bytes, 0, NULL, error);
  gboolean done;

  memset (counts, 0, sizeof *counts);
  if (csv == NULL)
    return FALSE;
  self.csv = csv;
  self.municipalities = g_ptr_array_new_with_free_func (municipality_free);
  self.localities = g_ptr_array_new_with_free_func (locality_free);
  self.by_code = g_hash_table_new (g_str_hash, g_str_equal);
  self.states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  done = find_columns (&self, error) && read_rows (&self, error);
  if (done)
    {
      g_ptr_array_sort (self.municipalities, compare_municipalities);
      g_ptr_array_sort (self.localities, compare_localities);
      label_municipalities (&self, counts);
      label_localities (&self);
      counts->states = g_hash_table_size (self.states);
      counts->municipalities = self.municipalities->len;
      counts->localities = self.localities->len;
      done = plaza_dir_make (out, error) && write_states (&self, complete, out, error) &&
             write_municipalities (&self, out, error) && write_localities (&self, out, error);
    }
  g_hash_table_unref (self.by_code);
  g_hash_table_unref (self.states);
  g_ptr_array_unref (self.municipalities);
  g_ptr_array_unref (self.localities);
  return done;
}

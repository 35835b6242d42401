/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "central/catalogue-update.h"

#define MAX_ANSWER_BYTES (16u * 1024 * 1024)
#define MAX_FILE_BYTES (64u * 1024 * 1024)
#define MAX_PLACES 20000u
#define MAX_NAME 200

static const PlazaJsonLimits limits = { MAX_ANSWER_BYTES, 8, 1000000 };

/* A municipality or a locality. */
typedef struct
{
  char *code;
  char *name;
  char *label; /* (nullable): as it was; NULL lets the import make one */
  char *kind;
  char *lat;
  char *lon;
  char *gone; /* "" or a date */
} Place;

typedef struct
{
  const PlazaCatalogueSource *source;
  PlazaHttps *https;
  GHashTable *asked;     /* (element-type utf8): codes of the states asked for */
  GTree *municipalities; /* code → Place */
  GTree *localities;     /* code → Place */
  GHashTable *complete;  /* (element-type utf8): states */
  GPtrArray *changes;
} Update;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->code);
  g_free (place->name);
  g_free (place->label);
  g_free (place->kind);
  g_free (place->lat);
  g_free (place->lon);
  g_free (place->gone);
  g_free (place);
}

static void
change_free (gpointer data)
{
  PlazaCatalogueChange *change = data;

  g_free (change->code);
  g_free (change->before);
  g_free (change->after);
  g_free (change);
}

static void
note_change (Update *self,
             PlazaCatalogueChangeKind kind,
             const char *code,
             const char *before,
             const char *after)
{
  PlazaCatalogueChange *change = g_new0 (PlazaCatalogueChange, 1);

  change->kind = kind;
  change->code = g_strdup (code);
  change->before = g_strdup (before);
  change->after = g_strdup (after);
  g_ptr_array_add (self->changes, change);
}

static int
compare_codes (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static int
compare_changes (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(PlazaCatalogueChange *const *) a)->code,
                 (*(PlazaCatalogueChange *const *) b)->code);
}

/* Answers of the service */

static gboolean
is_code (const char *text, gsize digits)
{
  return strlen (text) == digits && strspn (text, "0123456789") == digits;
}

/* A member that is text, or a number that stands for one. */
static char *
read_loose (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return g_strdup ("");
  if (json_node_get_value_type (node) == G_TYPE_STRING &&
      strlen (json_node_get_string (node)) <= 40)
    return g_strdup (json_node_get_string (node));
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE ||
      json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup (g_ascii_dtostr (number, sizeof number, json_node_get_double (node)));
  return g_strdup ("");
}

static Place *
read_place (JsonNode *node, const char *parent, gsize digits, GError **error)
{
  JsonObject *object;
  const char *code;
  const char *name;
  g_autofree char *clean = NULL;
  Place *place;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("a place is no object"));
      return NULL;
    }
  object = json_node_get_object (node);
  code = plaza_json_get_string (object, "cvegeo", 20, error);
  name = code != NULL ? plaza_json_get_string (object, "nomgeo", MAX_NAME, error) : NULL;
  clean = name != NULL ? plaza_text_clean (name, -1, NULL, error) : NULL;
  if (clean == NULL)
    return NULL;
  if (!is_code (code, digits) || !g_str_has_prefix (code, parent) || clean[0] == '\0' ||
      strchr (clean, '\n') != NULL)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID,
                         _ ("a place has no code of %u digits below %s, or no name"),
                         (guint) digits, parent[0] != '\0' ? parent : "the country");
      return NULL;
    }
  place = g_new0 (Place, 1);
  place->code = g_strdup (code);
  place->name = g_steal_pointer (&clean);
  place->kind = read_loose (object, "ambito");
  place->lat = read_loose (object, "latitud");
  place->lon = read_loose (object, "longitud");
  place->gone = g_strdup ("");
  return place;
}

/* Every place that @path names, into @places; none of them may be there already. */
static gboolean
ask (
    Update *self, const char *path, const char *parent, gsize digits, GTree *places, GError **error)
{
  g_autofree char *url = g_strdup_printf ("%s/%s", self->source->url, path);
  g_autoptr (GBytes) bytes = plaza_https_get (self->https, url, MAX_ANSWER_BYTES, error);
  g_autoptr (JsonObject) document = NULL;
  JsonArray *data;

  if (bytes == NULL)
    return FALSE;
  document = plaza_json_parse_object (bytes, &limits, error);
  data = document != NULL ? plaza_json_get_array (document, "datos", MAX_PLACES, error) : NULL;
  if (data == NULL)
    {
      plaza_error_name_subject (error, url);
      return FALSE;
    }
  if (json_array_get_length (data) == 0)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s: the answer names no place"), url);
  for (guint i = 0; i < json_array_get_length (data); i++)
    {
      Place *place = read_place (json_array_get_element (data, i), parent, digits, error);

      if (place == NULL)
        {
          plaza_error_name_subject (error, url);
          return FALSE;
        }
      if (g_tree_lookup (places, place->code) != NULL)
        {
          plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s: %s is there twice"), url,
                             place->code);
          place_free (place);
          return FALSE;
        }
      g_tree_insert (places, place->code, place);
    }
  return TRUE;
}

static GTree *
new_places (void)
{
  return g_tree_new_full (compare_codes, NULL, NULL, place_free);
}

static gboolean
add_key (gpointer key, gpointer value, gpointer data)
{
  g_ptr_array_add (data, g_strdup (key));
  return FALSE;
}

static GPtrArray *
list_codes (GTree *places)
{
  GPtrArray *codes = g_ptr_array_new_with_free_func (g_free);

  g_tree_foreach (places, add_key, codes);
  return codes;
}

static gboolean
ask_localities (Update *self, GError **error)
{
  g_autoptr (GPtrArray) codes = list_codes (self->municipalities);

  for (guint i = 0; i < codes->len; i++)
    {
      const char *code = g_ptr_array_index (codes, i);
      g_autofree char *path = g_strdup_printf ("localidades/%.2s/%s", code, code + 2);

      if (!ask (self, path, code, 9, self->localities, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
ask_all (Update *self, GError **error)
{
  g_autoptr (GTree) states = new_places ();
  g_autoptr (GPtrArray) codes = NULL;

  if (!ask (self, "mgee/", "", 2, states, error))
    return FALSE;
  codes = list_codes (states);
  for (guint i = 0; self->source->states != NULL && self->source->states[i] != NULL; i++)
    if (g_tree_lookup (states, self->source->states[i]) == NULL)
      return plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("the service names no state %s"),
                                self->source->states[i]);
  for (guint i = 0; i < codes->len; i++)
    {
      const char *code = g_ptr_array_index (codes, i);
      g_autofree char *path = g_strdup_printf ("mgem/%s", code);

      if (self->source->states != NULL && !g_strv_contains (self->source->states, code))
        continue;
      if (!ask (self, path, code, 5, self->municipalities, error))
        return FALSE;
      g_hash_table_add (self->asked, g_strdup (code));
      g_hash_table_add (self->complete, g_strdup (code));
    }
  return !self->source->localities || ask_localities (self, error);
}

/* What there was */

static PlazaCsv *
load_table (Update *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->source->from, name, NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_FILE_BYTES, error);
  PlazaCsv *csv = bytes != NULL ? plaza_csv_parse (bytes, ',', NULL, error) : NULL;

  if (csv == NULL)
    plaza_error_name_subject (error, path);
  return csv;
}

static const char *
cell (PlazaCsv *csv, guint row, const char *column)
{
  int index = plaza_csv_find_column (csv, column);

  return index >= 0 ? plaza_csv_cell (csv, row, (guint) index) : "";
}

/* Compares one place that was there with what the service says, and keeps it when it must stay. */
static gboolean
keep_place (Update *self,
            GTree *places,
            GHashTable *seen,
            PlazaCsv *csv,
            guint row,
            const char *name_column,
            gsize digits,
            GError **error)
{
  const char *code = cell (csv, row, "cvegeo");
  const char *name = cell (csv, row, name_column);
  const char *gone = cell (csv, row, "baja");
  g_autofree char *state = g_strndup (code, 2);
  gboolean asked = g_hash_table_contains (self->asked, state);
  Place *place = g_tree_lookup (places, code);

  if (!is_code (code, digits))
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("line %u: no code"),
                              plaza_csv_line (csv, row));
  g_hash_table_add (seen, g_strdup (code));
  if (place != NULL)
    {
      if (strcmp (place->name, name) != 0)
        note_change (self, PLAZA_CATALOGUE_RENAMED, code, name, place->name);
      else
        place->label = g_strdup (cell (csv, row, "etiqueta"));
      if (gone[0] != '\0')
        note_change (self, PLAZA_CATALOGUE_ADDED, code, NULL, place->name);
      return TRUE;
    }
  if (asked && gone[0] == '\0')
    {
      note_change (self, PLAZA_CATALOGUE_GONE, code, name, NULL);
      gone = self->source->today;
    }
  place = g_new0 (Place, 1);
  place->code = g_strdup (code);
  place->name = g_strdup (name);
  place->label = g_strdup (cell (csv, row, "etiqueta"));
  place->kind = g_strdup (cell (csv, row, "ambito"));
  place->lat = g_strdup (cell (csv, row, "lat_decimal"));
  place->lon = g_strdup (cell (csv, row, "lon_decimal"));
  place->gone = g_strdup (gone);
  g_tree_insert (places, place->code, place);
  return TRUE;
}

static gboolean
keep_table (Update *self,
            GTree *places,
            const char *file,
            const char *name_column,
            gsize digits,
            GHashTable *seen,
            GError **error)
{
  g_autoptr (PlazaCsv) csv = load_table (self, file, error);

  if (csv == NULL)
    return FALSE;
  for (guint row = 0; row < plaza_csv_n_rows (csv); row++)
    if (!keep_place (self, places, seen, csv, row, name_column, digits, error))
      {
        plaza_error_name_subject (error, file);
        return FALSE;
      }
  return TRUE;
}

static void
note_new (Update *self, GTree *places, GHashTable *seen)
{
  g_autoptr (GPtrArray) codes = list_codes (places);

  for (guint i = 0; i < codes->len; i++)
    {
      const Place *place = g_tree_lookup (places, g_ptr_array_index (codes, i));

      if (!g_hash_table_contains (seen, place->code))
        note_change (self, PLAZA_CATALOGUE_ADDED, place->code, NULL, place->name);
    }
}

static gboolean
keep_states (Update *self, GError **error)
{
  g_autoptr (PlazaCsv) csv = load_table (self, "estados.csv", error);

  if (csv == NULL)
    return FALSE;
  for (guint row = 0; row < plaza_csv_n_rows (csv); row++)
    if (strcmp (cell (csv, row, "complete"), "1") == 0)
      g_hash_table_add (self->complete, g_strdup (cell (csv, row, "cve_ent")));
  return TRUE;
}

/* The localities of earlier; there may be none. */
static gboolean
keep_localities (Update *self, GHashTable *seen, GError **error)
{
  g_autofree char *path = g_build_filename (self->source->from, "localidades.csv", NULL);
  g_autoptr (GHashTable) asked = NULL;
  gboolean done;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  /* when only municipalities were asked for, nothing is known of the localities */
  if (!self->source->localities)
    {
      asked = g_hash_table_ref (self->asked);
      self->asked = g_hash_table_new (g_str_hash, g_str_equal);
    }
  done = keep_table (self, self->localities, "localidades.csv", "nom_loc", 9, seen, error);
  if (asked != NULL)
    {
      g_hash_table_unref (self->asked);
      self->asked = g_steal_pointer (&asked);
    }
  return done;
}

static gboolean
compare (Update *self, GError **error)
{
  g_autoptr (GHashTable) municipalities =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) localities = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (self->source->from != NULL && (!keep_states (self, error) ||
                                     !keep_table (self, self->municipalities, "municipios.csv",
                                                  "nom_mun", 5, municipalities, error) ||
                                     !keep_localities (self, localities, error)))
    return FALSE;
  note_new (self, self->municipalities, municipalities);
  note_new (self, self->localities, localities);
  g_ptr_array_sort (self->changes, compare_changes);
  return TRUE;
}

/* Writing: our own layout, whose import makes labels and checks it all once more */

static void
append_place (GString *text, const Place *municipality, const Place *locality)
{
  g_autofree char *state = g_strndup (municipality->code, 2);
  const Place *place = locality != NULL ? locality : municipality;
  /* without one the import makes it: a new place, or one of another name */
  const char *label = municipality->label != NULL ? municipality->label : "";

  plaza_csv_append_row (text,
                        (const char *[]){ state, municipality->code + 2, municipality->name, label,
                                          locality != NULL ? locality->code + 5 : "0000",
                                          locality != NULL ? locality->name : "", place->kind,
                                          place->lat, place->lon, place->gone },
                        10, FALSE);
}

typedef struct
{
  GString *text;
  GTree *municipalities;
} Table;

static gboolean
append_municipality (gpointer key, gpointer value, gpointer data)
{
  append_place (((Table *) data)->text, value, NULL);
  return FALSE;
}

static gboolean
append_locality (gpointer key, gpointer value, gpointer data)
{
  const Table *table = data;
  const Place *locality = value;
  g_autofree char *code = g_strndup (locality->code, 5);
  const Place *municipality = g_tree_lookup (table->municipalities, code);

  if (municipality != NULL)
    append_place (table->text, municipality, locality);
  return FALSE;
}

static gboolean
write_all (Update *self, PlazaCatalogueCounts *counts, GError **error)
{
  g_autofree char *complete = NULL;
  g_autofree const char **states =
      (const char **) g_hash_table_get_keys_as_array (self->complete, NULL);
  GString *text = g_string_new (NULL);
  Table table = { text, self->municipalities };
  g_autoptr (GBytes) bytes = NULL;

  plaza_csv_append_row (text,
                        (const char *[]){ "cve_ent", "cve_mun", "nom_mun", "etiqueta", "cve_loc",
                                          "nom_loc", "ambito", "lat_decimal", "lon_decimal",
                                          "baja" },
                        10, FALSE);
  g_tree_foreach (self->municipalities, append_municipality, &table);
  g_tree_foreach (self->localities, append_locality, &table);
  bytes = g_string_free_to_bytes (text);
  complete = g_strjoinv (",", (char **) states);
  return plaza_catalogue_import (bytes, complete, self->source->out, counts, error);
}

gboolean
plaza_catalogue_update (const PlazaCatalogueSource *source,
                        GPtrArray **changes,
                        PlazaCatalogueCounts *counts,
                        GError **error)
{
  Update self = { source, plaza_https_new (source->ca, error) };
  gboolean done;

  memset (counts, 0, sizeof *counts);
  if (self.https == NULL)
    return FALSE;
  self.asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.complete = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.municipalities = new_places ();
  self.localities = new_places ();
  self.changes = g_ptr_array_new_with_free_func (change_free);
  done = ask_all (&self, error) && compare (&self, error) &&
         (source->out == NULL || write_all (&self, counts, error));
  if (done)
    *changes = g_ptr_array_ref (self.changes);
  plaza_https_free (self.https);
  g_hash_table_unref (self.asked);
  g_hash_table_unref (self.complete);
  g_tree_unref (self.municipalities);
  g_tree_unref (self.localities);
  g_ptr_array_unref (self.changes);
  return done;
}

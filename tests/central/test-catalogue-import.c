/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INEGI's file in all its spellings, and our own. */
#include "base/catalogue.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "central/catalogue-import.h"
#include "fixture.h"

static const char ageeml[] =
    "\"CVEGEO\",\"ESTATUS\",\"CVE_ENT\",\"NOM_ENT\",\"NOM_ABR\",\"CVE_MUN\",\"NOM_MUN\",\"CVE_"
    "LOC\","
    "\"NOM_LOC\",\"ÁMBITO\",\"LATITUD\",\"LONGITUD\",\"LAT_DECIMAL\",\"LON_DECIMAL\","
    "\"ALTITUD\"\r\n"
    "\"202090001\",\"1\",\"20\",\"Oaxaca\",\"Oax.\",\"209\",\"San Juan Mixtepec\",\"0001\","
    "\"San Juan Mixtepec Distrito 26\",\"R\",\"x\",\"y\",\"16.1\",\"-96.2\",\"00-3\"\r\n"
    "\"202080001\",\"1\",\"20\",\"Oaxaca\",\"Oax.\",\"208\",\"San Juan Mixtepec\",\"0001\","
    "\"San Juan Mixtepec Distrito 08\",\"U\",\"x\",\"y\",\"17.1\",\"-97.2\",\"-\"\r\n"
    "\"010010001\",\"1\",\"1\",\"Aguascalientes\",\"Ags.\",\"1\",\"Aguascalientes\",\"1\","
    "\"Aguascalientes\",\"U\",\"x\",\"y\",\"21.8\",\"-102.2\",\"1878\"\r\n"
    "\"010010094\",\"1\",\"01\",\"Aguascalientes\",\"Ags.\",\"001\",\"Aguascalientes\",\"0094\","
    "\"Granja «Adelita»\",\"R\",\"x\",\"y\",\"*\",\"-\",\"-\"\r\n"
    "\"010010095\",\"1\",\"01\",\"Aguascalientes\",\"Ags.\",\"001\",\"Aguascalientes\",\"0095\","
    "\"Granja «Adelita»\",\"R\",\"x\",\"y\",\"*\",\"-\",\"-\"\r\n"
    "\"200010000\",\"1\",\"20\",\"Oaxaca\",\"Oax.\",\"000\",\"-\",\"0000\",\"-\",\"\",\"\",\"\","
    "\"\","
    "\"\",\"\"\r\n";

static PlazaCsv *
read_table (const char *out, const char *name)
{
  g_autofree char *path = g_build_filename (out, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, 64 << 20, &error);
  PlazaCsv *csv;

  g_assert_no_error (error);
  csv = plaza_csv_parse (bytes, ',', NULL, &error);
  g_assert_no_error (error);
  return csv;
}

static void
check_ageeml (const char *text, gsize length)
{
  g_autofree char *out = g_dir_make_tmp ("plaza-catalogue-XXXXXX", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCsv) towns = NULL;
  g_autoptr (PlazaCsv) places = NULL;
  g_autoptr (PlazaCsv) states = NULL;
  PlazaCatalogueCounts counts;

  plaza_catalogue_import (bytes, NULL, out, &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.states, ==, 2);
  g_assert_cmpuint (counts.municipalities, ==, 3);
  g_assert_cmpuint (counts.localities, ==, 5);
  g_assert_cmpuint (counts.homonyms, ==, 2);
  towns = read_table (out, "municipios.csv");
  g_assert_cmpstr (plaza_csv_cell (towns, 0, 0), ==, "01001");
  g_assert_cmpstr (plaza_csv_cell (towns, 1, 0), ==, "20208");
  g_assert_cmpstr (plaza_csv_cell (towns, 1, 4), ==, "San Juan Mixtepec (Distrito 08)");
  g_assert_cmpstr (plaza_csv_cell (towns, 2, 4), ==, "San Juan Mixtepec (Distrito 26)");
  places = read_table (out, "localidades.csv");
  g_assert_cmpstr (plaza_csv_cell (places, 1, 0), ==, "010010094");
  g_assert_cmpstr (plaza_csv_cell (places, 1, 4), ==, "Granja «Adelita» (0094)");
  g_assert_cmpstr (plaza_csv_cell (places, 1, 6), ==, "");
  states = read_table (out, "estados.csv");
  g_assert_cmpuint (plaza_csv_n_rows (states), ==, 32);
  for (guint i = 0; i < 32; i++)
    {
      gboolean complete = i + 1 == 1 || i + 1 == 20;

      g_assert_cmpstr (plaza_csv_cell (states, i, plaza_csv_n_columns (states) - 1), ==,
                       complete ? "1" : "0");
    }
  fixture_remove (out);
}

static void
test_ageeml (void)
{
  g_autoptr (GString) tabs = g_string_new (ageeml);
  g_autoptr (GString) old = g_string_new (ageeml);
  g_autofree char *latin = NULL;
  gsize length;

  check_ageeml (ageeml, strlen (ageeml));
  latin = g_convert (ageeml, -1, "WINDOWS-1252", "UTF-8", NULL, &length, NULL);
  g_assert_nonnull (latin);
  check_ageeml (latin, length);
  g_string_replace (tabs, "\",\"", "\"\t\"", 0);
  check_ageeml (tabs->str, tabs->len);
  g_string_replace (old, "CVE_ENT", "Cve_Ent", 1);
  g_string_replace (old, "NOM_MUN", "Nom_Mun", 1);
  g_string_replace (old, "CVE_LOC", "Cve_Loc", 1);
  check_ageeml (old->str, old->len);
}

static void
test_ours (void)
{
  static const char text[] = "cvegeo,cve_ent,cve_mun,nom_mun,etiqueta\n"
                             "20002,20,002,Acatlán,\n20001,20,001,Abejones,Abejones de la sierra\n";
  g_autofree char *out = g_dir_make_tmp ("plaza-catalogue-XXXXXX", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCsv) towns = NULL;
  g_autoptr (PlazaCsv) states = NULL;
  PlazaCatalogueCounts counts;

  plaza_catalogue_import (bytes, "19,20", out, &counts, &error);
  g_assert_no_error (error);
  towns = read_table (out, "municipios.csv");
  g_assert_cmpstr (plaza_csv_cell (towns, 0, 4), ==, "Abejones de la sierra");
  g_assert_cmpstr (plaza_csv_cell (towns, 1, 4), ==, "Acatlán");
  states = read_table (out, "estados.csv");
  g_assert_cmpstr (plaza_csv_cell (states, 18, plaza_csv_n_columns (states) - 1), ==, "0");
  g_assert_cmpstr (plaza_csv_cell (states, 19, plaza_csv_n_columns (states) - 1), ==, "1");
  fixture_remove (out);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "a,b\n1,2\n",
    "CVE_ENT,CVE_MUN,NOM_MUN\n20,1x,Uno\n",
    "CVE_ENT,CVE_MUN,NOM_MUN\n20,0001,Uno\n",
    "CVE_ENT,CVE_MUN,NOM_MUN\n20,001,Uno\n20,001,Dos\n",
    "CVE_ENT,CVE_MUN,NOM_MUN\n20,001,-\n",
    "CVE_ENT,CVE_MUN,NOM_MUN\n99,001,Uno\n",
    "CVE_ENT,CVE_MUN,NOM_MUN\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *out = g_dir_make_tmp ("plaza-catalogue-XXXXXX", NULL);
      g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));
      g_autoptr (GError) error = NULL;
      PlazaCatalogueCounts counts;

      g_assert_false (plaza_catalogue_import (bytes, NULL, out, &counts, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
      fixture_remove (out);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogue-import/ageeml", test_ageeml);
  g_test_add_func ("/catalogue-import/ours", test_ours);
  g_test_add_func ("/catalogue-import/refused", test_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/catalogue.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"

static const char places[] = "code,name,label,parent\n"
                             "01001,Aguascalientes,,01\n"
                             "20208,San Juan Mixtepec,San Juan Mixtepec (Distrito 08),20\n"
                             "20209,San Juan Mixtepec,San Juan Mixtepec (Distrito 26),20\n"
                             "20399,Santiago Ñumí... no,,20\n"
                             "20532,Santos Reyes Ñumí,,20\n"
                             "21001,Mixtepec,,21\n"
                             "21002,Benito Juárez,,21\n"
                             "23005,Benito Juárez,,23\n"
                             "24001,La Paz,,24\n"
                             "24002,La Paz,,24\n";

static PlazaCatalogue *
load (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return plaza_catalogue_new ("places", bytes, NULL, error);
}

static void
test_lookup (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCatalogue) catalogue = load (places, &error);
  const PlazaCatalogueRow *row;

  g_assert_no_error (error);
  g_assert_cmpuint (plaza_catalogue_n_rows (catalogue), ==, 10);
  row = plaza_catalogue_lookup (catalogue, "01001");
  g_assert_cmpstr (row->code, ==, "01001");
  g_assert_cmpstr (row->label, ==, "Aguascalientes");
  g_assert_false (row->homonym);
  g_assert_null (plaza_catalogue_lookup (catalogue, "1001"));
  row = plaza_catalogue_lookup (catalogue, "20208");
  g_assert_true (row->homonym);
  g_assert_cmpstr (row->label, ==, "San Juan Mixtepec (Distrito 08)");
  g_assert_cmpstr (plaza_catalogue_value (catalogue, row, "parent"), ==, "20");
  g_assert_null (plaza_catalogue_value (catalogue, row, "none"));
  /* Not told apart by the file: by their codes then. */
  g_assert_cmpstr (plaza_catalogue_lookup (catalogue, "24002")->label, ==, "La Paz (24002)");
  /* The same name in two states is no homonym inside either. */
  g_assert_false (plaza_catalogue_lookup (catalogue, "23005")->homonym);
}

static void
test_incomplete (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCatalogue) states =
      load ("code,name,complete\n20,Oaxaca,0\n21,Puebla,1\n22,Querétaro,\n", &error);

  g_assert_no_error (error);
  g_assert_true (plaza_catalogue_is_incomplete (states, "20"));
  g_assert_false (plaza_catalogue_is_incomplete (states, "21"));
  g_assert_false (plaza_catalogue_is_incomplete (states, "22"));
}

#define assert_found(text, parent, codes) \
  G_STMT_START \
  { \
    g_autoptr (GPtrArray) found = plaza_catalogue_search (catalogue, text, parent, 0); \
    g_autoptr (GString) got = g_string_new (NULL); \
    for (guint i = 0; i < found->len; i++) \
      g_string_append_printf (got, "%s%s", i > 0 ? " " : "", \
                              ((PlazaCatalogueRow *) found->pdata[i])->code); \
    g_assert_cmpstr (got->str, ==, codes); \
  } \
  G_STMT_END

static void
test_search (void)
{
  g_autoptr (PlazaCatalogue) catalogue = load (places, NULL);
  g_autoptr (GPtrArray) some = plaza_catalogue_search (catalogue, "", "20", 2);

  assert_found ("numi", NULL, "20399 20532");
  assert_found ("SANTOS numi", NULL, "20532");
  assert_found ("mixtepec", NULL, "21001 20208 20209");
  assert_found ("mixtepec", "20", "20208 20209");
  assert_found ("distrito 26", NULL, "20209");
  assert_found ("juarez", NULL, "21002 23005");
  assert_found ("20209", NULL, "20209");
  assert_found ("tepec", NULL, "21001 20208 20209");
  assert_found ("nada", NULL, "");
  g_assert_cmpuint (some->len, ==, 2);
}

static void
test_refused (void)
{
  static const char *const cases[] = { "name\nx\n", "code\n1\n", "code,name\n1,a\n1,b\n",
                                       "code,name\n,a\n", "code,name,complete\n1,a,yes\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (load (cases[i], &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
}

static void
test_municipalities (void)
{
  const PlazaCatalogueColumns columns = { "cvegeo", "nom_mun", "etiqueta", "cve_ent" };
  g_autofree char *path =
      g_build_filename (g_getenv ("PLAZA_TEST_SHARED") ?: "", "data", "municipios.csv", NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 1 << 20, NULL);
  g_autoptr (PlazaCatalogue) catalogue = NULL;
  g_autoptr (GPtrArray) found = NULL;
  gint64 begin;

  if (bytes == NULL)
    {
      g_test_skip ("no municipalities");
      return;
    }
  catalogue = plaza_catalogue_new ("municipalities", bytes, &columns, NULL);
  g_assert_cmpuint (plaza_catalogue_n_rows (catalogue), ==, 2478);
  begin = g_get_monotonic_time ();
  for (int i = 0; i < 20; i++)
    {
      g_clear_pointer (&found, g_ptr_array_unref);
      found = plaza_catalogue_search (catalogue, i % 2 ? "san juan" : "numi", NULL, 50);
    }
  g_test_message ("%.2f ms a search", (double) (g_get_monotonic_time () - begin) / 20000);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * 5000 * 5);
  g_clear_pointer (&found, g_ptr_array_unref);
  found = plaza_catalogue_search (catalogue, "san juan mixtepec", "20", 0);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpstr (((PlazaCatalogueRow *) found->pdata[0])->label, ==,
                   "San Juan Mixtepec (Distrito 08)");
  g_assert_true (((PlazaCatalogueRow *) found->pdata[0])->homonym);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/catalogue/lookup", test_lookup);
  g_test_add_func ("/base/catalogue/incomplete", test_incomplete);
  g_test_add_func ("/base/catalogue/search", test_search);
  g_test_add_func ("/base/catalogue/refused", test_refused);
  g_test_add_func ("/base/catalogue/municipalities", test_municipalities);
  return g_test_run ();
}

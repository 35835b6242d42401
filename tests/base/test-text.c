/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#define assert_clean(in, out, wanted) \
  G_STMT_START \
  { \
    PlazaTextNotes notes; \
    g_autofree char *cleaned = plaza_text_clean (in, -1, &notes, NULL); \
    g_assert_cmpstr (cleaned, ==, out); \
    g_assert_cmpint (notes, ==, wanted); \
  } \
  G_STMT_END

static void
test_clean (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nul = NULL;

  assert_clean ("El agua está sucia", "El agua está sucia", PLAZA_TEXT_PLAIN);
  assert_clean ("El nin\xCC\x83o", "El ni\xC3\xB1o", PLAZA_TEXT_CHANGED);
  assert_clean ("   tiradero   ", "tiradero", PLAZA_TEXT_CHANGED);
  assert_clean ("línea 1\r\nlínea 2\n\n\nlínea 5\ttab", "línea 1\nlínea 2\n\n\nlínea 5\ttab",
                PLAZA_TEXT_CHANGED);
  assert_clean ("a\rb\x0B"
                "c\x0C"
                "d\xC2\x85"
                "e\xE2\x80\xA8"
                "f",
                "a\nb\nc\nd\ne\nf", PLAZA_TEXT_CHANGED);
  assert_clean ("a\u00a0b\u2003c\u200bd\ufeffe", "a b cde", PLAZA_TEXT_CHANGED);
  assert_clean ("\u200b\u00a0 x \ufeff\n\t", "x", PLAZA_TEXT_CHANGED);
  assert_clean (" \u00a0\t ", "", PLAZA_TEXT_CHANGED);
  assert_clean ("", "", PLAZA_TEXT_PLAIN);
  assert_clean ("ab\b\x1b[31mcd", "abcd", PLAZA_TEXT_CHANGED | PLAZA_TEXT_CONTROLS);
  assert_clean ("\x1b]0;title\x07x\x1b]1;y\x1b\\z\x1b[", "xz",
                PLAZA_TEXT_CHANGED | PLAZA_TEXT_CONTROLS);
  assert_clean ("\x1b", "", PLAZA_TEXT_CHANGED | PLAZA_TEXT_CONTROLS);
  assert_clean ("x\xEF\xBF\xBE\x7Fy", "xy", PLAZA_TEXT_CHANGED | PLAZA_TEXT_CONTROLS);
  assert_clean ("agua\ufffdsucia", "agua\ufffdsucia", PLAZA_TEXT_REPLACEMENT);
  assert_clean ("Ni\u00c3\u00b1o", "Ni\u00c3\u00b1o", PLAZA_TEXT_MOJIBAKE);
  assert_clean ("\u202eoiratnemoc\u202c", "\u202eoiratnemoc\u202c", PLAZA_TEXT_PLAIN);
  assert_clean ("👩🏽‍🌾 ❤️", "👩🏽‍🌾 ❤️", PLAZA_TEXT_PLAIN);
  assert_clean ("100% %s %n <b>&</b> \\n", "100% %s %n <b>&</b> \\n", PLAZA_TEXT_PLAIN);

  nul = plaza_text_clean ("hola\0mundo", 10, NULL, NULL);
  g_assert_cmpstr (nul, ==, "holamundo");
  g_assert_null (plaza_text_clean ("\xED\xA0\xBD", -1, NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static void
test_fold (void)
{
  static const char *const same[][2] = {
    { "EL CAMINO A ÑUMÍ ESTÁ DESTRUIDO", "el camino a numi esta destruido" },
    { "K’iche’", "k'iche'" },
    { "K\ua78ciche\ua78c", "K\u02bciche\u02bc" },
    { "Hñähñu", "HNAHNU" },
    { "tu̱ʼun sa̱vi", "Tu'un  Savi" },
    { "Nin\u0303o", "niño" },
    { "  a\u00a0\u2003b\n", "A B" },
    { "Straße", "STRASSE" },
    { "ﬁn", "fin" },
    { "a´b", "a'b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    if (!plaza_text_equal_folded (same[i][0], same[i][1]))
      g_error ("«%s» and «%s» do not fold alike", same[i][0], same[i][1]);
  g_assert_false (plaza_text_equal_folded ("agua", "aguas"));
  g_assert_true (plaza_text_equal_folded (NULL, ""));
  g_assert_cmpuint (plaza_text_length ("nin\u0303o"), ==, 4);
  g_assert_true (plaza_text_is_blank (" \u00a0\u200b\n"));
  g_assert_true (plaza_text_is_blank (NULL));
  g_assert_false (plaza_text_is_blank (" ."));
}

static void
test_neutralise (void)
{
  static const char *const formulas[] = { "=1+1", "+52 951", "-1 al gobierno",
                                          "@SAT", "\t=1",    "\rx",
                                          "\nx",  " =1",     "\uff1d1" };
  static const char *const harmless[] = { "", "0413", "1E5", "agua", "a=b", "'x", "¿=?" };

  for (gsize i = 0; i < G_N_ELEMENTS (formulas); i++)
    {
      g_autofree char *out = plaza_text_neutralise (formulas[i]);

      g_assert_cmpint (out[0], ==, '\'');
      g_assert_cmpstr (out + 1, ==, formulas[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (harmless); i++)
    {
      g_autofree char *out = plaza_text_neutralise (harmless[i]);

      g_assert_cmpstr (out, ==, harmless[i]);
    }
}

static void
test_escape_log (void)
{
  g_autofree char *out = plaza_text_escape_log ("a\n\x1b[31mñ\\", -1, 100);
  g_autofree char *cut = plaza_text_escape_log ("abcdef", -1, 3);

  g_assert_cmpstr (out, ==, "a\\x0a\\x1b[31m\\xc3\\xb1\\x5c");
  g_assert_cmpstr (cut, ==, "abc...");
}

/* The table of hard strings, each with what must become of it. */
static void
test_hard_strings (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PLAZA_TEST_SHARED") ?: "", "data",
                                            "cadenas_dificiles.csv", NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 1 << 20, NULL);
  g_autoptr (PlazaCsv) csv = NULL;
  guint judged = 0;

  if (bytes == NULL)
    {
      g_test_skip ("no table of hard strings");
      return;
    }
  csv = plaza_csv_parse (bytes, ',', NULL, NULL);
  for (guint row = 0; row < plaza_csv_n_rows (csv); row++)
    {
      const char *id = plaza_csv_cell (csv, row, 0);
      const char *json = plaza_csv_cell (csv, row, 2);
      const char *expected = plaza_csv_cell (csv, row, 5);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = plaza_json_parse_data (json, -1, NULL, &error);
      const char *text;
      g_autofree char *cleaned = NULL;
      g_autofree char *again = NULL;
      PlazaTextNotes notes;

      if (strcmp (id, "d040") == 0 || strcmp (id, "d043") == 0)
        {
          g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
          judged++;
          continue;
        }
      g_assert_no_error (error);
      text = json_node_get_string (node);
      cleaned = plaza_text_clean (text, -1, &notes, &error);
      g_assert_no_error (error);
      again = plaza_text_clean (cleaned, -1, NULL, NULL);
      g_assert_cmpstr (again, ==, cleaned);
      g_assert_true (g_utf8_validate (cleaned, -1, NULL));

      if (strcmp (expected, "aceptar") == 0 || strcmp (expected, "mostrar literal") == 0)
        g_assert_cmpstr (cleaned, ==, text);
      else if (g_str_has_prefix (expected, "aceptar (4000)"))
        g_assert_cmpuint (plaza_text_length (text), ==, 4000);
      else if (g_str_has_prefix (expected, "rechazar con aviso"))
        g_assert_cmpuint (plaza_text_length (cleaned), >, 4000);
      else if (g_str_has_prefix (expected, "vacío"))
        g_assert_cmpstr (cleaned, ==, "");
      else if (strcmp (expected, "recortar extremos") == 0)
        g_assert_cmpstr (cleaned, ==, "tiradero de basura");
      else if (strcmp (expected, "quitar controles") == 0)
        g_assert_cmpstr (cleaned, ==, "abcd");
      else if (strcmp (expected, "conservar como texto") == 0)
        g_assert_cmpstr (cleaned, ==, text);
      else if (strcmp (expected, "aceptar y avisar") == 0)
        g_assert_true (notes & (PLAZA_TEXT_REPLACEMENT | PLAZA_TEXT_MOJIBAKE));
      else if (strcmp (expected, "exportar neutralizado") == 0)
        {
          g_autofree char *neutral = plaza_text_neutralise (text);

          g_assert_cmpint (neutral[0], ==, '\'');
        }
      else if (strcmp (expected, "citar bien en CSV") == 0)
        {
          g_autoptr (GString) out = g_string_new ("a\r\n");
          const char *cell[] = { text };
          g_autoptr (GBytes) written = NULL;
          g_autoptr (PlazaCsv) back = NULL;

          plaza_csv_append_row (out, cell, 1, FALSE);
          written = g_bytes_new (out->str, out->len);
          back = plaza_csv_parse (written, ',', NULL, NULL);
          g_assert_cmpstr (plaza_csv_cell (back, 0, 0), ==, text);
        }
      else if (g_str_has_prefix (expected, "aceptar; equivalentes"))
        {
          g_autofree char *folded = plaza_text_fold (text);

          g_assert_cmpstr (folded, ==, "k'iche' / k'iche' / k'iche'");
        }
      judged++;
    }
  g_assert_cmpuint (judged, ==, plaza_csv_n_rows (csv));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/text/clean", test_clean);
  g_test_add_func ("/base/text/fold", test_fold);
  g_test_add_func ("/base/text/neutralise", test_neutralise);
  g_test_add_func ("/base/text/escape-log", test_escape_log);
  g_test_add_func ("/base/text/hard-strings", test_hard_strings);
  return g_test_run ();
}

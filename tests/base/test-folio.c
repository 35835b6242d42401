/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/folio.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

static void
test_make (void)
{
  g_autofree char *folio = plaza_folio_make ("26", "K7", 1, NULL);
  PlazaFolio parts;

  g_assert_cmpstr (folio, ==, "26-K7-00001-Z");
  g_assert_cmpint (plaza_folio_check (folio, &parts), ==, PLAZA_FOLIO_VALID);
  g_assert_cmpstr (parts.state, ==, "26");
  g_assert_cmpstr (parts.batch, ==, "K7");
  g_assert_cmpuint (parts.serial, ==, 1);
  /* The published example of a GRid, which uses the same system: A1-2425G-ABC1234002-M. */
  g_assert_cmpint (plaza_folio_check_character ("A12425GABC1234002"), ==, 'M');
  g_assert_cmpint (plaza_folio_check_character ("a"), ==, '\0');

  g_assert_null (plaza_folio_make ("6", "K7", 1, NULL));
  g_assert_null (plaza_folio_make ("26", "K", 1, NULL));
  g_assert_null (plaza_folio_make ("26", "K7ABC", 1, NULL));
  g_assert_null (plaza_folio_make ("26", "k7", 1, NULL));
  g_assert_null (plaza_folio_make ("26", "K7", 0, NULL));
  g_assert_null (plaza_folio_make ("26", "K7", 100000, NULL));
}

static void
test_typed (void)
{
  static const char *const good[] = { "26-K7-00001-Z", "26k700001z", " 26 K7 00001 Z ",
                                      "26–k7–00001–z" };
  static const char *const malformed[] = { "",
                                           "26",
                                           "26-K7-0001-Z",
                                           "2X-K7-00001-Z",
                                           "26-K7-00000-0",
                                           "26-K7-00001-ZZZZ",
                                           "26-K7-00001-ñ",
                                           "26-K7-OOOO1-Z",
                                           "\xFF",
                                           "26-K7-00001-Z\xC3" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *folio = plaza_folio_normalise (good[i]);

      g_assert_cmpstr (folio, ==, "26-K7-00001-Z");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    g_assert_cmpint (plaza_folio_check (malformed[i], NULL), ==, PLAZA_FOLIO_MALFORMED);
}

/* Every slip of one character is noticed, and all but a few swaps of two neighbours. */
static void
test_slips (void)
{
  static const char characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  guint swaps = 0, missed = 0;

  for (guint serial = 1; serial <= PLAZA_FOLIO_MAX_SERIAL; serial += 997)
    {
      g_autofree char *folio = plaza_folio_make ("20", "A7QZ", serial, NULL);

      for (gsize i = 0; folio[i] != '\0'; i++)
        for (const char *c = characters; *c != '\0' && folio[i] != '-'; c++)
          {
            g_autofree char *slip = g_strdup (folio);

            slip[i] = *c;
            if (*c != folio[i])
              g_assert_cmpint (plaza_folio_check (slip, NULL), !=, PLAZA_FOLIO_VALID);
          }
      for (gsize i = 0; folio[i + 1] != '\0'; i++)
        {
          g_autofree char *slip = g_strdup (folio);

          slip[i] = folio[i + 1];
          slip[i + 1] = folio[i];
          if (slip[i] == slip[i + 1] || slip[i] == '-' || slip[i + 1] == '-')
            continue;
          swaps++;
          missed += plaza_folio_check (slip, NULL) == PLAZA_FOLIO_VALID;
        }
    }
  g_assert_cmpuint (missed * 50, <, swaps);
}

static gboolean
planted (JsonObject *record)
{
  JsonArray *truths = json_object_get_array_member (record, "_verdad");

  for (guint i = 0; i < json_array_get_length (truths); i++)
    if (strcmp (json_array_get_string_element (truths, i), "folio_mal_verificador") == 0)
      return TRUE;
  return FALSE;
}

static void
test_samples (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PLAZA_TEST_SHARED") ?: "", "data",
                                            "respuestas_sinteticas_1100.jsonl", NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 16 << 20, NULL);
  g_auto (GStrv) lines = NULL;
  guint valid = 0, wrong = 0;

  if (bytes == NULL)
    {
      g_test_skip ("no sample responses");
      return;
    }
  {
    g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

    lines = g_strsplit (text, "\n", -1);
  }
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr (JsonNode) node = plaza_json_parse_data (lines[i], -1, NULL, NULL);
      JsonObject *record = json_node_get_object (node);
      const char *folio = json_object_get_string_member_with_default (record, "folio", NULL);

      if (folio == NULL)
        continue;
      if (planted (record))
        {
          g_assert_cmpint (plaza_folio_check (folio, NULL), ==, PLAZA_FOLIO_WRONG_CHECK);
          wrong++;
        }
      else
        {
          g_assert_cmpint (plaza_folio_check (folio, NULL), ==, PLAZA_FOLIO_VALID);
          valid++;
        }
    }
  g_test_message ("%u valid, %u with a planted slip", valid, wrong);
  g_assert_cmpuint (valid, >, 1000);
  g_assert_cmpuint (wrong, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/folio/make", test_make);
  g_test_add_func ("/base/folio/typed", test_typed);
  g_test_add_func ("/base/folio/slips", test_slips);
  g_test_add_func ("/base/folio/samples", test_samples);
  return g_test_run ();
}

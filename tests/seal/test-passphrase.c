/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/passphrase.h"

#include <string.h>

#include "base/error.h"

static const char *const context[] = { "Consulta de temas 2019", "Oaxaca de Juárez",
                                       "Xóchitl Ñáñez", NULL };

static void
test_verdicts (void)
{
  static const struct
  {
    const char *passphrase;
    PlazaPassphraseVerdict verdict;
  } cases[] = {
    { "la milpa crece despacio en abril", PLAZA_PASSPHRASE_GOOD },
    { "tortuga ventana jarro nube lenta", PLAZA_PASSPHRASE_GOOD },
    { "ñandúes y colibríes", PLAZA_PASSPHRASE_GOOD },
    { "Xq7#pL2v!9sTzR4w", PLAZA_PASSPHRASE_GOOD },
    { "水水火山木林森川田石土金銀銅鉄鋼", PLAZA_PASSPHRASE_GOOD },
    { "xóchitl siembra girasoles azules", PLAZA_PASSPHRASE_GOOD },
    { "", PLAZA_PASSPHRASE_TOO_SHORT },
    { "catorce letras", PLAZA_PASSPHRASE_TOO_SHORT },
    { "n\u0303n\u0303n\u0303n\u0303n\u0303n\u0303n\u0303n\u0303", PLAZA_PASSPHRASE_TOO_SHORT },
    { "no es texto \xFF\xFE pero larga", PLAZA_PASSPHRASE_NOT_TEXT },
    { "aaaaaaaaaaaaaaaaaaaa", PLAZA_PASSPHRASE_COMMON },
    { "abcabcabcabcabcabc", PLAZA_PASSPHRASE_COMMON },
    { "....................", PLAZA_PASSPHRASE_COMMON },
    { "123456789012345", PLAZA_PASSPHRASE_COMMON },
    { "97531864209753", PLAZA_PASSPHRASE_TOO_SHORT },
    { "qwertyuiopasdfghjkl", PLAZA_PASSPHRASE_COMMON },
    { "contraseña123456", PLAZA_PASSPHRASE_COMMON },
    { "Contraseña Segura 2019", PLAZA_PASSPHRASE_COMMON },
    { "mexicomexico2019", PLAZA_PASSPHRASE_COMMON },
    { "te quiero mucho mi amor", PLAZA_PASSPHRASE_COMMON },
    { "iloveyouiloveyou", PLAZA_PASSPHRASE_COMMON },
    { "administrador123!", PLAZA_PASSPHRASE_COMMON },
    { "Passw0rd Passw0rd", PLAZA_PASSPHRASE_COMMON },
    { "consulta de temas 2019", PLAZA_PASSPHRASE_GUESSABLE },
    { "xochitl nanez 1985", PLAZA_PASSPHRASE_GUESSABLE },
    { "OaxacaDeJuarez2019", PLAZA_PASSPHRASE_GUESSABLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (plaza_passphrase_judge (cases[i].passphrase, context) != cases[i].verdict)
      g_error ("«%s» is judged %d, not %d", cases[i].passphrase,
               plaza_passphrase_judge (cases[i].passphrase, context), cases[i].verdict);
  /* Without the names it is nobody's. */
  g_assert_cmpint (plaza_passphrase_judge ("xochitl nanez 1985", NULL), ==, PLAZA_PASSPHRASE_GOOD);
}

static void
test_length (void)
{
  g_autofree char *long_one = g_malloc (PLAZA_PASSPHRASE_MAX_BYTES + 2);
  g_autofree char *huge = g_strnfill (1 << 20, 'x');
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i <= PLAZA_PASSPHRASE_MAX_BYTES; i++)
    long_one[i] = (char) ('a' + i * i % 26);
  long_one[PLAZA_PASSPHRASE_MAX_BYTES + 1] = '\0';
  g_assert_cmpint (plaza_passphrase_judge (long_one, NULL), ==, PLAZA_PASSPHRASE_TOO_LONG);
  g_assert_cmpint (plaza_passphrase_judge (huge, NULL), ==, PLAZA_PASSPHRASE_TOO_LONG);
  long_one[100] = '\0';
  g_assert_false (plaza_passphrase_check ("corta", NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/passphrase/verdicts", test_verdicts);
  g_test_add_func ("/seal/passphrase/length", test_length);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/passphrase.h"

#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "commonwords.h"
#include "seal/secret.h"

/* A piece is what a guessing program tries whole: a common word, a name, a run of keys, a number.
 */
#define MIN_RUN 3
#define MIN_NAME 3
#define MAX_PIECE 64
/* So few pieces, with no more than this left over, are tried within minutes. */
#define FEW_PIECES 3
#define LITTLE_REST 3
/* What must stay of a passphrase once the names in its context are taken out. */
#define ENOUGH_REST 8

static const char *const key_rows[] = { "0123456789012345678901234567890",
                                        "9876543210987654321098765432109",
                                        "abcdefghijklmnopqrstuvwxyz",
                                        "zyxwvutsrqponmlkjihgfedcba",
                                        "qwertyuiop",
                                        "poiuytrewq",
                                        "asdfghjkl",
                                        "lkjhgfdsa",
                                        "zxcvbnm",
                                        "mnbvcxz" };

static GHashTable *
common_words (void)
{
  static gsize once = 0;
  static GHashTable *words = NULL;

  if (g_once_init_enter (&once))
    {
      g_autoptr (GBytes) list = g_resource_lookup_data (
          plaza_commonwords_get_resource (), "/org/gobabiertomx/Plaza/passphrases/common.txt",
          G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      g_auto (GStrv) lines = NULL;

      g_assert (list != NULL);
      lines = g_strsplit (g_bytes_get_data (list, NULL), "\n", -1);
      words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
        g_hash_table_add (words, g_strdup (lines[i]));
      g_once_init_leave (&once, 1);
    }
  return words;
}

/* Letters and digits of @text, folded. */
static char *
compact (const char *text)
{
  char *folded = plaza_text_fold (text);
  GString *out = g_string_sized_new (strlen (folded));

  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_isalnum (g_utf8_get_char (p)))
      g_string_append_unichar (out, g_utf8_get_char (p));
  plaza_secret_wipe_string (folded);
  return g_string_free (out, FALSE);
}

static GHashTable *
context_words (const char *const *context)
{
  GHashTable *words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; context != NULL && context[i] != NULL; i++)
    {
      g_autofree char *folded = plaza_text_fold (context[i]);
      g_auto (GStrv) parts = g_strsplit_set (folded, " '.,;:-_/()", -1);

      for (guint j = 0; parts[j] != NULL; j++)
        if (g_utf8_strlen (parts[j], -1) >= MIN_NAME &&
            strspn (parts[j], "0123456789") < strlen (parts[j]))
          g_hash_table_add (words, g_strdup (parts[j]));
    }
  return words;
}

static gboolean
is_word (GHashTable *words, const char *text, gsize length)
{
  char piece[MAX_PIECE + 1] = { 0 };
  gboolean found;

  memcpy (piece, text, length);
  found = g_hash_table_contains (words, piece);
  memset (piece, 0, sizeof piece);
  return found;
}

/* Bytes of the run of neighbouring keys, of one character again and again, or of digits. */
static gsize
longest_run (const char *text)
{
  gsize best = strspn (text, "0123456789");
  gsize same = 1;

  while (text[same] != '\0' && text[same] == text[0])
    same++;
  if (same >= MIN_RUN)
    best = MAX (best, same);
  for (gsize i = 0; i < G_N_ELEMENTS (key_rows); i++)
    for (const char *at = strchr (key_rows[i], text[0]); at != NULL && *at != '\0';
         at = strchr (at + 1, text[0]))
      {
        gsize run = 1;

        while (at[run] != '\0' && at[run] == text[run])
          run++;
        if (run >= MIN_RUN)
          best = MAX (best, run);
      }
  return best;
}

static gboolean
is_repetition (const char *text)
{
  gsize length = strlen (text);

  for (gsize period = 1; period <= length / 2; period++)
    if (memcmp (text, text + period, length - period) == 0)
      return TRUE;
  return FALSE;
}

/* How the text from some byte on is best cut: into the fewest pieces and loose characters. */
typedef struct
{
  guint cost;
  guint length; /* of what comes first */
  gboolean piece;
  gboolean named;
} Cut;

static Cut *
cut_text (const char *text, GHashTable *names)
{
  gsize size = strlen (text);
  Cut *cuts = g_new0 (Cut, size + 1);

  for (gsize at = size; at-- > 0;)
    {
      gsize run = longest_run (text + at);

      cuts[at].length = 1;
      cuts[at].cost = cuts[at + 1].cost + ((text[at] & 0xC0) != 0x80);
      for (gsize length = 1; length <= MIN (size - at, MAX (run, MAX_PIECE)); length++)
        {
          gboolean named = length <= MAX_PIECE && is_word (names, text + at, length);

          if (!named && length != run &&
              !(length <= MAX_PIECE && is_word (common_words (), text + at, length)))
            continue;
          if (cuts[at + length].cost + 1 <= cuts[at].cost)
            cuts[at] = (Cut){ cuts[at + length].cost + 1, (guint) length, TRUE, named };
        }
    }
  return cuts;
}

static PlazaPassphraseVerdict
judge_pieces (const char *text, GHashTable *names)
{
  g_autofree Cut *cuts = cut_text (text, names);
  g_autoptr (GHashTable) pieces = g_hash_table_new_full (
      g_str_hash, g_str_equal, (GDestroyNotify) plaza_secret_wipe_string, NULL);
  gboolean named = FALSE;
  gsize rest = 0;

  for (gsize at = 0; text[at] != '\0'; at += cuts[at].length)
    {
      named = named || cuts[at].named;
      if (cuts[at].piece)
        g_hash_table_add (pieces, g_strndup (text + at, cuts[at].length));
      else
        rest += (text[at] & 0xC0) != 0x80;
    }
  if (named && rest < ENOUGH_REST && g_hash_table_size (pieces) <= FEW_PIECES + 1)
    return PLAZA_PASSPHRASE_GUESSABLE;
  if (rest <= LITTLE_REST && g_hash_table_size (pieces) <= FEW_PIECES)
    return PLAZA_PASSPHRASE_COMMON;
  return PLAZA_PASSPHRASE_GOOD;
}

PlazaPassphraseVerdict
plaza_passphrase_judge (const char *passphrase, const char *const *context)
{
  PlazaPassphraseVerdict verdict;
  g_autoptr (GHashTable) names = NULL;
  char *nfc, *text;

  /* NFC at most triples a text; more than that cannot become short enough. */
  if (strlen (passphrase) > 3 * PLAZA_PASSPHRASE_MAX_BYTES)
    return PLAZA_PASSPHRASE_TOO_LONG;
  nfc = plaza_text_nfc (passphrase);
  if (nfc == NULL)
    return PLAZA_PASSPHRASE_NOT_TEXT;
  if (g_utf8_strlen (nfc, -1) < PLAZA_PASSPHRASE_MIN_CHARS ||
      strlen (nfc) > PLAZA_PASSPHRASE_MAX_BYTES)
    {
      verdict = strlen (nfc) > PLAZA_PASSPHRASE_MAX_BYTES ? PLAZA_PASSPHRASE_TOO_LONG
                                                          : PLAZA_PASSPHRASE_TOO_SHORT;
      plaza_secret_wipe_string (nfc);
      return verdict;
    }

  text = compact (nfc);
  names = context_words (context);
  /* A passphrase of nothing but signs is judged as it stands. */
  if (is_repetition (*text != '\0' ? text : nfc))
    verdict = PLAZA_PASSPHRASE_COMMON;
  else
    verdict = *text != '\0' ? judge_pieces (text, names) : PLAZA_PASSPHRASE_GOOD;
  plaza_secret_wipe_string (text);
  plaza_secret_wipe_string (nfc);
  return verdict;
}

gboolean
plaza_passphrase_check (const char *passphrase, const char *const *context, GError **error)
{
  switch (plaza_passphrase_judge (passphrase, context))
    {
    case PLAZA_PASSPHRASE_GOOD:
      return TRUE;
    case PLAZA_PASSPHRASE_TOO_SHORT:
      return plaza_throw (error, PLAZA_ERROR_PASSPHRASE,
                          "The passphrase has fewer than %d characters",
                          PLAZA_PASSPHRASE_MIN_CHARS);
    case PLAZA_PASSPHRASE_TOO_LONG:
      return plaza_throw (error, PLAZA_ERROR_PASSPHRASE, "The passphrase is longer than %d bytes",
                          PLAZA_PASSPHRASE_MAX_BYTES);
    case PLAZA_PASSPHRASE_NOT_TEXT:
      return plaza_throw (error, PLAZA_ERROR_PASSPHRASE, "The passphrase is not text");
    case PLAZA_PASSPHRASE_COMMON:
      return plaza_throw (error, PLAZA_ERROR_PASSPHRASE,
                          "The passphrase is among those that are tried first");
    case PLAZA_PASSPHRASE_GUESSABLE:
      return plaza_throw (error, PLAZA_ERROR_PASSPHRASE,
                          "The passphrase is little more than a name that is easy to guess");
    default:
      g_assert_not_reached ();
    }
}

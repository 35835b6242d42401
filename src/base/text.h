/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** What plaza_text_clean() noticed; none of these is a reason to refuse the text. */
typedef enum
{
  PLAZA_TEXT_PLAIN = 0,
  PLAZA_TEXT_CHANGED = 1 << 0,     /* the result differs from what was given */
  PLAZA_TEXT_CONTROLS = 1 << 1,    /* control characters or terminal sequences were taken out */
  PLAZA_TEXT_REPLACEMENT = 1 << 2, /* holds U+FFFD: something was lost before it came here */
  PLAZA_TEXT_MOJIBAKE = 1 << 3,    /* looks like UTF-8 once read as Latin-1 ("NiÃ±o") */
} PlazaTextNotes;

/**
 * plaza_text_clean: a typed or pasted answer as it is kept. NFC; CRLF, CR, NEL, VT, FF, U+2028 and
 * U+2029 become LF; other control characters and ANSI sequences are taken out; blanks of other
 * widths (NBSP, em space…) become a space; U+200B, U+2060 and U+FEFF are taken out, joiners and
 * direction marks stay; blanks and empty lines at both ends go. Blank only gives "".
 * @length: bytes at @text, -1 for a C string
 * @notes: (out) (nullable)
 * Returns: (transfer full): or NULL with PLAZA_ERROR_INVALID when @text is not UTF-8.
 */
char *plaza_text_clean (const char *text, gssize length, PlazaTextNotes *notes, GError **error);

/**
 * plaza_text_fold: the key under which @text is searched: compatibility decomposition without
 * marks, case-folded, every apostrophe (U+2019, U+02BC, U+A78C, U+2018, U+00B4, `) as ', runs of
 * blanks as one space, none at the ends. «Ñumí» and «numi» fold alike. @text must be valid UTF-8.
 * Returns: (transfer full)
 */
char *plaza_text_fold (const char *text);

/** plaza_text_equal_folded: whether both texts fold alike; NULL counts as "". */
gboolean plaza_text_equal_folded (const char *a, const char *b);

/** plaza_text_length: characters (code points) of @text after NFC; text limits count these. */
gsize plaza_text_length (const char *text);

/** plaza_text_nfc: Returns: (transfer full): @text in NFC; NULL when it is not UTF-8. */
char *plaza_text_nfc (const char *text);

/** plaza_text_is_blank: nothing but blanks, zero-width characters and controls; TRUE for NULL. */
gboolean plaza_text_is_blank (const char *text);

/**
 * plaza_text_neutralise: @text for a spreadsheet cell: with an apostrophe in front when the first
 * character would start a formula (= + - @ TAB CR LF and their full-width forms), else a copy.
 * Returns: (transfer full)
 */
char *plaza_text_neutralise (const char *text);

/**
 * plaza_text_escape_log: foreign bytes for a log line: printable ASCII stays, everything else
 * becomes \xNN, at most @max_bytes bytes are shown. Returns: (transfer full).
 */
char *plaza_text_escape_log (const char *text, gssize length, gsize max_bytes);

G_END_DECLS

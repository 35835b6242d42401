/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Longest folio text, "EE-LLLL-NNNNN-C" and NUL. */
#define PLAZA_FOLIO_TEXT_SIZE 16
#define PLAZA_FOLIO_MAX_SERIAL 99999u

/** PlazaFolio: the parts of `EE-LLLL-NNNNN-C`. */
typedef struct
{
  char state[3]; /* two digits, the state of the field session */
  char batch[5]; /* two to four characters 0-9 A-Z, the device's or the packet's */
  guint serial;  /* 1 to PLAZA_FOLIO_MAX_SERIAL, never reused within the batch */
} PlazaFolio;

typedef enum
{
  PLAZA_FOLIO_VALID,
  PLAZA_FOLIO_WRONG_CHECK, /* the shape of a folio, but a slip in some character */
  PLAZA_FOLIO_MALFORMED,   /* not the shape of a folio: perhaps another system's number */
} PlazaFolioVerdict;

/** plaza_folio_make: Returns: (transfer full): the folio's text, or NULL with PLAZA_ERROR_INVALID.
 */
char *plaza_folio_make (const char *state, const char *batch, guint serial, GError **error);

/**
 * plaza_folio_check: judges what somebody typed: any case, blanks and hyphens where they like. An
 * unknown or wrong folio is a mark on the response, never a reason to refuse it.
 * @out: (out) (nullable): the parts, set unless malformed
 */
PlazaFolioVerdict plaza_folio_check (const char *text, PlazaFolio *out);

/** plaza_folio_normalise: Returns: (transfer full) (nullable): a valid folio as written, else NULL.
 */
char *plaza_folio_normalise (const char *text);

/**
 * plaza_folio_check_character: ISO 7064 MOD 37,36 over every character of @payload (0-9 A-Z), '\0'
 * when it holds another.
 */
char plaza_folio_check_character (const char *payload);

G_END_DECLS

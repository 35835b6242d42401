/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PLAZA_PASSPHRASE_MIN_CHARS 15
#define PLAZA_PASSPHRASE_MAX_BYTES 4096

typedef enum
{
  PLAZA_PASSPHRASE_GOOD,
  PLAZA_PASSPHRASE_TOO_SHORT, /* under 15 characters in NFC */
  PLAZA_PASSPHRASE_TOO_LONG,  /* over 4096 bytes in NFC; nothing is ever cut */
  PLAZA_PASSPHRASE_NOT_TEXT,  /* not UTF-8 */
  PLAZA_PASSPHRASE_COMMON,    /* among the common ones, or one piece repeated, or a run of keys */
  PLAZA_PASSPHRASE_GUESSABLE, /* little more than the names given in @context */
} PlazaPassphraseVerdict;

/**
 * plaza_passphrase_judge: the rules for a new passphrase; any characters are allowed, none asked
 * for.
 * @context: (array zero-terminated=1) (nullable): names that whoever finds the laptop would try
 * (the campaign's title, the person's name, the organisation, the place)
 */
PlazaPassphraseVerdict plaza_passphrase_judge (const char *passphrase, const char *const *context);

/** plaza_passphrase_check: plaza_passphrase_judge() as PLAZA_ERROR_PASSPHRASE. */
gboolean
plaza_passphrase_check (const char *passphrase, const char *const *context, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PLAZA_ERROR: the one error domain of Plaza's own failures. System and library failures keep
 * their own domains (G_IO_ERROR, …); each caller adds what it was doing with g_prefix_error(), so
 * that a message reads as a chain of causes. A message never holds an answer, a key or a
 * passphrase.
 */
#define PLAZA_ERROR (plaza_error_quark ())

typedef enum
{
  PLAZA_ERROR_FAILED,      /* anything without a name of its own */
  PLAZA_ERROR_INVALID,     /* foreign bytes or an argument that breaks its format */
  PLAZA_ERROR_UNSUPPORTED, /* well-formed, but asks for something Plaza does not do */
  PLAZA_ERROR_LIMIT,       /* larger, deeper or longer than the stated limit */
  PLAZA_ERROR_NOT_FOUND,   /* the named thing does not exist */
  PLAZA_ERROR_EXISTS,      /* the named thing exists already */
  PLAZA_ERROR_BUSY,        /* the profile is in use by another process */
  PLAZA_ERROR_LOCKED,      /* needs an unlocked profile */
  PLAZA_ERROR_PASSPHRASE,  /* wrong passphrase, or one that the rules refuse */
  PLAZA_ERROR_CORRUPT,     /* our own stored bytes fail their check */
  PLAZA_ERROR_SIGNATURE,   /* a signature or authentication tag does not verify */
  PLAZA_ERROR_NEWER,       /* written by a newer version of Plaza */
  PLAZA_ERROR_OFFLINE,     /* the server cannot be reached */
  PLAZA_ERROR_PORTAL,      /* somebody else answered in the server's place */
  PLAZA_ERROR_REFUSED,     /* the server, or a rule of the campaign, said no */
  PLAZA_ERROR_DISK,        /* no space, or the disk refused to write */
} PlazaError;

GQuark plaza_error_quark (void);

/**
 * plaza_throw: sets @error in PLAZA_ERROR and returns FALSE, so that a check is one line. @format
 * is for developers, in English: people read what their program says of the code.
 */
gboolean plaza_throw (GError **error, PlazaError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** plaza_throw_words: as plaza_throw(), with a sentence for people, translated. */
gboolean plaza_throw_words (GError **error, PlazaError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** plaza_throw_about: as plaza_throw(), with a message that is the same in every language, such as
 * a path and what the system says of it: it is the error's subject. */
gboolean plaza_throw_about (GError **error, PlazaError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** plaza_error_name_subject: says what @error is about: a file as the person named it. The first
 * that is named stays. Also put before the message. @error: (nullable), as for g_prefix_error() */
void plaza_error_name_subject (GError **error, const char *subject);

/** plaza_error_get_words: the message of plaza_throw_words(), or of the system where it speaks the
 * person's language. (nullable) (transfer none) */
const char *plaza_error_get_words (const GError *error);

/** plaza_error_get_subject: (nullable) (transfer none) */
const char *plaza_error_get_subject (const GError *error);

G_END_DECLS

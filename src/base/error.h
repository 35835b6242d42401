/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

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
 * plaza_throw: sets @error in PLAZA_ERROR and returns FALSE, so that a check is one line.
 */
gboolean plaza_throw (GError **error, PlazaError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

G_END_DECLS

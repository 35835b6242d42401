/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/stream.h"

G_BEGIN_DECLS

/*
 * Named files one after the other inside a sealed stream: u16le length of the name ‖ name ‖ pieces
 * of u32le length ‖ bytes, ended by a length of 0; after the last file a name of length 0.
 */

/**
 * plaza_archive_add: all of @in as @name.
 * @digest: (out) (transfer full): SHA-256 of the bytes, in hexadecimal
 */
gboolean plaza_archive_add (
    PlazaStreamSealer *sealer, const char *name, GInputStream *in, char **digest, GError **error);

/** plaza_archive_finish: no more files; finishes the stream. */
gboolean plaza_archive_finish (PlazaStreamSealer *sealer, GError **error);

/** PlazaArchiveSink: what becomes of the files of an archive. */
typedef struct
{
  /* (transfer full): where the bytes of @name go; NULL with @error ends the reading */
  GOutputStream *(*begin) (const char *name, gpointer data, GError **error);
  /* all of @name was written and closed */
  gboolean (*end) (const char *name, const char *digest, gpointer data, GError **error);
} PlazaArchiveSink;

/**
 * plaza_archive_read: hands every file to @sink. Anybody can seal to a public key, so names are not
 * trusted: at most one folder deep, of letters, digits, "-", "_" and ".", no part beginning with
 * ".". At most 10,000 files. PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT, and the stream's errors.
 */
gboolean plaza_archive_read (PlazaStreamOpener *opener,
                             const PlazaArchiveSink *sink,
                             gpointer data,
                             GError **error);

G_END_DECLS

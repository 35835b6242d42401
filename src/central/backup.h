/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "central/central.h"

G_BEGIN_DECLS

/*
 * Backups of a whole central, its keys included, each one file sealed to a key that is kept
 * elsewhere: whoever has the file or the server cannot open it. What is in them: central/archive.h
 * of central.conf, keys/, tls/, campaigns/, dictionaries/, invitations/ and database.sqlite or
 * database.pgdump.
 */

#define PLAZA_BACKUP_SUFFIX ".plzbak"

typedef struct
{
  char *file; /* name in the folder */
  guint64 bytes;
  guint files;   /* in it */
  guint removed; /* older backups */
} PlazaBackupInfo;

void plaza_backup_info_clear (PlazaBackupInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaBackupInfo, plaza_backup_info_clear)

/**
 * plaza_backup_new_key: makes the key that opens the backups from now on: the secret to @path, to
 * be taken away, the public half into the central. PLAZA_ERROR_EXISTS when @path is there.
 */
gboolean plaza_backup_new_key (PlazaCentral *central, const char *path, GError **error);

/**
 * plaza_backup_write: a consistent copy while the server goes on, into @directory (made when it is
 * not there). A copy of SQLite is checked against its log first; the file is read back from the
 * disk and compared, a dump by pg_restore as well, before it gets its name; only then older ones
 * go.
 * @keep: how many backups stay, this one included
 * Errors: PLAZA_ERROR_NOT_FOUND (no key was made), PLAZA_ERROR_BUSY (another backup runs),
 * PLAZA_ERROR_DISK, PLAZA_ERROR_CORRUPT.
 */
gboolean plaza_backup_write (
    PlazaCentral *central, const char *directory, guint keep, PlazaBackupInfo *out, GError **error);

/** plaza_backup_last: (transfer full) (nullable): {"file","time","bytes"} of the last one. */
JsonObject *plaza_backup_last (PlazaCentral *central);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PlazaDatabase: the one read-write connection to a laptop's SQLite file, with GErrors. Belongs to
 * the thread that opened it.
 *
 * Opened as sync.md asks: WAL, synchronous=FULL, locking_mode=EXCLUSIVE, foreign keys, defensive,
 * untrusted schema, cell size check, no mmap, temporary data in memory, secure_delete. Closing
 * truncates the WAL, so that the file alone is whole.
 *
 * Errors: PLAZA_ERROR_DISK (full, or the disk refused), PLAZA_ERROR_CORRUPT, PLAZA_ERROR_BUSY
 * (another process has it), PLAZA_ERROR_EXISTS (a unique constraint), else PLAZA_ERROR_FAILED.
 */
typedef struct _PlazaDatabase PlazaDatabase;

/** "PLZL" in application_id: a laptop's store. */
#define PLAZA_DATABASE_LAPTOP 0x504c5a4cu

/**
 * plaza_database_open: opens or creates the file at @path and takes it for this process alone.
 * PLAZA_ERROR_INVALID when the file is somebody else's (another application_id).
 */
PlazaDatabase *plaza_database_open (const char *path, guint32 application_id, GError **error);

/** plaza_database_open_copy: opens a backup for reading only, without locks. */
PlazaDatabase *plaza_database_open_copy (const char *path, GError **error);

/** plaza_database_copy_uri: (transfer full): how ATTACH reads a copy, without locks. */
char *plaza_database_copy_uri (const char *path);

/** plaza_database_close: truncates the WAL and closes; the database is freed in any case. */
gboolean plaza_database_close (PlazaDatabase *db, GError **error);
void plaza_database_free (PlazaDatabase *db);

/** plaza_database_exec: runs @sql, one or more statements without parameters. */
gboolean plaza_database_exec (PlazaDatabase *db, const char *sql, GError **error);

/**
 * plaza_database_run: runs one statement that gives no rows. @types has one letter a parameter:
 * `i` gint64, `t` const char * (NULL allowed), `b` GBytes * (NULL allowed), `z` nothing: NULL.
 */
gboolean
plaza_database_run (PlazaDatabase *db, GError **error, const char *sql, const char *types, ...);

/**
 * PlazaRows: the rows of a query. The statement behind it stays prepared in the database; at most
 * one PlazaRows of the same SQL text may be alive.
 */
typedef struct _PlazaRows PlazaRows;

/** plaza_database_query: as plaza_database_run(), for a statement that gives rows. */
PlazaRows *
plaza_database_query (PlazaDatabase *db, GError **error, const char *sql, const char *types, ...);

/** plaza_rows_next: TRUE on a row; FALSE at the end, or with @error set. */
gboolean plaza_rows_next (PlazaRows *rows, GError **error);
gint64 plaza_rows_int (PlazaRows *rows, int column);
gboolean plaza_rows_is_null (PlazaRows *rows, int column);
/** plaza_rows_text: (transfer none) (nullable): valid until the next row. */
const char *plaza_rows_text (PlazaRows *rows, int column);
/** plaza_rows_bytes: (transfer full) (nullable): a copy. */
GBytes *plaza_rows_bytes (PlazaRows *rows, int column);
void plaza_rows_free (PlazaRows *rows);

/** plaza_database_get_int: first column of the first row, or @fallback when there is no row. */
gboolean plaza_database_get_int (PlazaDatabase *db,
                                 gint64 fallback,
                                 gint64 *out,
                                 GError **error,
                                 const char *sql,
                                 const char *types,
                                 ...);

/** plaza_database_begin, _commit, _rollback: one transaction; they do not nest. A commit that
 * fails has rolled back. */
gboolean plaza_database_begin (PlazaDatabase *db, GError **error);
gboolean plaza_database_commit (PlazaDatabase *db, GError **error);
void plaza_database_rollback (PlazaDatabase *db);

/** plaza_database_changes: rows that the last statement changed. */
guint plaza_database_changes (PlazaDatabase *db);
gint64 plaza_database_last_id (PlazaDatabase *db);

/** plaza_database_checkpoint: moves the WAL into the file and truncates it. */
gboolean plaza_database_checkpoint (PlazaDatabase *db, GError **error);

/** plaza_database_check: quick_check; PLAZA_ERROR_CORRUPT with its first finding. */
gboolean plaza_database_check (PlazaDatabase *db, GError **error);

/** plaza_database_copy: a whole, durable copy at @path by the backup API; replaces a file there.
 * @afterwards: (nullable): SQL run on the copy before it is kept */
gboolean
plaza_database_copy (PlazaDatabase *db, const char *path, const char *afterwards, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaDatabase, plaza_database_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaRows, plaza_rows_free)

G_END_DECLS

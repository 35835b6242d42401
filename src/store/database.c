/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"

struct _PlazaDatabase
{
  sqlite3 *handle;
  GHashTable *statements; /* SQL text → sqlite3_stmt, reset between uses */
};

struct _PlazaRows
{
  PlazaDatabase *db;
  sqlite3_stmt *statement;
};

static gboolean
throw_sqlite (PlazaDatabase *db, const char *doing, GError **error)
{
  int extended = sqlite3_extended_errcode (db->handle);
  PlazaError code;

  switch (extended & 0xff)
    {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      code = PLAZA_ERROR_DISK;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      code = PLAZA_ERROR_CORRUPT;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      code = PLAZA_ERROR_BUSY;
      break;
    case SQLITE_CONSTRAINT:
      code = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY
                 ? PLAZA_ERROR_EXISTS
                 : PLAZA_ERROR_FAILED;
      break;
    default:
      code = PLAZA_ERROR_FAILED;
    }
  return plaza_throw (error, code, "%s: %s (SQLite %d)", doing, sqlite3_errmsg (db->handle),
                      extended);
}

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

static PlazaDatabase *
open_handle (const char *path, int flags, GError **error)
{
  PlazaDatabase *db = g_new0 (PlazaDatabase, 1);

  db->statements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, finalize_statement);
  if (sqlite3_open_v2 (path, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                       NULL) != SQLITE_OK)
    {
      throw_sqlite (db, "opening the database", error);
      plaza_database_free (db);
      return NULL;
    }
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  return db;
}

static gboolean
take_application_id (PlazaDatabase *db, guint32 application_id, GError **error)
{
  gint64 found, tables;
  g_autofree char *pragma = NULL;

  if (!plaza_database_get_int (db, 0, &found, error, "PRAGMA application_id", "") ||
      !plaza_database_get_int (db, 0, &tables, error, "SELECT count(*) FROM sqlite_schema", ""))
    return FALSE;
  if ((guint32) found == application_id)
    return TRUE;
  if (found != 0 || tables != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the file is another program's database");
  pragma = g_strdup_printf ("PRAGMA application_id = %u", application_id);
  return plaza_database_exec (db, pragma, error);
}

static gboolean
use_wal (PlazaDatabase *db, GError **error)
{
  g_autoptr (PlazaRows) rows = plaza_database_query (db, error, "PRAGMA journal_mode = WAL", "");
  g_autoptr (GError) local = NULL;

  if (rows == NULL)
    return FALSE;
  if (plaza_rows_next (rows, &local))
    return g_strcmp0 (plaza_rows_text (rows, 0), "wal") == 0 ||
           plaza_throw (error, PLAZA_ERROR_DISK, "the disk cannot keep a write-ahead log");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

PlazaDatabase *
plaza_database_open (const char *path, guint32 application_id, GError **error)
{
  g_autoptr (PlazaDatabase) db = NULL;
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      int saved = errno;

      plaza_throw (error, saved == EISDIR ? PLAZA_ERROR_INVALID : PLAZA_ERROR_DISK,
                   "opening the database: %s", g_strerror (saved));
      return NULL;
    }
  close (fd);

  db = open_handle (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, error);
  if (db == NULL)
    return NULL;
  /* Exclusive before WAL: then there is no shared-memory file. */
  if (!plaza_database_exec (db,
                            "PRAGMA page_size = 4096;"
                            "PRAGMA locking_mode = EXCLUSIVE;"
                            "PRAGMA mmap_size = 0;"
                            "PRAGMA temp_store = MEMORY;"
                            "PRAGMA secure_delete = ON;"
                            "PRAGMA cell_size_check = ON;"
                            "PRAGMA foreign_keys = ON",
                            error) ||
      !use_wal (db, error))
    return NULL;
  if (!plaza_database_exec (db, "PRAGMA synchronous = FULL", error) ||
      !take_application_id (db, application_id, error))
    return NULL;
  return g_steal_pointer (&db);
}

char *
plaza_database_copy_uri (const char *path)
{
  g_autofree char *escaped = g_uri_escape_string (path, "/", FALSE);

  return g_strconcat ("file:", escaped, "?immutable=1", NULL);
}

PlazaDatabase *
plaza_database_open_copy (const char *path, GError **error)
{
  g_autofree char *uri = plaza_database_copy_uri (path);

  return open_handle (uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
}

gboolean
plaza_database_close (PlazaDatabase *db, GError **error)
{
  gboolean ok = plaza_database_checkpoint (db, error);

  plaza_database_free (db);
  return ok;
}

void
plaza_database_free (PlazaDatabase *db)
{
  if (db == NULL)
    return;
  g_hash_table_unref (db->statements);
  sqlite3_close_v2 (db->handle);
  g_free (db);
}

gboolean
plaza_database_exec (PlazaDatabase *db, const char *sql, GError **error)
{
  if (sqlite3_exec (db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    return throw_sqlite (db, "running a statement", error);
  return TRUE;
}

static sqlite3_stmt *
prepare (PlazaDatabase *db, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (db->statements, sql);

  if (statement != NULL)
    {
      g_assert (!sqlite3_stmt_busy (statement));
      return statement;
    }
  if (sqlite3_prepare_v3 (db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK)
    {
      throw_sqlite (db, "preparing a statement", error);
      return NULL;
    }
  g_hash_table_insert (db->statements, g_strdup (sql), statement);
  return statement;
}

static gboolean
bind (PlazaDatabase *db, sqlite3_stmt *statement, const char *types, va_list args, GError **error)
{
  int result = SQLITE_OK;

  g_assert ((int) strlen (types) == sqlite3_bind_parameter_count (statement));
  for (int i = 0; types[i] != '\0' && result == SQLITE_OK; i++)
    switch (types[i])
      {
      case 'i':
        result = sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
        break;
      case 't':
        result =
            sqlite3_bind_text (statement, i + 1, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
        break;
      case 'b':
        {
          GBytes *bytes = va_arg (args, GBytes *);
          gsize size = 0;
          const void *data = bytes ? g_bytes_get_data (bytes, &size) : NULL;

          /* A pointer that is not NULL, or an empty blob would become NULL. */
          result = bytes == NULL ? sqlite3_bind_null (statement, i + 1)
                                 : sqlite3_bind_blob64 (statement, i + 1, data ? data : "", size,
                                                        SQLITE_TRANSIENT);
          break;
        }
      case 'z':
        result = sqlite3_bind_null (statement, i + 1);
        break;
      default:
        g_assert_not_reached ();
      }
  if (result != SQLITE_OK)
    {
      sqlite3_clear_bindings (statement);
      return throw_sqlite (db, "binding a value", error);
    }
  return TRUE;
}

static void
put_back (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

gboolean
plaza_database_run (PlazaDatabase *db, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement = prepare (db, sql, error);
  gboolean ok;
  va_list args;

  if (statement == NULL)
    return FALSE;
  va_start (args, types);
  ok = bind (db, statement, types, args, error);
  va_end (args);
  if (!ok)
    return FALSE;
  ok = sqlite3_step (statement) == SQLITE_DONE || throw_sqlite (db, "writing", error);
  put_back (statement);
  return ok;
}

static PlazaRows *
query (PlazaDatabase *db, const char *sql, const char *types, va_list args, GError **error)
{
  sqlite3_stmt *statement = prepare (db, sql, error);
  PlazaRows *rows;

  if (statement == NULL || !bind (db, statement, types, args, error))
    return NULL;
  rows = g_new0 (PlazaRows, 1);
  rows->db = db;
  rows->statement = statement;
  return rows;
}

PlazaRows *
plaza_database_query (PlazaDatabase *db, GError **error, const char *sql, const char *types, ...)
{
  PlazaRows *rows;
  va_list args;

  va_start (args, types);
  rows = query (db, sql, types, args, error);
  va_end (args);
  return rows;
}

gboolean
plaza_rows_next (PlazaRows *rows, GError **error)
{
  switch (sqlite3_step (rows->statement))
    {
    case SQLITE_ROW:
      return TRUE;
    case SQLITE_DONE:
      return FALSE;
    default:
      return throw_sqlite (rows->db, "reading", error);
    }
}

gint64
plaza_rows_int (PlazaRows *rows, int column)
{
  return sqlite3_column_int64 (rows->statement, column);
}

gboolean
plaza_rows_is_null (PlazaRows *rows, int column)
{
  return sqlite3_column_type (rows->statement, column) == SQLITE_NULL;
}

const char *
plaza_rows_text (PlazaRows *rows, int column)
{
  return (const char *) sqlite3_column_text (rows->statement, column);
}

GBytes *
plaza_rows_bytes (PlazaRows *rows, int column)
{
  const void *data;

  if (plaza_rows_is_null (rows, column))
    return NULL;
  data = sqlite3_column_blob (rows->statement, column);
  return g_bytes_new (data, sqlite3_column_bytes (rows->statement, column));
}

void
plaza_rows_free (PlazaRows *rows)
{
  if (rows == NULL)
    return;
  put_back (rows->statement);
  g_free (rows);
}

gboolean
plaza_database_get_int (PlazaDatabase *db,
                        gint64 fallback,
                        gint64 *out,
                        GError **error,
                        const char *sql,
                        const char *types,
                        ...)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;
  va_list args;

  *out = fallback;
  va_start (args, types);
  rows = query (db, sql, types, args, error);
  va_end (args);
  if (rows == NULL)
    return FALSE;
  if (plaza_rows_next (rows, &local))
    *out = plaza_rows_is_null (rows, 0) ? fallback : plaza_rows_int (rows, 0);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

gboolean
plaza_database_begin (PlazaDatabase *db, GError **error)
{
  return plaza_database_run (db, error, "BEGIN IMMEDIATE", "");
}

gboolean
plaza_database_commit (PlazaDatabase *db, GError **error)
{
  if (plaza_database_run (db, error, "COMMIT", ""))
    return TRUE;
  plaza_database_rollback (db);
  return FALSE;
}

void
plaza_database_rollback (PlazaDatabase *db)
{
  /* A full disk may have rolled back already. */
  if (!sqlite3_get_autocommit (db->handle))
    plaza_database_run (db, NULL, "ROLLBACK", "");
}

guint
plaza_database_changes (PlazaDatabase *db)
{
  return (guint) sqlite3_changes (db->handle);
}

gint64
plaza_database_last_id (PlazaDatabase *db)
{
  return sqlite3_last_insert_rowid (db->handle);
}

gboolean
plaza_database_checkpoint (PlazaDatabase *db, GError **error)
{
  if (sqlite3_wal_checkpoint_v2 (db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
      SQLITE_OK)
    return throw_sqlite (db, "emptying the write-ahead log", error);
  return TRUE;
}

/* (transfer full): "ok" or what is wrong; NULL with @error when it could not be asked. */
static char *
quick_check (PlazaDatabase *db, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error, "PRAGMA quick_check(1)", "");
  if (rows == NULL)
    return NULL;
  if (plaza_rows_next (rows, &local))
    return g_strdup (plaza_rows_text (rows, 0));
  if (local != NULL)
    g_propagate_error (error, local);
  else
    plaza_throw (error, PLAZA_ERROR_CORRUPT, "the check gave no answer");
  return NULL;
}

gboolean
plaza_database_check (PlazaDatabase *db, GError **error)
{
  g_autofree char *finding = quick_check (db, error);

  /* A page that could not be read once counts as damage there; it is if it happens again. */
  if (finding != NULL && strcmp (finding, "ok") != 0)
    {
      g_free (finding);
      finding = quick_check (db, error);
    }
  if (finding == NULL)
    return FALSE;
  return strcmp (finding, "ok") == 0 ||
         plaza_throw (error, PLAZA_ERROR_CORRUPT, "the database is damaged: %s", finding);
}

static gboolean
copy_pages (PlazaDatabase *db, const char *path, const char *afterwards, GError **error)
{
  g_autoptr (PlazaDatabase) target = NULL;
  sqlite3_backup *backup;
  int result;

  target = open_handle (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
  if (target == NULL)
    return FALSE;
  backup = sqlite3_backup_init (target->handle, "main", db->handle, "main");
  if (backup == NULL)
    return throw_sqlite (target, "beginning a copy", error);
  sqlite3_backup_step (backup, -1);
  result = sqlite3_backup_finish (backup);
  if (result != SQLITE_OK)
    return throw_sqlite (target, "copying the database", error);
  /* Without a log of its own, so that the copy is one file. */
  return afterwards == NULL ||
         (plaza_database_exec (target,
                               "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                               "PRAGMA secure_delete = ON",
                               error) &&
          plaza_database_exec (target, afterwards, error));
}

/* After the rename there is the old file or the new one, whole. */
static gboolean
settle (const char *temporary, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (temporary, O_RDONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync (fd) == 0 && g_rename (temporary, path) == 0;

  if (fd >= 0)
    close (fd);
  fd = ok ? g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  ok = fd >= 0 && fsync (fd) == 0;
  if (!ok)
    plaza_throw (error, PLAZA_ERROR_DISK, "keeping a copy: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

gboolean
plaza_database_copy (PlazaDatabase *db, const char *path, const char *afterwards, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".part", NULL);
  int fd;

  g_unlink (temporary);
  fd = g_open (temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "making a copy: %s", g_strerror (errno));
  close (fd);
  if (copy_pages (db, temporary, afterwards, error) && settle (temporary, path, error))
    return TRUE;
  g_unlink (temporary);
  return FALSE;
}

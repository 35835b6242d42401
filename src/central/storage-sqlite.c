/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "central/storage-sql.h"

/*
 * SQLite before 3.51.3 can corrupt a write-ahead log that two connections write or checkpoint at
 * the same moment. Therefore every writing connection takes the lock file beside the database for
 * as long as it may write: during a transaction (whose commit may checkpoint), a checkpoint, and
 * opening and closing. A connection opened to read never writes.
 */

#define LOCK_WAIT_MS 10000

/* Pages of the write-ahead log: from so many on it is worth writing them to the database when
 * nobody waits, and with so many it is done at once. */
#define LOG_PAGES 1000
#define MOST_LOG_PAGES 16000

typedef struct
{
  PlazaSql sql;
  sqlite3 *db;
  sqlite3_stmt *statements[PLAZA_N_SQL_STATEMENTS];
  int lock; /* file descriptor, -1 for a reader */
  int log_pages;
} PlazaStorageSqlite;

static gboolean
throw_sqlite (PlazaStorageSqlite *self, GError **error)
{
  int code = self->db != NULL ? sqlite3_errcode (self->db) & 0xff : SQLITE_NOMEM;
  PlazaError kind = PLAZA_ERROR_FAILED;

  if (code == SQLITE_FULL || code == SQLITE_IOERR)
    kind = PLAZA_ERROR_DISK;
  else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    kind = PLAZA_ERROR_BUSY;
  else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    kind = PLAZA_ERROR_CORRUPT;
  return plaza_throw_about (error, kind, "SQLite: %s",
                            self->db != NULL ? sqlite3_errmsg (self->db) : "out of memory");
}

static gboolean
take_lock (PlazaStorageSqlite *self, GError **error)
{
  gint64 until = g_get_monotonic_time () + LOCK_WAIT_MS * 1000;

  if (self->lock < 0)
    return plaza_throw_words (error, PLAZA_ERROR_FAILED, _ ("this connection only reads"));
  while (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return plaza_throw_words (error, PLAZA_ERROR_FAILED, _ ("locking the database: %s"),
                                  g_strerror (errno));
      if (g_get_monotonic_time () > until)
        return plaza_throw_words (
            error, PLAZA_ERROR_BUSY,
            _ ("another command or server is writing the database: try again"));
      g_usleep (2000);
    }
  return TRUE;
}

static void
drop_lock (PlazaStorageSqlite *self)
{
  if (self->lock >= 0 && flock (self->lock, LOCK_UN) != 0)
    g_warning ("unlocking the database: %s", g_strerror (errno));
}

static gboolean
sqlite_exec (PlazaSql *sql, const char *script, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) sql;

  return sqlite3_exec (self->db, script, NULL, NULL, NULL) == SQLITE_OK ||
         throw_sqlite (self, error);
}

static sqlite3_stmt *
prepare (PlazaStorageSqlite *self, PlazaSqlStatement which, GError **error)
{
  g_autoptr (GString) text = NULL;

  if (self->statements[which] != NULL)
    return self->statements[which];
  text = g_string_new (plaza_sql_text (which));
  g_string_replace (text, "$", "?", 0);
  g_string_replace (text, "string_agg", "group_concat", 0); /* its name before SQLite 3.44 */
  if (sqlite3_prepare_v3 (self->db, text->str, -1, SQLITE_PREPARE_PERSISTENT,
                          &self->statements[which], NULL) != SQLITE_OK)
    throw_sqlite (self, error);
  return self->statements[which];
}

static int
bind (sqlite3_stmt *statement, int index, const PlazaSqlValue *value)
{
  switch (value->type)
    {
    case PLAZA_SQL_INT:
      return sqlite3_bind_int64 (statement, index, value->number);
    case PLAZA_SQL_TEXT:
      return sqlite3_bind_text64 (statement, index, value->data, value->length, SQLITE_STATIC,
                                  SQLITE_UTF8);
    case PLAZA_SQL_BLOB:
      return sqlite3_bind_blob64 (statement, index, value->data, value->length, SQLITE_STATIC);
    case PLAZA_SQL_NULL:
    default:
      return sqlite3_bind_null (statement, index);
    }
}

static void
read_columns (sqlite3_stmt *statement, PlazaSqlValue *columns, int n)
{
  for (int i = 0; i < n; i++)
    {
      PlazaSqlValue *value = columns + i;

      switch (sqlite3_column_type (statement, i))
        {
        case SQLITE_INTEGER:
          value->type = PLAZA_SQL_INT;
          value->number = sqlite3_column_int64 (statement, i);
          break;
        case SQLITE_TEXT:
          value->type = PLAZA_SQL_TEXT;
          value->data = sqlite3_column_text (statement, i);
          value->length = (gsize) sqlite3_column_bytes (statement, i);
          break;
        case SQLITE_BLOB:
          value->type = PLAZA_SQL_BLOB;
          value->data = sqlite3_column_blob (statement, i);
          value->length = (gsize) sqlite3_column_bytes (statement, i);
          break;
        default:
          value->type = PLAZA_SQL_NULL;
          break;
        }
    }
}

static gboolean
sqlite_run (PlazaSql *sql,
            PlazaSqlStatement which,
            const PlazaSqlValue *values,
            guint n_values,
            PlazaSqlRowFunc func,
            gpointer data,
            guint64 *changed,
            GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) sql;
  sqlite3_stmt *statement = prepare (self, which, error);
  gboolean done = TRUE;
  int code = SQLITE_OK;

  if (statement == NULL)
    return FALSE;
  /* what only another engine stores comes last and is left out */
  n_values = MIN (n_values, (guint) sqlite3_bind_parameter_count (statement));
  for (guint i = 0; i < n_values && code == SQLITE_OK; i++)
    code = bind (statement, (int) i + 1, values + i);
  if (code == SQLITE_OK)
    while ((code = sqlite3_step (statement)) == SQLITE_ROW && done)
      {
        PlazaSqlValue columns[32] = { 0 };
        int n = sqlite3_column_count (statement);

        g_assert (n <= (int) G_N_ELEMENTS (columns));
        read_columns (statement, columns, n);
        done = func == NULL || func (columns, data, error);
      }
  if (done && code != SQLITE_DONE)
    done = throw_sqlite (self, error);
  else if (changed != NULL)
    *changed = (guint64) sqlite3_changes64 (self->db);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return done;
}

static gboolean
begin (PlazaStorage *storage, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;

  storage->audit_sequence = 0;
  if (!take_lock (self, error))
    return FALSE;
  if (sqlite_exec (&self->sql, "BEGIN IMMEDIATE", error))
    return TRUE;
  drop_lock (self);
  return FALSE;
}

static void
rollback (PlazaStorage *storage)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;
  g_autoptr (GError) error = NULL;

  storage->audit_sequence = 0;
  if (!sqlite3_get_autocommit (self->db) && !sqlite_exec (&self->sql, "ROLLBACK", &error))
    g_warning ("%s", error->message);
  drop_lock (self);
}

static gboolean
commit (PlazaStorage *storage, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;

  if (!sqlite_exec (&self->sql, "COMMIT", error))
    {
      rollback (storage);
      return FALSE;
    }
  storage->audit_sequence = 0;
  drop_lock (self);
  return TRUE;
}

static gboolean
mark (PlazaStorage *storage, GError **error)
{
  return sqlite_exec ((PlazaSql *) storage, "SAVEPOINT job", error);
}

static gboolean
unmark (PlazaStorage *storage, GError **error)
{
  return sqlite_exec ((PlazaSql *) storage, "RELEASE job", error);
}

static gboolean
back (PlazaStorage *storage, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;

  storage->audit_sequence = 0;
  /* a full disk rolls the whole transaction back by itself */
  if (sqlite3_get_autocommit (self->db))
    return plaza_throw_words (error, PLAZA_ERROR_DISK, _ ("the transaction was given up"));
  return sqlite_exec (&self->sql, "ROLLBACK TO job; RELEASE job", error);
}

static gboolean
snapshot (PlazaStorage *storage, GError **error)
{
  return sqlite_exec ((PlazaSql *) storage, "BEGIN", error);
}

static gboolean
checkpoint (PlazaStorage *storage, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;
  int code;

  if (!take_lock (self, error))
    return FALSE;
  code = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  /* a reader in the middle of a listing delays it; the next one does it */
  if (code != SQLITE_OK && code != SQLITE_BUSY)
    throw_sqlite (self, error);
  drop_lock (self);
  return code == SQLITE_OK || code == SQLITE_BUSY;
}

/* After a commit, in the place of SQLite's own, which makes whoever waits for an answer wait until
 * every page is written a second time. What fails here is tried again with the next. */
static int
on_commit (void *data, sqlite3 *db, const char *schema, int pages)
{
  PlazaStorageSqlite *self = data;

  self->log_pages = pages;
  if (pages >= MOST_LOG_PAGES)
    sqlite3_wal_checkpoint_v2 (db, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  return SQLITE_OK;
}

static gboolean
rest (PlazaStorage *storage, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;
  int code;

  if (self->log_pages < LOG_PAGES)
    return TRUE;
  if (!take_lock (self, error))
    return FALSE;
  self->log_pages = 0;
  code = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  if (code != SQLITE_OK && code != SQLITE_BUSY)
    throw_sqlite (self, error);
  drop_lock (self);
  return code == SQLITE_OK || code == SQLITE_BUSY;
}

/* One read transaction from the first page to the last: writers go on, the copy is of one moment.
 */
static gboolean
copy_to (PlazaStorage *storage, const char *path, GError **error)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;
  sqlite3 *copy = NULL;
  sqlite3_backup *backup = NULL;
  int code = sqlite3_open_v2 (
      path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE, NULL);

  if (code == SQLITE_OK && (backup = sqlite3_backup_init (copy, "main", self->db, "main")) != NULL)
    {
      sqlite3_backup_step (backup, -1);
      code = sqlite3_backup_finish (backup);
      /* a file that stands alone, without a log beside it */
      if (code == SQLITE_OK)
        code = sqlite3_exec (copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
  else if (code == SQLITE_OK)
    code = sqlite3_errcode (copy);
  sqlite3_close (copy);
  return code == SQLITE_OK ||
         plaza_throw_words (error,
                            code == SQLITE_FULL || (code & 0xff) == SQLITE_IOERR
                                ? PLAZA_ERROR_DISK
                                : PLAZA_ERROR_FAILED,
                            _ ("copying the database: %s"), sqlite3_errstr (code));
}

/*
 * Long rows spill onto pages that SQLite takes in the order of writing, so a table that only grows
 * shows who came when by its page numbers. It is therefore written anew, in the order of the random
 * ids, whenever contacts come; they are few, rare and small beside the responses.
 */
static gboolean
put_contacts (PlazaStorage *storage,
              const PlazaStoredContact *contacts,
              guint n,
              gboolean quarantine,
              GError **error)
{
  PlazaSql *sql = (PlazaSql *) storage;

  if (!plaza_sql_insert_contacts (sql, contacts, n, quarantine, error))
    return FALSE;
  return sqlite_exec (sql,
                      quarantine ? "CREATE TEMP TABLE shelf AS SELECT * FROM contact_quarantine;"
                                   "DELETE FROM contact_quarantine;"
                                   "INSERT INTO contact_quarantine SELECT * FROM shelf ORDER BY id;"
                                   "DROP TABLE shelf"
                                 : "CREATE TEMP TABLE shelf AS SELECT * FROM contact;"
                                   "DELETE FROM contact;"
                                   "INSERT INTO contact SELECT * FROM shelf ORDER BY id;"
                                   "DROP TABLE shelf",
                      error);
}

static void
close_storage (PlazaStorage *storage)
{
  PlazaStorageSqlite *self = (PlazaStorageSqlite *) storage;
  g_autoptr (GError) error = NULL;
  gboolean locked = self->lock >= 0 && take_lock (self, &error);

  if (error != NULL)
    g_warning ("closing the database: %s", error->message);
  for (guint i = 0; i < PLAZA_N_SQL_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->db);
  if (locked)
    drop_lock (self);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self);
}

static const PlazaStorageTable *
get_table (void)
{
  static gsize once = 0;
  static PlazaStorageTable table;

  if (g_once_init_enter (&once))
    {
      plaza_sql_fill (&table);
      table.name = "sqlite";
      table.close = close_storage;
      table.begin = begin;
      table.commit = commit;
      table.rollback = rollback;
      table.mark = mark;
      table.unmark = unmark;
      table.back = back;
      table.snapshot = snapshot;
      table.checkpoint = checkpoint;
      table.rest = rest;
      table.copy_to = copy_to;
      table.put_contacts = put_contacts;
      g_once_init_leave (&once, 1);
    }
  return &table;
}

static gboolean
set_up (PlazaStorageSqlite *self, gboolean writable, GError **error)
{
  sqlite3_busy_timeout (self->db, 5000);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  if (!writable)
    return sqlite_exec (&self->sql, "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY", error);
  sqlite3_wal_hook (self->db, on_commit, self);
  return sqlite_exec (&self->sql,
                      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                      "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768",
                      error);
}

PlazaStorage *
plaza_storage_sqlite_open (const char *path, gboolean writable, GError **error)
{
  PlazaStorageSqlite *self = g_new0 (PlazaStorageSqlite, 1);
  g_autofree char *lock_path = g_strconcat (path, ".lock", NULL);
  int flags = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;

  /* nobody asks for its count of memory, which costs a lock at every allocation; refused, without
   * harm, when SQLite runs already */
  sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0);
  self->sql.parent.table = get_table ();
  self->sql.run = sqlite_run;
  self->sql.exec = sqlite_exec;
  self->sql.migration_table =
      "CREATE TABLE IF NOT EXISTS migration (number INTEGER NOT NULL PRIMARY KEY, "
      "name TEXT NOT NULL, hash BLOB NOT NULL) STRICT";
  self->lock = -1;
  if (writable)
    {
      self->lock = open (lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (self->lock < 0)
        {
          plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", lock_path, g_strerror (errno));
          g_free (self);
          return NULL;
        }
      if (!take_lock (self, error))
        {
          close (self->lock);
          g_free (self);
          return NULL;
        }
    }
  if (sqlite3_open_v2 (path, &self->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                       NULL) != SQLITE_OK)
    throw_sqlite (self, error);
  else if (set_up (self, writable, error))
    {
      drop_lock (self);
      return &self->sql.parent;
    }
  drop_lock (self);
  close_storage (&self->sql.parent);
  return NULL;
}

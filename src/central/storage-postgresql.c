/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "central/storage-postgresql-private.h"

/*
 * One committer at a time: every transaction that writes takes the same advisory lock first, so
 * read-committed is enough, and sequences are given in the order of commits. Rows that gather go
 * before anything that could see them, and before the commit. A lost connection is made anew at the
 * next begin; what was lost with it is the caller's to do again.
 */

#define ADVISORY_LOCK "7090313420" /* any number; the same in every plaza-central */

/* Where PostgreSQL has what the other engine does not: partitions by campaign, whose name stands
 * last among the values, and the list of what is not judged, which a trigger fills there. */
const char *
plaza_pg_text (PlazaSqlStatement statement)
{
  switch (statement)
    {
    case PLAZA_SQL_PUT_ENTRY:
      return "INSERT INTO entry (id, hash, kind, device, sequence, envelope, position, status, "
             "campaign) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    case PLAZA_SQL_PUT_REVISION:
      return "WITH added AS (INSERT INTO revision (id, hash, response, parent, device, author, "
             "form_id, form_version, session, folio, outcome, received, header, xml_hash, "
             "annotations_hash, attachments, xml, annotations, campaign) VALUES ($1, $2, $3, $4, "
             "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) "
             "RETURNING sequence) INSERT INTO unjudged (sequence) SELECT sequence FROM added";
    case PLAZA_SQL_PUT_RESPONSE:
      return "INSERT INTO response (id, campaign, device, author, organisation, effective, "
             "conflict, void, withdrawal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
             "ON CONFLICT (id, campaign) DO UPDATE SET effective = excluded.effective, "
             "conflict = excluded.conflict, void = excluded.void, "
             "withdrawal = excluded.withdrawal";
    default:
      return plaza_sql_text (statement);
    }
}

static PlazaError
kind_of (const char *state)
{
  if (state == NULL || g_str_has_prefix (state, "08") || g_str_has_prefix (state, "57P") ||
      g_str_has_prefix (state, "40") || strcmp (state, "55P03") == 0 ||
      strcmp (state, "57014") == 0 || strcmp (state, "53300") == 0)
    return PLAZA_ERROR_BUSY; /* connection, shutdown, serialisation, deadlock, timeouts, too many */
  if (strcmp (state, "53100") == 0)
    return PLAZA_ERROR_DISK;
  if (g_str_has_prefix (state, "XX00"))
    return PLAZA_ERROR_CORRUPT;
  return PLAZA_ERROR_FAILED;
}

gboolean
plaza_pg_throw (PlazaStoragePostgresql *self, const PGresult *result, GError **error)
{
  const char *state = result != NULL ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
  const char *message =
      result != NULL ? PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

  return plaza_throw_about (error, kind_of (state), "PostgreSQL: %s (%s)",
                            message != NULL ? message : "the connection is lost",
                            state != NULL ? state : "no state");
}

static gboolean
exec_now (PlazaStoragePostgresql *self, const char *script, GError **error)
{
  PGresult *result = PQexec (self->connection, script);
  ExecStatusType status = PQresultStatus (result);
  gboolean done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
                  plaza_pg_throw (self, result, error);

  PQclear (result);
  return done;
}

static gboolean
postgresql_exec (PlazaSql *sql, const char *script, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) sql;

  if (!plaza_pg_rows_send (self, error))
    return FALSE;
  plaza_pg_known_clear (self->known);
  return exec_now (self, script, error);
}

static gboolean
connect_now (PlazaStoragePostgresql *self, GError **error)
{
  memset (self->prepared, 0, sizeof self->prepared);
  plaza_pg_rows_forget (self->rows, TRUE);
  plaza_pg_known_clear (self->known);
  if (PQstatus (self->connection) != CONNECTION_OK)
    return plaza_throw_words (
        error, PLAZA_ERROR_BUSY,
        _ ("PostgreSQL does not answer: see that it runs, and the database in central.conf"));
  return exec_now (self,
                   "SET client_min_messages = warning;"
                   "SET bytea_output = hex;"
                   "SET statement_timeout = '120s';"
                   "SET lock_timeout = '20s';"
                   "SET idle_in_transaction_session_timeout = '60s'",
                   error) &&
         (self->writable || exec_now (self, "SET default_transaction_read_only = on", error));
}

/* Outside a transaction a broken connection is simply made again. */
static gboolean
be_connected (PlazaStoragePostgresql *self, GError **error)
{
  if (PQstatus (self->connection) == CONNECTION_OK)
    return TRUE;
  if (self->begun || self->shown)
    return plaza_throw_words (error, PLAZA_ERROR_BUSY, _ ("PostgreSQL: the connection is lost"));
  PQreset (self->connection);
  return connect_now (self, error);
}

static void
statement_name (PlazaSqlStatement which, char name[16])
{
  g_snprintf (name, 16, "s%u", (guint) which);
}

static gboolean
prepare (PlazaStoragePostgresql *self, PlazaSqlStatement which, GError **error)
{
  char name[16];
  PGresult *result;
  gboolean done;

  if (self->prepared[which])
    return TRUE;
  statement_name (which, name);
  result = PQprepare (self->connection, name, plaza_pg_text (which), 0, NULL);
  done = PQresultStatus (result) == PGRES_COMMAND_OK || plaza_pg_throw (self, result, error);
  PQclear (result);
  self->prepared[which] = done;
  return done;
}

void
plaza_pg_columns (const PGresult *result, int row, PlazaSqlValue *columns, int n)
{
  for (int i = 0; i < n; i++)
    {
      PlazaSqlValue *value = columns + i;
      const char *data = PQgetvalue (result, row, i);

      value->data = data;
      value->length = (gsize) PQgetlength (result, row, i);
      if (PQgetisnull (result, row, i))
        value->type = PLAZA_SQL_NULL;
      else if (PQftype (result, i) == PLAZA_PG_INT8)
        {
          guint64 raw;

          memcpy (&raw, data, sizeof raw);
          value->type = PLAZA_SQL_INT;
          value->number = (gint64) GUINT64_FROM_BE (raw);
        }
      else if (PQftype (result, i) == PLAZA_PG_INT4)
        {
          guint32 raw;

          memcpy (&raw, data, sizeof raw);
          value->type = PLAZA_SQL_INT;
          value->number = (gint32) GUINT32_FROM_BE (raw);
        }
      else
        value->type = PQftype (result, i) == PLAZA_PG_BYTEA ? PLAZA_SQL_BLOB : PLAZA_SQL_TEXT;
    }
}

static gboolean
send_statement (PlazaStoragePostgresql *self,
                PlazaSqlStatement which,
                const PlazaSqlValue *values,
                guint n_values,
                GError **error)
{
  const char *data[32] = { NULL };
  int lengths[32] = { 0 };
  int formats[32] = { 0 };
  guint64 numbers[32];
  char name[16];

  g_assert (n_values <= G_N_ELEMENTS (data));
  for (guint i = 0; i < n_values; i++)
    {
      lengths[i] = (int) values[i].length;
      switch (values[i].type)
        {
        case PLAZA_SQL_INT:
          numbers[i] = GUINT64_TO_BE ((guint64) values[i].number);
          data[i] = (const char *) &numbers[i];
          lengths[i] = sizeof numbers[i];
          formats[i] = 1;
          break;
        case PLAZA_SQL_BLOB:
          data[i] = values[i].data;
          formats[i] = 1;
          break;
        case PLAZA_SQL_TEXT:
          data[i] = values[i].data;
          break;
        case PLAZA_SQL_NULL:
        default:
          break;
        }
    }
  statement_name (which, name);
  if (!PQsendQueryPrepared (self->connection, name, (int) n_values, data, lengths, formats, 1))
    return plaza_pg_throw (self, NULL, error);
  return TRUE;
}

/* One try. *@touched: a row was shown, so that another try would show it twice. */
static gboolean
run_once (PlazaStoragePostgresql *self,
          PlazaSqlStatement which,
          const PlazaSqlValue *values,
          guint n_values,
          PlazaSqlRowFunc func,
          gpointer data,
          guint64 *changed,
          gboolean *touched,
          GError **error)
{
  PGresult *result;
  gboolean done = TRUE;

  if (!be_connected (self, error) || !prepare (self, which, error) ||
      !send_statement (self, which, values, n_values, error))
    return FALSE;
  if (func != NULL)
    PQsetSingleRowMode (self->connection);
  while ((result = PQgetResult (self->connection)) != NULL)
    {
      ExecStatusType status = PQresultStatus (result);

      if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        {
          if (done)
            done = plaza_pg_throw (self, result, error);
        }
      else
        {
          int n = PQnfields (result);

          for (int row = 0; func != NULL && done && row < PQntuples (result); row++)
            {
              PlazaSqlValue columns[32] = { 0 };

              g_assert (n <= (int) G_N_ELEMENTS (columns));
              plaza_pg_columns (result, row, columns, n);
              *touched = TRUE;
              done = func (columns, data, error);
            }
          if (changed != NULL)
            *changed = g_ascii_strtoull (PQcmdTuples (result), NULL, 10);
        }
      PQclear (result);
    }
  return done;
}

static gboolean
is_reading (PlazaSqlStatement which)
{
  return g_str_has_prefix (plaza_pg_text (which), "SELECT");
}

static gboolean
postgresql_run (PlazaSql *sql,
                PlazaSqlStatement which,
                const PlazaSqlValue *values,
                guint n_values,
                PlazaSqlRowFunc func,
                gpointer data,
                guint64 *changed,
                GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) sql;
  g_autoptr (GError) local = NULL;
  gboolean touched = FALSE, done;

  if (self->begun)
    {
      if (plaza_pg_known_answer (self->known, which, values, func, data, &done, error))
        return done;
      if (!is_reading (which))
        plaza_pg_known_written (self->known, which, values);
      if (plaza_pg_rows_takes (which))
        return plaza_pg_rows_add (self, which, values, n_values, error);
      if (!plaza_pg_rows_send (self, error))
        return FALSE;
    }
  if (run_once (self, which, values, n_values, func, data, changed, &touched, &local))
    return TRUE;
  /* that the server was restarted shows only when something is asked of it */
  if (!self->begun && !self->shown && !touched && PQstatus (self->connection) != CONNECTION_OK)
    return run_once (self, which, values, n_values, func, data, changed, &touched, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Begins a transaction; that the server was restarted shows only when something is asked of it. */
static gboolean
start (PlazaStoragePostgresql *self, const char *script, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!be_connected (self, error))
    return FALSE;
  if (exec_now (self, script, &local))
    return TRUE;
  if (PQstatus (self->connection) != CONNECTION_OK && be_connected (self, NULL))
    return exec_now (self, script, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
begin (PlazaStorage *storage, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;

  if (!self->writable)
    return plaza_throw_words (error, PLAZA_ERROR_FAILED, _ ("this connection only reads"));
  storage->audit_sequence = 0;
  plaza_pg_rows_drop (self->rows);
  plaza_pg_known_clear (self->known);
  if (!start (self, "BEGIN; SELECT pg_advisory_xact_lock (" ADVISORY_LOCK ")", error))
    {
      storage->table->rollback (storage);
      return FALSE;
    }
  self->begun = TRUE;
  return TRUE;
}

static void
rollback (PlazaStorage *storage)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;
  g_autoptr (GError) error = NULL;

  self->begun = self->shown = FALSE;
  storage->audit_sequence = 0;
  plaza_pg_rows_forget (self->rows, FALSE);
  plaza_pg_known_clear (self->known);
  if (PQstatus (self->connection) == CONNECTION_OK &&
      PQtransactionStatus (self->connection) != PQTRANS_IDLE &&
      !exec_now (self, "ROLLBACK", &error))
    g_warning ("%s", error->message);
}

static gboolean
commit (PlazaStorage *storage, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;

  /* COMMIT of a failed transaction says ROLLBACK and no error */
  if (plaza_pg_rows_send (self, error) &&
      PQtransactionStatus (self->connection) == PQTRANS_INTRANS && exec_now (self, "COMMIT", error))
    {
      self->begun = FALSE;
      storage->audit_sequence = 0;
      return TRUE;
    }
  if (error != NULL && *error == NULL)
    plaza_throw_words (error, PLAZA_ERROR_BUSY, _ ("PostgreSQL: the transaction was given up"));
  rollback (storage);
  return FALSE;
}

static gboolean
mark (PlazaStorage *storage, GError **error)
{
  return postgresql_exec ((PlazaSql *) storage, "SAVEPOINT job", error);
}

static gboolean
unmark (PlazaStorage *storage, GError **error)
{
  return postgresql_exec ((PlazaSql *) storage, "RELEASE SAVEPOINT job", error);
}

static gboolean
back (PlazaStorage *storage, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;

  storage->audit_sequence = 0;
  plaza_pg_rows_forget (self->rows, FALSE);
  plaza_pg_known_clear (self->known);
  return exec_now (self, "ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job", error);
}

static gboolean
look_ahead (PlazaStorage *storage, const PlazaLookahead *keys, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;

  /* what waits has to be seen */
  return plaza_pg_rows_send (self, error) && plaza_pg_known_look (self, keys, error);
}

static gboolean
snapshot (PlazaStorage *storage, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;

  self->shown = start (self,
                       "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                       "SET LOCAL statement_timeout = 0", /* an export may take its time */
                       error);
  return self->shown;
}

static gboolean
checkpoint (PlazaStorage *storage, GError **error)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;
  static const char *const tables[] = {
    "VACUUM revision",           "VACUUM held",  "VACUUM mark",  "VACUUM contact",
    "VACUUM contact_quarantine", "VACUUM piece", "VACUUM upload"
  };

  /* each by itself, because VACUUM allows no transaction around it */
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!be_connected (self, error) || !postgresql_exec (&self->sql, tables[i], error))
      return FALSE;
  return TRUE;
}

/*
 * Rows lie in the order of their writing and carry the number of their transaction, so a table that
 * only grows shows who came when. It is therefore written anew by this transaction, in the order of
 * the random ids, whenever contacts come; they are few, rare and small beside the responses.
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
  return postgresql_exec (
      sql,
      quarantine ? "CREATE TEMP TABLE shelf ON COMMIT DROP AS SELECT * FROM contact_quarantine;"
                   "TRUNCATE contact_quarantine;"
                   "INSERT INTO contact_quarantine SELECT * FROM shelf ORDER BY id;"
                   "DROP TABLE shelf"
                 : "CREATE TEMP TABLE shelf ON COMMIT DROP AS SELECT * FROM contact;"
                   "TRUNCATE contact;"
                   "INSERT INTO contact SELECT * FROM shelf ORDER BY id;"
                   "DROP TABLE shelf",
      error);
}

static void
close_storage (PlazaStorage *storage)
{
  PlazaStoragePostgresql *self = (PlazaStoragePostgresql *) storage;

  PQfinish (self->connection);
  plaza_pg_rows_free (self->rows);
  plaza_pg_known_free (self->known);
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
      table.name = "postgresql";
      table.close = close_storage;
      table.begin = begin;
      table.commit = commit;
      table.rollback = rollback;
      table.mark = mark;
      table.unmark = unmark;
      table.back = back;
      table.look_ahead = look_ahead;
      table.snapshot = snapshot;
      table.checkpoint = checkpoint;
      table.put_contacts = put_contacts;
      g_once_init_leave (&once, 1);
    }
  return &table;
}

PlazaStorage *
plaza_storage_postgresql_open (const char *uri, gboolean writable, GError **error)
{
  const char *const keywords[] = { "dbname", "application_name", "connect_timeout", NULL };
  const char *const values[] = { uri, "plaza-central", "10", NULL };
  PlazaStoragePostgresql *self = g_new0 (PlazaStoragePostgresql, 1);

  self->sql.parent.table = get_table ();
  self->sql.run = postgresql_run;
  self->sql.exec = postgresql_exec;
  self->sql.migration_table =
      "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY, "
      "name TEXT NOT NULL, hash BYTEA NOT NULL)";
  self->writable = writable;
  self->rows = plaza_pg_rows_new ();
  self->known = plaza_pg_known_new ();
  self->connection = PQconnectdbParams (keywords, values, 1);
  if (connect_now (self, error))
    return &self->sql.parent;
  close_storage (&self->sql.parent);
  return NULL;
}

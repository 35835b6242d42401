/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libpq-fe.h>

#include "central/storage-sql.h"

G_BEGIN_DECLS

/*
 * Every question to PostgreSQL is a way to another process and back. Two things keep a transaction
 * from one way a row: what is going to be looked up is fetched at once (known), and rows of the
 * great tables gather until something has to see them, then go as one statement (rows).
 */

/* Types of the catalogue pg_type that our tables use. */
#define PLAZA_PG_BYTEA 17
#define PLAZA_PG_INT8 20
#define PLAZA_PG_INT4 23
#define PLAZA_PG_TEXT 25

typedef struct _PlazaPgRows PlazaPgRows;
typedef struct _PlazaPgKnown PlazaPgKnown;

typedef struct
{
  PlazaSql sql;
  PGconn *connection;
  gboolean prepared[PLAZA_N_SQL_STATEMENTS];
  gboolean writable;
  gboolean begun; /* to write */
  gboolean shown; /* a snapshot is being read */
  PlazaPgRows *rows;
  PlazaPgKnown *known;
} PlazaStoragePostgresql;

/** plaza_pg_text: the statement as PostgreSQL has it. */
const char *plaza_pg_text (PlazaSqlStatement statement);

/** plaza_pg_throw: FALSE with what @result (nullable) says; never the line that quotes values. */
gboolean plaza_pg_throw (PlazaStoragePostgresql *self, const PGresult *result, GError **error);

/** plaza_pg_columns: one row of a binary result. */
void plaza_pg_columns (const PGresult *result, int row, PlazaSqlValue *columns, int n);

/* Rows that wait */

PlazaPgRows *plaza_pg_rows_new (void);
void plaza_pg_rows_free (PlazaPgRows *rows);

/** plaza_pg_rows_takes: whether rows of @statement gather. */
gboolean plaza_pg_rows_takes (PlazaSqlStatement statement);

/** plaza_pg_rows_add: copies one row; may first send those that wait. */
gboolean plaza_pg_rows_add (PlazaStoragePostgresql *self,
                            PlazaSqlStatement statement,
                            const PlazaSqlValue *values,
                            guint n_values,
                            GError **error);

/** plaza_pg_rows_send: what waits becomes visible to the next statement. */
gboolean plaza_pg_rows_send (PlazaStoragePostgresql *self, GError **error);

/** plaza_pg_rows_drop: what waits is undone. */
void plaza_pg_rows_drop (PlazaPgRows *rows);

/** plaza_pg_rows_forget: of another connection or transaction: nothing is prepared or known. */
void plaza_pg_rows_forget (PlazaPgRows *rows, gboolean connection);

/**
 * plaza_pg_array: a parameter of @type[] in binary form from @texts, to be freed with
 * g_byte_array_unref().
 */
GByteArray *plaza_pg_text_array (GPtrArray *texts);

/* What was looked up */

PlazaPgKnown *plaza_pg_known_new (void);
void plaza_pg_known_free (PlazaPgKnown *known);

/** plaza_pg_known_look: fetches @keys. */
gboolean
plaza_pg_known_look (PlazaStoragePostgresql *self, const PlazaLookahead *keys, GError **error);

/**
 * plaza_pg_known_answer: shows the rows of @statement when they are known. Returns whether they
 * are; *@done FALSE with @error when @func ended it.
 */
gboolean plaza_pg_known_answer (PlazaPgKnown *known,
                                PlazaSqlStatement statement,
                                const PlazaSqlValue *values,
                                PlazaSqlRowFunc func,
                                gpointer data,
                                gboolean *done,
                                GError **error);

/** plaza_pg_known_written: @statement writes: what it changes is known no longer. */
void plaza_pg_known_written (PlazaPgKnown *known,
                             PlazaSqlStatement statement,
                             const PlazaSqlValue *values);

void plaza_pg_known_clear (PlazaPgKnown *known);

G_END_DECLS

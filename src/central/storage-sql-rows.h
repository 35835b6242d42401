/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "central/storage-sql.h"

/*
 * How the shared statements are written: values in, columns out. For the storage-sql files alone.
 */

#define NONE ((PlazaSqlValue){ .type = PLAZA_SQL_NULL })
#define INT(value) ((PlazaSqlValue){ .type = PLAZA_SQL_INT, .number = (gint64) (value) })
#define TEXT(value) \
  ((PlazaSqlValue){ .type = PLAZA_SQL_TEXT, .data = (value), .length = strlen (value) })
#define TEXT_OR_NONE(value) ((value) == NULL ? NONE : TEXT (value))
#define BLOB(value, size) \
  ((PlazaSqlValue){ .type = PLAZA_SQL_BLOB, .data = (value), .length = (size) })
#define HASH(value) BLOB ((value)->bytes, sizeof (value)->bytes)

static inline PlazaSqlValue
bytes_value (GBytes *bytes)
{
  gsize length = 0;
  const void *data;

  if (bytes == NULL)
    return NONE;
  data = g_bytes_get_data (bytes, &length);
  return BLOB (data != NULL ? data : "", length);
}

#define RUN(self, statement, func, data, changed, error, ...) \
  (((PlazaSql *) (self)) \
       ->run ((PlazaSql *) (self), PLAZA_SQL_##statement, (PlazaSqlValue[]){ __VA_ARGS__ }, \
              sizeof ((PlazaSqlValue[]){ __VA_ARGS__ }) / sizeof (PlazaSqlValue), func, data, \
              changed, error))
#define RUN_PLAIN(self, statement, func, data, error) \
  (((PlazaSql *) (self)) \
       ->run ((PlazaSql *) (self), PLAZA_SQL_##statement, NULL, 0, func, data, NULL, error))

/* One record at most. */
typedef struct
{
  PlazaSqlRowFunc read; /* (nullable) */
  gpointer out;
  gboolean found;
} PlazaSqlFind;

gboolean plaza_sql_find_row (const PlazaSqlValue *columns, gpointer data, GError **error);

#define FIND(self, statement, read_func, out, found, error, ...) \
  G_STMT_START \
  { \
    PlazaSqlFind find = { read_func, out, FALSE }; \
    gboolean done = RUN (self, statement, plaza_sql_find_row, &find, NULL, error, __VA_ARGS__); \
    *(found) = done && find.found; \
    return done; \
  } \
  G_STMT_END

/* Every record of a listing: the record on the stack, read, shown, cleared. */
typedef struct
{
  PlazaStorageRowFunc func;
  gpointer data;
} PlazaSqlEach;

#define DEFINE_EACH_ROW(name, Type, read, clear) \
  static gboolean each_##name##_row (const PlazaSqlValue *columns, gpointer data, GError **error) \
  { \
    PlazaSqlEach *each = data; \
    Type record = { 0 }; \
    gboolean done; \
\
    done = read (columns, &record, error) && each->func (&record, each->data, error); \
    clear (&record); \
    return done; \
  }

/** plaza_sql_column_fixed: a blob of exactly @length bytes, else PLAZA_ERROR_CORRUPT. */
gboolean
plaza_sql_column_fixed (const PlazaSqlValue *column, guint8 *out, gsize length, GError **error);

#define COLUMN_HASH(column, hash, error) \
  plaza_sql_column_fixed (column, (hash)->bytes, PLAZA_HASH_SIZE, error)

/* Each record: columns in, fields out. @data is zeroed before and cleared by the caller after. */
gboolean plaza_sql_read_code (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_device (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_device_facts (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_gap (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_envelope (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_entry (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_held (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_sequence (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_response (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean
plaza_sql_read_revision_facts (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_revision (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean
plaza_sql_read_export_revision (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_change (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_outcome (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_removal (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_session (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_contact (const PlazaSqlValue *columns, gpointer data, GError **error);
gboolean plaza_sql_read_audit (const PlazaSqlValue *columns, gpointer data, GError **error);

/** plaza_sql_fill_lists: the each functions. */
void plaza_sql_fill_lists (PlazaStorageTable *table);
/** plaza_sql_fill_devices: tokens, revocation and what is told of devices. */
void plaza_sql_fill_devices (PlazaStorageTable *table);
/** plaza_sql_fill_uploads: envelopes in pieces, and what became of whole ones. */
void plaza_sql_fill_uploads (PlazaStorageTable *table);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/error.h"
#include "central/storage-postgresql-private.h"

#define MAX_ROWS 500
#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_COLUMNS 32
#define ARRAY_HEADER 20 /* bytes before the elements of a binary array */

/* Statements whose rows gather; campaign: the number of the value that names the partition. */
typedef struct
{
  PlazaSqlStatement statement;
  int campaign; /* -1: not partitioned */
  gboolean upsert;
} Kind;

static const Kind kinds[] = {
  { PLAZA_SQL_PUT_ENVELOPE, -1, FALSE }, { PLAZA_SQL_PUT_RESPONSE, 1, TRUE },
  { PLAZA_SQL_PUT_REVISION, 18, FALSE }, { PLAZA_SQL_PUT_ENTRY, 8, FALSE },
  { PLAZA_SQL_PUT_AUDIT, -1, FALSE },    { PLAZA_SQL_PUT_MARK, -1, FALSE },
};

/* The rows of one statement, by column. */
typedef struct
{
  guint n;
  guint n_columns;
  Oid types[MAX_COLUMNS]; /* known once prepared */
  gboolean prepared;
  GByteArray *columns[MAX_COLUMNS]; /* as a binary array: header, then elements */
  gboolean has_null[MAX_COLUMNS];
  GHashTable *ids; /* of an upsert, which may not touch a row twice */
} Waiting;

struct _PlazaPgRows
{
  Waiting waiting[G_N_ELEMENTS (kinds)];
  gsize bytes;
  GHashTable *campaigns; /* fingerprint: its partitions are there */
};

PlazaPgRows *
plaza_pg_rows_new (void)
{
  PlazaPgRows *rows = g_new0 (PlazaPgRows, 1);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      rows->waiting[i].ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint j = 0; j < MAX_COLUMNS; j++)
        rows->waiting[i].columns[j] = g_byte_array_new ();
    }
  rows->campaigns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return rows;
}

void
plaza_pg_rows_free (PlazaPgRows *rows)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_hash_table_unref (rows->waiting[i].ids);
      for (guint j = 0; j < MAX_COLUMNS; j++)
        g_byte_array_unref (rows->waiting[i].columns[j]);
    }
  g_hash_table_unref (rows->campaigns);
  g_free (rows);
}

static int
find_kind (PlazaSqlStatement statement)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].statement == statement)
      return (int) i;
  return -1;
}

gboolean
plaza_pg_rows_takes (PlazaSqlStatement statement)
{
  return find_kind (statement) >= 0;
}

static void
drop_kind (Waiting *waiting)
{
  waiting->n = 0;
  for (guint i = 0; i < waiting->n_columns; i++)
    {
      g_byte_array_set_size (waiting->columns[i], 0);
      waiting->has_null[i] = FALSE;
    }
  g_hash_table_remove_all (waiting->ids);
}

void
plaza_pg_rows_drop (PlazaPgRows *rows)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    drop_kind (&rows->waiting[i]);
  rows->bytes = 0;
}

void
plaza_pg_rows_forget (PlazaPgRows *rows, gboolean connection)
{
  plaza_pg_rows_drop (rows);
  g_hash_table_remove_all (rows->campaigns);
  for (guint i = 0; connection && i < G_N_ELEMENTS (kinds); i++)
    rows->waiting[i].prepared = FALSE;
}

/* Binary arrays */

static void
append_u32 (GByteArray *bytes, guint32 number)
{
  guint32 raw = GUINT32_TO_BE (number);

  g_byte_array_append (bytes, (const guint8 *) &raw, sizeof raw);
}

static void
append_element (GByteArray *column, const PlazaSqlValue *value)
{
  guint64 number = GUINT64_TO_BE ((guint64) value->number);

  if (column->len == 0) /* filled in when it is sent */
    g_byte_array_set_size (column, ARRAY_HEADER);
  switch (value->type)
    {
    case PLAZA_SQL_INT:
      append_u32 (column, sizeof number);
      g_byte_array_append (column, (const guint8 *) &number, sizeof number);
      break;
    case PLAZA_SQL_TEXT:
    case PLAZA_SQL_BLOB:
      append_u32 (column, (guint32) value->length);
      g_byte_array_append (column, value->data, (guint) value->length);
      break;
    case PLAZA_SQL_NULL:
    default:
      append_u32 (column, (guint32) -1);
      break;
    }
}

static void
finish_array (GByteArray *column, Oid type, gboolean has_null, guint n)
{
  const guint32 header[] = { GUINT32_TO_BE (1u), GUINT32_TO_BE (has_null ? 1u : 0u),
                             GUINT32_TO_BE ((guint32) type), GUINT32_TO_BE (n),
                             GUINT32_TO_BE (1u) };

  G_STATIC_ASSERT (sizeof header == ARRAY_HEADER);
  memcpy (column->data, header, sizeof header);
}

GByteArray *
plaza_pg_text_array (GPtrArray *texts)
{
  GByteArray *array = g_byte_array_new ();

  g_byte_array_set_size (array, ARRAY_HEADER);
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      const PlazaSqlValue value = { .type = PLAZA_SQL_TEXT, .data = text, .length = strlen (text) };

      append_element (array, &value);
    }
  finish_array (array, PLAZA_PG_TEXT, FALSE, texts->len);
  return array;
}

/* Statements for many rows, made from those for one */

static void
multi_name (guint kind, char name[16])
{
  g_snprintf (name, 16, "m%u", kind);
}

static const char *
type_name (Oid type)
{
  return type == PLAZA_PG_BYTEA ? "bytea" : type == PLAZA_PG_INT8 ? "bigint" : "text";
}

/* "… VALUES ($1, $2) …" becomes "… SELECT * FROM unnest ($1::text[], $2::bigint[]) …". */
static char *
multiply (const char *single, const Waiting *waiting)
{
  const char *values = strstr (single, "VALUES (");
  const char *end = strchr (values, ')');
  g_autoptr (GString) text = g_string_new_len (single, values - single);

  g_string_append (text, "SELECT * FROM unnest (");
  for (guint i = 0; i < waiting->n_columns; i++)
    g_string_append_printf (text, "%s$%u::%s[]", i > 0 ? ", " : "", i + 1,
                            type_name (waiting->types[i]));
  g_string_append (text, end);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
check_result (PlazaStoragePostgresql *self, PGresult *result, GError **error)
{
  ExecStatusType status = PQresultStatus (result);
  gboolean done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
                  plaza_pg_throw (self, result, error);

  PQclear (result);
  return done;
}

/* PostgreSQL itself says of what types the columns are. */
static gboolean
prepare_kind (PlazaStoragePostgresql *self, guint kind, GError **error)
{
  Waiting *waiting = &self->rows->waiting[kind];
  const char *single = plaza_pg_text (kinds[kind].statement);
  g_autofree char *text = NULL;
  char name[16];
  PGresult *result;

  if (waiting->prepared)
    return TRUE;
  if (!check_result (self, PQprepare (self->connection, "", single, 0, NULL), error))
    return FALSE;
  result = PQdescribePrepared (self->connection, "");
  if (PQresultStatus (result) == PGRES_COMMAND_OK)
    {
      g_assert (PQnparams (result) == (int) waiting->n_columns);
      for (guint i = 0; i < waiting->n_columns; i++)
        waiting->types[i] = PQparamtype (result, (int) i);
    }
  if (!check_result (self, result, error))
    return FALSE;
  multi_name (kind, name);
  text = multiply (single, waiting);
  waiting->prepared = check_result (self, PQprepare (self->connection, name, text, 0, NULL), error);
  return waiting->prepared;
}

static gboolean
send_kind (PlazaStoragePostgresql *self, guint kind, GError **error)
{
  Waiting *waiting = &self->rows->waiting[kind];
  const char *data[MAX_COLUMNS];
  int lengths[MAX_COLUMNS];
  int formats[MAX_COLUMNS];
  char name[16];
  gboolean done;

  if (waiting->n == 0)
    return TRUE;
  if (!prepare_kind (self, kind, error))
    return FALSE;
  for (guint i = 0; i < waiting->n_columns; i++)
    {
      finish_array (waiting->columns[i], waiting->types[i], waiting->has_null[i], waiting->n);
      data[i] = (const char *) waiting->columns[i]->data;
      lengths[i] = (int) waiting->columns[i]->len;
      formats[i] = 1;
    }
  multi_name (kind, name);
  done = check_result (
      self,
      PQexecPrepared (self->connection, name, (int) waiting->n_columns, data, lengths, formats, 1),
      error);
  drop_kind (waiting);
  return done;
}

gboolean
plaza_pg_rows_send (PlazaStoragePostgresql *self, GError **error)
{
  if (self->rows->bytes == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (!send_kind (self, i, error))
      return FALSE;
  self->rows->bytes = 0;
  return TRUE;
}

/* The partitions of a campaign are made when its first row comes. */
static gboolean
open_campaign (PlazaStoragePostgresql *self, const char *campaign, GError **error)
{
  const char *const data[] = { campaign };

  if (g_hash_table_contains (self->rows->campaigns, campaign))
    return TRUE;
  if (!check_result (self,
                     PQexecParams (self->connection, "SELECT open_campaign ($1)", 1, NULL, data,
                                   NULL, NULL, 1),
                     error))
    return FALSE;
  g_hash_table_add (self->rows->campaigns, g_strdup (campaign));
  return TRUE;
}

gboolean
plaza_pg_rows_add (PlazaStoragePostgresql *self,
                   PlazaSqlStatement statement,
                   const PlazaSqlValue *values,
                   guint n_values,
                   GError **error)
{
  PlazaPgRows *rows = self->rows;
  int number = find_kind (statement);
  const Kind *kind = kinds + number;
  Waiting *waiting = &rows->waiting[number];

  g_assert (n_values <= MAX_COLUMNS);
  if (kind->campaign >= 0 && !open_campaign (self, values[kind->campaign].data, error))
    return FALSE;
  if ((waiting->n >= MAX_ROWS || rows->bytes >= MAX_BYTES ||
       (kind->upsert && g_hash_table_contains (waiting->ids, values[0].data))) &&
      !plaza_pg_rows_send (self, error))
    return FALSE;
  waiting->n_columns = n_values;
  for (guint i = 0; i < n_values; i++)
    {
      append_element (waiting->columns[i], values + i);
      waiting->has_null[i] = waiting->has_null[i] || values[i].type == PLAZA_SQL_NULL;
      rows->bytes += values[i].length + sizeof (guint64);
    }
  waiting->n++;
  if (kind->upsert)
    g_hash_table_add (waiting->ids, g_strdup (values[0].data));
  return TRUE;
}

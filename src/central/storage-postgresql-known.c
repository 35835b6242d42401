/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/error.h"
#include "central/storage-postgresql-private.h"

typedef enum
{
  KNOWN_DEVICE,
  KNOWN_ENVELOPE,
  KNOWN_ENTRY,
  KNOWN_RESPONSE,
  KNOWN_FOLIO,         /* of revisions */
  KNOWN_REMOVED,       /* responses of removals */
  KNOWN_REMOVED_FOLIO, /* folios of removals */
  KNOWN_BATCH,
  N_KNOWN,
} Kind;

/* Of each kind: key → the rows that its lookup shows, an empty array when there is none. What is
 * there but was not fetched has no key, and is asked for when it is needed. */
struct _PlazaPgKnown
{
  GHashTable *kinds[N_KNOWN];
};

/* Whether there is something, and where it is to be fetched whole if so. */
static const char look_keys[] =
    "SELECT 1, encode (hash, 'hex') FROM envelope WHERE hash = ANY "
    "(ARRAY (SELECT decode (x, 'hex') FROM unnest ($1::text[]) AS x)) "
    "UNION ALL SELECT 3, id FROM response WHERE id = ANY ($2::text[]) "
    "UNION ALL SELECT 4, folio FROM revision WHERE folio = ANY ($3::text[]) "
    "UNION ALL SELECT 5, response FROM removal WHERE response = ANY ($2::text[]) "
    "UNION ALL SELECT 6, folio FROM removal WHERE folio = ANY ($3::text[]) "
    "UNION ALL SELECT 7, code FROM batch WHERE code = ANY ($4::text[])";

/* A row of our own: values, then their bytes. */
typedef struct
{
  guint n;
  PlazaSqlValue values[];
} Row;

static Row *
row_new (const PlazaSqlValue *columns, guint n)
{
  gsize size = sizeof (Row) + n * sizeof (PlazaSqlValue);
  gsize at = size;
  Row *row;

  for (guint i = 0; i < n; i++)
    size += columns[i].length + 1;
  row = g_malloc (size);
  row->n = n;
  for (guint i = 0; i < n; i++)
    {
      char *bytes = (char *) row + at;

      row->values[i] = columns[i];
      if (columns[i].data != NULL && columns[i].length > 0)
        memcpy (bytes, columns[i].data, columns[i].length);
      bytes[columns[i].length] = '\0';
      row->values[i].data = bytes;
      at += columns[i].length + 1;
    }
  return row;
}

PlazaPgKnown *
plaza_pg_known_new (void)
{
  PlazaPgKnown *known = g_new0 (PlazaPgKnown, 1);

  for (guint i = 0; i < N_KNOWN; i++)
    known->kinds[i] =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  return known;
}

void
plaza_pg_known_free (PlazaPgKnown *known)
{
  for (guint i = 0; i < N_KNOWN; i++)
    g_hash_table_unref (known->kinds[i]);
  g_free (known);
}

void
plaza_pg_known_clear (PlazaPgKnown *known)
{
  for (guint i = 0; i < N_KNOWN; i++)
    g_hash_table_remove_all (known->kinds[i]);
}

/* Fetching */

static void
expect (PlazaPgKnown *known, Kind kind, GPtrArray *keys)
{
  for (guint i = 0; i < keys->len; i++)
    g_hash_table_replace (known->kinds[kind], g_strdup (g_ptr_array_index (keys, i)),
                          g_ptr_array_new_with_free_func (g_free));
}

static PGresult *
ask (PlazaStoragePostgresql *self, const char *text, GPtrArray *const *lists, int n)
{
  GByteArray *arrays[4];
  const char *data[4];
  int lengths[4];
  int formats[4];
  PGresult *result;

  g_assert (n <= (int) G_N_ELEMENTS (arrays));
  for (int i = 0; i < n; i++)
    {
      arrays[i] = plaza_pg_text_array (lists[i]);
      data[i] = (const char *) arrays[i]->data;
      lengths[i] = (int) arrays[i]->len;
      formats[i] = 1;
    }
  result = PQexecParams (self->connection, text, n, NULL, data, lengths, formats, 1);
  for (int i = 0; i < n; i++)
    g_byte_array_unref (arrays[i]);
  return result;
}

static gboolean
look_for_keys (PlazaStoragePostgresql *self, const PlazaLookahead *keys, GError **error)
{
  GPtrArray *const lists[] = { keys->envelopes, keys->responses, keys->folios, keys->batches };
  PlazaPgKnown *known = self->known;
  PGresult *result = ask (self, look_keys, lists, G_N_ELEMENTS (lists));
  gboolean done =
      PQresultStatus (result) == PGRES_TUPLES_OK || plaza_pg_throw (self, result, error);

  if (done)
    {
      expect (known, KNOWN_ENVELOPE, keys->envelopes);
      expect (known, KNOWN_RESPONSE, keys->responses);
      expect (known, KNOWN_FOLIO, keys->folios);
      expect (known, KNOWN_REMOVED, keys->responses);
      expect (known, KNOWN_REMOVED_FOLIO, keys->folios);
      expect (known, KNOWN_BATCH, keys->batches);
    }
  for (int i = 0; done && i < PQntuples (result); i++)
    {
      PlazaSqlValue columns[2];

      plaza_pg_columns (result, i, columns, 2);
      if (columns[0].number == KNOWN_BATCH) /* that it is there is all that is asked */
        g_ptr_array_add (g_hash_table_lookup (known->kinds[KNOWN_BATCH], columns[1].data),
                         row_new (columns, 1));
      else
        g_hash_table_remove (known->kinds[columns[0].number], columns[1].data);
    }
  PQclear (result);
  return done;
}

/* Rows whose first column is the key; the lookup shows them from column @skip on. */
static gboolean
look_for_rows (PlazaStoragePostgresql *self,
               Kind kind,
               const char *text,
               GPtrArray *keys,
               guint skip,
               GError **error)
{
  PGresult *result;
  gboolean done;

  if (keys->len == 0)
    return TRUE;
  result = ask (self, text, &keys, 1);
  done = PQresultStatus (result) == PGRES_TUPLES_OK || plaza_pg_throw (self, result, error);
  if (done)
    expect (self->known, kind, keys);
  for (int i = 0; done && i < PQntuples (result); i++)
    {
      PlazaSqlValue columns[32] = { 0 };
      int n = PQnfields (result);

      g_assert (n <= (int) G_N_ELEMENTS (columns));
      plaza_pg_columns (result, i, columns, n);
      g_ptr_array_add (g_hash_table_lookup (self->known->kinds[kind], columns[0].data),
                       row_new (columns + skip, (guint) n - skip));
    }
  PQclear (result);
  return done;
}

gboolean
plaza_pg_known_look (PlazaStoragePostgresql *self, const PlazaLookahead *keys, GError **error)
{
  g_autoptr (GString) entries = g_string_new (plaza_pg_text (PLAZA_SQL_FIND_ENTRY));
  g_autoptr (GString) devices = g_string_new (plaza_pg_text (PLAZA_SQL_FIND_DEVICE));

  g_string_replace (entries, "SELECT ", "SELECT e.id, ", 1);
  g_string_replace (entries, "e.id = $1", "e.id = ANY ($1::text[])", 1);
  g_string_replace (devices, "id = $1", "id = ANY ($1::text[])", 1);
  return look_for_rows (self, KNOWN_DEVICE, devices->str, keys->devices, 0, error) &&
         (keys->entries->len == 0 ||
          (look_for_rows (self, KNOWN_ENTRY, entries->str, keys->entries, 1, error) &&
           look_for_keys (self, keys, error)));
}

/* Answering */

static GPtrArray *
find (PlazaPgKnown *known, Kind kind, const char *key)
{
  return g_hash_table_lookup (known->kinds[kind], key);
}

static GPtrArray *
find_hash (PlazaPgKnown *known, const PlazaSqlValue *hash)
{
  PlazaHash copy;
  g_autofree char *key = NULL;

  memcpy (copy.bytes, hash->data, sizeof copy.bytes);
  key = plaza_hash_to_string (&copy);
  return find (known, KNOWN_ENVELOPE, key);
}

gboolean
plaza_pg_known_answer (PlazaPgKnown *known,
                       PlazaSqlStatement statement,
                       const PlazaSqlValue *values,
                       PlazaSqlRowFunc func,
                       gpointer data,
                       gboolean *done,
                       GError **error)
{
  GPtrArray *rows = NULL;

  switch (statement)
    {
    case PLAZA_SQL_FIND_DEVICE:
      rows = find (known, KNOWN_DEVICE, values[0].data);
      break;
    case PLAZA_SQL_FIND_ENVELOPE:
      rows = find_hash (known, values);
      break;
    case PLAZA_SQL_FIND_ENTRY:
      rows = find (known, KNOWN_ENTRY, values[0].data);
      break;
    case PLAZA_SQL_FIND_RESPONSE:
      rows = find (known, KNOWN_RESPONSE, values[0].data);
      break;
    case PLAZA_SQL_FIND_RESPONSE_BY_FOLIO:
      rows = find (known, KNOWN_FOLIO, values[0].data);
      break;
    case PLAZA_SQL_EACH_REMOVAL_OF:
      rows = find (known, KNOWN_REMOVED, values[0].data);
      if (values[1].type != PLAZA_SQL_NULL &&
          find (known, KNOWN_REMOVED_FOLIO, values[1].data) == NULL)
        rows = NULL;
      break;
    case PLAZA_SQL_FIND_BATCH:
      rows = find (known, KNOWN_BATCH, values[0].data);
      break;
    default:
      break;
    }
  if (rows == NULL)
    return FALSE;
  *done = TRUE;
  for (guint i = 0; *done && func != NULL && i < rows->len; i++)
    *done = func (((Row *) g_ptr_array_index (rows, i))->values, data, error);
  return TRUE;
}

void
plaza_pg_known_written (PlazaPgKnown *known,
                        PlazaSqlStatement statement,
                        const PlazaSqlValue *values)
{
  g_autofree char *key = NULL;
  PlazaHash hash;

  switch (statement)
    {
    case PLAZA_SQL_PUT_ENVELOPE:
      memcpy (hash.bytes, values[0].data, sizeof hash.bytes);
      key = plaza_hash_to_string (&hash);
      g_hash_table_remove (known->kinds[KNOWN_ENVELOPE], key);
      break;
    case PLAZA_SQL_PUT_ENTRY:
      g_hash_table_remove (known->kinds[KNOWN_ENTRY], values[0].data);
      break;
    case PLAZA_SQL_PUT_RESPONSE:
      g_hash_table_remove (known->kinds[KNOWN_RESPONSE], values[0].data);
      break;
    case PLAZA_SQL_PUT_REVISION:
      if (values[9].type != PLAZA_SQL_NULL)
        g_hash_table_remove (known->kinds[KNOWN_FOLIO], values[9].data);
      break;
    case PLAZA_SQL_PUT_AUDIT:
    case PLAZA_SQL_PUT_MARK:
    case PLAZA_SQL_DROP_MARKS:
      break;
    default:
      plaza_pg_known_clear (known);
      break;
    }
}

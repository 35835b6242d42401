/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/storage-sql-rows.h"

/* Uploads */

static gboolean
read_upload (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  PlazaUpload *out = data;

  out->length = (guint64) columns[0].number;
  out->size = (guint64) columns[1].number;
  out->touched = columns[2].number;
  return TRUE;
}

static gboolean
find_upload (PlazaStorage *self,
             const char *device,
             const PlazaHash *envelope,
             PlazaUpload *out,
             gboolean *found,
             GError **error)
{
  FIND (self, FIND_UPLOAD, read_upload, out, found, error, TEXT (device), HASH (envelope));
}

static gboolean
put_upload (PlazaStorage *self,
            const char *device,
            const PlazaHash *envelope,
            guint64 length,
            gint64 time,
            GError **error)
{
  return RUN (self, PUT_UPLOAD, NULL, NULL, NULL, error, TEXT (device), HASH (envelope),
              INT (length), INT (time));
}

static gboolean
put_piece (PlazaStorage *self,
           const char *device,
           const PlazaHash *envelope,
           guint64 offset,
           GBytes *bytes,
           gint64 time,
           GError **error)
{
  return RUN (self, PUT_PIECE, NULL, NULL, NULL, error, TEXT (device), HASH (envelope),
              INT (offset), bytes_value (bytes)) &&
         RUN (self, GROW_UPLOAD, NULL, NULL, NULL, error, TEXT (device), HASH (envelope),
              INT (offset + g_bytes_get_size (bytes)), INT (time));
}

static gboolean
each_piece_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  PlazaSqlEach *each = data;
  g_autoptr (GBytes) bytes = g_bytes_new (columns[0].data, columns[0].length);

  return each->func (bytes, each->data, error);
}

static gboolean
each_piece (PlazaStorage *self,
            const char *device,
            const PlazaHash *envelope,
            PlazaStorageRowFunc func,
            gpointer data,
            GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_PIECE, each_piece_row, &each, NULL, error, TEXT (device), HASH (envelope));
}

static gboolean
drop_upload (PlazaStorage *self, const char *device, const PlazaHash *envelope, GError **error)
{
  return RUN (self, DROP_UPLOAD, NULL, NULL, NULL, error, TEXT (device), HASH (envelope));
}

static gboolean
drop_uploads_of (PlazaStorage *self, const char *device, guint keep, GError **error)
{
  return RUN (self, DROP_UPLOADS_OF, NULL, NULL, NULL, error, TEXT (device), INT (keep));
}

static gboolean
drop_uploads_before (PlazaStorage *self, gint64 time, GError **error)
{
  return RUN (self, DROP_UPLOADS_BEFORE, NULL, NULL, NULL, error, INT (time));
}

typedef struct
{
  guint64 n;
  guint64 bytes;
} Count;

static gboolean
read_count (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  Count *count = data;

  count->n = (guint64) columns[0].number;
  count->bytes = (guint64) columns[1].number;
  return TRUE;
}

static gboolean
count_uploads (PlazaStorage *self, guint64 *n, guint64 *bytes, GError **error)
{
  Count count = { 0 };

  if (!RUN_PLAIN (self, COUNT_UPLOADS, read_count, &count, error))
    return FALSE;
  *n = count.n;
  *bytes = count.bytes;
  return TRUE;
}

/* What became of an envelope's entries */

static gboolean
each_status_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  PlazaSqlEach *each = data;
  PlazaStoredEntry entry = { 0 };

  entry.position = (guint) columns[0].number;
  entry.status = (PlazaReceiptStatus) columns[1].number;
  return each->func (&entry, each->data, error);
}

static gboolean
each_status_of (PlazaStorage *self,
                const PlazaHash *envelope,
                PlazaStorageRowFunc func,
                gpointer data,
                GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_STATUS_OF, each_status_row, &each, NULL, error, HASH (envelope));
}

void
plaza_sql_fill_uploads (PlazaStorageTable *table)
{
  table->find_upload = find_upload;
  table->put_upload = put_upload;
  table->put_piece = put_piece;
  table->each_piece = each_piece;
  table->drop_upload = drop_upload;
  table->drop_uploads_of = drop_uploads_of;
  table->drop_uploads_before = drop_uploads_before;
  table->count_uploads = count_uploads;
  table->each_status_of = each_status_of;
}

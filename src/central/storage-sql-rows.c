/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "central/storage-sql-rows.h"

static char *
column_text (const PlazaSqlValue *column)
{
  return column->type == PLAZA_SQL_NULL ? NULL : g_strndup (column->data, column->length);
}

static GBytes *
column_bytes (const PlazaSqlValue *column)
{
  return column->type == PLAZA_SQL_NULL ? NULL : g_bytes_new (column->data, column->length);
}

gboolean
plaza_sql_column_fixed (const PlazaSqlValue *column, guint8 *out, gsize length, GError **error)
{
  if (column->type != PLAZA_SQL_BLOB || column->length != length)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "a hash or key of a wrong length");
  memcpy (out, column->data, length);
  return TRUE;
}

gboolean
plaza_sql_find_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  PlazaSqlFind *find = data;

  if (find->found)
    return TRUE;
  find->found = TRUE;
  return find->read == NULL || find->read (columns, find->out, error);
}

gboolean
plaza_sql_read_code (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaJoinCode *out = data;

  out->campaign = column_text (c + 1);
  out->person = column_text (c + 2);
  out->organisation = column_text (c + 3);
  out->role = column_text (c + 4);
  out->created = c[5].number;
  out->expires = c[6].number;
  out->used = c[7].number;
  out->device = column_text (c + 8);
  out->batch = column_text (c + 9);
  return COLUMN_HASH (c, &out->hash, error);
}

gboolean
plaza_sql_read_device (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaDevice *out = data;

  out->id = column_text (c);
  out->campaign = column_text (c + 2);
  out->person = column_text (c + 3);
  out->organisation = column_text (c + 4);
  out->role = column_text (c + 5);
  out->batch = column_text (c + 6);
  out->enrolled = c[7].number;
  out->revoked = c[8].number;
  out->token_used = c[9].number != 0;
  out->token_expires = c[10].number;
  out->token_next = c[11].number != 0;
  out->last_seen = c[12].number;
  return plaza_sql_column_fixed (c + 1, out->key.bytes, sizeof out->key.bytes, error);
}

gboolean
plaza_sql_read_device_facts (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaDeviceFacts *out = data;

  out->reason = column_text (c + 13);
  out->envelopes = (guint64) c[14].number;
  out->entries = (guint64) c[15].number;
  out->newest_sequence = (guint64) c[16].number;
  out->quarantined = (guint64) c[17].number;
  return plaza_sql_read_device (c, &out->device, error);
}

gboolean
plaza_sql_read_gap (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaGap *out = data;

  out->device = column_text (c);
  out->from = (guint64) c[1].number;
  out->to = (guint64) c[2].number;
  return TRUE;
}

gboolean
plaza_sql_read_envelope (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredEnvelope *out = data;

  out->campaign = column_text (c + 1);
  out->device = column_text (c + 2);
  out->received = c[3].number;
  out->audit = (guint64) c[4].number;
  out->n_entries = (guint) c[5].number;
  out->quarantined = c[6].number != 0;
  out->statuses = column_bytes (c + 7);
  return COLUMN_HASH (c, &out->hash, error);
}

gboolean
plaza_sql_read_entry (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredEntry *out = data;

  out->id = column_text (c);
  out->kind = (PlazaEntryKind) c[2].number;
  out->device = column_text (c + 3);
  out->sequence = (guint64) c[4].number;
  out->position = (guint) c[6].number;
  out->status = (PlazaReceiptStatus) c[7].number;
  return COLUMN_HASH (c + 1, &out->hash, error) && COLUMN_HASH (c + 5, &out->envelope, error);
}

gboolean
plaza_sql_read_held (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaHeldEntry *out = data;

  out->payload = column_bytes (c + 8);
  return plaza_sql_read_entry (c, &out->entry, error);
}

gboolean
plaza_sql_read_sequence (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredEntry *out = data;

  out->device = column_text (c);
  out->sequence = (guint64) c[1].number;
  return TRUE;
}

gboolean
plaza_sql_read_response (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredResponse *out = data;

  out->id = column_text (c);
  out->campaign = column_text (c + 1);
  out->device = column_text (c + 2);
  out->author = column_text (c + 3);
  out->organisation = column_text (c + 4);
  out->effective = column_text (c + 5);
  out->conflict = c[6].number != 0;
  out->voided = c[7].number != 0;
  out->withdrawal = (PlazaWithdrawal) c[8].number;
  return TRUE;
}

gboolean
plaza_sql_read_revision_facts (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredRevision *out = data;

  out->sequence = (guint64) c[0].number;
  out->id = column_text (c + 1);
  out->response = column_text (c + 3);
  out->parent = column_text (c + 4);
  out->device = column_text (c + 5);
  out->author = column_text (c + 6);
  out->form_id = column_text (c + 7);
  out->form_version = column_text (c + 8);
  out->session = column_text (c + 9);
  out->folio = column_text (c + 10);
  out->outcome = column_text (c + 11);
  out->received = c[12].number;
  return COLUMN_HASH (c + 2, &out->hash, error);
}

gboolean
plaza_sql_read_revision (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredRevision *out = data;

  out->header = column_bytes (c + 13);
  out->attachments = column_bytes (c + 16);
  out->xml = column_bytes (c + 17);
  out->annotations = column_bytes (c + 18);
  return plaza_sql_read_revision_facts (c, data, error) &&
         COLUMN_HASH (c + 14, &out->xml_hash, error) &&
         COLUMN_HASH (c + 15, &out->annotations_hash, error);
}

gboolean
plaza_sql_read_export_revision (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaExportRevision *out = data;

  out->marks = column_text (c + 28);
  return plaza_sql_read_revision (c, &out->revision, error) &&
         plaza_sql_read_response (c + 19, &out->response, error);
}

gboolean
plaza_sql_read_change (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredChange *out = data;

  out->sequence = (guint64) c[0].number;
  out->received = c[1].number;
  out->marks = column_text (c + 11);
  return plaza_sql_read_response (c + 2, &out->response, error);
}

gboolean
plaza_sql_read_outcome (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredOutcome *out = data;

  out->id = column_text (c);
  out->response = column_text (c + 1);
  out->session = column_text (c + 2);
  out->outcome = column_text (c + 3);
  out->received = c[4].number;
  out->header = column_bytes (c + 5);
  out->late = c[6].number != 0;
  return TRUE;
}

gboolean
plaza_sql_read_removal (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredRemoval *out = data;

  out->id = column_text (c);
  out->kind = (PlazaEntryKind) c[1].number;
  out->response = column_text (c + 2);
  out->folio = column_text (c + 3);
  out->device = column_text (c + 4);
  out->author = column_text (c + 5);
  out->reason = column_text (c + 6);
  out->at = column_text (c + 7);
  out->received = c[8].number;
  return TRUE;
}

gboolean
plaza_sql_read_session (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredSession *out = data;

  out->id = column_text (c);
  out->revision = (guint) c[1].number;
  out->entry = column_text (c + 2);
  out->received = c[3].number;
  out->state = column_bytes (c + 4);
  return TRUE;
}

gboolean
plaza_sql_read_contact (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredContact *out = data;

  out->id = column_text (c);
  out->date = column_text (c + 1);
  out->sealed = column_bytes (c + 2);
  return TRUE;
}

gboolean
plaza_sql_read_audit (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaAuditRow *out = data;

  out->sequence = (guint64) c[0].number;
  out->time = c[1].number;
  out->actor = column_text (c + 2);
  out->action = column_text (c + 3);
  out->object = column_text (c + 4);
  out->details = column_text (c + 5);
  return COLUMN_HASH (c + 6, &out->previous, error) && COLUMN_HASH (c + 7, &out->hash, error);
}

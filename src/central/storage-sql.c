/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <stdlib.h>

#include "base/error.h"
#include "central/central-resources.h"
#include "central/storage-sql.h"

#define SQL_RESOURCES "/org/gobabiertomx/Plaza/sql"

#define PLAZA_SQL_STRING(name, text) text,
static const char *const statements[] = { PLAZA_SQL_STATEMENTS (PLAZA_SQL_STRING) };
#undef PLAZA_SQL_STRING

const char *
plaza_sql_text (PlazaSqlStatement statement)
{
  return statements[statement];
}

/* Values in */

#define NONE ((PlazaSqlValue){ .type = PLAZA_SQL_NULL })
#define INT(value) ((PlazaSqlValue){ .type = PLAZA_SQL_INT, .number = (gint64) (value) })
#define TEXT(value) \
  ((PlazaSqlValue){ .type = PLAZA_SQL_TEXT, .data = (value), .length = strlen (value) })
#define TEXT_OR_NONE(value) ((value) == NULL ? NONE : TEXT (value))
#define BLOB(value, size) \
  ((PlazaSqlValue){ .type = PLAZA_SQL_BLOB, .data = (value), .length = (size) })
#define HASH(value) BLOB ((value)->bytes, sizeof (value)->bytes)

static PlazaSqlValue
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

/* Values out */

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

static gboolean
column_fixed (const PlazaSqlValue *column, guint8 *out, gsize length, GError **error)
{
  if (column->type != PLAZA_SQL_BLOB || column->length != length)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "a hash or key of a wrong length");
  memcpy (out, column->data, length);
  return TRUE;
}

#define COLUMN_HASH(column, hash, error) \
  column_fixed (column, (hash)->bytes, PLAZA_HASH_SIZE, error)

/* Each record: columns in, fields out. @out is zeroed before and cleared by the caller after. */

static gboolean
read_code (const PlazaSqlValue *c, gpointer data, GError **error)
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
  return COLUMN_HASH (c, &out->hash, error);
}

static gboolean
read_device (const PlazaSqlValue *c, gpointer data, GError **error)
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
  return column_fixed (c + 1, out->key.bytes, sizeof out->key.bytes, error);
}

static gboolean
read_envelope (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredEnvelope *out = data;

  out->campaign = column_text (c + 1);
  out->device = column_text (c + 2);
  out->received = c[3].number;
  out->audit = (guint64) c[4].number;
  out->n_entries = (guint) c[5].number;
  out->quarantined = c[6].number != 0;
  return COLUMN_HASH (c, &out->hash, error);
}

static gboolean
read_entry (const PlazaSqlValue *c, gpointer data, GError **error)
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

static gboolean
read_held (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaHeldEntry *out = data;

  out->payload = column_bytes (c + 8);
  return read_entry (c, &out->entry, error);
}

static gboolean
read_sequence (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredEntry *out = data;

  out->device = column_text (c);
  out->sequence = (guint64) c[1].number;
  return TRUE;
}

static gboolean
read_response (const PlazaSqlValue *c, gpointer data, GError **error)
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

static gboolean
read_revision_facts (const PlazaSqlValue *c, gpointer data, GError **error)
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

static gboolean
read_revision (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredRevision *out = data;

  out->header = column_bytes (c + 13);
  out->attachments = column_bytes (c + 16);
  out->xml = column_bytes (c + 17);
  out->annotations = column_bytes (c + 18);
  return read_revision_facts (c, data, error) && COLUMN_HASH (c + 14, &out->xml_hash, error) &&
         COLUMN_HASH (c + 15, &out->annotations_hash, error);
}

static gboolean
read_export_revision (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaExportRevision *out = data;

  out->marks = column_text (c + 28);
  return read_revision (c, &out->revision, error) && read_response (c + 19, &out->response, error);
}

static gboolean
read_outcome (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredOutcome *out = data;

  out->id = column_text (c);
  out->response = column_text (c + 1);
  out->session = column_text (c + 2);
  out->outcome = column_text (c + 3);
  out->received = c[4].number;
  out->header = column_bytes (c + 5);
  return TRUE;
}

static gboolean
read_removal (const PlazaSqlValue *c, gpointer data, GError **error)
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

static gboolean
read_session (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredSession *out = data;

  out->id = column_text (c);
  out->revision = (guint) c[1].number;
  out->entry = column_text (c + 2);
  out->received = c[3].number;
  out->state = column_bytes (c + 4);
  return TRUE;
}

static gboolean
read_contact (const PlazaSqlValue *c, gpointer data, GError **error)
{
  PlazaStoredContact *out = data;

  out->id = column_text (c);
  out->date = column_text (c + 1);
  out->sealed = column_bytes (c + 2);
  return TRUE;
}

static gboolean
read_audit (const PlazaSqlValue *c, gpointer data, GError **error)
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

/* One record at most */

typedef struct
{
  PlazaSqlRowFunc read;
  gpointer out;
  gboolean found;
} Find;

static gboolean
find_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  Find *find = data;

  if (find->found)
    return TRUE;
  find->found = TRUE;
  return find->read == NULL || find->read (columns, find->out, error);
}

#define FIND(self, statement, read_func, out, found, error, ...) \
  G_STMT_START \
  { \
    Find find = { read_func, out, FALSE }; \
    gboolean done = RUN (self, statement, find_row, &find, NULL, error, __VA_ARGS__); \
    *(found) = done && find.found; \
    return done; \
  } \
  G_STMT_END

/* Listings: a record on the stack, read, shown, cleared */

typedef struct
{
  PlazaStorageRowFunc func;
  gpointer data;
} Each;

#define DEFINE_EACH_ROW(name, Type, read, clear) \
  static gboolean each_##name##_row (const PlazaSqlValue *columns, gpointer data, GError **error) \
  { \
    Each *each = data; \
    Type record = { 0 }; \
    gboolean done; \
\
    done = read (columns, &record, error) && each->func (&record, each->data, error); \
    clear (&record); \
    return done; \
  }

#define DEFINE_EACH(name, NAME, Type, read, clear) \
  DEFINE_EACH_ROW (name, Type, read, clear) \
  static gboolean each_##name (PlazaStorage *self, PlazaStorageRowFunc func, gpointer data, \
                               GError **error) \
  { \
    Each each = { func, data }; \
\
    return RUN_PLAIN (self, EACH_##NAME, each_##name##_row, &each, error); \
  }

DEFINE_EACH (device, DEVICE, PlazaDevice, read_device, plaza_device_clear)
DEFINE_EACH (response, RESPONSE, PlazaStoredResponse, read_response, plaza_stored_response_clear)
DEFINE_EACH (
    revision, REVISION, PlazaExportRevision, read_export_revision, plaza_export_revision_clear)
DEFINE_EACH (outcome, OUTCOME, PlazaStoredOutcome, read_outcome, plaza_stored_outcome_clear)
DEFINE_EACH (session, SESSION, PlazaStoredSession, read_session, plaza_stored_session_clear)
DEFINE_EACH (removal, REMOVAL, PlazaStoredRemoval, read_removal, plaza_stored_removal_clear)
DEFINE_EACH (contact, CONTACT, PlazaStoredContact, read_contact, plaza_stored_contact_clear)
DEFINE_EACH (audit, AUDIT, PlazaAuditRow, read_audit, plaza_audit_row_clear)
DEFINE_EACH (envelope, ENVELOPE, PlazaStoredEnvelope, read_envelope, plaza_stored_envelope_clear)
DEFINE_EACH (entry, ENTRY, PlazaStoredEntry, read_entry, plaza_stored_entry_clear)
DEFINE_EACH (sequence, SEQUENCE, PlazaStoredEntry, read_sequence, plaza_stored_entry_clear)
DEFINE_EACH (orphan, ORPHAN, PlazaStoredEntry, read_entry, plaza_stored_entry_clear)
DEFINE_EACH_ROW (revision_of, PlazaStoredRevision, read_revision_facts, plaza_stored_revision_clear)
DEFINE_EACH_ROW (unjudged, PlazaStoredRevision, read_revision, plaza_stored_revision_clear)

DEFINE_EACH_ROW (quarantined, PlazaHeldEntry, read_held, plaza_held_entry_clear)

static gboolean
each_quarantined (
    PlazaStorage *self, const char *device, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  Each each = { func, data };

  return RUN (self, EACH_QUARANTINED, each_quarantined_row, &each, NULL, error, TEXT (device));
}

static gboolean
each_revision_of (PlazaStorage *self,
                  const char *response,
                  PlazaStorageRowFunc func,
                  gpointer data,
                  GError **error)
{
  Each each = { func, data };

  return RUN (self, EACH_REVISION_OF, each_revision_of_row, &each, NULL, error, TEXT (response));
}

static gboolean
each_unjudged (
    PlazaStorage *self, guint limit, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  Each each = { func, data };

  return RUN (self, EACH_UNJUDGED, each_unjudged_row, &each, NULL, error, INT (limit));
}

static gboolean
each_removal_of (PlazaStorage *self,
                 const char *response,
                 const char *folio,
                 PlazaStorageRowFunc func,
                 gpointer data,
                 GError **error)
{
  Each each = { func, data };

  return RUN (self, EACH_REMOVAL_OF, each_removal_row, &each, NULL, error, TEXT (response),
              TEXT_OR_NONE (folio));
}

/* Joining */

static gboolean
put_code (PlazaStorage *self, const PlazaJoinCode *code, GError **error)
{
  return RUN (self, PUT_CODE, NULL, NULL, NULL, error, HASH (&code->hash), TEXT (code->campaign),
              TEXT (code->person), TEXT (code->organisation), TEXT (code->role),
              INT (code->created), INT (code->expires));
}

static gboolean
find_code (
    PlazaStorage *self, const PlazaHash *hash, PlazaJoinCode *out, gboolean *found, GError **error)
{
  FIND (self, FIND_CODE, read_code, out, found, error, HASH (hash));
}

static gboolean
use_code (
    PlazaStorage *self, const PlazaHash *hash, const char *device, gint64 time, GError **error)
{
  return RUN (self, USE_CODE, NULL, NULL, NULL, error, HASH (hash), TEXT (device), INT (time));
}

static gboolean
read_number (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  *(guint64 *) data = (guint64) columns[0].number;
  return TRUE;
}

static gboolean
next_batch (PlazaStorage *self, guint64 *number, GError **error)
{
  return RUN_PLAIN (self, NEXT_BATCH, read_number, number, error);
}

static gboolean
put_batch (PlazaStorage *self, guint64 number, const char *code, GError **error)
{
  return RUN (self, PUT_BATCH, NULL, NULL, NULL, error, INT (number), TEXT (code));
}

static gboolean
find_batch (PlazaStorage *self, const char *code, gboolean *found, GError **error)
{
  FIND (self, FIND_BATCH, NULL, NULL, found, error, TEXT (code));
}

static gboolean
put_device (PlazaStorage *self, const PlazaDevice *device, GError **error)
{
  return RUN (self, PUT_DEVICE, NULL, NULL, NULL, error, TEXT (device->id), HASH (&device->key),
              TEXT (device->campaign), TEXT (device->person), TEXT (device->organisation),
              TEXT (device->role), TEXT (device->batch), INT (device->enrolled));
}

static gboolean
find_device (PlazaStorage *self, const char *id, PlazaDevice *out, gboolean *found, GError **error)
{
  FIND (self, FIND_DEVICE, read_device, out, found, error, TEXT (id));
}

static gboolean
find_device_by_key (PlazaStorage *self,
                    const PlazaPublicKey *key,
                    PlazaDevice *out,
                    gboolean *found,
                    GError **error)
{
  FIND (self, FIND_DEVICE_BY_KEY, read_device, out, found, error, HASH (key));
}

static gboolean
find_device_by_token (PlazaStorage *self,
                      const PlazaHash *token_hash,
                      PlazaDevice *out,
                      gboolean *found,
                      GError **error)
{
  FIND (self, FIND_DEVICE_BY_TOKEN, read_device, out, found, error, HASH (token_hash));
}

static gboolean
set_token (PlazaStorage *self, const char *device, const PlazaHash *token_hash, GError **error)
{
  return RUN (self, SET_TOKEN, NULL, NULL, NULL, error, TEXT (device), HASH (token_hash));
}

static gboolean
set_token_used (PlazaStorage *self, const char *device, GError **error)
{
  return RUN (self, SET_TOKEN_USED, NULL, NULL, NULL, error, TEXT (device));
}

static gboolean
revoke_device (PlazaStorage *self, const char *device, gint64 time, gboolean *found, GError **error)
{
  guint64 changed = 0;

  if (!RUN (self, REVOKE_DEVICE, NULL, NULL, &changed, error, TEXT (device), INT (time)))
    return FALSE;
  *found = changed > 0;
  return TRUE;
}

/* Intake */

static gboolean
find_envelope (PlazaStorage *self,
               const PlazaHash *hash,
               PlazaStoredEnvelope *out,
               gboolean *found,
               GError **error)
{
  FIND (self, FIND_ENVELOPE, read_envelope, out, found, error, HASH (hash));
}

static gboolean
put_envelope (PlazaStorage *self, const PlazaStoredEnvelope *envelope, GError **error)
{
  return RUN (self, PUT_ENVELOPE, NULL, NULL, NULL, error, HASH (&envelope->hash),
              TEXT (envelope->campaign), TEXT (envelope->device), INT (envelope->received),
              INT (envelope->audit), INT (envelope->n_entries), INT (envelope->quarantined));
}

typedef struct
{
  const PlazaHash *hash;
  PlazaReceiptStatus same;
  gboolean other;
} Compare;

static gboolean
compare_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  Compare *compare = data;
  PlazaHash stored;

  if (!COLUMN_HASH (columns, &stored, error))
    return FALSE;
  if (plaza_hash_equal (&stored, compare->hash))
    compare->same = (PlazaReceiptStatus) columns[1].number;
  else
    compare->other = TRUE;
  return TRUE;
}

static gboolean
find_entry (PlazaStorage *self,
            const char *id,
            const PlazaHash *hash,
            PlazaReceiptStatus *same,
            gboolean *other,
            GError **error)
{
  Compare compare = { hash, 0, FALSE };

  if (!RUN (self, FIND_ENTRY, compare_row, &compare, NULL, error, TEXT (id)))
    return FALSE;
  *same = compare.same;
  *other = compare.other;
  return TRUE;
}

static gboolean
put_entry (PlazaStorage *self, const PlazaStoredEntry *entry, GError **error)
{
  return RUN (self, PUT_ENTRY, NULL, NULL, NULL, error, TEXT (entry->id), HASH (&entry->hash),
              INT (entry->kind), TEXT (entry->device), INT (entry->sequence),
              HASH (&entry->envelope), INT (entry->position), INT (entry->status));
}

static gboolean
put_held (PlazaStorage *self,
          const char *id,
          const PlazaHash *hash,
          const char *response,
          GBytes *payload,
          GError **error)
{
  return RUN (self, PUT_HELD, NULL, NULL, NULL, error, TEXT (id), HASH (hash),
              TEXT_OR_NONE (response), bytes_value (payload));
}

static gboolean
put_accepted (PlazaStorage *self, const char *id, const PlazaHash *hash, GError **error)
{
  return RUN (self, PUT_ACCEPTED, NULL, NULL, NULL, error, TEXT (id), HASH (hash));
}

static gboolean
find_response (
    PlazaStorage *self, const char *id, PlazaStoredResponse *out, gboolean *found, GError **error)
{
  FIND (self, FIND_RESPONSE, read_response, out, found, error, TEXT (id));
}

static gboolean
find_response_by_folio (PlazaStorage *self,
                        const char *folio,
                        const char *except,
                        PlazaStoredResponse *out,
                        gboolean *found,
                        GError **error)
{
  FIND (self, FIND_RESPONSE_BY_FOLIO, read_response, out, found, error, TEXT (folio),
        TEXT (except != NULL ? except : ""));
}

static gboolean
put_response (PlazaStorage *self, const PlazaStoredResponse *response, GError **error)
{
  return RUN (self, PUT_RESPONSE, NULL, NULL, NULL, error, TEXT (response->id),
              TEXT (response->campaign), TEXT (response->device), TEXT (response->author),
              TEXT (response->organisation), TEXT (response->effective), INT (response->conflict),
              INT (response->voided), INT (response->withdrawal));
}

static gboolean
put_revision (PlazaStorage *self, const PlazaStoredRevision *revision, GError **error)
{
  return RUN (self, PUT_REVISION, NULL, NULL, NULL, error, TEXT (revision->id),
              HASH (&revision->hash), TEXT (revision->response), TEXT_OR_NONE (revision->parent),
              TEXT (revision->device), TEXT (revision->author), TEXT (revision->form_id),
              TEXT (revision->form_version), TEXT (revision->session),
              TEXT_OR_NONE (revision->folio), TEXT (revision->outcome), INT (revision->received),
              bytes_value (revision->header), HASH (&revision->xml_hash),
              HASH (&revision->annotations_hash), bytes_value (revision->attachments),
              bytes_value (revision->xml), bytes_value (revision->annotations));
}

static gboolean
destroy_content (PlazaStorage *self, const char *response, GError **error)
{
  return RUN (self, DESTROY_CONTENT, NULL, NULL, NULL, error, TEXT (response)) &&
         RUN (self, DESTROY_HELD, NULL, NULL, NULL, error, TEXT (response), BLOB ("", 0)) &&
         RUN (self, DESTROY_MARKS, NULL, NULL, NULL, error, TEXT (response));
}

static gboolean
put_outcome (PlazaStorage *self, const PlazaStoredOutcome *outcome, GError **error)
{
  return RUN (self, PUT_OUTCOME, NULL, NULL, NULL, error, TEXT (outcome->id),
              TEXT (outcome->response), TEXT (outcome->session), TEXT (outcome->outcome),
              INT (outcome->received), bytes_value (outcome->header));
}

static gboolean
put_removal (PlazaStorage *self, const PlazaStoredRemoval *removal, GError **error)
{
  return RUN (self, PUT_REMOVAL, NULL, NULL, NULL, error, TEXT (removal->id), INT (removal->kind),
              TEXT_OR_NONE (removal->response), TEXT_OR_NONE (removal->folio),
              TEXT (removal->device), TEXT (removal->author), TEXT_OR_NONE (removal->reason),
              TEXT (removal->at), INT (removal->received));
}

static gboolean
put_session (PlazaStorage *self, const PlazaStoredSession *session, GError **error)
{
  return RUN (self, PUT_SESSION, NULL, NULL, NULL, error, TEXT (session->id),
              INT (session->revision), TEXT (session->entry), INT (session->received),
              bytes_value (session->state));
}

static gboolean
has_session (PlazaStorage *self, const char *id, guint revision, gboolean *found, GError **error)
{
  FIND (self, HAS_SESSION, NULL, NULL, found, error, TEXT (id), INT (revision));
}

/* Contacts */

static gboolean
find_contact (
    PlazaStorage *self, const char *id, PlazaStoredContact *out, gboolean *found, GError **error)
{
  FIND (self, FIND_CONTACT, read_contact, out, found, error, TEXT (id));
}

static int
compare_contacts (const void *a, const void *b)
{
  return strcmp ((*(PlazaStoredContact *const *) a)->id, (*(PlazaStoredContact *const *) b)->id);
}

gboolean
plaza_sql_insert_contacts (PlazaSql *self,
                           const PlazaStoredContact *contacts,
                           guint n,
                           gboolean quarantine,
                           GError **error)
{
  g_autofree const PlazaStoredContact **sorted = g_new (const PlazaStoredContact *, n);

  for (guint i = 0; i < n; i++)
    sorted[i] = contacts + i;
  if (n > 1)
    qsort (sorted, n, sizeof *sorted, compare_contacts);
  for (guint i = 0; i < n; i++)
    if (!self->run (self, quarantine ? PLAZA_SQL_PUT_QUARANTINED_CONTACT : PLAZA_SQL_PUT_CONTACT,
                    (PlazaSqlValue[]){ TEXT (sorted[i]->id), TEXT (sorted[i]->date),
                                       bytes_value (sorted[i]->sealed) },
                    3, NULL, NULL, NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
count_contacts (PlazaStorage *self, gboolean quarantine, guint64 *count, GError **error)
{
  return quarantine ? RUN_PLAIN (self, COUNT_QUARANTINED_CONTACTS, read_number, count, error)
                    : RUN_PLAIN (self, COUNT_CONTACTS, read_number, count, error);
}

static gboolean
accept_contacts (PlazaStorage *self, guint64 *n, GError **error)
{
  return count_contacts (self, TRUE, n, error) &&
         RUN_PLAIN (self, TAKE_CONTACTS, NULL, NULL, error) &&
         RUN_PLAIN (self, EMPTY_QUARANTINE, NULL, NULL, error) &&
         self->table->put_contacts (self, NULL, 0, FALSE, error);
}

static gboolean
delete_contact (PlazaStorage *self, const char *id, gboolean *found, GError **error)
{
  guint64 changed = 0;

  if (!RUN (self, DELETE_CONTACT, NULL, NULL, &changed, error, TEXT (id)))
    return FALSE;
  *found = changed > 0;
  return TRUE;
}

static gboolean
set_contact_total (PlazaStorage *self, const char *device, guint64 total, GError **error)
{
  return RUN (self, SET_CONTACT_TOTAL, NULL, NULL, NULL, error, TEXT (device), INT (total));
}

static gboolean
expected_contacts (PlazaStorage *self, guint64 *count, GError **error)
{
  return RUN_PLAIN (self, EXPECTED_CONTACTS, read_number, count, error);
}

/* Audit log */

static gboolean
last_audit (PlazaStorage *self, PlazaAuditRow *out, gboolean *found, GError **error)
{
  Find find = { read_audit, out, FALSE };
  gboolean done = RUN_PLAIN (self, LAST_AUDIT, find_row, &find, error);

  *found = done && find.found;
  return done;
}

static gboolean
put_audit (PlazaStorage *self, const PlazaAuditRow *row, GError **error)
{
  return RUN (self, PUT_AUDIT, NULL, NULL, NULL, error, INT (row->sequence), INT (row->time),
              TEXT (row->actor), TEXT (row->action), TEXT (row->object), TEXT (row->details),
              HASH (&row->previous), HASH (&row->hash));
}

/* After the commit */

static gboolean
put_marks (PlazaStorage *self,
           const char *revision,
           const char *source,
           const PlazaStoredMark *marks,
           guint n,
           GError **error)
{
  if (!RUN (self, DROP_MARKS, NULL, NULL, NULL, error, TEXT (revision), TEXT (source)))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!RUN (self, PUT_MARK, NULL, NULL, NULL, error, TEXT (revision), TEXT (source), INT (i),
              TEXT (marks[i].code), TEXT (marks[i].ref), TEXT (marks[i].message)))
      return FALSE;
  return TRUE;
}

static gboolean
set_judged (PlazaStorage *self, const char *revision, GError **error)
{
  return RUN (self, SET_JUDGED, NULL, NULL, NULL, error, TEXT (revision));
}

/* Migrations */

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
migration_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  GArray *hashes = data; /* of the migrations the database has seen */
  PlazaHash hash;

  if (!COLUMN_HASH (columns + 1, &hash, error))
    return FALSE;
  if ((guint64) columns[0].number != hashes->len + 1)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the list of migrations has a gap");
  g_array_append_val (hashes, hash);
  return TRUE;
}

static gboolean
run_migration (PlazaSql *self, guint number, const char *name, GBytes *script, GError **error)
{
  PlazaHash hash;

  plaza_hash_bytes (script, &hash);
  if (self->exec (self, g_bytes_get_data (script, NULL), error) &&
      RUN (self, PUT_MIGRATION, NULL, NULL, NULL, error, INT (number), TEXT (name), HASH (&hash)))
    return TRUE;
  g_prefix_error (error, "migration %s: ", name);
  return FALSE;
}

gboolean
plaza_sql_migrate (PlazaStorage *storage, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  GResource *resource = plaza_central_get_resource ();
  g_autofree char *folder = g_strdup_printf (SQL_RESOURCES "/central-%s/", storage->table->name);
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, folder, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (GArray) hashes = g_array_new (FALSE, FALSE, sizeof (PlazaHash));
  guint known;

  if (names == NULL)
    return FALSE;
  known = g_strv_length (names);
  qsort (names, known, sizeof *names, compare_names);
  if (!storage->table->begin (storage, error))
    return FALSE;
  if (!self->exec (self, self->migration_table, error) ||
      !RUN_PLAIN (self, EACH_MIGRATION, migration_row, hashes, error))
    goto failed;
  if (hashes->len > known)
    {
      plaza_throw (error, PLAZA_ERROR_NEWER, "the database was made by a newer plaza-central");
      goto failed;
    }
  for (guint i = 0; i < known; i++)
    {
      g_autofree char *path = g_strconcat (folder, names[i], NULL);
      g_autoptr (GBytes) script =
          g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

      if (script == NULL ||
          (i >= hashes->len && !run_migration (self, i + 1, names[i], script, error)))
        goto failed;
    }
  return storage->table->commit (storage, error);

failed:
  storage->table->rollback (storage);
  return FALSE;
}

void
plaza_sql_fill (PlazaStorageTable *table)
{
  table->migrate = plaza_sql_migrate;
  table->put_code = put_code;
  table->find_code = find_code;
  table->use_code = use_code;
  table->next_batch = next_batch;
  table->put_batch = put_batch;
  table->find_batch = find_batch;
  table->put_device = put_device;
  table->find_device = find_device;
  table->find_device_by_key = find_device_by_key;
  table->find_device_by_token = find_device_by_token;
  table->set_token = set_token;
  table->set_token_used = set_token_used;
  table->revoke_device = revoke_device;
  table->each_device = each_device;
  table->find_envelope = find_envelope;
  table->put_envelope = put_envelope;
  table->find_entry = find_entry;
  table->put_entry = put_entry;
  table->put_held = put_held;
  table->each_quarantined = each_quarantined;
  table->put_accepted = put_accepted;
  table->find_response = find_response;
  table->find_response_by_folio = find_response_by_folio;
  table->put_response = put_response;
  table->put_revision = put_revision;
  table->each_revision_of = each_revision_of;
  table->destroy_content = destroy_content;
  table->put_outcome = put_outcome;
  table->put_removal = put_removal;
  table->each_removal_of = each_removal_of;
  table->put_session = put_session;
  table->has_session = has_session;
  table->find_contact = find_contact;
  table->accept_contacts = accept_contacts;
  table->delete_contact = delete_contact;
  table->set_contact_total = set_contact_total;
  table->last_audit = last_audit;
  table->put_audit = put_audit;
  table->each_unjudged = each_unjudged;
  table->put_marks = put_marks;
  table->set_judged = set_judged;
  table->each_response = each_response;
  table->each_revision = each_revision;
  table->each_outcome = each_outcome;
  table->each_session = each_session;
  table->each_removal = each_removal;
  table->each_contact = each_contact;
  table->each_audit = each_audit;
  table->each_envelope = each_envelope;
  table->each_entry = each_entry;
  table->each_sequence = each_sequence;
  table->each_orphan = each_orphan;
  table->expected_contacts = expected_contacts;
  table->count_contacts = count_contacts;
}

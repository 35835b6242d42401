/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <stdlib.h>

#include "base/error.h"
#include "central/storage-sql-rows.h"

#define PLAZA_SQL_STRING(name, text) text,
static const char *const statements[] = { PLAZA_SQL_STATEMENTS (PLAZA_SQL_STRING) };
#undef PLAZA_SQL_STRING

const char *
plaza_sql_text (PlazaSqlStatement statement)
{
  return statements[statement];
}

/* Joining */

static gboolean
put_code (PlazaStorage *self, const PlazaJoinCode *code, GError **error)
{
  return RUN (self, PUT_CODE, NULL, NULL, NULL, error, HASH (&code->hash), TEXT (code->campaign),
              TEXT (code->person), TEXT (code->organisation), TEXT (code->role),
              INT (code->created), INT (code->expires), TEXT_OR_NONE (code->batch));
}

static gboolean
find_code (
    PlazaStorage *self, const PlazaHash *hash, PlazaJoinCode *out, gboolean *found, GError **error)
{
  FIND (self, FIND_CODE, plaza_sql_read_code, out, found, error, HASH (hash));
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
  FIND (self, FIND_DEVICE, plaza_sql_read_device, out, found, error, TEXT (id));
}

static gboolean
find_device_by_key (PlazaStorage *self,
                    const PlazaPublicKey *key,
                    PlazaDevice *out,
                    gboolean *found,
                    GError **error)
{
  FIND (self, FIND_DEVICE_BY_KEY, plaza_sql_read_device, out, found, error, HASH (key));
}

/* Intake */

static gboolean
find_envelope (PlazaStorage *self,
               const PlazaHash *hash,
               PlazaStoredEnvelope *out,
               gboolean *found,
               GError **error)
{
  FIND (self, FIND_ENVELOPE, plaza_sql_read_envelope, out, found, error, HASH (hash));
}

static gboolean
put_envelope (PlazaStorage *self, const PlazaStoredEnvelope *envelope, GError **error)
{
  return RUN (self, PUT_ENVELOPE, NULL, NULL, NULL, error, HASH (&envelope->hash),
              TEXT (envelope->campaign), TEXT (envelope->device), INT (envelope->received),
              INT (envelope->audit), INT (envelope->n_entries), INT (envelope->quarantined),
              bytes_value (envelope->statuses));
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
              HASH (&entry->envelope), INT (entry->position), INT (entry->status),
              TEXT (entry->campaign));
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
  FIND (self, FIND_RESPONSE, plaza_sql_read_response, out, found, error, TEXT (id));
}

static gboolean
find_response_by_folio (PlazaStorage *self,
                        const char *folio,
                        const char *except,
                        PlazaStoredResponse *out,
                        gboolean *found,
                        GError **error)
{
  FIND (self, FIND_RESPONSE_BY_FOLIO, plaza_sql_read_response, out, found, error, TEXT (folio),
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
  return RUN (
      self, PUT_REVISION, NULL, NULL, NULL, error, TEXT (revision->id), HASH (&revision->hash),
      TEXT (revision->response), TEXT_OR_NONE (revision->parent), TEXT (revision->device),
      TEXT (revision->author), TEXT (revision->form_id), TEXT (revision->form_version),
      TEXT (revision->session), TEXT_OR_NONE (revision->folio), TEXT (revision->outcome),
      INT (revision->received), bytes_value (revision->header), HASH (&revision->xml_hash),
      HASH (&revision->annotations_hash), bytes_value (revision->attachments),
      bytes_value (revision->xml), bytes_value (revision->annotations), TEXT (revision->campaign));
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

static gboolean
put_change (PlazaStorage *self, const char *response, GError **error)
{
  return RUN (self, PUT_CHANGE, NULL, NULL, NULL, error, TEXT (response));
}

/* Contacts */

static gboolean
find_contact (
    PlazaStorage *self, const char *id, PlazaStoredContact *out, gboolean *found, GError **error)
{
  FIND (self, FIND_CONTACT, plaza_sql_read_contact, out, found, error, TEXT (id));
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
  PlazaSqlFind find = { plaza_sql_read_audit, out, FALSE };
  gboolean done = RUN_PLAIN (self, LAST_AUDIT, plaza_sql_find_row, &find, error);

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
add_marks (PlazaStorage *self,
           const char *revision,
           const char *source,
           const PlazaStoredMark *marks,
           guint n,
           GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!RUN (self, PUT_MARK, NULL, NULL, NULL, error, TEXT (revision), TEXT (source), INT (i),
              TEXT (marks[i].code), TEXT (marks[i].ref), TEXT (marks[i].message)))
      return FALSE;
  return TRUE;
}

static gboolean
put_marks (PlazaStorage *self,
           const char *revision,
           const char *source,
           const PlazaStoredMark *marks,
           guint n,
           GError **error)
{
  return RUN (self, DROP_MARKS, NULL, NULL, NULL, error, TEXT (revision), TEXT (source)) &&
         add_marks (self, revision, source, marks, n, error);
}

static gboolean
set_judged (PlazaStorage *self, const char *revision, GError **error)
{
  return RUN (self, SET_JUDGED, NULL, NULL, NULL, error, TEXT (revision));
}

static gboolean
judge_again (PlazaStorage *self, GError **error)
{
  return RUN_PLAIN (self, JUDGE_AGAIN, NULL, NULL, error);
}

void
plaza_sql_fill (PlazaStorageTable *table)
{
  plaza_sql_fill_lists (table);
  plaza_sql_fill_devices (table);
  plaza_sql_fill_uploads (table);
  plaza_sql_fill_counts (table);
  table->migrate = plaza_sql_migrate;
  table->probe = plaza_sql_probe;
  table->pending = plaza_sql_pending;
  table->put_code = put_code;
  table->find_code = find_code;
  table->use_code = use_code;
  table->next_batch = next_batch;
  table->put_batch = put_batch;
  table->find_batch = find_batch;
  table->put_device = put_device;
  table->find_device = find_device;
  table->find_device_by_key = find_device_by_key;
  table->find_envelope = find_envelope;
  table->put_envelope = put_envelope;
  table->find_entry = find_entry;
  table->put_entry = put_entry;
  table->put_held = put_held;
  table->put_accepted = put_accepted;
  table->find_response = find_response;
  table->find_response_by_folio = find_response_by_folio;
  table->put_response = put_response;
  table->put_revision = put_revision;
  table->destroy_content = destroy_content;
  table->put_outcome = put_outcome;
  table->put_removal = put_removal;
  table->put_session = put_session;
  table->has_session = has_session;
  table->put_change = put_change;
  table->find_contact = find_contact;
  table->accept_contacts = accept_contacts;
  table->delete_contact = delete_contact;
  table->set_contact_total = set_contact_total;
  table->last_audit = last_audit;
  table->put_audit = put_audit;
  table->add_marks = add_marks;
  table->put_marks = put_marks;
  table->set_judged = set_judged;
  table->judge_again = judge_again;
  table->expected_contacts = expected_contacts;
  table->count_contacts = count_contacts;
}

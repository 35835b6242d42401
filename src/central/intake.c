/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/folio.h"
#include "central/intake.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

void
plaza_intake_free (PlazaIntake *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_free (self->statuses);
  g_free (self);
}

/* Opening */

static gboolean
refuse (PlazaResult *result, PlazaResult why, GError **error, const char *message)
{
  *result = why;
  return plaza_throw (error, PLAZA_ERROR_REFUSED, "%s", message);
}

static gboolean
find_author (PlazaIntake *self,
             PlazaCentral *central,
             PlazaStorage *reader,
             PlazaDevice *author,
             PlazaResult *result,
             GError **error)
{
  g_autofree char *fingerprint =
      plaza_base32_encode (self->info.campaign.bytes, sizeof self->info.campaign.bytes);
  gboolean found;

  self->campaign = plaza_central_find_campaign (central, fingerprint);
  if (self->campaign == NULL)
    return refuse (result, PLAZA_RESULT_CAMPAIGN, error, "no campaign of this central");
  if (!reader->table->find_device (reader, self->info.device, author, &found, error))
    {
      *result = PLAZA_RESULT_BUSY;
      return FALSE;
    }
  if (!found)
    return refuse (result, PLAZA_RESULT_ENVELOPE, error, "its author is no device of this central");
  if (strcmp (author->campaign, self->campaign->fingerprint) != 0)
    return refuse (result, PLAZA_RESULT_CAMPAIGN, error, "its author joined another campaign");
  return TRUE;
}

PlazaIntake *
plaza_intake_open (PlazaCentral *central,
                   PlazaStorage *reader,
                   GBytes *envelope,
                   PlazaResult *result,
                   GError **error)
{
  g_autoptr (PlazaIntake) self = g_new0 (PlazaIntake, 1);
  g_auto (PlazaDevice) author = { 0 };
  g_autoptr (GBytes) dictionary = NULL;
  g_autoptr (GError) local = NULL;

  *result = PLAZA_RESULT_ENVELOPE;
  if (!plaza_envelope_peek (envelope, &self->info, error) ||
      !find_author (self, central, reader, &author, result, error) ||
      !plaza_envelope_verify (envelope, &author.key, &self->info, error))
    return NULL;
  if (self->info.has_dictionary)
    {
      dictionary = plaza_central_dictionary (central, self->info.dictionary, error);
      if (dictionary == NULL)
        return NULL;
    }
  self->entries =
      plaza_envelope_open (envelope, &author.key, central->seal, dictionary, &self->info, &local);
  if (self->entries == NULL)
    {
      if (g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_LIMIT))
        *result = PLAZA_RESULT_TOO_LARGE;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (guint i = 0; i < self->entries->len; i++)
    {
      const PlazaEntry *entry = g_ptr_array_index (self->entries, i);

      self->contacts = self->contacts || plaza_entry_kind_is_contact (entry->kind);
      self->destroys = self->destroys || entry->kind == PLAZA_ENTRY_WITHDRAWAL;
    }
  *result = PLAZA_RESULT_OK;
  return g_steal_pointer (&self);
}

/* Storing: what all kinds share */

typedef struct
{
  PlazaIntake *intake;
  PlazaStorage *storage;
  const PlazaDevice *author;
  PlazaEntry *entry;
} Job;

static gboolean
is_own_campaign (Job *job, const char *campaign)
{
  return strcmp (campaign, job->intake->campaign->fingerprint) == 0;
}

static char *
spell_folio (const char *folio)
{
  char *normal;

  if (folio == NULL)
    return NULL;
  normal = plaza_folio_normalise (folio);
  return normal != NULL ? normal : g_strdup (folio);
}

/*
 * Whether @device may take @response out: its own, one of its organisation's, or any of its
 * campaign for a coordinator. Folios can be guessed, and what is destroyed does not come back.
 */
static gboolean
may_remove (PlazaStorage *storage,
            const char *device_id,
            const PlazaStoredResponse *response,
            gboolean *allowed,
            GError **error)
{
  g_auto (PlazaDevice) device = { 0 };
  gboolean found;

  if (strcmp (device_id, response->device) == 0)
    {
      *allowed = TRUE;
      return TRUE;
    }
  if (!storage->table->find_device (storage, device_id, &device, &found, error))
    return FALSE;
  *allowed = found && strcmp (device.campaign, response->campaign) == 0 &&
             (strcmp (device.role, "facilitator") != 0 ||
              (device.organisation[0] != '\0' &&
               strcmp (device.organisation, response->organisation) == 0));
  return TRUE;
}

static gboolean
apply_removal (PlazaStorage *storage,
               PlazaEntryKind kind,
               const char *device,
               PlazaStoredResponse *response,
               GError **error)
{
  gboolean allowed;

  if (!may_remove (storage, device, response, &allowed, error))
    return FALSE;
  if (kind == PLAZA_ENTRY_VOID)
    response->voided = response->voided || allowed;
  else
    response->withdrawal =
        MAX (response->withdrawal, allowed ? PLAZA_WITHDRAWAL_DONE : PLAZA_WITHDRAWAL_ASKED);
  return TRUE;
}

/* Revisions */

typedef struct
{
  guint64 sequence;
  char *id;
  char *parent;
  gboolean foreign; /* by neither the device nor the author of the response */
  gboolean has_child;
} Branch;

static void
branch_clear (gpointer data)
{
  Branch *branch = data;

  g_free (branch->id);
  g_free (branch->parent);
}

typedef struct
{
  const PlazaStoredResponse *response;
  GArray *branches;
} Branches;

static gboolean
add_branch (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredRevision *revision = record;
  Branches *branches = data;
  Branch branch = { revision->sequence, g_strdup (revision->id), g_strdup (revision->parent),
                    strcmp (revision->device, branches->response->device) != 0 &&
                        strcmp (revision->author, branches->response->author) != 0,
                    FALSE };

  g_array_append_val (branches->branches, branch);
  return TRUE;
}

/*
 * Which revision holds: the one nothing was written upon. More than one such is a conflict: both
 * are kept, and the line that came first holds until a person decides. What somebody without the
 * right to it wrote never holds by itself.
 */
static gboolean
choose_effective (PlazaStorage *storage, PlazaStoredResponse *response, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Branch));
  Branches branches = { response, list };
  guint leaves = 0;
  gboolean foreign = FALSE;

  g_array_set_clear_func (list, branch_clear);
  if (!storage->table->each_revision_of (storage, response->id, add_branch, &branches, error))
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      Branch *child = &g_array_index (list, Branch, i);

      foreign = foreign || child->foreign;
      for (guint j = 0; j < list->len && !child->foreign && child->parent != NULL; j++)
        if (strcmp (g_array_index (list, Branch, j).id, child->parent) == 0)
          g_array_index (list, Branch, j).has_child = TRUE;
    }
  for (guint i = 0; i < list->len; i++)
    {
      Branch *branch = &g_array_index (list, Branch, i);

      if (branch->foreign || branch->has_child)
        continue;
      if (leaves++ == 0)
        {
          g_free (response->effective);
          response->effective = g_strdup (branch->id);
        }
    }
  response->conflict = leaves > 1 || foreign;
  return TRUE;
}

typedef struct
{
  PlazaStoredMark marks[8];
  guint n;
} Marks;

static void
add_mark (Marks *marks, const char *code, const char *message)
{
  PlazaStoredMark *mark = marks->marks + marks->n++;

  g_assert (marks->n <= G_N_ELEMENTS (marks->marks));
  mark->code = (char *) code;
  mark->ref = (char *) "";
  mark->message = (char *) message;
}

static gboolean
mark_folio (Job *job, const PlazaHeader *header, const char *folio, Marks *marks, GError **error)
{
  g_auto (PlazaStoredResponse) other = { 0 };
  PlazaFolio parts;
  gboolean found;

  if (folio == NULL)
    return TRUE;
  switch (plaza_folio_check (folio, &parts))
    {
    case PLAZA_FOLIO_MALFORMED:
      add_mark (marks, "folio-unknown", "not a folio of this campaign");
      break;
    case PLAZA_FOLIO_WRONG_CHECK:
      add_mark (marks, "folio-check", "the check character does not agree");
      break;
    case PLAZA_FOLIO_VALID:
      if (!job->storage->table->find_batch (job->storage, parts.batch, &found, error))
        return FALSE;
      if (!found)
        add_mark (marks, "folio-unknown", "the batch was not given by this central");
      break;
    }
  if (!job->storage->table->find_response_by_folio (job->storage, folio, header->response, &other,
                                                    &found, error))
    return FALSE;
  if (found)
    add_mark (marks, "folio-repeated", "another response carries the same folio");
  return TRUE;
}

static gboolean
mark_revision (Job *job, const PlazaHeader *header, const char *folio, Marks *marks, GError **error)
{
  const PlazaCampaign *campaign = job->intake->campaign;

  if (campaign->asking_ends != NULL && strcmp (header->session_date, campaign->asking_ends) > 0)
    add_mark (marks, "late", "asked after the end of asking");
  if (campaign->keying_ends != NULL && strcmp (header->session_date, campaign->keying_ends) > 0)
    add_mark (marks, "late-keyed", "dated after the end of keying");
  if (strcmp (header->device, job->intake->info.device) != 0)
    add_mark (marks, "device", "signed by another device than the header says");
  if (strcmp (header->author, job->author->person) != 0)
    add_mark (marks, "author", "another author than the device's person");
  return mark_folio (job, header, folio, marks, error);
}

typedef struct
{
  PlazaEntryKind kind;
  char *device;
} Removal;

static void
removal_free (gpointer data)
{
  Removal *removal = data;

  g_free (removal->device);
  g_free (removal);
}

static gboolean
add_removal (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredRemoval *stored = record;
  Removal *removal = g_new0 (Removal, 1);

  removal->kind = stored->kind;
  removal->device = g_strdup (stored->device);
  g_ptr_array_add (data, removal);
  return TRUE;
}

/* What was taken out before it came. */
static gboolean
apply_earlier_removals (Job *job, PlazaStoredResponse *response, const char *folio, GError **error)
{
  g_autoptr (GPtrArray) removals = g_ptr_array_new_with_free_func (removal_free);

  if (!job->storage->table->each_removal_of (job->storage, response->id, folio, add_removal,
                                             removals, error))
    return FALSE;
  for (guint i = 0; i < removals->len; i++)
    {
      const Removal *removal = g_ptr_array_index (removals, i);

      if (!apply_removal (job->storage, removal->kind, removal->device, response, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
store_revision (Job *job, PlazaReceiptStatus *status, GError **error)
{
  const PlazaStorageTable *table = job->storage->table;
  g_autoptr (PlazaRevision) revision = plaza_entry_get_revision (job->entry, error);
  g_auto (PlazaStoredResponse) response = { 0 };
  g_autofree char *folio = NULL;
  PlazaStoredRevision stored = { 0 };
  const PlazaHeader *header;
  Marks marks = { .n = 0 };
  gboolean found, conflict_before, foreign;

  if (revision == NULL)
    return FALSE;
  header = &revision->header;
  if (!is_own_campaign (job, header->campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  folio = spell_folio (header->folio);
  if (!mark_revision (job, header, folio, &marks, error) ||
      !table->find_response (job->storage, header->response, &response, &found, error))
    return FALSE;
  if (!found)
    {
      response.id = g_strdup (header->response);
      response.campaign = g_strdup (header->campaign);
      response.device = g_strdup (job->intake->info.device);
      response.author = g_strdup (job->author->person);
      response.organisation = g_strdup (job->author->organisation);
      response.effective = g_strdup (header->revision);
    }
  conflict_before = response.conflict;
  foreign = strcmp (response.device, job->intake->info.device) != 0 &&
            strcmp (response.author, job->author->person) != 0;
  if (!apply_earlier_removals (job, &response, folio, error))
    return FALSE;

  stored.id = header->revision;
  stored.hash = revision->hash;
  stored.response = header->response;
  stored.parent = header->parent;
  stored.device = job->intake->info.device;
  stored.author = job->author->person; /* who signed; what the header says is in the header */
  stored.form_id = header->form_id;
  stored.form_version = header->form_version;
  stored.session = header->session;
  stored.folio = folio;
  stored.outcome = (char *) plaza_outcome_name (header->outcome);
  stored.received = job->intake->time;
  stored.header = revision->header_json;
  stored.attachments = revision->attachments;
  plaza_hash_bytes (revision->xml, &stored.xml_hash);
  plaza_hash_bytes (revision->annotations, &stored.annotations_hash);
  if (response.withdrawal != PLAZA_WITHDRAWAL_DONE)
    {
      stored.xml = revision->xml;
      stored.annotations = revision->annotations;
    }
  if (!table->put_revision (job->storage, &stored, error) ||
      (found && !choose_effective (job->storage, &response, error)) ||
      !table->put_response (job->storage, &response, error) ||
      (marks.n > 0 &&
       !table->put_marks (job->storage, stored.id, "intake", marks.marks, marks.n, error)))
    return FALSE;
  *status = foreign || (response.conflict && !conflict_before) ? PLAZA_RECEIPT_CONFLICT
                                                               : PLAZA_RECEIPT_STORED;
  return TRUE;
}

/* The other kinds */

static gboolean
store_outcome (Job *job, PlazaReceiptStatus *status, GError **error)
{
  g_auto (PlazaHeader) header = { 0 };
  PlazaStoredOutcome stored = { 0 };

  if (!plaza_entry_get_outcome (job->entry, &header, error))
    return FALSE;
  if (!is_own_campaign (job, header.campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  stored.id = job->entry->id;
  stored.response = header.response;
  stored.session = header.session;
  stored.outcome = (char *) plaza_outcome_name (header.outcome);
  stored.received = job->intake->time;
  stored.header = job->entry->payload;
  *status = PLAZA_RECEIPT_STORED;
  return job->storage->table->put_outcome (job->storage, &stored, error);
}

/* The response a removal means. By folio it must be the only one that carries it; when several do,
 * none is destroyed and all wait for a person. */
static gboolean
remove_response (Job *job, const char *id, const char *folio, GError **error)
{
  const PlazaStorageTable *table = job->storage->table;
  g_auto (PlazaStoredResponse) response = { 0 };
  g_auto (PlazaStoredResponse) other = { 0 };
  gboolean found, several = FALSE;
  PlazaWithdrawal before;

  if (id != NULL
          ? !table->find_response (job->storage, id, &response, &found, error)
          : !table->find_response_by_folio (job->storage, folio, NULL, &response, &found, error))
    return FALSE;
  if (!found)
    return TRUE; /* applied when it comes */
  if (id == NULL &&
      !table->find_response_by_folio (job->storage, folio, response.id, &other, &several, error))
    return FALSE;
  before = response.withdrawal;
  if (several)
    {
      response.withdrawal = MAX (response.withdrawal, PLAZA_WITHDRAWAL_ASKED);
      other.withdrawal = MAX (other.withdrawal, PLAZA_WITHDRAWAL_ASKED);
      return table->put_response (job->storage, &response, error) &&
             table->put_response (job->storage, &other, error);
    }
  if (!apply_removal (job->storage, job->entry->kind, job->intake->info.device, &response, error))
    return FALSE;
  if (response.withdrawal == PLAZA_WITHDRAWAL_DONE && before != PLAZA_WITHDRAWAL_DONE &&
      !table->destroy_content (job->storage, response.id, error))
    return FALSE;
  return table->put_response (job->storage, &response, error);
}

static gboolean
store_removal (Job *job, PlazaReceiptStatus *status, GError **error)
{
  g_auto (PlazaRemoval) removal = { 0 };
  g_autofree char *folio = NULL;
  PlazaStoredRemoval stored = { 0 };

  if (!plaza_entry_get_removal (job->entry, &removal, error))
    return FALSE;
  if (!is_own_campaign (job, removal.campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  folio = spell_folio (removal.folio);
  stored.id = job->entry->id;
  stored.kind = job->entry->kind;
  stored.response = removal.response;
  stored.folio = folio;
  stored.device = job->intake->info.device; /* who signed, not who it says */
  stored.author = removal.author;
  stored.reason = removal.reason;
  stored.at = removal.at;
  stored.received = job->intake->time;
  *status = PLAZA_RECEIPT_STORED;
  return job->storage->table->put_removal (job->storage, &stored, error) &&
         remove_response (job, removal.response, folio, error);
}

static gboolean
store_session (Job *job, PlazaReceiptStatus *status, GError **error)
{
  g_auto (PlazaSessionState) session = { 0 };
  PlazaStoredSession stored = { 0 };
  gboolean known;

  if (!plaza_entry_get_session (job->entry, &session, error))
    return FALSE;
  if (!is_own_campaign (job, session.campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  stored.id = session.session;
  stored.revision = session.revision;
  stored.entry = job->entry->id;
  stored.received = job->intake->time;
  stored.state = job->entry->payload;
  if (!job->storage->table->has_session (job->storage, stored.id, stored.revision, &known, error))
    return FALSE;
  *status = known ? PLAZA_RECEIPT_CONFLICT : PLAZA_RECEIPT_STORED;
  return job->storage->table->put_session (job->storage, &stored, error);
}

/* A payload that is kept as it came, because its id is taken or its device revoked. */
static gboolean
store_held (Job *job, GError **error)
{
  g_autofree char *response = NULL;

  if (job->entry->kind == PLAZA_ENTRY_REVISION)
    {
      g_autoptr (PlazaRevision) revision = plaza_entry_get_revision (job->entry, error);

      if (revision == NULL)
        return FALSE;
      response = g_strdup (revision->header.response);
    }
  return job->storage->table->put_held (job->storage, job->entry->id, &job->entry->hash, response,
                                        job->entry->payload, error);
}

static gboolean
store_fact (Job *job, PlazaReceiptStatus *status, GError **error)
{
  switch (job->entry->kind)
    {
    case PLAZA_ENTRY_REVISION:
      return store_revision (job, status, error);
    case PLAZA_ENTRY_OUTCOME:
      return store_outcome (job, status, error);
    case PLAZA_ENTRY_VOID:
    case PLAZA_ENTRY_WITHDRAWAL:
      return store_removal (job, status, error);
    case PLAZA_ENTRY_SESSION:
      return store_session (job, status, error);
    case PLAZA_ENTRY_CONTACT:
    case PLAZA_ENTRY_CONTACT_TOTAL:
    default:
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
}

/* One entry of a response envelope. *@fresh: it was taken in now. */
static gboolean
store_entry (
    Job *job, gboolean replay, guint position, GString *listing, gboolean *fresh, GError **error)
{
  PlazaIntake *intake = job->intake;
  PlazaStoredEntry stored = { 0 };
  PlazaReceiptStatus same = 0;
  PlazaReceiptStatus status = PLAZA_RECEIPT_REJECTED;
  gboolean other = FALSE;

  *fresh = FALSE;
  if (!job->storage->table->find_entry (job->storage, job->entry->id, &job->entry->hash, &same,
                                        &other, error))
    return FALSE;
  if (same != 0)
    {
      intake->statuses[position] =
          same == PLAZA_RECEIPT_QUARANTINED ? PLAZA_RECEIPT_QUARANTINED : PLAZA_RECEIPT_DUPLICATE;
      return TRUE;
    }
  if (replay) /* what was not taken then is not taken now */
    {
      intake->statuses[position] = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  if (job->author->revoked != 0 || other)
    {
      status = job->author->revoked != 0 ? PLAZA_RECEIPT_QUARANTINED : PLAZA_RECEIPT_CONFLICT;
      if (!store_held (job, error))
        return FALSE;
    }
  else if (!store_fact (job, &status, error))
    return FALSE;
  intake->statuses[position] = (guint8) status;
  if (status == PLAZA_RECEIPT_REJECTED)
    return TRUE;

  stored.id = job->entry->id;
  stored.hash = job->entry->hash;
  stored.kind = job->entry->kind;
  stored.device = intake->info.device;
  stored.sequence = job->entry->sequence;
  stored.envelope = intake->info.id;
  stored.position = position;
  stored.status = status;
  plaza_intake_listing (listing, &stored);
  *fresh = TRUE;
  return job->storage->table->put_entry (job->storage, &stored, error);
}

void
plaza_intake_listing (GString *listing, const PlazaStoredEntry *entry)
{
  g_autofree char *hash = plaza_hash_to_string (&entry->hash);

  g_string_append_printf (listing, "%u %d %s %s %" G_GUINT64_FORMAT " %d\n", entry->position,
                          (int) entry->kind, entry->id, hash, entry->sequence, (int) entry->status);
}

char *
plaza_intake_details (guint n_entries, const GString *listing)
{
  g_autofree char *text = NULL;
  PlazaHash hash;

  plaza_hash_data (listing->str, listing->len, &hash);
  text = plaza_hash_to_string (&hash);
  return g_strdup_printf ("entries=%u listing=%s", n_entries, text);
}

static gboolean
store_responses (Job *job, GError **error)
{
  PlazaIntake *intake = job->intake;
  const PlazaStorageTable *table = job->storage->table;
  g_autoptr (GString) listing = g_string_new (NULL);
  g_auto (PlazaStoredEnvelope) known = { 0 };
  g_autofree char *details = NULL;
  g_autofree char *object = NULL;
  PlazaStoredEnvelope envelope = { 0 };
  PlazaAuditRow head = { 0 };
  gboolean replay;
  guint taken = 0;

  if (!table->find_envelope (job->storage, &intake->info.id, &known, &replay, error))
    return FALSE;
  for (guint i = 0; i < intake->entries->len; i++)
    {
      gboolean fresh;

      job->entry = g_ptr_array_index (intake->entries, i);
      if (!store_entry (job, replay, i, listing, &fresh, error))
        return FALSE;
      taken += fresh;
    }
  if (taken == 0)
    return TRUE;
  details = plaza_intake_details (taken, listing);
  object = plaza_hash_to_string (&intake->info.id);
  if (!plaza_storage_audit (job->storage, intake->time, intake->info.device,
                            job->author->revoked != 0 ? "quarantine" : "envelope", object, details,
                            &head, error))
    return FALSE;
  envelope.hash = intake->info.id;
  envelope.campaign = intake->campaign->fingerprint;
  envelope.device = intake->info.device;
  envelope.received = intake->time;
  envelope.audit = head.sequence;
  envelope.n_entries = taken;
  envelope.quarantined = job->author->revoked != 0;
  return table->put_envelope (job->storage, &envelope, error);
}

/* Contacts: beside them nothing is written but that so many came in this envelope. */

static gboolean
read_contact (PlazaEntry *entry, PlazaStoredContact *out, GError **error)
{
  g_auto (PlazaContact) contact = { 0 };
  gsize date;

  if (!plaza_entry_get_contact (entry, &contact, error))
    return FALSE;
  date = strlen (contact.date);
  out->id = g_strdup (entry->id);
  out->date = g_steal_pointer (&contact.date);
  out->sealed =
      g_bytes_new_from_bytes (entry->payload, date, g_bytes_get_size (entry->payload) - date);
  return TRUE;
}

static gboolean
store_contact (Job *job, GArray *fresh, guint position, GError **error)
{
  g_auto (PlazaStoredContact) known = { 0 };
  g_auto (PlazaStoredContact) contact = { 0 };
  gboolean found;

  if (!read_contact (job->entry, &contact, error) ||
      !job->storage->table->find_contact (job->storage, contact.id, &known, &found, error))
    return FALSE;
  if (found)
    {
      job->intake->statuses[position] =
          strcmp (known.date, contact.date) == 0 && g_bytes_equal (known.sealed, contact.sealed)
              ? PLAZA_RECEIPT_DUPLICATE
              : PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  for (guint i = 0; i < fresh->len; i++)
    if (strcmp (g_array_index (fresh, PlazaStoredContact, i).id, contact.id) == 0)
      {
        job->intake->statuses[position] = PLAZA_RECEIPT_REJECTED;
        return TRUE;
      }
  job->intake->statuses[position] =
      job->author->revoked != 0 ? PLAZA_RECEIPT_QUARANTINED : PLAZA_RECEIPT_STORED;
  g_array_append_val (fresh, contact);
  memset (&contact, 0, sizeof contact);
  return TRUE;
}

static gboolean
store_contact_total (Job *job, guint position, GError **error)
{
  g_autofree char *device = NULL;
  guint64 count;

  if (!plaza_entry_get_contact_total (job->entry, &device, &count, error))
    return FALSE;
  job->intake->statuses[position] = PLAZA_RECEIPT_STORED;
  return job->storage->table->set_contact_total (job->storage, job->intake->info.device, count,
                                                 error);
}

static gboolean
store_contacts (Job *job, GError **error)
{
  PlazaIntake *intake = job->intake;
  g_autoptr (GArray) fresh = g_array_new (FALSE, FALSE, sizeof (PlazaStoredContact));
  g_autofree char *object = NULL;
  g_autofree char *details = NULL;

  g_array_set_clear_func (fresh, (GDestroyNotify) plaza_stored_contact_clear);
  for (guint i = 0; i < intake->entries->len; i++)
    {
      job->entry = g_ptr_array_index (intake->entries, i);
      if (job->entry->kind == PLAZA_ENTRY_CONTACT ? !store_contact (job, fresh, i, error)
                                                  : !store_contact_total (job, i, error))
        return FALSE;
    }
  if (fresh->len == 0)
    return TRUE;
  object = plaza_hash_to_string (&intake->info.id);
  details = g_strdup_printf ("contacts=%u", fresh->len);
  return job->storage->table->put_contacts (job->storage,
                                            &g_array_index (fresh, PlazaStoredContact, 0),
                                            fresh->len, job->author->revoked != 0, error) &&
         plaza_storage_audit (job->storage, intake->time - intake->time % DAY_MS, "-",
                              job->author->revoked != 0 ? "contacts-quarantine" : "contacts",
                              object, details, NULL, error);
}

gboolean
plaza_intake_store (PlazaIntake *self, PlazaStorage *storage, GError **error)
{
  g_auto (PlazaDevice) author = { 0 };
  g_auto (PlazaAuditRow) head = { 0 };
  Job job = { self, storage, &author, NULL };
  gboolean found;

  g_clear_pointer (&self->statuses, g_free);
  self->statuses = g_new0 (guint8, MAX (self->entries->len, 1));
  self->time = plaza_clock_now_ms ();
  /* asked again, because it may have been revoked since the envelope was opened */
  if (!storage->table->find_device (storage, self->info.device, &author, &found, error))
    return FALSE;
  if (!found)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the author's device is gone");
  if (self->contacts ? !store_contacts (&job, error) : !store_responses (&job, error))
    return FALSE;
  if (!storage->table->last_audit (storage, &head, &found, error))
    return FALSE;
  self->audit_sequence = head.sequence;
  self->audit_head = head.hash;
  return TRUE;
}

GBytes *
plaza_intake_receipt (PlazaIntake *self, PlazaCentral *central, GError **error)
{
  PlazaReceipt receipt = { 0 };

  receipt.envelope = self->info.id;
  receipt.audit_head = self->audit_head;
  receipt.audit_sequence = self->audit_sequence;
  receipt.time_ms = self->time;
  receipt.n_statuses = self->entries->len;
  receipt.statuses = self->statuses;
  return plaza_receipt_sign (&receipt, central->sign, error);
}

/* Accepting what was quarantined */

static gboolean
add_held (gpointer record, gpointer data, GError **error)
{
  const PlazaHeldEntry *held = record;
  PlazaEntry *entry = plaza_entry_new (held->entry.kind, held->entry.id, held->entry.sequence,
                                       held->payload, error);

  if (entry == NULL)
    return FALSE;
  g_ptr_array_add (data, entry);
  return TRUE;
}

static gboolean
accept_one (Job *job, GError **error)
{
  PlazaReceiptStatus same, status;
  gboolean other;

  return job->storage->table->find_entry (job->storage, job->entry->id, &job->entry->hash, &same,
                                          &other, error) &&
         (other || store_fact (job, &status, error)) &&
         job->storage->table->put_accepted (job->storage, job->entry->id, &job->entry->hash, error);
}

gboolean
plaza_intake_accept (
    PlazaCentral *central, PlazaStorage *storage, const char *device, guint *n, GError **error)
{
  g_autoptr (PlazaIntake) intake = g_new0 (PlazaIntake, 1);
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  g_auto (PlazaDevice) author = { 0 };
  g_autofree char *details = NULL;
  Job job = { intake, storage, &author, NULL };
  gboolean found;

  if (!storage->table->find_device (storage, device, &author, &found, error))
    return FALSE;
  if (!found || (intake->campaign = plaza_central_find_campaign (central, author.campaign)) == NULL)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "no such device of a campaign here");
  g_strlcpy (intake->info.device, device, sizeof intake->info.device);
  intake->time = plaza_clock_now_ms ();
  if (!storage->table->each_quarantined (storage, device, add_held, entries, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      job.entry = g_ptr_array_index (entries, i);
      if (!accept_one (&job, error))
        return FALSE;
    }
  *n = entries->len;
  details = g_strdup_printf ("entries=%u", entries->len);
  return plaza_storage_audit (storage, intake->time, "operator", "accept", device, details, NULL,
                              error);
}

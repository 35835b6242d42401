/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "base/folio.h"
#include "central/fact.h"

static gboolean
is_own_campaign (PlazaFact *fact, const char *campaign)
{
  return strcmp (campaign, fact->intake->campaign->fingerprint) == 0;
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
mark_folio (
    PlazaFact *fact, const PlazaHeader *header, const char *folio, Marks *marks, GError **error)
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
      if (!fact->storage->table->find_batch (fact->storage, parts.batch, &found, error))
        return FALSE;
      if (!found)
        add_mark (marks, "folio-unknown", "the batch was not given by this central");
      break;
    }
  if (!fact->storage->table->find_response_by_folio (fact->storage, folio, header->response, &other,
                                                     &found, error))
    return FALSE;
  if (found)
    add_mark (marks, "folio-repeated", "another response carries the same folio");
  return TRUE;
}

/* Dates are YYYY-MM-DD: their order is that of their bytes. */
static gboolean
is_after (const char *time, const char *end)
{
  return end != NULL && strncmp (time, end, strlen (end)) > 0;
}

/* By the entry's own dates, whatever the day it arrives: asked, or keyed, after the campaign's. */
static void
mark_late (PlazaFact *fact, const PlazaHeader *header, Marks *marks)
{
  const PlazaCampaign *campaign = fact->intake->campaign;

  if (is_after (header->session_date, campaign->asking_ends))
    add_mark (marks, "late", "asked after the end of asking");
  else if (strcmp (header->mode, "keyed") == 0 && is_after (header->ended, campaign->keying_ends))
    add_mark (marks, "late", "keyed after the end of keying");
  else
    return;
  fact->intake->n_late++;
}

static gboolean
mark_revision (
    PlazaFact *fact, const PlazaHeader *header, const char *folio, Marks *marks, GError **error)
{
  mark_late (fact, header, marks);
  if (strcmp (header->device, fact->intake->info.device) != 0)
    add_mark (marks, "device", "signed by another device than the header says");
  if (strcmp (header->author, fact->author->person) != 0)
    add_mark (marks, "author", "another author than the device's person");
  return mark_folio (fact, header, folio, marks, error);
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
apply_earlier_removals (PlazaFact *fact,
                        PlazaStoredResponse *response,
                        const char *folio,
                        GError **error)
{
  g_autoptr (GPtrArray) removals = g_ptr_array_new_with_free_func (removal_free);

  if (!fact->storage->table->each_removal_of (fact->storage, response->id, folio, add_removal,
                                              removals, error))
    return FALSE;
  for (guint i = 0; i < removals->len; i++)
    {
      const Removal *removal = g_ptr_array_index (removals, i);

      if (!apply_removal (fact->storage, removal->kind, removal->device, response, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
store_revision (PlazaFact *fact, PlazaReceiptStatus *status, GError **error)
{
  const PlazaStorageTable *table = fact->storage->table;
  g_autoptr (PlazaRevision) revision = plaza_entry_get_revision (fact->entry, error);
  g_auto (PlazaStoredResponse) response = { 0 };
  g_autofree char *folio = NULL;
  PlazaStoredRevision stored = { 0 };
  const PlazaHeader *header;
  Marks marks = { .n = 0 };
  gboolean found, conflict_before, foreign;

  if (revision == NULL)
    return FALSE;
  header = &revision->header;
  if (!is_own_campaign (fact, header->campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  folio = spell_folio (header->folio);
  if (!mark_revision (fact, header, folio, &marks, error) ||
      !table->find_response (fact->storage, header->response, &response, &found, error))
    return FALSE;
  if (!found)
    {
      response.id = g_strdup (header->response);
      response.campaign = g_strdup (header->campaign);
      response.device = g_strdup (fact->intake->info.device);
      response.author = g_strdup (fact->author->person);
      response.organisation = g_strdup (fact->author->organisation);
      response.effective = g_strdup (header->revision);
    }
  conflict_before = response.conflict;
  foreign = strcmp (response.device, fact->intake->info.device) != 0 &&
            strcmp (response.author, fact->author->person) != 0;
  if (!apply_earlier_removals (fact, &response, folio, error))
    return FALSE;

  stored.campaign = fact->intake->campaign->fingerprint;
  stored.id = header->revision;
  stored.hash = revision->hash;
  stored.response = header->response;
  stored.parent = header->parent;
  stored.device = fact->intake->info.device;
  stored.author = fact->author->person; /* who signed; what the header says is in the header */
  stored.form_id = header->form_id;
  stored.form_version = header->form_version;
  stored.session = header->session;
  stored.folio = folio;
  stored.outcome = (char *) plaza_outcome_name (header->outcome);
  stored.received = fact->intake->time;
  stored.header = revision->header_json;
  stored.attachments = revision->attachments;
  stored.xml_hash = revision->xml_hash;
  stored.annotations_hash = revision->annotations_hash;
  if (response.withdrawal != PLAZA_WITHDRAWAL_DONE)
    {
      stored.xml = revision->xml;
      stored.annotations = revision->annotations;
    }
  if (!table->put_revision (fact->storage, &stored, error) ||
      (found && !choose_effective (fact->storage, &response, error)) ||
      !table->put_response (fact->storage, &response, error) ||
      (marks.n > 0 &&
       !table->add_marks (fact->storage, stored.id, "intake", marks.marks, marks.n, error)))
    return FALSE;
  *status = foreign || (response.conflict && !conflict_before) ? PLAZA_RECEIPT_CONFLICT
                                                               : PLAZA_RECEIPT_STORED;
  return TRUE;
}

/* The other kinds */

static gboolean
store_outcome (PlazaFact *fact, PlazaReceiptStatus *status, GError **error)
{
  g_auto (PlazaHeader) header = { 0 };
  PlazaStoredOutcome stored = { 0 };
  Marks marks = { .n = 0 };

  if (!plaza_entry_get_outcome (fact->entry, &header, error))
    return FALSE;
  if (!is_own_campaign (fact, header.campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  stored.id = fact->entry->id;
  stored.response = header.response;
  stored.session = header.session;
  stored.outcome = (char *) plaza_outcome_name (header.outcome);
  stored.received = fact->intake->time;
  stored.header = fact->entry->payload;
  *status = PLAZA_RECEIPT_STORED;
  mark_late (fact, &header, &marks);
  return fact->storage->table->put_outcome (fact->storage, &stored, error) &&
         (marks.n == 0 || fact->storage->table->put_marks (fact->storage, stored.id, "intake",
                                                           marks.marks, marks.n, error));
}

static gboolean
change_response (PlazaStorage *storage, const PlazaStoredResponse *response, GError **error)
{
  return storage->table->put_response (storage, response, error) &&
         storage->table->put_change (storage, response->id, error);
}

/* The response a removal means. By folio it must be the only one that carries it; when several do,
 * none is destroyed and all wait for a person. */
static gboolean
remove_response (PlazaFact *fact, const char *id, const char *folio, GError **error)
{
  const PlazaStorageTable *table = fact->storage->table;
  g_auto (PlazaStoredResponse) response = { 0 };
  g_auto (PlazaStoredResponse) other = { 0 };
  gboolean found, several = FALSE;
  PlazaWithdrawal before;

  if (id != NULL
          ? !table->find_response (fact->storage, id, &response, &found, error)
          : !table->find_response_by_folio (fact->storage, folio, NULL, &response, &found, error))
    return FALSE;
  if (!found)
    return TRUE; /* applied when it comes */
  if (id == NULL &&
      !table->find_response_by_folio (fact->storage, folio, response.id, &other, &several, error))
    return FALSE;
  before = response.withdrawal;
  if (several)
    {
      response.withdrawal = MAX (response.withdrawal, PLAZA_WITHDRAWAL_ASKED);
      other.withdrawal = MAX (other.withdrawal, PLAZA_WITHDRAWAL_ASKED);
      return change_response (fact->storage, &response, error) &&
             change_response (fact->storage, &other, error);
    }
  if (!apply_removal (fact->storage, fact->entry->kind, fact->intake->info.device, &response,
                      error))
    return FALSE;
  if (response.withdrawal == PLAZA_WITHDRAWAL_DONE && before != PLAZA_WITHDRAWAL_DONE &&
      !table->destroy_content (fact->storage, response.id, error))
    return FALSE;
  return change_response (fact->storage, &response, error);
}

static gboolean
store_removal (PlazaFact *fact, PlazaReceiptStatus *status, GError **error)
{
  g_auto (PlazaRemoval) removal = { 0 };
  g_autofree char *folio = NULL;
  PlazaStoredRemoval stored = { 0 };

  if (!plaza_entry_get_removal (fact->entry, &removal, error))
    return FALSE;
  if (!is_own_campaign (fact, removal.campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  folio = spell_folio (removal.folio);
  stored.id = fact->entry->id;
  stored.kind = fact->entry->kind;
  stored.response = removal.response;
  stored.folio = folio;
  stored.device = fact->intake->info.device; /* who signed, not who it says */
  stored.author = removal.author;
  stored.reason = removal.reason;
  stored.at = removal.at;
  stored.received = fact->intake->time;
  *status = PLAZA_RECEIPT_STORED;
  return fact->storage->table->put_removal (fact->storage, &stored, error) &&
         remove_response (fact, removal.response, folio, error);
}

static gboolean
store_session (PlazaFact *fact, PlazaReceiptStatus *status, GError **error)
{
  g_auto (PlazaSessionState) session = { 0 };
  PlazaStoredSession stored = { 0 };
  gboolean known;

  if (!plaza_entry_get_session (fact->entry, &session, error))
    return FALSE;
  if (!is_own_campaign (fact, session.campaign))
    {
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  stored.id = session.session;
  stored.revision = session.revision;
  stored.entry = fact->entry->id;
  stored.received = fact->intake->time;
  stored.state = fact->entry->payload;
  if (!fact->storage->table->has_session (fact->storage, stored.id, stored.revision, &known, error))
    return FALSE;
  *status = known ? PLAZA_RECEIPT_CONFLICT : PLAZA_RECEIPT_STORED;
  return fact->storage->table->put_session (fact->storage, &stored, error);
}

gboolean
plaza_fact_hold (PlazaFact *fact, GError **error)
{
  g_autofree char *response = NULL;

  if (fact->entry->kind == PLAZA_ENTRY_REVISION)
    {
      g_autoptr (PlazaRevision) revision = plaza_entry_get_revision (fact->entry, error);

      if (revision == NULL)
        return FALSE;
      response = g_strdup (revision->header.response);
    }
  return fact->storage->table->put_held (fact->storage, fact->entry->id, &fact->entry->hash,
                                         response, fact->entry->payload, error);
}

gboolean
plaza_fact_store (PlazaFact *fact, PlazaReceiptStatus *status, GError **error)
{
  switch (fact->entry->kind)
    {
    case PLAZA_ENTRY_REVISION:
      return store_revision (fact, status, error);
    case PLAZA_ENTRY_OUTCOME:
      return store_outcome (fact, status, error);
    case PLAZA_ENTRY_VOID:
    case PLAZA_ENTRY_WITHDRAWAL:
      return store_removal (fact, status, error);
    case PLAZA_ENTRY_SESSION:
      return store_session (fact, status, error);
    case PLAZA_ENTRY_CONTACT:
    case PLAZA_ENTRY_CONTACT_TOTAL:
    default:
      *status = PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
}

void
plaza_fact_look (PlazaEntry *entry, PlazaLookahead *keys)
{
  const PlazaHeader *header;
  g_autofree char *folio = NULL;
  PlazaFolio parts;

  plaza_lookahead_add (keys->entries, entry->id);
  if (entry->kind != PLAZA_ENTRY_REVISION)
    return;
  header = &entry->revision->header;
  plaza_lookahead_add (keys->responses, header->response);
  folio = spell_folio (header->folio);
  if (folio == NULL)
    return;
  plaza_lookahead_add (keys->folios, folio);
  if (plaza_folio_check (folio, &parts) == PLAZA_FOLIO_VALID)
    plaza_lookahead_add (keys->batches, parts.batch);
}

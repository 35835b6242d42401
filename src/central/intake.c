/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "central/fact.h"
#include "central/log.h"
#include "central/metrics.h"

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

/* Storing */

/* One entry of a response envelope. *@fresh: it was taken in now. */
static gboolean
store_entry (PlazaFact *fact,
             gboolean replay,
             guint position,
             GString *listing,
             gboolean *fresh,
             GError **error)
{
  PlazaIntake *intake = fact->intake;
  PlazaStoredEntry stored = { 0 };
  PlazaReceiptStatus same = 0;
  PlazaReceiptStatus status = PLAZA_RECEIPT_REJECTED;
  gboolean other = FALSE;

  *fresh = FALSE;
  if (!fact->storage->table->find_entry (fact->storage, fact->entry->id, &fact->entry->hash, &same,
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
  if (fact->author->revoked != 0 || other)
    {
      status = fact->author->revoked != 0 ? PLAZA_RECEIPT_QUARANTINED : PLAZA_RECEIPT_CONFLICT;
      if (!plaza_fact_hold (fact, error))
        return FALSE;
    }
  else if (!plaza_fact_store (fact, &status, error))
    return FALSE;
  intake->statuses[position] = (guint8) status;
  if (status == PLAZA_RECEIPT_REJECTED)
    return TRUE;

  stored.campaign = intake->campaign->fingerprint;
  stored.id = fact->entry->id;
  stored.hash = fact->entry->hash;
  stored.kind = fact->entry->kind;
  stored.device = intake->info.device;
  stored.sequence = fact->entry->sequence;
  stored.envelope = intake->info.id;
  stored.position = position;
  stored.status = status;
  plaza_intake_listing (listing, &stored);
  *fresh = TRUE;
  return fact->storage->table->put_entry (fact->storage, &stored, error);
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
store_responses (PlazaFact *fact, GError **error)
{
  PlazaIntake *intake = fact->intake;
  const PlazaStorageTable *table = fact->storage->table;
  g_autoptr (GString) listing = g_string_new (NULL);
  g_auto (PlazaStoredEnvelope) known = { 0 };
  g_autofree char *details = NULL;
  g_autofree char *object = NULL;
  g_autoptr (GBytes) statuses = NULL;
  PlazaStoredEnvelope envelope = { 0 };
  PlazaAuditRow head = { 0 };
  gboolean replay;
  guint taken = 0;

  if (!table->find_envelope (fact->storage, &intake->info.id, &known, &replay, error))
    return FALSE;
  for (guint i = 0; i < intake->entries->len; i++)
    {
      gboolean fresh;

      fact->entry = g_ptr_array_index (intake->entries, i);
      if (!store_entry (fact, replay, i, listing, &fresh, error))
        return FALSE;
      taken += fresh;
    }
  if (taken == 0)
    return TRUE;
  details = plaza_intake_details (taken, listing);
  object = plaza_hash_to_string (&intake->info.id);
  if (!plaza_storage_audit (fact->storage, intake->time, intake->info.device,
                            fact->author->revoked != 0 ? "quarantine" : "envelope", object, details,
                            &head, error))
    return FALSE;
  envelope.hash = intake->info.id;
  envelope.campaign = intake->campaign->fingerprint;
  envelope.device = intake->info.device;
  envelope.received = intake->time;
  envelope.audit = head.sequence;
  envelope.n_entries = taken;
  envelope.quarantined = fact->author->revoked != 0;
  statuses = g_bytes_new_static (intake->statuses, intake->entries->len);
  envelope.statuses = statuses;
  return table->put_envelope (fact->storage, &envelope, error);
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
store_contact (PlazaFact *fact, GArray *fresh, guint position, GError **error)
{
  g_auto (PlazaStoredContact) known = { 0 };
  g_auto (PlazaStoredContact) contact = { 0 };
  gboolean found;

  if (!read_contact (fact->entry, &contact, error) ||
      !fact->storage->table->find_contact (fact->storage, contact.id, &known, &found, error))
    return FALSE;
  if (found)
    {
      fact->intake->statuses[position] =
          strcmp (known.date, contact.date) == 0 && g_bytes_equal (known.sealed, contact.sealed)
              ? PLAZA_RECEIPT_DUPLICATE
              : PLAZA_RECEIPT_REJECTED;
      return TRUE;
    }
  for (guint i = 0; i < fresh->len; i++)
    if (strcmp (g_array_index (fresh, PlazaStoredContact, i).id, contact.id) == 0)
      {
        fact->intake->statuses[position] = PLAZA_RECEIPT_REJECTED;
        return TRUE;
      }
  fact->intake->statuses[position] =
      fact->author->revoked != 0 ? PLAZA_RECEIPT_QUARANTINED : PLAZA_RECEIPT_STORED;
  g_array_append_val (fresh, contact);
  memset (&contact, 0, sizeof contact);
  return TRUE;
}

static gboolean
store_contact_total (PlazaFact *fact, guint position, GError **error)
{
  g_autofree char *device = NULL;
  guint64 count;

  if (!plaza_entry_get_contact_total (fact->entry, &device, &count, error))
    return FALSE;
  fact->intake->statuses[position] = PLAZA_RECEIPT_STORED;
  return fact->storage->table->set_contact_total (fact->storage, fact->intake->info.device, count,
                                                  error);
}

static gboolean
store_contacts (PlazaFact *fact, GError **error)
{
  PlazaIntake *intake = fact->intake;
  g_autoptr (GArray) fresh = g_array_new (FALSE, FALSE, sizeof (PlazaStoredContact));
  g_autofree char *object = NULL;
  g_autofree char *details = NULL;

  g_array_set_clear_func (fresh, (GDestroyNotify) plaza_stored_contact_clear);
  for (guint i = 0; i < intake->entries->len; i++)
    {
      fact->entry = g_ptr_array_index (intake->entries, i);
      if (fact->entry->kind == PLAZA_ENTRY_CONTACT ? !store_contact (fact, fresh, i, error)
                                                   : !store_contact_total (fact, i, error))
        return FALSE;
    }
  if (fresh->len == 0)
    return TRUE;
  object = plaza_hash_to_string (&intake->info.id);
  details = g_strdup_printf ("contacts=%u", fresh->len);
  return fact->storage->table->put_contacts (fact->storage,
                                             &g_array_index (fresh, PlazaStoredContact, 0),
                                             fresh->len, fact->author->revoked != 0, error) &&
         plaza_storage_audit (fact->storage, intake->time - intake->time % DAY_MS, "-",
                              fact->author->revoked != 0 ? "contacts-quarantine" : "contacts",
                              object, details, NULL, error);
}

void
plaza_intake_look (PlazaIntake *self, PlazaLookahead *keys)
{
  g_autofree char *hash = plaza_hash_to_string (&self->info.id);

  plaza_lookahead_add (keys->devices, self->info.device);
  if (self->contacts)
    return;
  plaza_lookahead_add (keys->envelopes, hash);
  for (guint i = 0; i < self->entries->len; i++)
    plaza_fact_look (g_ptr_array_index (self->entries, i), keys);
}

gboolean
plaza_intake_store (PlazaIntake *self, PlazaStorage *storage, GError **error)
{
  g_auto (PlazaDevice) author = { 0 };
  PlazaFact fact = { self, storage, &author, NULL };
  gboolean found;

  g_clear_pointer (&self->statuses, g_free);
  self->statuses = g_new0 (guint8, MAX (self->entries->len, 1));
  self->time = plaza_clock_now_ms ();
  self->n_late = 0;
  /* asked again, because it may have been revoked since the envelope was opened */
  if (!storage->table->find_device (storage, self->info.device, &author, &found, error))
    return FALSE;
  if (!found)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the author's device is gone");
  if (self->contacts ? !store_contacts (&fact, error) : !store_responses (&fact, error))
    return FALSE;
  return plaza_storage_audit_head (storage, &self->audit_sequence, &self->audit_head, error);
}

void
plaza_intake_note (const PlazaIntake *self)
{
  gboolean quarantined = FALSE;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const PlazaEntry *entry = g_ptr_array_index (self->entries, i);
      PlazaReceiptStatus status = (PlazaReceiptStatus) self->statuses[i];

      plaza_metrics_count_entry (entry->kind, status);
      quarantined = quarantined || status == PLAZA_RECEIPT_QUARANTINED;
    }
  plaza_metrics_add (PLAZA_METRIC_ENVELOPES, 1);
  plaza_metrics_add (PLAZA_METRIC_ENTRIES_LATE, self->n_late);
  plaza_metrics_set (PLAZA_GAUGE_LAST_ENVELOPE, g_get_real_time () / G_USEC_PER_SEC);
  if (!quarantined)
    return;
  plaza_metrics_add (PLAZA_METRIC_ENVELOPES_QUARANTINED, 1);
  /* of contacts nobody may learn later whose they were */
  if (!self->contacts)
    plaza_log (G_LOG_LEVEL_WARNING, "envelope-quarantined", "device", self->info.device, NULL);
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

static gboolean
update_status (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredEntry *entry = record;
  PlazaReceipt *receipt = data;

  /* only an administrator changes what was answered: from quarantined to stored */
  if (entry->position < receipt->n_statuses)
    receipt->statuses[entry->position] = (guint8) entry->status;
  return TRUE;
}

GBytes *
plaza_intake_receipt_again (PlazaCentral *central,
                            PlazaStorage *reader,
                            const PlazaHash *hash,
                            GError **error)
{
  g_auto (PlazaStoredEnvelope) envelope = { 0 };
  g_auto (PlazaAuditRow) head = { 0 };
  g_autofree guint8 *statuses = NULL;
  PlazaReceipt receipt = { .envelope = *hash };
  gboolean found;

  if (!reader->table->find_envelope (reader, hash, &envelope, &found, error) || !found ||
      envelope.statuses == NULL)
    return NULL;
  receipt.n_statuses = (guint) g_bytes_get_size (envelope.statuses);
  receipt.statuses = statuses =
      g_memdup2 (g_bytes_get_data (envelope.statuses, NULL), receipt.n_statuses);
  if (!reader->table->each_status_of (reader, hash, update_status, &receipt, error) ||
      !reader->table->last_audit (reader, &head, &found, error))
    return NULL;
  receipt.audit_sequence = head.sequence;
  receipt.audit_head = head.hash;
  receipt.time_ms = plaza_clock_now_ms ();
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
accept_one (PlazaFact *fact, GError **error)
{
  PlazaReceiptStatus same, status;
  gboolean other;

  return fact->storage->table->find_entry (fact->storage, fact->entry->id, &fact->entry->hash,
                                           &same, &other, error) &&
         (other || plaza_fact_store (fact, &status, error)) &&
         fact->storage->table->put_accepted (fact->storage, fact->entry->id, &fact->entry->hash,
                                             error);
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
  PlazaFact fact = { intake, storage, &author, NULL };
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
      fact.entry = g_ptr_array_index (entries, i);
      if (!accept_one (&fact, error))
        return FALSE;
    }
  *n = entries->len;
  details = g_strdup_printf ("entries=%u", entries->len);
  return plaza_storage_audit (storage, intake->time, "operator", "accept", device, details, NULL,
                              error);
}

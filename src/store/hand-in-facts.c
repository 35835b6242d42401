/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/hand-in-private.h"

#include "base/error.h"
#include "base/json.h"
#include "store/carried.h"
#include "store/contact-pool.h"
#include "store/profile-private.h"
#include "store/safe-copy.h"
#include "store/unreadable-private.h"
#include "wire/receipt.h"

/* What the proof says. */

static void
envelope_free (gpointer data)
{
  PlazaHandInEnvelope *envelope = data;

  g_free (envelope->id);
  g_free (envelope->audit_head);
  g_free (envelope);
}

static void
discarded_free (gpointer data)
{
  PlazaHandInDiscarded *discarded = data;

  g_free (discarded->folio);
  g_free (discarded->what);
  g_free (discarded->reason);
  g_free (discarded);
}

void
plaza_hand_in_facts_clear (PlazaHandInFacts *self)
{
  g_free (self->name);
  g_free (self->person);
  g_free (self->organisation);
  g_free (self->device);
  g_free (self->device_key);
  g_free (self->campaign);
  g_free (self->fingerprint);
  g_free (self->copy_left);
  g_free (self->unreadable_reason);
  g_clear_pointer (&self->envelopes, g_ptr_array_unref);
  g_clear_pointer (&self->discarded, g_ptr_array_unref);
  *self = (PlazaHandInFacts){ 0 };
}

static gboolean
read_envelopes (PlazaDatabase *db, GPtrArray *envelopes, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT id, entries, contacts, delivered_ms FROM envelope WHERE delivered_ms IS NOT NULL "
      "AND problem IS NOT '" PLAZA_HAND_IN_DISCARDED "' ORDER BY number",
      "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      PlazaHandInEnvelope *envelope = g_new0 (PlazaHandInEnvelope, 1);

      envelope->id = g_strdup (plaza_rows_text (rows, 0));
      envelope->entries = (guint) plaza_rows_int (rows, 1);
      envelope->contacts = plaza_rows_int (rows, 2) != 0;
      envelope->delivered_ms = plaza_rows_int (rows, 3);
      g_ptr_array_add (envelopes, envelope);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
read_outcomes (PlazaDatabase *db, PlazaHandInFacts *facts, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT outcome, count (*) FROM response AS r WHERE EXISTS (SELECT 1 FROM entry WHERE "
      "response = r.number AND kind IN (?, ?)) GROUP BY outcome",
      "ii", (gint64) PLAZA_ENTRY_REVISION, (gint64) PLAZA_ENTRY_OUTCOME);
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      gint64 outcome = plaza_rows_is_null (rows, 0) ? -1 : plaza_rows_int (rows, 0);

      if (outcome >= 0 && outcome < PLAZA_N_OUTCOMES)
        facts->outcomes[outcome] = (guint) plaza_rows_int (rows, 1);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
read_discarded (PlazaStore *store, PlazaDatabase *db, GPtrArray *list, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = plaza_store_read_value (store, db, PLAZA_HAND_IN_DISCARDED, &local);
  g_autoptr (JsonObject) object = NULL;
  JsonArray *items;

  /* One that cannot be read is counted as such. */
  if (local != NULL && !plaza_unreadable_is_damage (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (bytes == NULL)
    return TRUE;
  object = plaza_json_parse_object (bytes, NULL, error);
  if (object == NULL)
    return FALSE;
  items = json_object_get_array_member (object, "items");
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);
      PlazaHandInDiscarded *discarded = g_new0 (PlazaHandInDiscarded, 1);

      discarded->folio = g_strdup (json_object_get_string_member (item, "folio"));
      discarded->what = g_strdup (json_object_get_string_member (item, "what"));
      discarded->reason = g_strdup (json_object_get_string_member (item, "reason"));
      g_ptr_array_add (list, discarded);
    }
  return TRUE;
}

static gboolean
facts_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaHandInFacts *facts = data;
  gint64 quarantined;

  if (!read_envelopes (db, facts->envelopes, error) || !read_outcomes (db, facts, error) ||
      !read_discarded (store, db, facts->discarded, error) ||
      !plaza_contact_pool_ever (store, db, &facts->contacts, error) ||
      !plaza_unreadable_survey (store, db, &facts->unreadable, error) ||
      !plaza_database_get_int (db, 0, &quarantined, error,
                               "SELECT count (*) FROM entry WHERE state = 4 AND "
                               "problem IS 'quarantined'",
                               ""))
    return FALSE;
  facts->quarantined = (guint) quarantined;
  plaza_hand_in_read_accepted (store, db, &facts->unreadable, &facts->unreadable_reason);
  return TRUE;
}

/* What the central itself said of each envelope, as far as its receipt is still here. */
static gboolean
add_receipts (PlazaStore *store, PlazaHandInFacts *facts, GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  const char *root = plaza_profile_get_data_root (plaza_store_get_profile (store));
  g_autoptr (PlazaCarried) carried = plaza_carried_new (root, error);

  if (carried == NULL)
    return FALSE;
  for (guint i = 0; i < facts->envelopes->len; i++)
    {
      PlazaHandInEnvelope *envelope = g_ptr_array_index (facts->envelopes, i);
      g_autoptr (GBytes) bytes = plaza_carried_find_receipt (carried, envelope->id, NULL);
      g_autoptr (PlazaReceipt) receipt = NULL;
      PlazaHash hash;

      if (bytes == NULL || !plaza_hash_parse (envelope->id, &hash, NULL))
        continue;
      receipt = plaza_receipt_verify (bytes, &hash, envelope->entries, &campaign->key_central_sign,
                                      &campaign->key_central_sign_spare, NULL);
      if (receipt == NULL)
        continue;
      envelope->has_receipt = TRUE;
      envelope->receipt_ms = receipt->time_ms;
      envelope->audit_head = plaza_hash_to_string (&receipt->audit_head);
      envelope->audit_sequence = receipt->audit_sequence;
    }
  return TRUE;
}

/* Everything has a receipt, so nobody needs the copy any more. */
static gboolean
take_copy_away (PlazaStore *store, PlazaHandInFacts *facts, GError **error)
{
  PlazaProfile *profile = plaza_store_get_profile (store);
  g_autoptr (GError) local = NULL;
  g_autofree char *folder = plaza_safe_copy_get_folder (store, &local);
  PlazaSafeCopyInfo info;
  gboolean there = TRUE;

  if (local != NULL && !plaza_unreadable_is_damage (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  plaza_safe_copy_get_info (profile, &info);
  /* Where it is may be what cannot be read. */
  if (folder == NULL && info.made_ms > 0 && facts->unreadable.values > 0)
    facts->copy_left = g_strdup ("?");
  if (folder == NULL)
    return TRUE;
  g_clear_error (&local);
  if (plaza_safe_copy_remove (profile, folder, &there, &local) && (there || info.made_ms == 0))
    return TRUE;
  if (local != NULL)
    g_warning ("the copy stays: %s", local->message);
  facts->copy_left = g_steal_pointer (&folder);
  return TRUE;
}

static gboolean
count_profiles (PlazaStore *store, PlazaHandInFacts *facts, GError **error)
{
  g_autoptr (GPtrArray) profiles =
      plaza_profile_list (plaza_profile_get_data_root (plaza_store_get_profile (store)), error);

  if (profiles == NULL)
    return FALSE;
  facts->other_profiles = profiles->len > 0 ? profiles->len - 1 : 0;
  return TRUE;
}

gboolean
plaza_hand_in_get_facts (PlazaStore *store, PlazaHandInFacts *out, GError **error)
{
  PlazaProfile *profile = plaza_store_get_profile (store);
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  PlazaPublicKey key;

  *out = (PlazaHandInFacts){ 0 };
  if (enrolment == NULL || !plaza_sign_public (plaza_store_get_device_secret (store), &key, error))
    return FALSE;
  out->name = g_strdup (plaza_profile_get_name (profile));
  out->person = g_strdup (enrolment->person);
  out->organisation = g_strdup (enrolment->organisation);
  out->device = g_strdup (enrolment->device);
  out->device_key = plaza_public_key_to_string (&key);
  out->campaign = g_strdup (campaign->title);
  out->fingerprint = g_strdup (campaign->fingerprint);
  out->envelopes = g_ptr_array_new_with_free_func (envelope_free);
  out->discarded = g_ptr_array_new_with_free_func (discarded_free);
  if (plaza_store_call (store, PLAZA_STORE_READ, facts_job, out, error) &&
      add_receipts (store, out, error) && count_profiles (store, out, error) &&
      take_copy_away (store, out, error))
    return TRUE;
  plaza_hand_in_facts_clear (out);
  return FALSE;
}

void
plaza_hand_in_sign (PlazaStore *store, GBytes *text, guint8 *signature)
{
  g_autoptr (GByteArray) signed_bytes = g_byte_array_new ();

  g_byte_array_append (signed_bytes, (const guint8 *) PLAZA_HAND_IN_MAGIC,
                       strlen (PLAZA_HAND_IN_MAGIC));
  g_byte_array_append (signed_bytes, g_bytes_get_data (text, NULL),
                       (guint) g_bytes_get_size (text));
  plaza_sign (plaza_store_get_device_secret (store), signed_bytes->data, signed_bytes->len,
              signature);
}

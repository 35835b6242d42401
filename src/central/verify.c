/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "central/intake.h"
#include "central/verify.h"

/* What the audit log says of one envelope. */
typedef struct
{
  guint64 sequence;
  char *actor;
  char *details;
  gboolean seen;
} Vouched;

typedef struct
{
  PlazaVerified *out;
  GHashTable *envelopes; /* hash text → Vouched */
  guint64 contacts;      /* by the log */
  guint64 contacts_quarantined;
  PlazaHash previous;
  /* the envelope whose entries pass by */
  char *current;
  GString *listing;
  guint n_listed;
} Verify;

static void
vouched_free (gpointer data)
{
  Vouched *vouched = data;

  g_free (vouched->actor);
  g_free (vouched->details);
  g_free (vouched);
}

/* The chain */

static gboolean
check_audit (gpointer item, gpointer data, GError **error)
{
  Verify *self = data;
  const PlazaAuditRow *row = item;
  PlazaHash expected;
  Vouched *vouched;

  self->out->audit_rows++;
  if (row->sequence != self->out->audit_rows)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("audit %lu: the row is missing"),
                              (gulong) self->out->audit_rows);
  plaza_audit_row_hash (row, &expected);
  if (!plaza_hash_equal (&row->previous, &self->previous))
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                              _ ("audit %lu: does not follow the row before"),
                              (gulong) row->sequence);
  if (!plaza_hash_equal (&row->hash, &expected))
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("audit %lu: was changed"),
                              (gulong) row->sequence);
  self->previous = self->out->head = row->hash;
  if (strcmp (row->action, "contacts") == 0)
    self->contacts += strtoull (row->details + strlen ("contacts="), NULL, 10);
  else if (strcmp (row->action, "contacts-accepted") == 0)
    {
      guint64 n = strtoull (row->details + strlen ("contacts="), NULL, 10);

      self->contacts += n;
      self->contacts_quarantined -= n;
    }
  else if (strcmp (row->action, "contact-deleted") == 0)
    self->contacts--;
  else if (strcmp (row->action, "contacts-quarantine") == 0)
    self->contacts_quarantined += strtoull (row->details + strlen ("contacts="), NULL, 10);
  else if (strcmp (row->action, "envelope") == 0 || strcmp (row->action, "quarantine") == 0)
    {
      vouched = g_new0 (Vouched, 1);
      vouched->sequence = row->sequence;
      vouched->actor = g_strdup (row->actor);
      vouched->details = g_strdup (row->details);
      g_hash_table_insert (self->envelopes, g_strdup (row->object), vouched);
    }
  return TRUE;
}

/* Envelopes and their entries */

static gboolean
check_envelope (gpointer item, gpointer data, GError **error)
{
  Verify *self = data;
  const PlazaStoredEnvelope *envelope = item;
  g_autofree char *hash = plaza_hash_to_string (&envelope->hash);
  const Vouched *vouched = g_hash_table_lookup (self->envelopes, hash);

  self->out->envelopes++;
  if (vouched == NULL || vouched->sequence != envelope->audit ||
      strcmp (vouched->actor, envelope->device) != 0)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                              _ ("envelope %s: the audit log does not know it so"), hash);
  return TRUE;
}

static gboolean
end_envelope (Verify *self, GError **error)
{
  g_autofree char *details = NULL;
  Vouched *vouched;

  if (self->current == NULL)
    return TRUE;
  details = plaza_intake_details (self->n_listed, self->listing);
  vouched = g_hash_table_lookup (self->envelopes, self->current);
  if (vouched == NULL)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                              _ ("envelope %s: has entries the audit log does not know"),
                              self->current);
  if (strcmp (vouched->details, details) != 0)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                              _ ("audit %lu: the entries of envelope %s are not those "
                                 "that were received"),
                              (gulong) vouched->sequence, self->current);
  vouched->seen = TRUE;
  return TRUE;
}

static gboolean
check_entry (gpointer item, gpointer data, GError **error)
{
  Verify *self = data;
  const PlazaStoredEntry *entry = item;
  g_autofree char *envelope = plaza_hash_to_string (&entry->envelope);

  self->out->entries++;
  if (g_strcmp0 (self->current, envelope) != 0)
    {
      if (!end_envelope (self, error))
        return FALSE;
      g_free (self->current);
      self->current = g_steal_pointer (&envelope);
      g_string_truncate (self->listing, 0);
      self->n_listed = 0;
    }
  self->n_listed++;
  plaza_intake_listing (self->listing, entry);
  return TRUE;
}

static int
compare_vouched (gconstpointer a, gconstpointer b)
{
  const Vouched *first = *(const Vouched *const *) a;
  const Vouched *second = *(const Vouched *const *) b;

  return first->sequence < second->sequence ? -1 : first->sequence > second->sequence;
}

static gboolean
check_all_seen (Verify *self, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->envelopes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (all, value);
  g_ptr_array_sort (all, compare_vouched);
  for (guint i = 0; i < all->len; i++)
    {
      const Vouched *vouched = g_ptr_array_index (all, i);

      if (!vouched->seen)
        return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                                  _ ("audit %lu: its envelope's entries are gone"),
                                  (gulong) vouched->sequence);
    }
  return TRUE;
}

static gboolean
name_orphan (gpointer item, gpointer data, GError **error)
{
  const PlazaStoredEntry *entry = item;

  return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                            _ ("entry %s: its %s is gone or was replaced"), entry->id,
                            plaza_entry_kind_name (entry->kind));
}

/* Revisions */

static gboolean
check_revision (gpointer item, gpointer data, GError **error)
{
  Verify *self = data;
  const PlazaExportRevision *record = item;
  const PlazaStoredRevision *revision = &record->revision;
  gboolean gone = record->response.withdrawal == PLAZA_WITHDRAWAL_DONE;
  const PlazaHashPart parts[] = {
    { g_bytes_get_data (revision->header, NULL), g_bytes_get_size (revision->header) },
    { revision->xml_hash.bytes, PLAZA_HASH_SIZE },
    { revision->annotations_hash.bytes, PLAZA_HASH_SIZE },
    { g_bytes_get_data (revision->attachments, NULL), g_bytes_get_size (revision->attachments) },
  };
  PlazaHash hash;

  self->out->revisions++;
  if ((revision->xml == NULL || revision->annotations == NULL) && !gone)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                              _ ("revision %s: its content is gone, and nobody "
                                 "withdrew it"),
                              revision->id);
  if (revision->xml != NULL)
    {
      plaza_hash_bytes (revision->xml, &hash);
      if (!plaza_hash_equal (&hash, &revision->xml_hash))
        return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                                  _ ("revision %s: its submission was changed"), revision->id);
    }
  if (revision->annotations != NULL)
    {
      plaza_hash_bytes (revision->annotations, &hash);
      if (!plaza_hash_equal (&hash, &revision->annotations_hash))
        return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                                  _ ("revision %s: its annotations were changed"), revision->id);
    }
  plaza_hash_parts (parts, G_N_ELEMENTS (parts), &hash);
  if (!plaza_hash_equal (&hash, &revision->hash))
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("revision %s: its header was changed"),
                              revision->id);
  return TRUE;
}

static gboolean
check_contacts (Verify *self, PlazaStorage *storage, GError **error)
{
  guint64 quarantined = 0;

  if (!storage->table->count_contacts (storage, FALSE, &self->out->contacts, error) ||
      !storage->table->count_contacts (storage, TRUE, &quarantined, error))
    return FALSE;
  if (self->out->contacts != self->contacts || quarantined != self->contacts_quarantined)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                              _ ("contact: there are %lu, the audit log counts %lu"),
                              (gulong) (self->out->contacts + quarantined),
                              (gulong) (self->contacts + self->contacts_quarantined));
  return TRUE;
}

gboolean
plaza_verify (PlazaStorage *storage, PlazaVerified *out, GError **error)
{
  const PlazaStorageTable *table = storage->table;
  Verify self = { .out = out };
  gboolean done;

  memset (out, 0, sizeof *out);
  if (!table->snapshot (storage, error))
    return FALSE;
  self.envelopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, vouched_free);
  self.listing = g_string_new (NULL);
  done = table->each_audit (storage, check_audit, &self, error) &&
         table->each_envelope (storage, check_envelope, &self, error) &&
         table->each_entry (storage, check_entry, &self, error) && end_envelope (&self, error) &&
         check_all_seen (&self, error) && table->each_orphan (storage, name_orphan, &self, error) &&
         table->each_revision (storage, check_revision, &self, error) &&
         check_contacts (&self, storage, error);
  table->rollback (storage);
  g_hash_table_unref (self.envelopes);
  g_string_free (self.listing, TRUE);
  g_free (self.current);
  return done;
}

/* Receipts */

typedef struct
{
  const PlazaReceipt *receipt;
  gboolean found;
} Witness;

static gboolean
check_head (gpointer item, gpointer data, GError **error)
{
  Witness *witness = data;
  const PlazaAuditRow *row = item;

  if (row->sequence != witness->receipt->audit_sequence)
    return TRUE;
  witness->found = TRUE;
  return plaza_hash_equal (&row->hash, &witness->receipt->audit_head) ||
         plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                            _ ("audit %lu: is not what the receipt saw"), (gulong) row->sequence);
}

gboolean
plaza_verify_receipt (PlazaStorage *storage, const PlazaReceipt *receipt, GError **error)
{
  Witness witness = { receipt, FALSE };

  return storage->table->each_audit (storage, check_head, &witness, error) &&
         (witness.found || plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                                              _ ("audit %lu: the receipt saw it, and it is gone"),
                                              (gulong) receipt->audit_sequence));
}

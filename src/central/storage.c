/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "central/storage.h"

void
plaza_join_code_clear (PlazaJoinCode *code)
{
  g_clear_pointer (&code->campaign, g_free);
  g_clear_pointer (&code->person, g_free);
  g_clear_pointer (&code->organisation, g_free);
  g_clear_pointer (&code->role, g_free);
  g_clear_pointer (&code->device, g_free);
  g_clear_pointer (&code->batch, g_free);
}

void
plaza_device_clear (PlazaDevice *device)
{
  g_clear_pointer (&device->id, g_free);
  g_clear_pointer (&device->campaign, g_free);
  g_clear_pointer (&device->person, g_free);
  g_clear_pointer (&device->organisation, g_free);
  g_clear_pointer (&device->role, g_free);
  g_clear_pointer (&device->batch, g_free);
}

void
plaza_device_facts_clear (PlazaDeviceFacts *facts)
{
  plaza_device_clear (&facts->device);
  g_clear_pointer (&facts->reason, g_free);
}

void
plaza_gap_clear (PlazaGap *gap)
{
  g_clear_pointer (&gap->device, g_free);
}

void
plaza_stored_envelope_clear (PlazaStoredEnvelope *envelope)
{
  g_clear_pointer (&envelope->statuses, g_bytes_unref);
  g_clear_pointer (&envelope->campaign, g_free);
  g_clear_pointer (&envelope->device, g_free);
}

void
plaza_stored_entry_clear (PlazaStoredEntry *entry)
{
  g_clear_pointer (&entry->campaign, g_free);
  g_clear_pointer (&entry->id, g_free);
  g_clear_pointer (&entry->device, g_free);
}

void
plaza_held_entry_clear (PlazaHeldEntry *held)
{
  plaza_stored_entry_clear (&held->entry);
  g_clear_pointer (&held->payload, g_bytes_unref);
}

void
plaza_stored_response_clear (PlazaStoredResponse *response)
{
  g_clear_pointer (&response->id, g_free);
  g_clear_pointer (&response->campaign, g_free);
  g_clear_pointer (&response->device, g_free);
  g_clear_pointer (&response->author, g_free);
  g_clear_pointer (&response->organisation, g_free);
  g_clear_pointer (&response->effective, g_free);
}

void
plaza_stored_revision_clear (PlazaStoredRevision *revision)
{
  g_clear_pointer (&revision->campaign, g_free);
  g_clear_pointer (&revision->id, g_free);
  g_clear_pointer (&revision->response, g_free);
  g_clear_pointer (&revision->parent, g_free);
  g_clear_pointer (&revision->device, g_free);
  g_clear_pointer (&revision->author, g_free);
  g_clear_pointer (&revision->form_id, g_free);
  g_clear_pointer (&revision->form_version, g_free);
  g_clear_pointer (&revision->session, g_free);
  g_clear_pointer (&revision->folio, g_free);
  g_clear_pointer (&revision->outcome, g_free);
  g_clear_pointer (&revision->header, g_bytes_unref);
  g_clear_pointer (&revision->attachments, g_bytes_unref);
  g_clear_pointer (&revision->xml, g_bytes_unref);
  g_clear_pointer (&revision->annotations, g_bytes_unref);
}

void
plaza_stored_change_clear (PlazaStoredChange *change)
{
  plaza_stored_response_clear (&change->response);
  g_free (change->marks);
}

void
plaza_export_revision_clear (PlazaExportRevision *record)
{
  plaza_stored_revision_clear (&record->revision);
  plaza_stored_response_clear (&record->response);
  g_clear_pointer (&record->marks, g_free);
}

void
plaza_stored_mark_clear (PlazaStoredMark *mark)
{
  g_clear_pointer (&mark->code, g_free);
  g_clear_pointer (&mark->ref, g_free);
  g_clear_pointer (&mark->message, g_free);
}

void
plaza_stored_outcome_clear (PlazaStoredOutcome *outcome)
{
  g_clear_pointer (&outcome->id, g_free);
  g_clear_pointer (&outcome->response, g_free);
  g_clear_pointer (&outcome->session, g_free);
  g_clear_pointer (&outcome->outcome, g_free);
  g_clear_pointer (&outcome->header, g_bytes_unref);
}

void
plaza_stored_removal_clear (PlazaStoredRemoval *removal)
{
  g_clear_pointer (&removal->id, g_free);
  g_clear_pointer (&removal->response, g_free);
  g_clear_pointer (&removal->folio, g_free);
  g_clear_pointer (&removal->device, g_free);
  g_clear_pointer (&removal->author, g_free);
  g_clear_pointer (&removal->reason, g_free);
  g_clear_pointer (&removal->at, g_free);
}

void
plaza_stored_session_clear (PlazaStoredSession *session)
{
  g_clear_pointer (&session->id, g_free);
  g_clear_pointer (&session->entry, g_free);
  g_clear_pointer (&session->state, g_bytes_unref);
}

void
plaza_stored_contact_clear (PlazaStoredContact *contact)
{
  g_clear_pointer (&contact->id, g_free);
  g_clear_pointer (&contact->date, g_free);
  g_clear_pointer (&contact->sealed, g_bytes_unref);
}

void
plaza_audit_row_clear (PlazaAuditRow *row)
{
  g_clear_pointer (&row->actor, g_free);
  g_clear_pointer (&row->action, g_free);
  g_clear_pointer (&row->object, g_free);
  g_clear_pointer (&row->details, g_free);
}

PlazaLookahead *
plaza_lookahead_new (void)
{
  PlazaLookahead *keys = g_new0 (PlazaLookahead, 1);

  keys->devices = g_ptr_array_new_with_free_func (g_free);
  keys->envelopes = g_ptr_array_new_with_free_func (g_free);
  keys->entries = g_ptr_array_new_with_free_func (g_free);
  keys->responses = g_ptr_array_new_with_free_func (g_free);
  keys->folios = g_ptr_array_new_with_free_func (g_free);
  keys->batches = g_ptr_array_new_with_free_func (g_free);
  return keys;
}

void
plaza_lookahead_free (PlazaLookahead *keys)
{
  g_ptr_array_unref (keys->devices);
  g_ptr_array_unref (keys->envelopes);
  g_ptr_array_unref (keys->entries);
  g_ptr_array_unref (keys->responses);
  g_ptr_array_unref (keys->folios);
  g_ptr_array_unref (keys->batches);
  g_free (keys);
}

void
plaza_lookahead_add (GPtrArray *list, const char *key)
{
  g_ptr_array_add (list, g_strdup (key));
}

PlazaStorage *
plaza_storage_open (const char *uri, const char *directory, gboolean writable, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *scheme = g_uri_parse_scheme (uri);

  if (g_strcmp0 (scheme, "sqlite") == 0)
    {
      g_autofree char *base = g_canonicalize_filename (directory, NULL);

      path = g_canonicalize_filename (uri + strlen ("sqlite:"), base);
      return plaza_storage_sqlite_open (path, writable, error);
    }
  if (g_strcmp0 (scheme, "postgresql") == 0 || g_strcmp0 (scheme, "postgres") == 0)
    return plaza_storage_postgresql_open (uri, writable, error);
  plaza_throw_words (error, PLAZA_ERROR_INVALID,
                     _ ("the database is neither sqlite:PATH nor postgresql://…"));
  return NULL;
}

void
plaza_storage_close (PlazaStorage *self)
{
  if (self != NULL)
    self->table->close (self);
}

/* Each part with its length in front, so that no two rows have the same bytes. */
static void
append_part (GByteArray *bytes, const void *data, gsize length)
{
  guint64 size = GUINT64_TO_LE ((guint64) length);

  g_byte_array_append (bytes, (const guint8 *) &size, sizeof size);
  g_byte_array_append (bytes, data, (guint) length);
}

void
plaza_audit_row_hash (const PlazaAuditRow *row, PlazaHash *out)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 sequence = GUINT64_TO_LE (row->sequence);
  gint64 time = GINT64_TO_LE (row->time);

  append_part (bytes, row->previous.bytes, sizeof row->previous.bytes);
  append_part (bytes, &sequence, sizeof sequence);
  append_part (bytes, &time, sizeof time);
  append_part (bytes, row->actor, strlen (row->actor));
  append_part (bytes, row->action, strlen (row->action));
  append_part (bytes, row->object, strlen (row->object));
  append_part (bytes, row->details, strlen (row->details));
  plaza_hash_data (bytes->data, bytes->len, out);
}

gboolean
plaza_storage_audit_head (PlazaStorage *self, guint64 *sequence, PlazaHash *hash, GError **error)
{
  g_auto (PlazaAuditRow) last = { 0 };
  gboolean found;

  if (self->audit_sequence > 0)
    {
      *sequence = self->audit_sequence;
      *hash = self->audit_head;
      return TRUE;
    }
  if (!self->table->last_audit (self, &last, &found, error))
    return FALSE;
  *sequence = found ? last.sequence : 0;
  *hash = last.hash;
  return TRUE;
}

gboolean
plaza_storage_audit (PlazaStorage *self,
                     gint64 time,
                     const char *actor,
                     const char *action,
                     const char *object,
                     const char *details,
                     PlazaAuditRow *out,
                     GError **error)
{
  PlazaAuditRow row = { 0 };
  guint64 last;

  if (!plaza_storage_audit_head (self, &last, &row.previous, error))
    return FALSE;
  row.sequence = last + 1;
  row.time = time;
  row.actor = (char *) actor;
  row.action = (char *) action;
  row.object = (char *) object;
  row.details = (char *) details;
  plaza_audit_row_hash (&row, &row.hash);
  if (!self->table->put_audit (self, &row, error))
    return FALSE;
  self->audit_sequence = row.sequence;
  self->audit_head = row.hash;
  if (out != NULL)
    {
      out->sequence = row.sequence;
      out->hash = row.hash;
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/storage-sql-rows.h"

#define DEFINE_EACH(name, NAME, Type, read, clear) \
  DEFINE_EACH_ROW (name, Type, read, clear) \
  static gboolean each_##name (PlazaStorage *self, PlazaStorageRowFunc func, gpointer data, \
                               GError **error) \
  { \
    PlazaSqlEach each = { func, data }; \
\
    return RUN_PLAIN (self, EACH_##NAME, each_##name##_row, &each, error); \
  }

DEFINE_EACH (device, DEVICE, PlazaDevice, plaza_sql_read_device, plaza_device_clear)
DEFINE_EACH (
    response, RESPONSE, PlazaStoredResponse, plaza_sql_read_response, plaza_stored_response_clear)
DEFINE_EACH (revision,
             REVISION,
             PlazaExportRevision,
             plaza_sql_read_export_revision,
             plaza_export_revision_clear)
DEFINE_EACH (
    outcome, OUTCOME, PlazaStoredOutcome, plaza_sql_read_outcome, plaza_stored_outcome_clear)
DEFINE_EACH (
    session, SESSION, PlazaStoredSession, plaza_sql_read_session, plaza_stored_session_clear)
DEFINE_EACH (
    removal, REMOVAL, PlazaStoredRemoval, plaza_sql_read_removal, plaza_stored_removal_clear)
DEFINE_EACH (
    contact, CONTACT, PlazaStoredContact, plaza_sql_read_contact, plaza_stored_contact_clear)
DEFINE_EACH (audit, AUDIT, PlazaAuditRow, plaza_sql_read_audit, plaza_audit_row_clear)
DEFINE_EACH (
    envelope, ENVELOPE, PlazaStoredEnvelope, plaza_sql_read_envelope, plaza_stored_envelope_clear)
DEFINE_EACH (entry, ENTRY, PlazaStoredEntry, plaza_sql_read_entry, plaza_stored_entry_clear)
DEFINE_EACH (
    sequence, SEQUENCE, PlazaStoredEntry, plaza_sql_read_sequence, plaza_stored_entry_clear)
DEFINE_EACH (orphan, ORPHAN, PlazaStoredEntry, plaza_sql_read_entry, plaza_stored_entry_clear)
DEFINE_EACH_ROW (revision_of,
                 PlazaStoredRevision,
                 plaza_sql_read_revision_facts,
                 plaza_stored_revision_clear)
DEFINE_EACH_ROW (unjudged,
                 PlazaStoredRevision,
                 plaza_sql_read_revision,
                 plaza_stored_revision_clear)

DEFINE_EACH_ROW (change, PlazaStoredChange, plaza_sql_read_change, plaza_stored_change_clear)
DEFINE_EACH_ROW (quarantined, PlazaHeldEntry, plaza_sql_read_held, plaza_held_entry_clear)

static gboolean
each_quarantined (
    PlazaStorage *self, const char *device, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_QUARANTINED, each_quarantined_row, &each, NULL, error, TEXT (device));
}

static gboolean
each_revision_of (PlazaStorage *self,
                  const char *response,
                  PlazaStorageRowFunc func,
                  gpointer data,
                  GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_REVISION_OF, each_revision_of_row, &each, NULL, error, TEXT (response));
}

static gboolean
each_unjudged (
    PlazaStorage *self, guint limit, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_UNJUDGED, each_unjudged_row, &each, NULL, error, INT (limit));
}

static gboolean
each_feed_revision (PlazaStorage *self,
                    guint64 after,
                    const char *campaign,
                    const char *organisation,
                    guint limit,
                    PlazaStorageRowFunc func,
                    gpointer data,
                    GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_FEED_REVISION, each_revision_row, &each, NULL, error, INT (after),
              TEXT (campaign), TEXT (organisation != NULL ? organisation : ""), INT (limit));
}

static gboolean
each_change (PlazaStorage *self,
             guint64 after,
             const char *campaign,
             const char *organisation,
             guint limit,
             PlazaStorageRowFunc func,
             gpointer data,
             GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_CHANGE, each_change_row, &each, NULL, error, INT (after), TEXT (campaign),
              TEXT (organisation != NULL ? organisation : ""), INT (limit));
}

static gboolean
each_removal_of (PlazaStorage *self,
                 const char *response,
                 const char *folio,
                 PlazaStorageRowFunc func,
                 gpointer data,
                 GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_REMOVAL_OF, each_removal_row, &each, NULL, error, TEXT (response),
              TEXT_OR_NONE (folio));
}

void
plaza_sql_fill_lists (PlazaStorageTable *table)
{
  table->each_device = each_device;
  table->each_quarantined = each_quarantined;
  table->each_revision_of = each_revision_of;
  table->each_removal_of = each_removal_of;
  table->each_feed_revision = each_feed_revision;
  table->each_change = each_change;
  table->each_unjudged = each_unjudged;
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
}

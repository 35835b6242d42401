/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "central/csv-writer.h"
#include "central/export.h"
#include "central/flatten.h"
#include "central/forms.h"
#include "central/tally.h"

typedef struct
{
  PlazaCentral *central;
  PlazaStorage *storage;
  const char *out;
  const char *form_id;
  PlazaExportCounts *counts;
  PlazaFlatten *flatten;
  PlazaTally *tally;
  PlazaCsvWriter *responses;
  PlazaCsvWriter *topics;
  PlazaCsvWriter *excluded;
  PlazaCsvWriter *table; /* of the listing that runs */
} Export;

static const char *const header_columns[] = {
  "response", "revision", "folio",         "outcome",  "form_id",      "form_version", "received",
  "session",  "state",    "municipality",  "date",     "organisation", "batch",        "device",
  "author",   "mode",     "last_question", "conflict", "marks",
};

static void
add_all (PlazaCsvWriter *writer, const char *const *cells, guint n)
{
  for (guint i = 0; i < n; i++)
    plaza_csv_writer_add (writer, cells[i]);
}

static PlazaCsvWriter *
open_table (Export *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->out, name, NULL);

  return plaza_csv_writer_new (path, error);
}

/* One file of many; the export as a whole is complete when its summary is there. */
static gboolean
write_bytes (const char *directory, const char *name, GBytes *bytes, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return g_file_set_contents_full (path, data != NULL ? data : "", (gssize) length,
                                   G_FILE_SET_CONTENTS_NONE, 0600, error);
}

/* Responses */

static gboolean
load_columns (Export *self, GError **error)
{
  g_autoptr (GPtrArray) campaigns = plaza_central_campaigns (self->central);

  for (guint i = 0; i < campaigns->len; i++)
    {
      PlazaCampaign *campaign = g_ptr_array_index (campaigns, i);

      for (guint j = 0; j < campaign->questionnaires->len; j++)
        {
          const PlazaCampaignQuestionnaire *questionnaire =
              g_ptr_array_index (campaign->questionnaires, j);
          g_autoptr (PlazaForm) form = NULL;

          if (self->form_id != NULL && strcmp (self->form_id, questionnaire->form_id) != 0)
            continue;
          form = plaza_forms_load (campaign, questionnaire, error);
          if (form == NULL)
            return FALSE;
          plaza_flatten_add_form (self->flatten, form);
        }
    }
  return TRUE;
}

static gboolean
begin_tables (Export *self, GError **error)
{
  static const char *const topic_columns[] = { "response", "revision", "repeat", "position" };
  static const char *const excluded_columns[] = { "response", "revision", "session", "why" };
  GPtrArray *plain = plaza_flatten_columns (self->flatten, FALSE);
  GPtrArray *repeated = plaza_flatten_columns (self->flatten, TRUE);

  if ((self->responses = open_table (self, "responses.csv", error)) == NULL ||
      (self->topics = open_table (self, "topics.csv", error)) == NULL ||
      (self->excluded = open_table (self, "excluded.csv", error)) == NULL)
    return FALSE;
  add_all (self->responses, header_columns, G_N_ELEMENTS (header_columns));
  add_all (self->responses, (const char *const *) plain->pdata, plain->len);
  add_all (self->topics, topic_columns, G_N_ELEMENTS (topic_columns));
  add_all (self->topics, (const char *const *) repeated->pdata, repeated->len);
  add_all (self->excluded, excluded_columns, G_N_ELEMENTS (excluded_columns));
  return plaza_csv_writer_end_row (self->responses, error) &&
         plaza_csv_writer_end_row (self->topics, error) &&
         plaza_csv_writer_end_row (self->excluded, error);
}

static gboolean
end_table (PlazaCsvWriter **writer, GError **error)
{
  gboolean done = plaza_csv_writer_close (*writer, error);

  g_clear_pointer (writer, plaza_csv_writer_free);
  return done;
}

static void
add_header (Export *self, const PlazaExportRevision *record, const PlazaHeader *header)
{
  g_autofree char *received = plaza_clock_format_utc (record->revision.received);
  const char *cells[] = {
    record->response.id,
    record->revision.id,
    record->revision.folio,
    record->revision.outcome,
    record->revision.form_id,
    record->revision.form_version,
    received,
    header->session,
    header->session_state,
    header->session_municipality,
    header->session_date,
    header->organisation,
    header->batch,
    record->revision.device,
    record->revision.author,
    header->mode,
    header->last_question,
    record->response.conflict ? "1" : "0",
    record->marks,
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (cells) == G_N_ELEMENTS (header_columns));
  add_all (self->responses, cells, G_N_ELEMENTS (cells));
}

static gboolean
write_rows (Export *self, const PlazaExportRevision *record, GError **error)
{
  GPtrArray *plain = plaza_flatten_columns (self->flatten, FALSE);
  g_auto (PlazaHeader) header = { 0 };
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) unread = NULL;
  char **values = NULL;
  gboolean done;

  if (!plaza_header_parse (record->revision.header, &header, error))
    return FALSE;
  /* what is no XML was marked by the form engine; its row has the header alone */
  if (!plaza_flatten_read (self->flatten, record->revision.xml, &values, &rows, &unread))
    g_info ("response %s: %s", record->response.id, unread->message);
  add_header (self, record, &header);
  add_all (self->responses, (const char *const *) values, plain->len);
  done = plaza_csv_writer_end_row (self->responses, error);
  for (guint i = 0; done && i < rows->len; i++)
    {
      const PlazaFlatRow *row = g_ptr_array_index (rows, i);

      plaza_csv_writer_add (self->topics, record->response.id);
      plaza_csv_writer_add (self->topics, record->revision.id);
      plaza_csv_writer_add (self->topics, row->repeat);
      plaza_csv_writer_add (self->topics, row->position);
      add_all (self->topics, (const char *const *) row->values, row->n_values);
      done = plaza_csv_writer_end_row (self->topics, error);
      self->counts->topics++;
    }
  plaza_flatten_free_values (values, plain->len);
  return done;
}

static gboolean
exclude (Export *self, const PlazaExportRevision *record, GError **error)
{
  const char *why = "void";

  if (record->response.withdrawal == PLAZA_WITHDRAWAL_DONE)
    {
      why = "withdrawn";
      self->counts->withdrawn++;
      plaza_tally_note_withdrawn (self->tally, record->response.id);
    }
  else if (record->response.withdrawal == PLAZA_WITHDRAWAL_ASKED)
    {
      why = "withdrawal-asked";
      self->counts->withdrawal_asked++;
    }
  else
    self->counts->voided++;
  plaza_tally_add (self->tally, record->revision.session, why);
  plaza_csv_writer_add (self->excluded, record->response.id);
  plaza_csv_writer_add (self->excluded, record->revision.id);
  plaza_csv_writer_add (self->excluded, record->revision.session);
  plaza_csv_writer_add (self->excluded, why);
  return plaza_csv_writer_end_row (self->excluded, error);
}

/* @marks: codes, space separated */
static gboolean
is_late (const char *marks)
{
  g_auto (GStrv) codes = g_strsplit (marks, " ", -1);

  return g_strv_contains ((const char *const *) codes, "late");
}

static gboolean
export_revision (gpointer item, gpointer data, GError **error)
{
  Export *self = data;
  const PlazaExportRevision *record = item;
  gboolean holds = strcmp (record->revision.id, record->response.effective) == 0;
  g_autofree char *folder = NULL;
  g_autofree char *effective = NULL;
  g_autofree char *name = NULL;

  if (self->form_id != NULL && strcmp (self->form_id, record->revision.form_id) != 0)
    return TRUE;
  self->counts->revisions++;
  if (record->response.voided || record->response.withdrawal != PLAZA_WITHDRAWAL_NONE)
    return !holds || exclude (self, record, error);
  if (record->revision.xml == NULL)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("revision %s lost its content"),
                              record->revision.id);
  folder = g_build_filename (self->out, "revisions", record->response.id, NULL);
  name = g_strconcat (record->revision.id, ".xml", NULL);
  if (!plaza_dir_make (folder, error) || !write_bytes (folder, name, record->revision.xml, error))
    return FALSE;
  if (!holds)
    return TRUE;
  if (is_late (record->marks))
    {
      self->counts->late++;
      plaza_tally_add (self->tally, record->revision.session, "late");
    }
  else
    self->counts->responses++;
  self->counts->conflicts += record->response.conflict;
  plaza_tally_add (self->tally, record->revision.session, record->revision.outcome);
  effective = g_strconcat ("responses/", record->response.id, ".xml", NULL);
  return write_bytes (self->out, effective, record->revision.xml, error) &&
         write_rows (self, record, error);
}

static gboolean
export_responses (Export *self, GError **error)
{
  g_autofree char *responses = g_build_filename (self->out, "responses", NULL);
  g_autofree char *revisions = g_build_filename (self->out, "revisions", NULL);

  return plaza_dir_make (responses, error) && plaza_dir_make (revisions, error) &&
         load_columns (self, error) && begin_tables (self, error) &&
         self->storage->table->each_revision (self->storage, export_revision, self, error) &&
         end_table (&self->responses, error) && end_table (&self->topics, error) &&
         end_table (&self->excluded, error);
}

/* Outcomes and sessions */

static gboolean
export_outcome (gpointer item, gpointer data, GError **error)
{
  Export *self = data;
  const PlazaStoredOutcome *outcome = item;

  self->counts->outcomes++;
  /* a response that came and was withdrawn is counted as one already */
  if (plaza_tally_is_withdrawn (self->tally, outcome->response))
    return TRUE;
  plaza_tally_add (self->tally, outcome->session, outcome->outcome);
  if (outcome->late)
    plaza_tally_add (self->tally, outcome->session, "late");
  return TRUE;
}

static gboolean
export_session (gpointer item, gpointer data, GError **error)
{
  Export *self = data;
  const PlazaStoredSession *session = item;
  g_autoptr (PlazaEntry) entry =
      plaza_entry_new (PLAZA_ENTRY_SESSION, session->entry, 1, session->state, error);
  g_auto (PlazaSessionState) state = { 0 };

  if (entry == NULL || !plaza_entry_get_session (entry, &state, error))
    return FALSE;
  plaza_tally_set_session (self->tally, &state);
  return TRUE;
}

static gboolean
export_tallies (Export *self, GError **error)
{
  g_autoptr (PlazaCsvWriter) outcomes = open_table (self, "outcomes.csv", error);
  g_autoptr (PlazaCsvWriter) sessions =
      outcomes != NULL ? open_table (self, "sessions.csv", error) : NULL;

  return sessions != NULL &&
         self->storage->table->each_outcome (self->storage, export_outcome, self, error) &&
         self->storage->table->each_session (self->storage, export_session, self, error) &&
         plaza_tally_write (self->tally, outcomes, sessions, &self->counts->sessions, error) &&
         plaza_csv_writer_close (outcomes, error) && plaza_csv_writer_close (sessions, error);
}

/* Devices */

static gboolean
add_sequence (gpointer item, gpointer data, GError **error)
{
  const PlazaStoredEntry *entry = item;

  plaza_tally_add_sequence (((Export *) data)->tally, entry->device, entry->sequence);
  return TRUE;
}

static gboolean
export_device (gpointer item, gpointer data, GError **error)
{
  Export *self = data;
  const PlazaDevice *device = item;
  g_autofree char *enrolled = plaza_clock_format_utc (device->enrolled);
  g_autofree char *missing = NULL;
  guint64 last = 0;

  missing = plaza_tally_missing (self->tally, device->id, &last);
  plaza_csv_writer_add (self->table, device->id);
  plaza_csv_writer_add (self->table, device->batch);
  plaza_csv_writer_add (self->table, device->person);
  plaza_csv_writer_add (self->table, device->organisation);
  plaza_csv_writer_add (self->table, device->role);
  plaza_csv_writer_add (self->table, enrolled);
  plaza_csv_writer_add (self->table, device->revoked != 0 ? "1" : "0");
  plaza_csv_writer_add_number (self->table, (gint64) last);
  plaza_csv_writer_add (self->table, missing);
  return plaza_csv_writer_end_row (self->table, error);
}

static gboolean
export_devices (Export *self, GError **error)
{
  static const char *const columns[] = { "device",       "batch",          "person",
                                         "organisation", "role",           "enrolled",
                                         "revoked",      "received_up_to", "missing" };

  self->table = open_table (self, "devices.csv", error);
  if (self->table == NULL)
    return FALSE;
  add_all (self->table, columns, G_N_ELEMENTS (columns));
  return plaza_csv_writer_end_row (self->table, error) &&
         self->storage->table->each_sequence (self->storage, add_sequence, self, error) &&
         self->storage->table->each_device (self->storage, export_device, self, error) &&
         end_table (&self->table, error);
}

/* Contacts */

static gboolean
export_contact (gpointer item, gpointer data, GError **error)
{
  Export *self = data;
  const PlazaStoredContact *contact = item;
  g_autofree char *name = g_strconcat ("contacts/", contact->id, ".contact", NULL);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  const guint8 *sealed = g_bytes_get_data (contact->sealed, &length);

  g_byte_array_append (payload, (const guint8 *) contact->date, (guint) strlen (contact->date));
  g_byte_array_append (payload, sealed, (guint) length);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&payload));
  self->counts->contacts++;
  plaza_csv_writer_add (self->table, contact->id);
  plaza_csv_writer_add (self->table, contact->date);
  return plaza_csv_writer_end_row (self->table, error) &&
         write_bytes (self->out, name, bytes, error);
}

static gboolean
export_contacts (Export *self, GError **error)
{
  static const char *const columns[] = { "contact", "date" };
  g_autofree char *folder = g_build_filename (self->out, "contacts", NULL);

  self->table = open_table (self, "contacts.csv", error);
  if (self->table == NULL || !plaza_dir_make (folder, error))
    return FALSE;
  add_all (self->table, columns, G_N_ELEMENTS (columns));
  return plaza_csv_writer_end_row (self->table, error) &&
         self->storage->table->each_contact (self->storage, export_contact, self, error) &&
         end_table (&self->table, error) &&
         self->storage->table->expected_contacts (self->storage, &self->counts->contacts_expected,
                                                  error);
}

/* The end */

static gboolean
export_summary (Export *self, GError **error)
{
  const PlazaExportCounts *counts = self->counts;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *path = g_build_filename (self->out, "summary.json", NULL);
  g_autoptr (GBytes) bytes = NULL;

  json_object_set_int_member (object, "responses", (gint64) counts->responses);
  json_object_set_int_member (object, "late", (gint64) counts->late);
  json_object_set_int_member (object, "revisions", (gint64) counts->revisions);
  json_object_set_int_member (object, "topics", (gint64) counts->topics);
  json_object_set_int_member (object, "conflicts", (gint64) counts->conflicts);
  json_object_set_int_member (object, "void", (gint64) counts->voided);
  json_object_set_int_member (object, "withdrawn", (gint64) counts->withdrawn);
  json_object_set_int_member (object, "withdrawal_asked", (gint64) counts->withdrawal_asked);
  json_object_set_int_member (object, "outcomes", (gint64) counts->outcomes);
  json_object_set_int_member (object, "sessions", (gint64) counts->sessions);
  json_object_set_int_member (object, "contacts", (gint64) counts->contacts);
  json_object_set_int_member (object, "contacts_expected", (gint64) counts->contacts_expected);
  bytes = plaza_json_write_object (object);
  return plaza_file_write (path, bytes, error);
}

gboolean
plaza_export (PlazaCentral *central,
              PlazaStorage *storage,
              const char *out,
              const char *form_id,
              PlazaExportCounts *counts,
              GError **error)
{
  Export self = { central, storage, out, form_id, counts };
  gboolean done;

  memset (counts, 0, sizeof *counts);
  if (g_file_test (out, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS,
                              _ ("%s is there already: name another place"), out);
  if (!plaza_dir_make (out, error) || !storage->table->snapshot (storage, error))
    return FALSE;
  self.flatten = plaza_flatten_new ();
  self.tally = plaza_tally_new ();
  done = export_responses (&self, error) && export_tallies (&self, error) &&
         export_devices (&self, error) && export_contacts (&self, error) &&
         export_summary (&self, error);
  storage->table->rollback (storage);
  plaza_csv_writer_free (self.responses);
  plaza_csv_writer_free (self.topics);
  plaza_csv_writer_free (self.excluded);
  plaza_csv_writer_free (self.table);
  plaza_tally_free (self.tally);
  plaza_flatten_free (self.flatten);
  return done;
}

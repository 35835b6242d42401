/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/session-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/uuid.h"
#include "store/capture.h"
#include "store/unreadable-private.h"
#include "store/vault.h"

#define FIELDS_TYPE "(sssssssssxs)"

struct _PlazaSession
{
  GObject parent_instance;
  PlazaStore *store;
  char *id;
  gint64 number;
  guint revision;
  gint64 opened_ms;
  gboolean open;
  GVariant *sealed_fields; /* owns the strings of fields */
  PlazaSessionFields fields;
};

enum
{
  SIGNAL_CORRECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaSession, plaza_session, G_TYPE_OBJECT)

/* One object a session, so that whoever holds it hears of its correction. */
static GHashTable *
loaded_sessions (PlazaStore *store)
{
  GHashTable *table = g_object_get_data (G_OBJECT (store), "plaza-sessions");

  if (table == NULL)
    {
      table = g_hash_table_new (g_str_hash, g_str_equal);
      g_object_set_data_full (G_OBJECT (store), "plaza-sessions", table,
                              (GDestroyNotify) g_hash_table_unref);
    }
  return table;
}

static void
plaza_session_finalize (GObject *object)
{
  PlazaSession *self = PLAZA_SESSION (object);

  if (self->store != NULL && plaza_session_peek (self->store, self->id) == self)
    g_hash_table_remove (loaded_sessions (self->store), self->id);
  g_clear_object (&self->store);
  g_clear_pointer (&self->sealed_fields, g_variant_unref);
  g_free (self->id);
  G_OBJECT_CLASS (plaza_session_parent_class)->finalize (object);
}

static void
plaza_session_class_init (PlazaSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plaza_session_finalize;
  signals[SIGNAL_CORRECTED] = g_signal_new ("corrected", PLAZA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
plaza_session_init (PlazaSession *self)
{
}

/* Fields */

static const char *
or_empty (const char *text)
{
  return text ? text : "";
}

static GVariant *
fields_to_variant (const PlazaSessionFields *fields)
{
  return g_variant_ref_sink (g_variant_new (
      FIELDS_TYPE, or_empty (fields->organisation), or_empty (fields->team),
      or_empty (fields->facilitator), or_empty (fields->state), or_empty (fields->municipality),
      or_empty (fields->place), fields->date, fields->language ? fields->language : "es",
      fields->mode ? fields->mode : PLAZA_MODE_INTERVIEW, fields->attendance,
      or_empty (fields->host_contact)));
}

/* The strings are those of @value. */
static void
fields_from_variant (GVariant *value, PlazaSessionFields *out)
{
  g_variant_get (value, "(&s&s&s&s&s&s&s&s&sx&s)", &out->organisation, &out->team,
                 &out->facilitator, &out->state, &out->municipality, &out->place, &out->date,
                 &out->language, &out->mode, &out->attendance, &out->host_contact);
}

static void
take_fields (PlazaSession *self, GVariant *value)
{
  g_clear_pointer (&self->sealed_fields, g_variant_unref);
  self->sealed_fields = value;
  fields_from_variant (value, &self->fields);
}

static gboolean
is_code (const char *text, gsize digits)
{
  return strlen (text) == digits && strspn (text, "0123456789") == digits;
}

static gboolean
check_fields (const PlazaSessionFields *fields, GError **error)
{
  const char *municipality = or_empty (fields->municipality);

  if (!plaza_clock_is_date (fields->date))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the session's date is not a date");
  if (!is_code (or_empty (fields->state), 2))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the session's state is not a code");
  if (*municipality != '\0' && !is_code (municipality, 5))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the session's municipality is not a code");
  if (fields->mode != NULL && strcmp (fields->mode, PLAZA_MODE_INTERVIEW) != 0 &&
      strcmp (fields->mode, PLAZA_MODE_SELF) != 0 && strcmp (fields->mode, PLAZA_MODE_KEYED) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "there is no mode %s", fields->mode);
  return TRUE;
}

/* @given with what it leaves out. (transfer full) */
static GVariant *
complete_fields (const PlazaSessionFields *given, const PlazaEnrolment *enrolment, GError **error)
{
  PlazaSessionFields fields = *given;
  g_autofree char *today = plaza_clock_today ();

  if (fields.date == NULL)
    fields.date = today;
  if (fields.facilitator == NULL)
    fields.facilitator = enrolment->person;
  if (fields.organisation == NULL)
    fields.organisation = enrolment->organisation;
  return check_fields (&fields, error) ? fields_to_variant (&fields) : NULL;
}

static GBytes *
seal_fields (PlazaStore *store, const char *id, GVariant *fields)
{
  g_autoptr (GBytes) place = plaza_vault_place ("session", id, NULL);

  return plaza_vault_seal_variant (plaza_store_get_values_key (store), fields, place);
}

static PlazaEntry *
session_entry (PlazaStore *store,
               const char *id,
               guint revision,
               const PlazaSessionFields *fields,
               GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_get_enrolment (store);
  g_autofree char *entry_id = plaza_uuid_v7 ();
  g_autofree char *at = plaza_clock_format (plaza_clock_now_ms ());
  const PlazaSessionState state = {
    .campaign = plaza_store_get_campaign (store)->fingerprint,
    .session = (char *) id,
    .revision = revision,
    .device = enrolment->device,
    .author = enrolment->person,
    .organisation = (char *) fields->organisation,
    .team = (char *) fields->team,
    .facilitator = (char *) fields->facilitator,
    .state = (char *) fields->state,
    .municipality = (char *) fields->municipality,
    .place = (char *) fields->place,
    .date = (char *) fields->date,
    .language = (char *) fields->language,
    .mode = (char *) fields->mode,
    .attendance = fields->attendance,
    .at = at,
  };

  return plaza_entry_new_session (entry_id, &state, 1, error);
}

/* Reading */

static PlazaSession *
session_from_row (PlazaStore *store, PlazaRows *rows, GError **error)
{
  const char *id = plaza_rows_text (rows, 1);
  g_autoptr (GBytes) place = plaza_vault_place ("session", id, NULL);
  g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 5);
  g_autoptr (PlazaSession) self = NULL;
  GVariant *fields;

  fields = plaza_vault_open_variant (plaza_store_get_values_key (store), sealed, FIELDS_TYPE, place,
                                     error);
  if (fields == NULL)
    return NULL;
  self = g_object_new (PLAZA_TYPE_SESSION, NULL);
  self->number = plaza_rows_int (rows, 0);
  self->id = g_strdup (id);
  self->revision = plaza_rows_int (rows, 2);
  self->opened_ms = plaza_rows_int (rows, 3);
  self->open = plaza_rows_is_null (rows, 4);
  take_fields (self, fields);
  return g_steal_pointer (&self);
}

#define SESSION_COLUMNS "SELECT number, id, revision, opened_ms, closed_ms, sealed FROM session "

typedef struct
{
  const char *sql;
  const char *id; /* or NULL */
  GPtrArray *found;
} Search;

static gboolean
search_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Search *search = data;
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = search->id ? plaza_database_query (db, error, search->sql, "t", search->id)
                    : plaza_database_query (db, error, search->sql, "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      PlazaSession *session = session_from_row (store, rows, &local);

      if (session != NULL)
        g_ptr_array_add (search->found, session);
      else if (search->id != NULL || !plaza_unreadable_is_damage (local))
        break;
      else
        /* Among others it is left out; plaza_unreadable_look() tells of it. */
        g_clear_error (&local);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

/* The one object of a session just read. (transfer full) */
static PlazaSession *
unify (PlazaStore *store, PlazaSession *read)
{
  PlazaSession *known = plaza_session_peek (store, read->id);

  if (known != NULL)
    return g_object_ref (known);
  read->store = g_object_ref (store);
  g_hash_table_insert (loaded_sessions (store), read->id, read);
  return g_object_ref (read);
}

static GPtrArray *
search (PlazaStore *store, const char *sql, const char *id, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);
  Search data = { .sql = sql, .id = id, .found = found };
  GPtrArray *sessions;

  if (!plaza_store_call (store, PLAZA_STORE_READ, search_job, &data, error))
    return NULL;
  sessions = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (sessions, unify (store, g_ptr_array_index (found, i)));
  return sessions;
}

PlazaSession *
plaza_session_peek (PlazaStore *store, const char *id)
{
  return g_hash_table_lookup (loaded_sessions (store), id);
}

PlazaSession *
plaza_session_current (PlazaStore *store, GError **error)
{
  g_autoptr (GPtrArray) found =
      search (store, SESSION_COLUMNS "WHERE closed_ms IS NULL ORDER BY number DESC", NULL, error);

  return found != NULL && found->len > 0 ? g_object_ref (g_ptr_array_index (found, 0)) : NULL;
}

PlazaSession *
plaza_session_load (PlazaStore *store, const char *id, GError **error)
{
  PlazaSession *known = plaza_session_peek (store, id);
  g_autoptr (GPtrArray) found = NULL;

  if (known != NULL)
    return g_object_ref (known);
  found = search (store, SESSION_COLUMNS "WHERE id = ?", id, error);
  if (found != NULL && found->len == 0)
    plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "there is no session %s", id);
  return found != NULL && found->len > 0 ? g_object_ref (g_ptr_array_index (found, 0)) : NULL;
}

GPtrArray *
plaza_session_list (PlazaStore *store, GError **error)
{
  return search (store, SESSION_COLUMNS "ORDER BY number DESC", NULL, error);
}

/* Writing */

typedef struct
{
  PlazaSession *session;
  GBytes *sealed;
  PlazaEntry *entry;
  GPtrArray *revisions; /* PlazaNewRevision, of a correction */
  gboolean close;
} Writing;

static void
writing_clear (Writing *writing)
{
  g_clear_pointer (&writing->sealed, g_bytes_unref);
  g_clear_pointer (&writing->entry, plaza_entry_unref);
  g_clear_pointer (&writing->revisions, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writing, writing_clear)

static gboolean
create_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Writing *writing = data;
  PlazaSession *self = writing->session;

  if (!plaza_database_run (db, error, "UPDATE session SET closed_ms = ? WHERE closed_ms IS NULL",
                           "i", self->opened_ms) ||
      !plaza_database_run (
          db, error, "INSERT INTO session (id, revision, opened_ms, sealed) VALUES (?, 1, ?, ?)",
          "tib", self->id, self->opened_ms, writing->sealed))
    return FALSE;
  self->number = plaza_database_last_id (db);
  return plaza_store_add_entry (store, db, writing->entry, 0, NULL, error);
}

static void
close_loaded (PlazaStore *store)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, loaded_sessions (store));
  while (g_hash_table_iter_next (&iter, NULL, &session))
    PLAZA_SESSION (session)->open = FALSE;
}

PlazaSession *
plaza_session_create (PlazaStore *store, const PlazaSessionFields *fields, GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  g_autoptr (PlazaSession) self = g_object_new (PLAZA_TYPE_SESSION, NULL);
  g_auto (Writing) writing = { .session = self };
  GVariant *complete;

  complete = enrolment ? complete_fields (fields, enrolment, error) : NULL;
  if (complete == NULL)
    return NULL;
  take_fields (self, complete);
  self->id = plaza_uuid_v7 ();
  self->revision = 1;
  self->opened_ms = plaza_clock_now_ms ();
  self->open = TRUE;
  writing.sealed = seal_fields (store, self->id, complete);
  writing.entry = session_entry (store, self->id, 1, &self->fields, error);
  if (writing.entry == NULL ||
      !plaza_store_call (store, PLAZA_STORE_WRITE, create_job, &writing, error))
    return NULL;
  close_loaded (store);
  return unify (store, self);
}

static gboolean
update_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Writing *writing = data;
  PlazaSession *self = writing->session;

  if (!plaza_database_run (db, error,
                           "UPDATE session SET revision = ?, sealed = ? WHERE number = ?", "ibi",
                           (gint64) self->revision + 1, writing->sealed, self->number) ||
      !plaza_store_add_entry (store, db, writing->entry, 0, NULL, error))
    return FALSE;
  for (guint i = 0; writing->revisions != NULL && i < writing->revisions->len; i++)
    if (!plaza_new_revision_store (store, db, g_ptr_array_index (writing->revisions, i), error))
      return FALSE;
  plaza_store_touch (store, NULL);
  return !writing->close ||
         plaza_database_run (db, error, "UPDATE session SET closed_ms = ? WHERE number = ?", "ii",
                             plaza_clock_now_ms (), self->number);
}

/* States the session as @fields (taken) and stores what follows from it. */
static gboolean
restate (PlazaSession *self, GVariant *fields, Writing *writing, GError **error)
{
  PlazaSessionFields view;

  fields_from_variant (fields, &view);
  writing->session = self;
  writing->sealed = seal_fields (self->store, self->id, fields);
  writing->entry = session_entry (self->store, self->id, self->revision + 1, &view, error);
  if (writing->entry == NULL ||
      !plaza_store_call (self->store, PLAZA_STORE_WRITE, update_job, writing, error))
    return FALSE;
  self->revision++;
  self->open = self->open && !writing->close;
  take_fields (self, g_variant_ref (fields));
  return TRUE;
}

gboolean
plaza_session_correct (PlazaSession *self,
                       const PlazaSessionFields *fields,
                       GPtrArray **out_changes,
                       GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (self->store, error);
  g_autoptr (GPtrArray) changes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_session_change_free);
  g_autoptr (GVariant) complete = NULL;
  g_auto (Writing) writing = { .session = self };
  PlazaSessionFields view;

  complete = enrolment ? complete_fields (fields, enrolment, error) : NULL;
  if (complete == NULL)
    return FALSE;
  fields_from_variant (complete, &view);
  writing.revisions = plaza_session_revise (self, &view, changes, error);
  if (writing.revisions == NULL || !restate (self, complete, &writing, error))
    return FALSE;
  g_signal_emit (self, signals[SIGNAL_CORRECTED], 0);
  if (out_changes != NULL)
    *out_changes = g_steal_pointer (&changes);
  return TRUE;
}

gboolean
plaza_session_close (PlazaSession *self, gint64 attendance, GError **error)
{
  g_auto (Writing) writing = { .close = TRUE };
  g_autoptr (GVariant) variant = NULL;
  PlazaSessionFields fields = self->fields;

  if (!self->open)
    return TRUE;
  if (plaza_store_require_enrolment (self->store, error) == NULL)
    return FALSE;
  if (attendance >= 0)
    fields.attendance = attendance;
  variant = fields_to_variant (&fields);
  return restate (self, variant, &writing, error);
}

static gboolean
reopen_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaSession *self = data;

  return plaza_database_run (db, error, "UPDATE session SET closed_ms = ? WHERE closed_ms IS NULL",
                             "i", plaza_clock_now_ms ()) &&
         plaza_database_run (db, error, "UPDATE session SET closed_ms = NULL WHERE number = ?", "i",
                             self->number);
}

gboolean
plaza_session_reopen (PlazaSession *self, GError **error)
{
  if (self->open)
    return TRUE;
  if (!plaza_store_call (self->store, PLAZA_STORE_WRITE, reopen_job, self, error))
    return FALSE;
  close_loaded (self->store);
  self->open = TRUE;
  return TRUE;
}

/* Facts */

const char *
plaza_session_get_id (PlazaSession *self)
{
  return self->id;
}

const PlazaSessionFields *
plaza_session_get_fields (PlazaSession *self)
{
  return &self->fields;
}

gboolean
plaza_session_is_open (PlazaSession *self)
{
  return self->open;
}

gint64
plaza_session_get_opened_ms (PlazaSession *self)
{
  return self->opened_ms;
}

gint64
plaza_session_get_number (PlazaSession *self)
{
  return self->number;
}

PlazaStore *
plaza_session_get_store (PlazaSession *self)
{
  return self->store;
}

void
plaza_session_change_free (PlazaSessionChange *self)
{
  g_free (self->response);
  g_free (self->folio);
  g_free (self);
}

typedef struct
{
  gint64 session;
  PlazaTally *tally;
} TallyQuery;

static gboolean
tally_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  TallyQuery *query = data;
  PlazaTally *tally = query->tally;
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT coalesce (outcome, -1), voided, count (*) FROM response "
                               "WHERE session = ? GROUP BY outcome, voided",
                               "i", query->session);
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      gint64 outcome = plaza_rows_int (rows, 0);
      guint count = plaza_rows_int (rows, 2);

      if (outcome < 0)
        tally->drafts += count;
      else if (plaza_rows_int (rows, 1))
        tally->voided += count;
      else if (outcome < PLAZA_N_OUTCOMES)
        tally->outcomes[outcome] += count;
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

gboolean
plaza_session_get_tally (PlazaSession *self, PlazaTally *out, GError **error)
{
  TallyQuery query = { .session = self->number, .tally = out };

  *out = (PlazaTally){ 0 };
  return plaza_store_call (self->store, PLAZA_STORE_READ, tally_job, &query, error);
}

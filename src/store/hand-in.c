/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/hand-in-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uuid.h"
#include "store/capture.h"
#include "store/contact-pool.h"
#include "store/draft.h"
#include "store/joining.h"
#include "store/outbox-private.h"
#include "store/profile-private.h"
#include "store/unreadable-private.h"

#define MAX_REASON 200

static void
draft_free (gpointer data)
{
  PlazaHandInDraft *draft = data;

  g_free (draft->response);
  g_free (draft->folio);
  g_free (draft);
}

static void
other_free (gpointer data)
{
  PlazaHandInProfile *other = data;

  g_free (other->name);
  g_free (other);
}

void
plaza_hand_in_state_clear (PlazaHandInState *self)
{
  g_clear_pointer (&self->drafts, g_ptr_array_unref);
  g_clear_pointer (&self->others, g_ptr_array_unref);
}

gboolean
plaza_hand_in_state_needs_decision (const PlazaHandInState *self)
{
  return self->drafts->len > 0 || self->refused > 0 || self->refused_contacts > 0 ||
         self->unreadable_open > 0;
}

gboolean
plaza_hand_in_state_is_complete (const PlazaHandInState *self)
{
  return !plaza_hand_in_state_needs_decision (self) && self->unsealed == 0 && self->contacts == 0 &&
         self->contacts_told && self->waiting == 0 && self->registered &&
         (self->others->len > 0 || self->carried == 0);
}

/* This profile */

static gboolean
read_drafts (PlazaStore *store, PlazaDatabase *db, GPtrArray *drafts, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT r.id, r.summary, r.started_ms, d.correction FROM draft AS d "
                               "JOIN response AS r ON r.number = d.response ORDER BY d.number",
                               "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 1);
      g_auto (PlazaSummary) summary = { 0 };
      PlazaHandInDraft *draft = g_new0 (PlazaHandInDraft, 1);

      draft->response = g_strdup (plaza_rows_text (rows, 0));
      draft->started_ms = plaza_rows_int (rows, 2);
      draft->correction = plaza_rows_int (rows, 3) != 0;
      if (plaza_summary_open (store, draft->response, sealed, &summary, NULL))
        draft->folio = g_steal_pointer (&summary.folio);
      else
        draft->folio = g_strdup ("");
      g_ptr_array_add (drafts, draft);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
count (PlazaDatabase *db, guint *out, GError **error, const char *sql)
{
  gint64 value = 0;

  if (!plaza_database_get_int (db, 0, &value, error, sql, ""))
    return FALSE;
  *out = (guint) value;
  return TRUE;
}

static gboolean
look_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaHandInState *state = data;
  gboolean untold;

  if (!read_drafts (store, db, state->drafts, error) ||
      !count (db, &state->unsealed, error, "SELECT count (*) FROM entry WHERE state = 1") ||
      !count (db, &state->waiting, error,
              "SELECT count (*) FROM envelope WHERE state = 2 AND problem IS NULL") ||
      !count (db, &state->refused, error,
              "SELECT count (*) FROM entry WHERE state = 4 AND problem IS NOT 'quarantined'") ||
      !count (db, &state->quarantined, error,
              "SELECT count (*) FROM entry WHERE state = 4 AND problem IS 'quarantined'") ||
      !count (db, &state->refused_contacts, error,
              "SELECT coalesce (sum (entries), 0) FROM envelope WHERE contacts = 1 AND "
              "(state = 4 OR (state = 2 AND problem IS NOT NULL)) AND "
              "problem IS NOT '" PLAZA_HAND_IN_DISCARDED "'") ||
      !plaza_contact_pool_count (store, db, &state->contacts, &untold, error) ||
      !plaza_unreadable_survey (store, db, &state->unreadable, error))
    return FALSE;
  state->unreadable_open = plaza_hand_in_read_accepted (store, db, &state->unreadable, NULL);
  state->contacts_told = !untold;
  return TRUE;
}

/* The others */

static gboolean
count_others (PlazaHandInProfile *other, PlazaProfile *profile, GError **error)
{
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), "plaza.db", NULL);
  g_autoptr (PlazaDatabase) db = NULL;
  gboolean ok;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the store's file is gone");
  if (!plaza_profile_take_lock (profile, error))
    return FALSE;
  db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, error);
  ok = db != NULL && count (db, &other->drafts, error, "SELECT count (*) FROM draft") &&
       count (db, &other->unsealed, error, "SELECT count (*) FROM entry WHERE state = 1");
  g_clear_pointer (&db, plaza_database_free);
  plaza_profile_release_lock (profile);
  return ok;
}

static PlazaHandInProfile *
look_at_other (PlazaProfile *profile, GPtrArray *items)
{
  PlazaHandInProfile *other = g_new0 (PlazaHandInProfile, 1);
  g_autoptr (GError) error = NULL;

  other->name = g_strdup (plaza_profile_get_name (profile));
  for (guint i = 0; i < items->len; i++)
    {
      const PlazaOutboxItem *item = g_ptr_array_index (items, i);

      if (strcmp (item->profile, plaza_profile_get_id (profile)) == 0)
        other->envelopes++;
    }
  other->unknown = !count_others (other, profile, &error);
  if (error != NULL)
    g_debug ("Another profile: %s", error->message);
  return other;
}

static gboolean
look_around (PlazaStore *store, PlazaHandInState *state, GError **error)
{
  PlazaProfile *self = plaza_store_get_profile (store);
  const char *root = plaza_profile_get_data_root (self);
  g_autoptr (GPtrArray) profiles = plaza_profile_list (root, error);
  g_autoptr (GPtrArray) items = NULL;

  if (profiles == NULL)
    return FALSE;
  items = plaza_outbox_list (root, NULL, error);
  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    state->carried += plaza_outbox_item_is_carried (g_ptr_array_index (items, i));
  for (guint i = 0; i < profiles->len; i++)
    {
      PlazaProfile *profile = g_ptr_array_index (profiles, i);

      if (strcmp (plaza_profile_get_id (profile), plaza_profile_get_id (self)) != 0)
        g_ptr_array_add (state->others, look_at_other (profile, items));
    }
  return TRUE;
}

gboolean
plaza_hand_in_look (PlazaStore *store, PlazaHandInState *out, GError **error)
{
  *out = (PlazaHandInState){ 0 };
  out->drafts = g_ptr_array_new_with_free_func (draft_free);
  out->others = g_ptr_array_new_with_free_func (other_free);
  out->registered = plaza_profile_get_registration_state (plaza_store_get_profile (store), NULL) ==
                    PLAZA_REGISTERED;
  if (plaza_outbox_absorb (store, NULL, error) &&
      plaza_store_call (store, PLAZA_STORE_READ, look_job, out, error) &&
      look_around (store, out, error))
    return TRUE;
  plaza_hand_in_state_clear (out);
  return FALSE;
}

/* Decisions */

/* Nobody opens the page again on which text was in progress: it is the answer, if it can be one. */
static void
take_text (PlazaCapture *capture)
{
  PlazaField *field = NULL;
  g_autofree char *text = g_strdup (plaza_capture_get_text (capture, &field));

  if (text != NULL && !plaza_capture_set_answer (capture, field, text, NULL))
    g_warning ("text in progress is no answer to its question");
}

gboolean
plaza_hand_in_end_partial (PlazaStore *store, const char *response, GError **error)
{
  g_autoptr (PlazaCapture) capture = plaza_capture_resume (store, response, error);

  if (capture != NULL && !plaza_capture_is_correction (capture))
    take_text (capture);
  return capture != NULL && plaza_capture_end (capture, PLAZA_OUTCOME_PARTIAL, NULL, error);
}

typedef struct
{
  const char *response;
  const char *reason;
  GPtrArray *envelopes; /* ids whose files go once it is committed */
} Discard;

static gboolean
check_reason (const char *reason, GError **error)
{
  return (!plaza_text_is_blank (reason) && plaza_text_length (reason) <= MAX_REASON) ||
         plaza_throw (error, PLAZA_ERROR_INVALID, "a reason is needed, of at most %d characters",
                      MAX_REASON);
}

static PlazaEntry *
make_void (PlazaStore *store, const char *response, const char *reason, GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  g_autofree char *id = plaza_uuid_v7 ();
  g_autofree char *at = plaza_clock_format (plaza_clock_now_ms ());
  PlazaRemoval parts;

  if (enrolment == NULL)
    return NULL;
  parts = (PlazaRemoval){
    .campaign = plaza_store_get_campaign (store)->fingerprint,
    .response = (char *) response,
    .device = enrolment->device,
    .author = enrolment->person,
    .reason = (char *) reason,
    .at = at,
  };
  return plaza_entry_new_removal (PLAZA_ENTRY_VOID, id, &parts, 1, error);
}

/* What is destroyed here and never was at the central: a void says so, and the proof. */
static gboolean
note_discarded (PlazaStore *store,
                PlazaDatabase *db,
                const char *folio,
                const char *what,
                const char *reason,
                GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) before = plaza_store_read_value (store, db, PLAZA_HAND_IN_DISCARDED, &local);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GBytes) after = NULL;
  JsonObject *item = json_object_new ();

  if (plaza_unreadable_is_damage (local) &&
      plaza_unreadable_set_aside (db, PLAZA_HAND_IN_DISCARDED, error))
    g_clear_error (&local);
  if (local != NULL)
    {
      json_object_unref (item);
      if (error != NULL && *error == NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  object = before != NULL ? plaza_json_parse_object (before, NULL, error) : json_object_new ();
  if (object == NULL)
    {
      json_object_unref (item);
      return FALSE;
    }
  if (!json_object_has_member (object, "items"))
    json_object_set_array_member (object, "items", json_array_new ());
  json_object_set_string_member (item, "folio", folio);
  json_object_set_string_member (item, "reason", reason);
  json_object_set_string_member (item, "what", what);
  json_array_add_object_element (json_object_get_array_member (object, "items"), item);
  after = plaza_json_write_object (object);
  return plaza_store_write_value (store, db, PLAZA_HAND_IN_DISCARDED, after, error);
}

/* The response stays as a counted stub without content. */
static gboolean
void_response (PlazaStore *store,
               PlazaDatabase *db,
               gint64 number,
               const char *response,
               const char *reason,
               GError **error)
{
  g_autoptr (PlazaEntry) entry = make_void (store, response, reason, error);

  if (entry == NULL || !plaza_store_add_entry (store, db, entry, number, NULL, error) ||
      !plaza_database_run (db, error,
                           "UPDATE response SET voided = 1, purged = 1, "
                           "outcome = coalesce (outcome, ?), ended_ms = coalesce (ended_ms, ?) "
                           "WHERE number = ?",
                           "iii", (gint64) PLAZA_OUTCOME_PARTIAL, plaza_clock_now_ms (), number))
    return FALSE;
  plaza_store_touch (store, response);
  return plaza_store_settle_state (db, number, error);
}

/* Without opening it, which damage may have made impossible. */
static PlazaDraft *
find_draft (PlazaStore *store, PlazaDatabase *db, const char *response, GError **error)
{
  g_autoptr (PlazaDraft) draft = g_new0 (PlazaDraft, 1);
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GBytes) summary = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT d.number, r.number, d.correction, r.summary FROM draft AS d "
                               "JOIN response AS r ON r.number = d.response WHERE r.id = ?",
                               "t", response);
  if (rows == NULL)
    return NULL;
  if (!plaza_rows_next (rows, &local))
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "response %s has no draft", response);
      return NULL;
    }
  draft->number = plaza_rows_int (rows, 0);
  draft->response_number = plaza_rows_int (rows, 1);
  draft->correction = plaza_rows_int (rows, 2) != 0;
  summary = plaza_rows_bytes (rows, 3);
  if (!plaza_summary_open (store, response, summary, &draft->summary, NULL))
    draft->summary.folio = g_strdup ("");
  return g_steal_pointer (&draft);
}

static gboolean
discard_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  const Discard *discard = data;
  g_autoptr (PlazaDraft) draft = find_draft (store, db, discard->response, error);

  if (draft == NULL || !plaza_draft_delete (db, draft, error) ||
      !note_discarded (store, db, draft->summary.folio, draft->correction ? "correction" : "draft",
                       discard->reason, error) ||
      (!draft->correction && !void_response (store, db, draft->response_number, discard->response,
                                             discard->reason, error)))
    return FALSE;
  plaza_store_touch (store, discard->response);
  plaza_store_shred (store, PLAZA_SHRED_ALL);
  return TRUE;
}

gboolean
plaza_hand_in_discard (PlazaStore *store, const char *response, const char *reason, GError **error)
{
  Discard discard = { .response = response, .reason = reason };

  return check_reason (reason, error) &&
         plaza_store_call (store, PLAZA_STORE_WRITE, discard_job, &discard, error);
}

typedef struct
{
  gint64 number;
  char *id;
  GBytes *summary;
} Refused;

static void
refused_clear (gpointer data)
{
  Refused *refused = data;

  g_free (refused->id);
  g_clear_pointer (&refused->summary, g_bytes_unref);
}

static GArray *
list_refused (PlazaDatabase *db, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Refused));
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  g_array_set_clear_func (found, refused_clear);
  rows = plaza_database_query (db, error,
                               "SELECT DISTINCT r.number, r.id, r.summary FROM entry AS e "
                               "JOIN response AS r ON r.number = e.response "
                               "WHERE e.state = 4 AND e.problem IS NOT 'quarantined'",
                               "");
  if (rows == NULL)
    return NULL;
  while (plaza_rows_next (rows, &local))
    {
      Refused refused = { plaza_rows_int (rows, 0), g_strdup (plaza_rows_text (rows, 1)),
                          plaza_rows_bytes (rows, 2) };

      g_array_append_val (found, refused);
    }
  if (local == NULL)
    return g_steal_pointer (&found);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static gboolean
list_refused_envelopes (PlazaDatabase *db, GPtrArray *ids, guint *contacts, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT id, contacts, entries FROM envelope WHERE (state = 4 AND "
                               "problem IS NOT '" PLAZA_HAND_IN_DISCARDED "') OR "
                               "(state = 2 AND problem IS NOT NULL)",
                               "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_ptr_array_add (ids, g_strdup (plaza_rows_text (rows, 0)));
      if (plaza_rows_int (rows, 1) != 0)
        *contacts += (guint) plaza_rows_int (rows, 2);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
discard_refused_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Discard *discard = data;
  g_autoptr (GArray) refused = list_refused (db, error);
  guint contacts = 0;

  if (refused == NULL || !list_refused_envelopes (db, discard->envelopes, &contacts, error) ||
      !plaza_database_exec (db,
                            "DELETE FROM entry WHERE state = 4 AND problem IS NOT 'quarantined';"
                            "UPDATE envelope SET state = 4, bytes = NULL, "
                            "problem = '" PLAZA_HAND_IN_DISCARDED "' WHERE state = 4 OR "
                            "(state = 2 AND problem IS NOT NULL)",
                            error))
    return FALSE;
  for (guint i = 0; i < refused->len; i++)
    {
      const Refused *row = &g_array_index (refused, Refused, i);
      g_auto (PlazaSummary) summary = { 0 };

      plaza_summary_open (store, row->id, row->summary, &summary, NULL);
      if (!note_discarded (store, db, summary.folio != NULL ? summary.folio : "", "refused",
                           discard->reason, error) ||
          !void_response (store, db, row->number, row->id, discard->reason, error))
        return FALSE;
    }
  for (guint i = 0; i < contacts; i++)
    if (!note_discarded (store, db, "", "contact", discard->reason, error))
      return FALSE;
  plaza_store_shred (store, PLAZA_SHRED_ALL);
  return TRUE;
}

gboolean
plaza_hand_in_discard_refused (PlazaStore *store, const char *reason, GError **error)
{
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func (g_free);
  Discard discard = { .reason = reason, .envelopes = envelopes };

  if (!check_reason (reason, error) ||
      !plaza_store_call (store, PLAZA_STORE_WRITE, discard_refused_job, &discard, error))
    return FALSE;
  for (guint i = 0; i < envelopes->len; i++)
    {
      const char *folder = plaza_store_get_folder (store);
      const char *id = g_ptr_array_index (envelopes, i);
      g_autofree char *file = plaza_outbox_path (folder, id, ".plz");
      g_autofree char *refused = plaza_outbox_path (folder, id, ".refused");

      if (!plaza_file_remove (file, error) || !plaza_file_remove (refused, error))
        return FALSE;
    }
  return TRUE;
}

/* What cannot be read */

/* Each kind by itself, so that one that is mended does not make room for another. */
static const struct
{
  const char *name;
  gsize offset;
} accepted_kinds[] = {
  { "pools", G_STRUCT_OFFSET (PlazaUnreadable, pools) },
  { "values", G_STRUCT_OFFSET (PlazaUnreadable, values) },
  { "sessions", G_STRUCT_OFFSET (PlazaUnreadable, sessions) },
  { "responses", G_STRUCT_OFFSET (PlazaUnreadable, responses) },
};

guint
plaza_hand_in_read_accepted (PlazaStore *store,
                             PlazaDatabase *db,
                             const PlazaUnreadable *now,
                             char **out_reason)
{
  g_autoptr (GBytes) bytes = plaza_store_read_value (store, db, PLAZA_HAND_IN_ACCEPTED, NULL);
  g_autoptr (JsonObject) object =
      bytes != NULL ? plaza_json_parse_object (bytes, NULL, NULL) : NULL;
  guint open = 0;

  for (guint i = 0; i < G_N_ELEMENTS (accepted_kinds); i++)
    {
      guint found = G_STRUCT_MEMBER (guint, now, accepted_kinds[i].offset);
      gint64 accepted = 0;

      if (object != NULL)
        plaza_json_get_int (object, accepted_kinds[i].name, 0, G_MAXUINT, &accepted, NULL);
      open += found > accepted ? found - (guint) accepted : 0;
    }
  if (out_reason != NULL)
    *out_reason = object != NULL
                      ? g_strdup (json_object_get_string_member_with_default (object, "reason", ""))
                      : NULL;
  return open;
}

static gboolean
accept_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) bytes = NULL;
  PlazaUnreadable now;

  if (!plaza_unreadable_survey (store, db, &now, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (accepted_kinds); i++)
    json_object_set_int_member (object, accepted_kinds[i].name,
                                G_STRUCT_MEMBER (guint, &now, accepted_kinds[i].offset));
  json_object_set_string_member (object, "reason", data);
  bytes = plaza_json_write_object (object);
  return plaza_store_write_value (store, db, PLAZA_HAND_IN_ACCEPTED, bytes, error);
}

gboolean
plaza_hand_in_accept_unreadable (PlazaStore *store, const char *reason, GError **error)
{
  return check_reason (reason, error) &&
         plaza_store_call (store, PLAZA_STORE_WRITE, accept_job, (gpointer) reason, error);
}

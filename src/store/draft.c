/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/draft.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/unreadable-private.h"
#include "store/vault.h"

#define EVENT_TYPE "(yxss)"
/* Whether what follows is sealed once more under the contact key, and the event. */
#define ROW_TYPE "(bay)"

PlazaEvent *
plaza_event_new (PlazaEventKind kind, gint64 time, const char *ref, const char *value)
{
  PlazaEvent *event = g_new0 (PlazaEvent, 1);

  event->kind = kind;
  event->time = time;
  event->ref = g_strdup (ref ? ref : "");
  event->value = g_strdup (value ? value : "");
  return event;
}

void
plaza_event_free (PlazaEvent *event)
{
  g_free (event->ref);
  plaza_secret_wipe_string (event->value);
  g_free (event);
}

PlazaDraft *
plaza_draft_new (const char *response, const char *session, const PlazaSummary *summary)
{
  PlazaDraft *draft = g_new0 (PlazaDraft, 1);

  draft->response = g_strdup (response);
  draft->session = g_strdup (session);
  draft->started_ms = plaza_clock_now_ms ();
  draft->summary.folio = g_strdup (summary->folio);
  draft->summary.mode = g_strdup (summary->mode);
  draft->summary.form_id = g_strdup (summary->form_id);
  draft->summary.form_version = g_strdup (summary->form_version);
  draft->key = plaza_secret_new_key ();
  draft->contact_key = plaza_secret_new_key ();
  return draft;
}

void
plaza_draft_free (PlazaDraft *draft)
{
  g_free (draft->response);
  g_free (draft->session);
  plaza_summary_clear (&draft->summary);
  g_clear_pointer (&draft->key, plaza_secret_unref);
  g_clear_pointer (&draft->contact_key, plaza_secret_unref);
  g_free (draft);
}

PlazaSealedEvent *
plaza_sealed_event_copy (const PlazaSealedEvent *event)
{
  PlazaSealedEvent *copy = g_new0 (PlazaSealedEvent, 1);

  copy->sequence = event->sequence;
  copy->sealed = g_bytes_ref (event->sealed);
  return copy;
}

void
plaza_sealed_event_free (PlazaSealedEvent *event)
{
  g_bytes_unref (event->sealed);
  g_free (event);
}

/* A value belongs to its response, its place in the log and the form version it answers. */
static GBytes *
event_place (const PlazaDraft *draft, const char *what)
{
  return plaza_vault_place ("event", draft->response, what, draft->summary.form_version, NULL);
}

static GBytes *
seal_event (const PlazaDraft *draft, const PlazaEvent *event, const char *what, gboolean contact)
{
  g_autoptr (GBytes) place = event_place (draft, what);
  g_autoptr (GBytes) inner = NULL;
  g_autoptr (GVariant) value = NULL;

  value = g_variant_ref_sink (
      g_variant_new (EVENT_TYPE, (guchar) event->kind, event->time, event->ref, event->value));
  inner = contact ? plaza_vault_seal_variant (draft->contact_key, value, place)
                  : g_variant_get_data_as_bytes (value);
  return plaza_vault_seal_variant (
      draft->key,
      g_variant_new ("(b@ay)", contact,
                     g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, inner, TRUE)),
      place);
}

static PlazaEvent *
open_event (const PlazaDraft *draft, GBytes *sealed, const char *what, GError **error)
{
  g_autoptr (GBytes) place = event_place (draft, what);
  g_autoptr (GBytes) inner = NULL;
  g_autoptr (GVariant) row = NULL;
  g_autoptr (GVariant) bytes = NULL;
  g_autoptr (GVariant) value = NULL;
  PlazaEvent *event;
  gboolean contact;
  guchar kind;

  row = plaza_vault_open_variant (draft->key, sealed, ROW_TYPE, place, error);
  if (row == NULL)
    return NULL;
  g_variant_get (row, "(b@ay)", &contact, &bytes);
  inner = g_variant_get_data_as_bytes (bytes);
  if (contact)
    value = plaza_vault_open_variant (draft->contact_key, inner, EVENT_TYPE, place, error);
  else
    value =
        g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (EVENT_TYPE), inner, FALSE));
  if (value == NULL)
    return NULL;
  event = g_new0 (PlazaEvent, 1);
  g_variant_get (value, EVENT_TYPE, &kind, &event->time, &event->ref, &event->value);
  event->kind = kind;
  return event;
}

PlazaSealedEvent *
plaza_draft_seal (PlazaDraft *draft, const PlazaEvent *event, gboolean contact, GError **error)
{
  PlazaSealedEvent *sealed;
  char what[16];

  if (draft->next_sequence >= PLAZA_DRAFT_EVENTS)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "the interview's log is full");
      return NULL;
    }
  sealed = g_new0 (PlazaSealedEvent, 1);
  sealed->sequence = draft->next_sequence++;
  g_snprintf (what, sizeof what, "%u", sealed->sequence);
  sealed->sealed = seal_event (draft, event, what, contact);
  return sealed;
}

GBytes *
plaza_draft_seal_text (PlazaDraft *draft, const PlazaEvent *event, gboolean contact)
{
  return seal_event (draft, event, "text", contact);
}

/* Rows */

static gint64
event_number (const PlazaDraft *draft, guint sequence)
{
  return draft->number * PLAZA_DRAFT_EVENTS + sequence;
}

static gboolean
insert_response (PlazaStore *store, PlazaDatabase *db, PlazaDraft *draft, GError **error)
{
  g_autoptr (GBytes) summary = plaza_summary_seal (store, draft->response, &draft->summary);

  if (!plaza_database_run (db, error,
                           "INSERT INTO response (id, session, started_ms, summary) VALUES "
                           "(?, (SELECT number FROM session WHERE id = ?), ?, ?)",
                           "ttib", draft->response, draft->session, draft->started_ms, summary))
    return FALSE;
  draft->response_number = plaza_database_last_id (db);
  return TRUE;
}

gboolean
plaza_draft_insert (PlazaStore *store, PlazaDatabase *db, PlazaDraft *draft, GError **error)
{
  const PlazaSecret *wrapping = plaza_store_get_wrapping_key (store);
  g_autoptr (GBytes) place = plaza_vault_place ("draft", draft->response, NULL);
  g_autoptr (GBytes) contact_place = plaza_vault_place ("contact", draft->response, NULL);
  g_autoptr (GBytes) key = plaza_key_wrap (wrapping, draft->key, place);
  g_autoptr (GBytes) contact_key = plaza_key_wrap (wrapping, draft->contact_key, contact_place);

  if ((!draft->correction && !insert_response (store, db, draft, error)) ||
      !plaza_database_run (db, error,
                           "INSERT INTO draft (response, correction, form_id, form_version, key, "
                           "contact_key) VALUES (?, ?, ?, ?, ?, ?)",
                           "iittbb", draft->response_number, (gint64) draft->correction,
                           draft->summary.form_id, draft->summary.form_version, key, contact_key))
    return FALSE;
  draft->number = plaza_database_last_id (db);
  plaza_store_touch (store, draft->response);
  return TRUE;
}

gboolean
plaza_draft_append (PlazaDatabase *db, const PlazaDraft *draft, GPtrArray *events, GError **error)
{
  for (guint i = 0; i < events->len; i++)
    {
      const PlazaSealedEvent *event = g_ptr_array_index (events, i);

      if (!plaza_database_run (db, error,
                               "INSERT INTO event (number, sealed) VALUES (?, ?) "
                               "ON CONFLICT (number) DO NOTHING",
                               "ib", event_number (draft, event->sequence), event->sealed))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_draft_set_text (PlazaDatabase *db, const PlazaDraft *draft, GBytes *sealed, GError **error)
{
  return plaza_database_run (db, error, "UPDATE draft SET text = ? WHERE number = ?", "bi", sealed,
                             draft->number);
}

gboolean
plaza_draft_delete (PlazaDatabase *db, const PlazaDraft *draft, GError **error)
{
  return plaza_database_run (db, error, "DELETE FROM event WHERE number BETWEEN ? AND ?", "ii",
                             event_number (draft, 0),
                             event_number (draft, PLAZA_DRAFT_EVENTS - 1)) &&
         plaza_database_run (db, error, "DELETE FROM draft WHERE number = ?", "i", draft->number);
}

static PlazaSecret *
renew_contact_key (
    const PlazaSecret *wrapping, PlazaDatabase *db, gint64 draft, GBytes *place, GError **error)
{
  g_autoptr (PlazaSecret) key = plaza_secret_new_key ();
  g_autoptr (GBytes) wrapped = plaza_key_wrap (wrapping, key, place);

  if (!plaza_database_run (db, error, "UPDATE draft SET contact_key = ? WHERE number = ?", "bi",
                           wrapped, draft))
    return NULL;
  return g_steal_pointer (&key);
}

/* A backup has no contact keys, and damage may have taken one: what was sealed under it is lost and
 * counted, event by event; what follows needs another. NULL without @error for looking only. */
static PlazaSecret *
read_contact_key (const PlazaSecret *wrapping,
                  PlazaDatabase *db,
                  gint64 draft,
                  GBytes *wrapped,
                  GBytes *place,
                  gboolean look,
                  GError **error)
{
  PlazaSecret *key = NULL;

  if (g_bytes_get_size (wrapped) > 0)
    key = plaza_key_unwrap (wrapping, wrapped, place, NULL);
  if (key != NULL)
    return key;
  return look ? plaza_secret_new_key () : renew_contact_key (wrapping, db, draft, place, error);
}

static PlazaDraft *
read_draft (PlazaStore *store,
            PlazaDatabase *db,
            PlazaRows *rows,
            const char *response,
            gboolean look,
            GBytes **out_text,
            GError **error)
{
  const PlazaSecret *wrapping = plaza_store_get_wrapping_key (store);
  g_autoptr (GBytes) place = plaza_vault_place ("draft", response, NULL);
  g_autoptr (GBytes) contact_place = plaza_vault_place ("contact", response, NULL);
  g_autoptr (GBytes) key = plaza_rows_bytes (rows, 5);
  g_autoptr (GBytes) contact_key = plaza_rows_bytes (rows, 6);
  g_autoptr (GBytes) summary = plaza_rows_bytes (rows, 7);
  g_autoptr (PlazaDraft) draft = g_new0 (PlazaDraft, 1);

  draft->response = g_strdup (response);
  draft->number = plaza_rows_int (rows, 0);
  draft->response_number = plaza_rows_int (rows, 1);
  draft->session = g_strdup (plaza_rows_text (rows, 2));
  draft->correction = plaza_rows_int (rows, 3) != 0;
  draft->started_ms = plaza_rows_int (rows, 4);
  draft->key = plaza_key_unwrap (wrapping, key, place, error);
  if (draft->key == NULL)
    return NULL;
  draft->contact_key =
      read_contact_key (wrapping, db, draft->number, contact_key, contact_place, look, error);
  if (draft->contact_key == NULL ||
      !plaza_summary_open (store, response, summary, &draft->summary, error))
    return NULL;
  /* The form a correction answers is its draft's; both are the same row for a first interview. */
  g_free (draft->summary.form_id);
  g_free (draft->summary.form_version);
  draft->summary.form_id = g_strdup (plaza_rows_text (rows, 9));
  draft->summary.form_version = g_strdup (plaza_rows_text (rows, 10));
  *out_text = plaza_rows_bytes (rows, 8);
  return g_steal_pointer (&draft);
}

static GPtrArray *
read_events (PlazaDatabase *db, PlazaDraft *draft, GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_event_free);
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (
      db, error, "SELECT number, sealed FROM event WHERE number BETWEEN ? AND ? ORDER BY number",
      "ii", event_number (draft, 0), event_number (draft, PLAZA_DRAFT_EVENTS - 1));
  if (rows == NULL)
    return NULL;
  while (plaza_rows_next (rows, &local))
    {
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 1);
      guint sequence = plaza_rows_int (rows, 0) % PLAZA_DRAFT_EVENTS;
      g_autoptr (GError) unreadable = NULL;
      PlazaEvent *event;
      char what[16];

      /* After a repair some may be gone: the rest of the interview is worth more than none. */
      draft->lost += sequence - draft->next_sequence;
      draft->next_sequence = sequence + 1;
      g_snprintf (what, sizeof what, "%u", sequence);
      event = open_event (draft, sealed, what, &unreadable);
      if (event != NULL)
        {
          g_ptr_array_add (events, event);
          continue;
        }
      draft->lost++;
      g_warning ("event %u of a log: %s", sequence, unreadable->message);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&events);
}

static PlazaDraft *
load_draft (PlazaStore *store,
            PlazaDatabase *db,
            const char *response,
            gboolean look,
            GPtrArray **out_events,
            PlazaEvent **out_text,
            GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (PlazaDraft) draft = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT d.number, r.number, s.id, d.correction, r.started_ms, d.key, d.contact_key, "
      "r.summary, d.text, d.form_id, d.form_version FROM response AS r "
      "JOIN draft AS d ON d.response = r.number JOIN session AS s ON s.number = r.session "
      "WHERE r.id = ?",
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
  draft = read_draft (store, db, rows, response, look, &text, error);
  if (draft == NULL)
    return NULL;
  events = read_events (db, draft, error);
  if (events == NULL)
    return NULL;
  if (text != NULL)
    {
      *out_text = open_event (draft, text, "text", &local);
      if (*out_text == NULL)
        {
          draft->lost++;
          g_warning ("text in progress: %s", local->message);
        }
    }
  *out_events = g_steal_pointer (&events);
  return g_steal_pointer (&draft);
}

PlazaDraft *
plaza_draft_load (PlazaStore *store,
                  PlazaDatabase *db,
                  const char *response,
                  GPtrArray **out_events,
                  PlazaEvent **out_text,
                  GError **error)
{
  return load_draft (store, db, response, FALSE, out_events, out_text, error);
}

gboolean
plaza_draft_check (
    PlazaStore *store, PlazaDatabase *db, const char *response, gboolean *out_whole, GError **error)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (PlazaEvent) text = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (PlazaDraft) draft = load_draft (store, db, response, TRUE, &events, &text, &local);

  *out_whole = draft != NULL && draft->lost == 0;
  if (draft != NULL || plaza_unreadable_is_damage (local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/capture-private.h"

#include "base/error.h"
#include "base/folio.h"
#include "base/uuid.h"
#include "store/fill.h"
#include "store/folio-mark.h"
#include "store/response.h"

static gint64
capture_now (gpointer data)
{
  return PLAZA_CAPTURE (data)->now;
}

/* Filling in what the session says */

static gboolean
fill_in (PlazaCapture *self, const char *folio, const char *mode, GError **error)
{
  g_autoptr (GPtrArray) fills = NULL;

  fills = plaza_fill_list (self->interview, plaza_session_get_id (self->session),
                           plaza_session_get_fields (self->session), folio, mode);
  for (guint i = 0; i < fills->len; i++)
    {
      const PlazaFill *fill = g_ptr_array_index (fills, i);
      g_autofree char *ref = plaza_field_dup_stable_ref (fill->field);

      if (!plaza_interview_set_value (self->interview, fill->field, fill->value, error))
        {
          g_prefix_error (error, "filling in %s: ", ref);
          return FALSE;
        }
      if (!plaza_capture_record (self, PLAZA_EVENT_FILL, ref, fill->value, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

static void
on_session_corrected (PlazaSession *session, gpointer data)
{
  PlazaCapture *self = data;
  g_autoptr (GError) error = NULL;

  if (!plaza_capture_require_open (self, NULL))
    return;
  plaza_capture_set_now (self);
  if (!fill_in (self, NULL, NULL, &error))
    g_warning ("the corrected session: %s", error->message);
  plaza_capture_append_later (self, NULL);
}

static void
follow_session (PlazaCapture *self)
{
  self->corrected_handler =
      g_signal_connect (self->session, "corrected", G_CALLBACK (on_session_corrected), self);
}

/* Beginning */

static gboolean
make_interview (PlazaCapture *self,
                const char *instance_id,
                const char *language,
                const char *seed_xml,
                GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (self->store, error);
  PlazaInterviewContext context = { 0 };

  if (enrolment == NULL)
    return FALSE;
  context.instance_id = instance_id;
  context.device_id = enrolment->device;
  context.username = enrolment->person;
  context.language = *language != '\0' ? language : NULL;
  context.now = capture_now;
  context.now_data = self;
  if (seed_xml == NULL)
    self->interview = plaza_interview_new (self->form, &context, error);
  else
    {
      g_autoptr (GBytes) xml = g_bytes_new (seed_xml, strlen (seed_xml));

      self->interview =
          plaza_interview_new_from_submission (self->form, xml, TRUE, &context, error);
    }
  return self->interview != NULL;
}

static gboolean
insert_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaCapture *self = data;

  return plaza_draft_insert (store, db, self->draft, error) &&
         plaza_draft_append (db, self->draft, self->unsaved, error);
}

/* Stores the new draft and its first events. */
static gboolean
begin_log (PlazaCapture *self, GError **error)
{
  if (!plaza_store_call (self->store, PLAZA_STORE_WRITE, insert_job, self, error))
    return FALSE;
  g_ptr_array_set_size (self->unsaved, 0);
  plaza_capture_look_for_outcome (self);
  follow_session (self);
  return TRUE;
}

typedef struct
{
  gint64 serial;
} SerialQuery;

static gboolean
serial_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  SerialQuery *query = data;

  gint64 counted;

  /* The file knows of folios that a database put back from a copy does not. */
  return plaza_store_count (db, PLAZA_COUNTER_FOLIO, 1, &counted, error) &&
         plaza_folio_mark_take (plaza_store_get_folder (store), counted, &query->serial, error) &&
         plaza_store_count (db, PLAZA_COUNTER_FOLIO, query->serial - counted, NULL, error);
}

/* A folio of its own: the serial is spent even when the interview cannot begin. */
static char *
take_folio (PlazaStore *store, PlazaSession *session, GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  SerialQuery query = { 0 };

  if (enrolment == NULL || !plaza_store_call (store, PLAZA_STORE_WRITE, serial_job, &query, error))
    return NULL;
  if (query.serial > PLAZA_FOLIO_MAX_SERIAL)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "the batch has no folios left");
      return NULL;
    }
  return plaza_folio_make (plaza_session_get_fields (session)->state, enrolment->batch,
                           (guint) query.serial, error);
}

static char *
new_instance_id (void)
{
  g_autofree char *id = plaza_uuid_random ();

  return g_strconcat ("uuid:", id, NULL);
}

PlazaCapture *
plaza_capture_start (PlazaStore *store,
                     PlazaSession *session,
                     const char *form_id,
                     const char *mode,
                     const char *language,
                     GError **error)
{
  g_autoptr (PlazaCapture) self = g_object_new (PLAZA_TYPE_CAPTURE, NULL);
  g_autofree char *response = plaza_uuid_v7 ();
  g_autofree char *instance_id = new_instance_id ();
  g_autofree char *folio = NULL;
  PlazaSummary summary;

  if (!plaza_session_is_open (session))
    {
      plaza_throw (error, PLAZA_ERROR_REFUSED, "the session is closed");
      return NULL;
    }
  plaza_capture_attach (self, store);
  self->session = g_object_ref (session);
  self->form = plaza_store_find_form (store, form_id, NULL, &self->campaign, error);
  if (self->form == NULL)
    return NULL;
  folio = take_folio (store, session, error);
  if (folio == NULL)
    return NULL;
  summary.folio = folio;
  summary.mode = (char *) (mode ? mode : plaza_session_get_fields (session)->mode);
  summary.form_id = (char *) plaza_form_get_id (self->form);
  summary.form_version = (char *) plaza_form_get_version (self->form);
  self->draft = plaza_draft_new (response, plaza_session_get_id (session), &summary);
  plaza_capture_set_now (self);
  language = language ? language : "";
  if (!make_interview (self, instance_id, language, NULL, error) ||
      !plaza_capture_record (self, PLAZA_EVENT_START, language, instance_id, FALSE, error) ||
      !fill_in (self, folio, summary.mode, error) || !begin_log (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

typedef struct
{
  const char *response;
  PlazaDraft *draft;
  GPtrArray *events;
  PlazaEvent *text;
} Loading;

static gboolean
load_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Loading *loading = data;

  loading->draft =
      plaza_draft_load (store, db, loading->response, &loading->events, &loading->text, error);
  return loading->draft != NULL;
}

static gboolean
apply_event (PlazaCapture *self, const PlazaEvent *event, GError **error)
{
  PlazaInterview *interview = self->interview;
  PlazaField *field;

  self->now = event->time;
  switch (event->kind)
    {
    case PLAZA_EVENT_LANGUAGE:
      return plaza_interview_set_language (interview, event->value, error);
    case PLAZA_EVENT_PAGE:
      g_free (self->page_key);
      g_free (self->focus_ref);
      self->page_key = g_strdup (event->ref);
      self->focus_ref = g_strdup (event->value);
      return TRUE;
    default:
      break;
    }
  field = plaza_interview_find (interview, event->ref);
  if (field == NULL)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the form has no such field");
  switch (event->kind)
    {
    case PLAZA_EVENT_ANSWER:
      plaza_capture_note_question (self, field);
      return plaza_interview_set_answer (interview, field, event->value, error);
    case PLAZA_EVENT_FILL:
      return plaza_interview_set_value (interview, field, event->value, error);
    case PLAZA_EVENT_ADD:
      return plaza_interview_add_instance (interview, field, error) != NULL;
    case PLAZA_EVENT_REMOVE:
      return plaza_interview_remove_instance (interview, field, error);
    case PLAZA_EVENT_RESTORE:
      return plaza_interview_restore_instance (interview, field, error);
    default:
      return plaza_throw (error, PLAZA_ERROR_NEWER, "an event of an unknown kind");
    }
}

static gboolean
replay (PlazaCapture *self, GPtrArray *events, GError **error)
{
  const PlazaEvent *start = events->len > 0 ? g_ptr_array_index (events, 0) : NULL;
  const PlazaEvent *seed = events->len > 1 ? g_ptr_array_index (events, 1) : NULL;

  if (start == NULL || start->kind != PLAZA_EVENT_START)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the beginning of the interview is lost");
  if (seed != NULL && seed->kind != PLAZA_EVENT_SEED)
    seed = NULL;
  if (self->draft->correction && seed == NULL)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the beginning of the correction is lost");
  self->now = start->time;
  if (!make_interview (self, start->value, start->ref, seed ? seed->value : NULL, error))
    return FALSE;
  for (guint i = seed ? 2 : 1; i < events->len; i++)
    {
      g_autoptr (GError) local = NULL;

      if (apply_event (self, g_ptr_array_index (events, i), &local))
        continue;
      self->draft->lost++;
      g_warning ("event %u of a log was not taken again: %s", i, local->message);
    }
  return TRUE;
}

/* Text in progress holds until its field was answered after it was typed. */
static void
adopt_text (PlazaCapture *self, GPtrArray *events, PlazaEvent *text)
{
  for (guint i = text->time; i < events->len; i++)
    {
      const PlazaEvent *event = g_ptr_array_index (events, i);

      if (event->kind == PLAZA_EVENT_ANSWER && strcmp (event->ref, text->ref) == 0)
        {
          plaza_event_free (text);
          return;
        }
    }
  self->text = text;
}

PlazaCapture *
plaza_capture_resume (PlazaStore *store, const char *response, GError **error)
{
  g_autoptr (PlazaCapture) self = g_object_new (PLAZA_TYPE_CAPTURE, NULL);
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (PlazaEvent) text = NULL;
  Loading loading = { .response = response };
  gboolean loaded;

  plaza_capture_attach (self, store);
  loaded = plaza_store_call (store, PLAZA_STORE_WRITE, load_job, &loading, error);
  self->draft = loading.draft;
  events = loading.events;
  text = loading.text;
  if (!loaded)
    return NULL;
  self->form = plaza_store_find_form (store, self->draft->summary.form_id,
                                      self->draft->summary.form_version, &self->campaign, error);
  if (self->form == NULL)
    return NULL;
  self->session = plaza_session_load (store, self->draft->session, error);
  if (self->session == NULL || !replay (self, events, error))
    return NULL;
  if (text != NULL)
    adopt_text (self, events, g_steal_pointer (&text));
  /* The session may have been corrected meanwhile. */
  plaza_capture_set_now (self);
  if (!fill_in (self, NULL, NULL, error))
    return NULL;
  if (self->unsaved->len > 0 && !plaza_capture_append_wait (self, error))
    return NULL;
  plaza_capture_look_for_outcome (self);
  follow_session (self);
  return g_steal_pointer (&self);
}

typedef struct
{
  const char *response;
  gint64 number;
  gboolean drafted;
  GBytes *summary;
  char *session;
} CorrectionQuery;

static gboolean
correction_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  CorrectionQuery *query = data;
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT r.number, EXISTS (SELECT 1 FROM draft WHERE response = r.number), r.summary, s.id "
      "FROM response AS r JOIN session AS s ON s.number = r.session WHERE r.id = ?",
      "t", query->response);
  if (rows == NULL)
    return FALSE;
  if (!plaza_rows_next (rows, &local))
    {
      if (local == NULL)
        return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "there is no response %s",
                            query->response);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  query->number = plaza_rows_int (rows, 0);
  query->drafted = plaza_rows_int (rows, 1) != 0;
  query->summary = plaza_rows_bytes (rows, 2);
  query->session = g_strdup (plaza_rows_text (rows, 3));
  return TRUE;
}

/* The form version of the parent, its answers, and a key and log of its own. */
static gboolean
begin_correction (PlazaCapture *self,
                  const CorrectionQuery *query,
                  PlazaRevision *parent,
                  GError **error)
{
  g_auto (PlazaSummary) summary = { 0 };
  g_autofree char *instance_id = new_instance_id ();
  g_autofree char *xml = NULL;
  gsize size;
  const char *bytes = g_bytes_get_data (parent->xml, &size);

  xml = g_strndup (bytes, size);
  self->form = plaza_store_find_form (self->store, parent->header.form_id,
                                      parent->header.form_version, &self->campaign, error);
  if (self->form == NULL ||
      !plaza_summary_open (self->store, query->response, query->summary, &summary, error))
    return FALSE;
  self->session = plaza_session_load (self->store, query->session, error);
  if (self->session == NULL)
    return FALSE;
  self->draft = plaza_draft_new (query->response, query->session, &summary);
  self->draft->response_number = query->number;
  self->draft->correction = TRUE;
  plaza_capture_set_now (self);
  return make_interview (self, instance_id, "", xml, error) &&
         plaza_capture_record (self, PLAZA_EVENT_START, "", instance_id, FALSE, error) &&
         plaza_capture_record (self, PLAZA_EVENT_SEED, "", xml, FALSE, error) &&
         fill_in (self, NULL, NULL, error) && begin_log (self, error);
}

PlazaCapture *
plaza_capture_correct (PlazaStore *store, const char *response, GError **error)
{
  g_autoptr (PlazaCapture) self = g_object_new (PLAZA_TYPE_CAPTURE, NULL);
  g_autoptr (PlazaRevision) parent = NULL;
  CorrectionQuery query = { .response = response };
  gboolean ok;

  plaza_capture_attach (self, store);
  if (!plaza_store_call (store, PLAZA_STORE_READ, correction_job, &query, error))
    return NULL;
  if (query.drafted)
    {
      g_bytes_unref (query.summary);
      g_free (query.session);
      return plaza_capture_resume (store, response, error);
    }
  parent = plaza_response_read (store, response, error);
  ok = parent != NULL && begin_correction (self, &query, parent, error);
  g_bytes_unref (query.summary);
  g_free (query.session);
  return ok ? g_steal_pointer (&self) : NULL;
}

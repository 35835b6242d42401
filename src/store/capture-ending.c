/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/capture-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/folio.h"
#include "base/json.h"
#include "base/uuid.h"
#include "store/contact-pool.h"
#include "store/response.h"

void
plaza_ending_clear (PlazaEnding *self)
{
  g_clear_pointer (&self->folio, g_free);
  g_clear_pointer (&self->contact_number, g_free);
}

static void
copy_ending (PlazaCapture *self, PlazaEnding *out)
{
  if (out == NULL)
    return;
  out->outcome = self->ending.outcome;
  out->folio = g_strdup (self->ending.folio);
  out->contact_number = g_strdup (self->ending.contact_number);
}

GPtrArray *
plaza_capture_get_missing (PlazaCapture *self)
{
  return plaza_interview_get_missing (
      self->interview, self->draft->correction ? PLAZA_SCOPE_WITHOUT_CONTACT : PLAZA_SCOPE_ALL);
}

/* What one transaction leaves of an interview. */
typedef struct
{
  PlazaCapture *capture;
  PlazaOutcome outcome;
  gint64 ended_ms;
  PlazaEntry *entry;   /* the revision or the outcome */
  PlazaEntry *contact; /* or NULL */
  char *contact_number;
  GBytes *summary; /* sealed anew, or NULL when it is as it was */
} Ending;

static void
ending_free (gpointer data)
{
  Ending *ending = data;

  g_clear_pointer (&ending->entry, plaza_entry_unref);
  g_clear_pointer (&ending->contact, plaza_entry_unref);
  g_free (ending->contact_number);
  g_clear_pointer (&ending->summary, g_bytes_unref);
  g_object_unref (ending->capture);
  g_free (ending);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ending, ending_free)

static gboolean
ending_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Ending *ending = data;
  PlazaDraft *draft = ending->capture->draft;
  gboolean keeps = plaza_outcome_keeps_answers (ending->outcome);

  if (!plaza_draft_delete (db, draft, error) ||
      !plaza_store_add_entry (store, db, ending->entry, draft->response_number,
                              keeps ? draft->key : NULL, error) ||
      !plaza_database_run (
          db, error,
          "UPDATE response SET outcome = ?, ended_ms = coalesce (ended_ms, ?) WHERE number = ?",
          "iii", (gint64) ending->outcome, ending->ended_ms, draft->response_number) ||
      (ending->summary != NULL &&
       !plaza_database_run (db, error, "UPDATE response SET summary = ? WHERE number = ?", "bi",
                            ending->summary, draft->response_number)) ||
      !plaza_store_settle_state (db, draft->response_number, error) ||
      !plaza_contact_pool_rewrite (store, db, ending->contact, error))
    return FALSE;
  plaza_store_touch (store, draft->response);
  /* Log and contact key are gone from the file; now from its write-ahead log, and what left no
   * answers at all from the backups that saw it. */
  plaza_store_shred (store, keeps ? NULL : draft->response);
  return TRUE;
}

/* What was keyed from paper is known by the number printed on its sheet; the serial that this
 * laptop gave meanwhile stays unused. A number that is no folio is kept as it was typed. */
static GBytes *
take_sheet_folio (PlazaCapture *self)
{
  PlazaSummary *summary = &self->draft->summary;
  PlazaField *field = plaza_interview_find_fill (self->interview, "folio");
  const char *typed = field != NULL ? plaza_field_get_value (field) : "";
  g_autofree char *folio = plaza_folio_normalise (typed);

  if (strcmp (summary->mode, PLAZA_MODE_KEYED) != 0 || *typed == '\0' ||
      g_strcmp0 (folio != NULL ? folio : typed, summary->folio) == 0)
    return NULL;
  g_free (summary->folio);
  summary->folio = folio != NULL ? g_steal_pointer (&folio) : g_strdup (typed);
  return plaza_summary_seal (self->store, self->draft->response, summary);
}

/* Header and annotations */

static void
fill_header (PlazaCapture *self, PlazaOutcome outcome, const char *ended, PlazaHeader *out)
{
  const PlazaEnrolment *enrolment = plaza_store_get_enrolment (self->store);
  const PlazaSessionFields *session = plaza_session_get_fields (self->session);

  *out = (PlazaHeader){
    .campaign = plaza_store_get_campaign (self->store)->fingerprint,
    .form_id = self->draft->summary.form_id,
    .form_version = self->draft->summary.form_version,
    .response = self->draft->response,
    .device = enrolment->device,
    .author = enrolment->person,
    .mode = self->draft->summary.mode,
    .session = (char *) plaza_session_get_id (self->session),
    .session_state = (char *) session->state,
    .session_municipality = (char *) session->municipality,
    .session_date = (char *) session->date,
    .organisation = (char *) session->organisation,
    .batch = enrolment->batch,
    .folio = self->draft->summary.folio,
    .outcome = outcome,
    .ended = (char *) ended,
  };
}

static GBytes *
make_annotations (PlazaCapture *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  gint64 seconds = plaza_clock_now_ms () - self->draft->started_ms;
  g_autofree char *started = plaza_clock_format (self->draft->started_ms);

  json_object_set_string_member (
      object, "origin",
      strcmp (self->draft->summary.mode, PLAZA_MODE_KEYED) == 0 ? "keyed" : "asked");
  json_object_set_string_member (object, "started", started);
  json_object_set_int_member (object, "seconds", MAX (seconds, 0) / 1000);
  if (self->draft->lost > 0)
    json_object_set_int_member (object, "lost", self->draft->lost);
  return plaza_json_write_object (object);
}

static const char *
bare_uuid (const char *instance_id)
{
  return g_str_has_prefix (instance_id, "uuid:") ? instance_id + strlen ("uuid:") : instance_id;
}

static PlazaEntry *
make_revision (PlazaCapture *self, PlazaOutcome outcome, GError **error)
{
  g_autofree char *ended = plaza_clock_format (plaza_clock_now_ms ());
  g_autofree char *parent_hash = NULL;
  g_autoptr (PlazaRevision) parent = NULL;
  g_autoptr (GBytes) annotations = make_annotations (self);
  g_autoptr (GBytes) xml = NULL;
  PlazaHeader header;

  fill_header (self, outcome, ended, &header);
  header.revision = (char *) bare_uuid (plaza_interview_get_instance_id (self->interview));
  if (outcome == PLAZA_OUTCOME_PARTIAL)
    header.last_question = self->last_question;
  if (self->draft->correction)
    {
      parent = plaza_response_read (self->store, self->draft->response, error);
      if (parent == NULL)
        return NULL;
      parent_hash = plaza_hash_to_string (&parent->hash);
      header.parent = parent->header.revision;
      header.parent_hash = parent_hash;
    }
  plaza_capture_set_now (self);
  xml = plaza_interview_finish (self->interview, error);
  return xml ? plaza_entry_new_revision (&header, 1, xml, annotations, NULL, error) : NULL;
}

static PlazaEntry *
make_outcome (PlazaCapture *self, PlazaOutcome outcome, GError **error)
{
  g_autofree char *ended = plaza_clock_format (plaza_clock_now_ms ());
  g_autofree char *id = plaza_uuid_v7 ();
  PlazaHeader header;

  fill_header (self, outcome, ended, &header);
  return plaza_entry_new_outcome (id, &header, 1, error);
}

/* Contact */

/* One date for everybody: when the campaign's asking ends. */
static const char *
campaign_date (PlazaCampaign *campaign)
{
  if (campaign->asking_ends != NULL)
    return campaign->asking_ends;
  return campaign->keying_ends ? campaign->keying_ends : "2000-01-01";
}

static gboolean
contact_is_whole (PlazaCapture *self)
{
  g_autoptr (GPtrArray) missing = plaza_interview_get_missing (self->interview, PLAZA_SCOPE_ALL);

  for (guint i = 0; i < missing->len; i++)
    if (plaza_field_is_contact (((PlazaMissing *) g_ptr_array_index (missing, i))->field))
      return FALSE;
  return TRUE;
}

/* The sealed contact, or NULL without @error when the person left none. */
static PlazaEntry *
make_contact (PlazaCapture *self, char **out_number, GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (self->store);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GPtrArray) answers = NULL;
  g_autoptr (GBytes) plain = NULL;

  if (self->draft->correction || !contact_is_whole (self))
    return NULL;
  answers = plaza_interview_get_contact_answers (self->interview);
  if (answers->len == 0)
    return NULL;
  object = json_object_new ();
  for (guint i = 0; i < answers->len; i++)
    {
      const PlazaContactAnswer *answer = g_ptr_array_index (answers, i);

      json_object_set_string_member (object, answer->name, answer->value);
    }
  plain = plaza_json_write_object (object);
  return plaza_entry_new_contact (&campaign->key_custody, campaign_date (campaign), plain,
                                  out_number, error);
}

/* Ending */

static Ending *
prepare (PlazaCapture *self, PlazaOutcome outcome, GError **error)
{
  g_autoptr (Ending) ending = NULL;
  GError *local = NULL;

  if (!plaza_capture_require_open (self, error))
    return NULL;
  ending = g_new0 (Ending, 1);
  ending->capture = g_object_ref (self);
  ending->outcome = outcome;
  ending->ended_ms = plaza_clock_now_ms ();
  ending->summary = take_sheet_folio (self);
  if (!plaza_outcome_keeps_answers (outcome))
    ending->entry = make_outcome (self, outcome, &local);
  else
    {
      ending->entry = make_revision (self, outcome, &local);
      if (ending->entry != NULL)
        ending->contact = make_contact (self, &ending->contact_number, &local);
    }
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  return g_steal_pointer (&ending);
}

static void
settle (PlazaCapture *self, const Ending *ending)
{
  self->ending.outcome = ending->outcome;
  self->ending.folio = g_strdup (self->draft->summary.folio);
  self->ending.contact_number = g_strdup (ending->contact_number);
  plaza_capture_set_ended (self);
}

static gboolean
end_now (PlazaCapture *self, PlazaOutcome outcome, PlazaEnding *out, GError **error)
{
  g_autoptr (Ending) ending = prepare (self, outcome, error);

  if (ending == NULL ||
      !plaza_store_call (self->store, PLAZA_STORE_WRITE, ending_job, ending, error))
    return FALSE;
  settle (self, ending);
  copy_ending (self, out);
  return TRUE;
}

static gboolean
may_finish (PlazaCapture *self, GError **error)
{
  g_autoptr (GPtrArray) missing = plaza_capture_get_missing (self);

  if (self->outcome_due >= 0)
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "the interview ends as %s",
                        plaza_outcome_name ((PlazaOutcome) self->outcome_due));
  return missing->len == 0 ||
         plaza_throw (error, PLAZA_ERROR_REFUSED, "%u answers are missing", missing->len);
}

gboolean
plaza_capture_finish (PlazaCapture *self, PlazaEnding *out, GError **error)
{
  if (self->ended)
    {
      copy_ending (self, out);
      return TRUE;
    }
  return may_finish (self, error) && end_now (self, PLAZA_OUTCOME_COMPLETED, out, error);
}

static void
on_finish_done (GObject *source, GAsyncResult *result, gpointer data)
{
  PlazaCapture *self = PLAZA_CAPTURE (source);
  g_autoptr (GTask) waiting = data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (waiting, error);
      return;
    }
  settle (self, g_task_get_task_data (G_TASK (result)));
  g_task_return_boolean (waiting, TRUE);
}

void
plaza_capture_finish_async (PlazaCapture *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  Ending *ending;
  GTask *work;

  g_task_set_source_tag (task, plaza_capture_finish_async);
  g_task_set_check_cancellable (task, FALSE);
  if (self->ended)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  ending = may_finish (self, &error) ? prepare (self, PLAZA_OUTCOME_COMPLETED, &error) : NULL;
  if (ending == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  work = g_task_new (self, NULL, on_finish_done, g_steal_pointer (&task));
  g_task_set_task_data (work, ending, ending_free);
  plaza_store_queue (self->store, PLAZA_STORE_WRITE, ending_job, ending, work);
}

gboolean
plaza_capture_finish_finish (PlazaCapture *self,
                             GAsyncResult *result,
                             PlazaEnding *out,
                             GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  copy_ending (self, out);
  return TRUE;
}

static gboolean
withdraw_correction (PlazaCapture *self, PlazaEnding *out, GError **error)
{
  if (!plaza_response_withdraw (self->store, self->draft->response, error))
    return FALSE;
  self->ending.outcome = PLAZA_OUTCOME_WITHDRAWN;
  self->ending.folio = g_strdup (self->draft->summary.folio);
  plaza_capture_set_ended (self);
  copy_ending (self, out);
  return TRUE;
}

gboolean
plaza_capture_end (PlazaCapture *self, PlazaOutcome outcome, PlazaEnding *out, GError **error)
{
  if (outcome == PLAZA_OUTCOME_COMPLETED)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "a completed interview is finished");
  if (self->ended)
    {
      copy_ending (self, out);
      return TRUE;
    }
  if (!self->draft->correction)
    return end_now (self, outcome, out, error);
  if (outcome == PLAZA_OUTCOME_WITHDRAWN)
    return withdraw_correction (self, out, error);
  return plaza_throw (error, PLAZA_ERROR_REFUSED, "a correction does not end as %s",
                      plaza_outcome_name (outcome));
}

static gboolean
discard_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  const PlazaDraft *draft = data;

  plaza_store_touch (store, draft->response);
  plaza_store_shred (store, PLAZA_SHRED_ALL);
  return plaza_draft_delete (db, draft, error);
}

gboolean
plaza_capture_discard (PlazaCapture *self, GError **error)
{
  if (!plaza_capture_require_open (self, error))
    return FALSE;
  if (!self->draft->correction)
    return plaza_throw (error, PLAZA_ERROR_REFUSED,
                        "a first interview ends with an outcome, it is not dropped");
  if (!plaza_store_call (self->store, PLAZA_STORE_WRITE, discard_job, self->draft, error))
    return FALSE;
  plaza_capture_set_ended (self);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/capture-private.h"

#include "base/clock.h"
#include "base/error.h"

enum
{
  PROP_0,
  PROP_RESPONSE,
  PROP_FOLIO,
  PROP_MODE,
  PROP_UNSAVED,
  PROP_OUTCOME_DUE,
  N_PROPS
};

enum
{
  SIGNAL_OUTCOME_DUE,
  SIGNAL_SAVED,
  SIGNAL_SAVE_FAILED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaCapture, plaza_capture, G_TYPE_OBJECT)

static void
plaza_capture_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaCapture *self = PLAZA_CAPTURE (object);

  switch (id)
    {
    case PROP_RESPONSE:
      g_value_set_string (value, self->draft->response);
      break;
    case PROP_FOLIO:
      g_value_set_string (value, self->draft->summary.folio);
      break;
    case PROP_MODE:
      g_value_set_string (value, self->draft->summary.mode);
      break;
    case PROP_UNSAVED:
      g_value_set_uint (value, self->unsaved->len);
      break;
    case PROP_OUTCOME_DUE:
      g_value_set_int (value, self->outcome_due);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_capture_dispose (GObject *object)
{
  PlazaCapture *self = PLAZA_CAPTURE (object);

  if (self->session != NULL)
    g_clear_signal_handler (&self->corrected_handler, self->session);
  if (self->store != NULL)
    g_clear_signal_handler (&self->locked_handler, self->store);
  g_clear_object (&self->session);
  g_clear_object (&self->interview);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (plaza_capture_parent_class)->dispose (object);
}

static void
plaza_capture_finalize (GObject *object)
{
  PlazaCapture *self = PLAZA_CAPTURE (object);

  g_clear_pointer (&self->form, plaza_form_unref);
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  g_clear_pointer (&self->draft, plaza_draft_free);
  g_clear_pointer (&self->unsaved, g_ptr_array_unref);
  g_clear_pointer (&self->text, plaza_event_free);
  g_free (self->page_key);
  g_free (self->focus_ref);
  g_free (self->last_question);
  plaza_ending_clear (&self->ending);
  G_OBJECT_CLASS (plaza_capture_parent_class)->finalize (object);
}

static void
plaza_capture_class_init (PlazaCaptureClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = plaza_capture_get_property;
  object_class->dispose = plaza_capture_dispose;
  object_class->finalize = plaza_capture_finalize;
  properties[PROP_RESPONSE] = g_param_spec_string ("response", NULL, NULL, NULL, flags);
  properties[PROP_FOLIO] = g_param_spec_string ("folio", NULL, NULL, NULL, flags);
  properties[PROP_MODE] = g_param_spec_string ("mode", NULL, NULL, NULL, flags);
  properties[PROP_UNSAVED] = g_param_spec_uint ("unsaved", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_OUTCOME_DUE] =
      g_param_spec_int ("outcome-due", NULL, NULL, -1, PLAZA_N_OUTCOMES - 1, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[SIGNAL_OUTCOME_DUE] = g_signal_new ("outcome-due", PLAZA_TYPE_CAPTURE, G_SIGNAL_RUN_LAST,
                                              0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[SIGNAL_SAVED] = g_signal_new ("saved", PLAZA_TYPE_CAPTURE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SAVE_FAILED] = g_signal_new ("save-failed", PLAZA_TYPE_CAPTURE, G_SIGNAL_RUN_LAST,
                                              0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
plaza_capture_init (PlazaCapture *self)
{
  self->outcome_due = -1;
  self->unsaved = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_sealed_event_free);
}

void
plaza_capture_set_now (PlazaCapture *self)
{
  self->now = plaza_clock_now_ms () * 1000;
}

gboolean
plaza_capture_require_open (PlazaCapture *self, GError **error)
{
  if (plaza_store_is_closed (self->store))
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  return !self->ended || plaza_throw (error, PLAZA_ERROR_REFUSED, "the interview has ended");
}

static void
on_store_locked (PlazaStore *store, gpointer data)
{
  PlazaCapture *self = data;

  if (self->draft == NULL)
    return;
  g_clear_pointer (&self->draft->key, plaza_secret_unref);
  g_clear_pointer (&self->draft->contact_key, plaza_secret_unref);
  g_clear_pointer (&self->text, plaza_event_free);
}

void
plaza_capture_attach (PlazaCapture *self, PlazaStore *store)
{
  self->store = g_object_ref (store);
  self->locked_handler = g_signal_connect (store, "locked", G_CALLBACK (on_store_locked), self);
}

/* The way to the disk: every job carries all events that are not confirmed, so one that failed is
 * made good by the next and the log never has a gap. */

typedef struct
{
  PlazaCapture *capture;
  GPtrArray *events;
} Append;

static Append *
append_new (PlazaCapture *self)
{
  Append *append = g_new0 (Append, 1);

  append->capture = g_object_ref (self);
  append->events = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_sealed_event_free);
  for (guint i = 0; i < self->unsaved->len; i++)
    g_ptr_array_add (append->events,
                     plaza_sealed_event_copy (g_ptr_array_index (self->unsaved, i)));
  return append;
}

static void
append_free (gpointer data)
{
  Append *append = data;

  g_ptr_array_unref (append->events);
  g_object_unref (append->capture);
  g_free (append);
}

static gboolean
append_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Append *append = data;

  return plaza_draft_append (db, append->capture->draft, append->events, error);
}

static void
confirm (PlazaCapture *self, const Append *append)
{
  const PlazaSealedEvent *last;
  guint confirmed = 0;

  if (append->events->len == 0 || self->unsaved->len == 0)
    return;
  last = g_ptr_array_index (append->events, append->events->len - 1);
  while (confirmed < self->unsaved->len &&
         ((PlazaSealedEvent *) g_ptr_array_index (self->unsaved, confirmed))->sequence <=
             last->sequence)
    confirmed++;
  if (confirmed == 0)
    return;
  g_ptr_array_remove_range (self->unsaved, 0, confirmed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNSAVED]);
  if (self->unsaved->len == 0)
    g_signal_emit (self, signals[SIGNAL_SAVED], 0);
}

gboolean
plaza_capture_append_wait (PlazaCapture *self, GError **error)
{
  Append *append = append_new (self);
  gboolean ok = plaza_store_call (self->store, PLAZA_STORE_WRITE, append_job, append, error);

  if (ok)
    confirm (self, append);
  append_free (append);
  return ok;
}

static void
on_append_done (GObject *source, GAsyncResult *result, gpointer data)
{
  PlazaCapture *self = PLAZA_CAPTURE (source);
  GTask *waiting = data; /* (nullable) */
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      confirm (self, g_task_get_task_data (G_TASK (result)));
      if (waiting != NULL)
        g_task_return_boolean (waiting, TRUE);
    }
  else
    {
      if (!self->ended)
        g_signal_emit (self, signals[SIGNAL_SAVE_FAILED], 0, error);
      if (waiting != NULL)
        g_task_return_error (waiting, g_error_copy (error));
      g_error_free (error);
    }
  g_clear_object (&waiting);
}

/* @waiting: (transfer full) (nullable): told when it is on disk. */
void
plaza_capture_append_later (PlazaCapture *self, GTask *waiting)
{
  GTask *task = g_task_new (self, NULL, on_append_done, waiting);

  g_task_set_task_data (task, append_new (self), append_free);
  plaza_store_queue (self->store, PLAZA_STORE_WRITE, append_job, g_task_get_task_data (task), task);
}

gboolean
plaza_capture_record (PlazaCapture *self,
                      PlazaEventKind kind,
                      const char *ref,
                      const char *value,
                      gboolean contact,
                      GError **error)
{
  g_autoptr (PlazaEvent) event = plaza_event_new (kind, self->now, ref, value);
  PlazaSealedEvent *sealed = plaza_draft_seal (self->draft, event, contact, error);

  if (sealed == NULL)
    return FALSE;
  g_ptr_array_add (self->unsaved, sealed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNSAVED]);
  return TRUE;
}

/* The campaign's outcomes */

static int
find_outcome (PlazaCapture *self)
{
  GPtrArray *outcomes = self->campaign->outcomes;

  for (guint i = 0; i < outcomes->len; i++)
    {
      const PlazaCampaignOutcome *rule = g_ptr_array_index (outcomes, i);
      g_autoptr (GError) error = NULL;
      PlazaOutcome outcome;
      gboolean due = FALSE;

      if (!plaza_interview_test (self->interview, rule->xpath, &due, &error) ||
          (due && !plaza_outcome_parse (rule->outcome, &outcome, &error)))
        g_warning ("the campaign's rule for %s: %s", rule->outcome, error->message);
      else if (due)
        return (int) outcome;
    }
  return -1;
}

void
plaza_capture_look_for_outcome (PlazaCapture *self)
{
  int outcome = find_outcome (self);

  if (outcome == self->outcome_due)
    return;
  self->outcome_due = outcome;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTCOME_DUE]);
  g_signal_emit (self, signals[SIGNAL_OUTCOME_DUE], 0, outcome);
}

void
plaza_capture_note_question (PlazaCapture *self, PlazaField *field)
{
  if (plaza_field_is_contact (field))
    return;
  g_free (self->last_question);
  self->last_question = plaza_field_dup_ref (field);
}

/* Place and text in progress */

void
plaza_capture_set_page (PlazaCapture *self, PlazaPage *page, PlazaField *focus)
{
  g_autofree char *focus_ref = focus ? plaza_field_dup_stable_ref (focus) : g_strdup ("");
  const char *key = plaza_page_get_key (page);
  g_autoptr (GError) error = NULL;

  if (!plaza_capture_require_open (self, NULL) ||
      (g_strcmp0 (key, self->page_key) == 0 && g_strcmp0 (focus_ref, self->focus_ref) == 0))
    return;
  g_free (self->page_key);
  self->page_key = g_strdup (key);
  g_free (self->focus_ref);
  self->focus_ref = g_steal_pointer (&focus_ref);
  plaza_capture_note_question (self, focus ? focus : plaza_page_get_field (page));
  plaza_capture_set_now (self);
  if (plaza_capture_record (self, PLAZA_EVENT_PAGE, self->page_key, self->focus_ref, FALSE, &error))
    plaza_capture_append_later (self, NULL);
  else
    g_signal_emit (self, signals[SIGNAL_SAVE_FAILED], 0, error);
}

PlazaPage *
plaza_capture_get_page (PlazaCapture *self)
{
  return self->page_key ? plaza_interview_find_page (self->interview, self->page_key) : NULL;
}

PlazaField *
plaza_capture_get_focus (PlazaCapture *self)
{
  if (self->focus_ref == NULL || *self->focus_ref == '\0')
    return NULL;
  return plaza_interview_find (self->interview, self->focus_ref);
}

typedef struct
{
  PlazaCapture *capture;
  GBytes *sealed;
} TextWrite;

static void
text_write_free (gpointer data)
{
  TextWrite *write = data;

  g_object_unref (write->capture);
  g_bytes_unref (write->sealed);
  g_free (write);
}

static gboolean
text_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  TextWrite *write = data;

  return plaza_draft_set_text (db, write->capture->draft, write->sealed, error);
}

static void
on_text_done (GObject *source, GAsyncResult *result, gpointer data)
{
  PlazaCapture *self = PLAZA_CAPTURE (source);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && !self->ended)
    g_signal_emit (self, signals[SIGNAL_SAVE_FAILED], 0, error);
}

void
plaza_capture_save_text (PlazaCapture *self, PlazaField *field, const char *text)
{
  g_autofree char *ref = plaza_field_dup_stable_ref (field);
  TextWrite *write;
  GTask *task;

  if (!plaza_capture_require_open (self, NULL) ||
      (self->text != NULL && strcmp (self->text->ref, ref) == 0 &&
       strcmp (self->text->value, text) == 0))
    return;
  g_clear_pointer (&self->text, plaza_event_free);
  self->text = plaza_event_new (PLAZA_EVENT_TEXT, self->draft->next_sequence, ref, text);
  write = g_new0 (TextWrite, 1);
  write->capture = g_object_ref (self);
  write->sealed = plaza_draft_seal_text (self->draft, self->text, plaza_field_is_contact (field));
  task = g_task_new (self, NULL, on_text_done, NULL);
  g_task_set_task_data (task, write, text_write_free);
  plaza_store_queue (self->store, PLAZA_STORE_WRITE, text_job, write, task);
}

const char *
plaza_capture_get_text (PlazaCapture *self, PlazaField **out_field)
{
  PlazaField *field = self->text ? plaza_interview_find (self->interview, self->text->ref) : NULL;

  if (out_field != NULL)
    *out_field = field;
  return field ? self->text->value : NULL;
}

gboolean
plaza_capture_save (PlazaCapture *self, GError **error)
{
  return self->ended || plaza_capture_append_wait (self, error);
}

void
plaza_capture_set_ended (PlazaCapture *self)
{
  self->ended = TRUE;
  g_ptr_array_set_size (self->unsaved, 0);
  g_clear_pointer (&self->text, plaza_event_free);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNSAVED]);
}

/* Facts */

PlazaInterview *
plaza_capture_get_interview (PlazaCapture *self)
{
  return self->interview;
}

PlazaSession *
plaza_capture_get_session (PlazaCapture *self)
{
  return self->session;
}

const char *
plaza_capture_get_response (PlazaCapture *self)
{
  return self->draft->response;
}

const char *
plaza_capture_get_folio (PlazaCapture *self)
{
  return self->draft->summary.folio;
}

const char *
plaza_capture_get_mode (PlazaCapture *self)
{
  return self->draft->summary.mode;
}

gboolean
plaza_capture_is_correction (PlazaCapture *self)
{
  return self->draft->correction;
}

gint64
plaza_capture_get_started_ms (PlazaCapture *self)
{
  return self->draft->started_ms;
}

guint
plaza_capture_get_lost (PlazaCapture *self)
{
  return self->draft->lost;
}

guint
plaza_capture_get_unsaved (PlazaCapture *self)
{
  return self->unsaved->len;
}

gboolean
plaza_capture_is_ended (PlazaCapture *self)
{
  return self->ended;
}

int
plaza_capture_get_outcome_due (PlazaCapture *self)
{
  return self->outcome_due;
}

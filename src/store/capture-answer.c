/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/capture-private.h"

/* What the interview takes and the log keeps: answers, instances of repeats, the language. */

static gboolean
take_answer (PlazaCapture *self, PlazaField *field, const char *value, GError **error)
{
  g_autofree char *ref = NULL;

  if (!plaza_capture_require_open (self, error))
    return FALSE;
  plaza_capture_set_now (self);
  if (!plaza_interview_set_answer (self->interview, field, value, error))
    return FALSE;
  ref = plaza_field_dup_stable_ref (field);
  if (self->text != NULL && strcmp (self->text->ref, ref) == 0)
    g_clear_pointer (&self->text, plaza_event_free);
  plaza_capture_note_question (self, field);
  return plaza_capture_record (self, PLAZA_EVENT_ANSWER, ref, value, plaza_field_is_contact (field),
                               error);
}

gboolean
plaza_capture_set_answer (PlazaCapture *self, PlazaField *field, const char *value, GError **error)
{
  gboolean saved;

  if (!take_answer (self, field, value, error))
    return FALSE;
  saved = plaza_capture_append_wait (self, error);
  plaza_capture_look_for_outcome (self);
  return saved;
}

void
plaza_capture_set_answer_async (PlazaCapture *self,
                                PlazaField *field,
                                const char *value,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, plaza_capture_set_answer_async);
  /* What is in the log is there, whether or not somebody still waits for it. */
  g_task_set_check_cancellable (task, FALSE);
  if (!take_answer (self, field, value, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  plaza_capture_append_later (self, task);
  plaza_capture_look_for_outcome (self);
}

gboolean
plaza_capture_set_answer_finish (PlazaCapture *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Records what the interview did already and goes on behind the scenes. */
static gboolean
record_later (
    PlazaCapture *self, PlazaEventKind kind, const char *ref, const char *value, GError **error)
{
  if (!plaza_capture_record (self, kind, ref, value, FALSE, error))
    return FALSE;
  plaza_capture_append_later (self, NULL);
  plaza_capture_look_for_outcome (self);
  return TRUE;
}

PlazaField *
plaza_capture_add_instance (PlazaCapture *self, PlazaField *repeat, GError **error)
{
  g_autofree char *ref = plaza_field_dup_stable_ref (repeat);
  PlazaField *instance;

  if (!plaza_capture_require_open (self, error))
    return NULL;
  plaza_capture_set_now (self);
  instance = plaza_interview_add_instance (self->interview, repeat, error);
  return instance != NULL && record_later (self, PLAZA_EVENT_ADD, ref, "", error) ? instance : NULL;
}

gboolean
plaza_capture_remove_instance (PlazaCapture *self, PlazaField *instance, GError **error)
{
  g_autofree char *ref = plaza_field_dup_stable_ref (instance);

  if (!plaza_capture_require_open (self, error))
    return FALSE;
  plaza_capture_set_now (self);
  return plaza_interview_remove_instance (self->interview, instance, error) &&
         record_later (self, PLAZA_EVENT_REMOVE, ref, "", error);
}

gboolean
plaza_capture_restore_instance (PlazaCapture *self, PlazaField *instance, GError **error)
{
  g_autofree char *ref = plaza_field_dup_stable_ref (instance);

  if (!plaza_capture_require_open (self, error))
    return FALSE;
  plaza_capture_set_now (self);
  return plaza_interview_restore_instance (self->interview, instance, error) &&
         record_later (self, PLAZA_EVENT_RESTORE, ref, "", error);
}

gboolean
plaza_capture_set_language (PlazaCapture *self, const char *language, GError **error)
{
  if (!plaza_capture_require_open (self, error))
    return FALSE;
  plaza_capture_set_now (self);
  return plaza_interview_set_language (self->interview, language, error) &&
         record_later (self, PLAZA_EVENT_LANGUAGE, "", language, error);
}

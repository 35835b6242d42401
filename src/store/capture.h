/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/interview.h"
#include "store/session.h"

G_BEGIN_DECLS

/**
 * PlazaCapture: an interview that is kept: each call goes to the PlazaInterview first and then, as
 * one sealed event, to the disk. Change the interview only through here. Main thread only.
 *
 * To suspend it, plaza_capture_save() and let go. After that, or a crash, plaza_capture_resume()
 * gives the same calls to a new interview: everything that was acknowledged is there, on the same
 * page.
 *
 * Properties (read-only, notified): "response" (id), "folio", "mode", "unsaved" (guint: events that
 * the disk has not confirmed; 0 means saved), "outcome-due" (int: a PlazaOutcome, or -1).
 *
 * Signals:
 *  - `outcome-due` (int outcome): the campaign's rules say that this interview ends with @outcome;
 *    ask, then plaza_capture_end(). Also with -1 when the answer that caused it was changed.
 *  - `saved` (): "unsaved" came to 0.
 *  - `save-failed` (GError *error): an event could not be written. It is kept in memory and
 *    written with the next one, or by plaza_capture_save().
 */
#define PLAZA_TYPE_CAPTURE (plaza_capture_get_type ())
G_DECLARE_FINAL_TYPE (PlazaCapture, plaza_capture, PLAZA, CAPTURE, GObject)

#define PLAZA_MODE_INTERVIEW "interview"
#define PLAZA_MODE_SELF "self"
#define PLAZA_MODE_KEYED "keyed"

/**
 * plaza_capture_start: a new response with its folio and keys, in one transaction, and its
 * interview with mode, folio, date and session filled in.
 * @form_id: NULL for the campaign's first questionnaire
 * @mode: NULL for the session's
 * @language: (nullable): of the texts, as plaza_form_find_language() takes it
 * Errors: PLAZA_ERROR_REFUSED (not enrolled, session closed), PLAZA_ERROR_LIMIT (no serials left),
 * plaza_interview_new()'s.
 */
PlazaCapture *plaza_capture_start (PlazaStore *store,
                                   PlazaSession *session,
                                   const char *form_id,
                                   const char *mode,
                                   const char *language,
                                   GError **error);

/** plaza_capture_resume: a draft (first interview or correction) where it was left, by response id.
 * PLAZA_ERROR_NOT_FOUND (no draft of it), PLAZA_ERROR_CORRUPT. */
PlazaCapture *plaza_capture_resume (PlazaStore *store, const char *response, GError **error);

/**
 * plaza_capture_correct: a correction of an own finished response: a new draft with its own key,
 * from the newest revision's answers, on the same form version, never with contact. A correction
 * that was begun is resumed. PLAZA_ERROR_NOT_FOUND, PLAZA_ERROR_REFUSED (purged, withdrawn, or
 * ended without answers).
 */
PlazaCapture *plaza_capture_correct (PlazaStore *store, const char *response, GError **error);

PlazaInterview *plaza_capture_get_interview (PlazaCapture *self);
PlazaSession *plaza_capture_get_session (PlazaCapture *self);
const char *plaza_capture_get_response (PlazaCapture *self);
const char *plaza_capture_get_folio (PlazaCapture *self);
const char *plaza_capture_get_mode (PlazaCapture *self);
/** plaza_capture_is_correction: contact pages are then not to be shown. */
gboolean plaza_capture_is_correction (PlazaCapture *self);
gint64 plaza_capture_get_started_ms (PlazaCapture *self);
/** plaza_capture_get_lost: answers that a damaged store could not give back when resuming; 0 in
 * all other cases. */
guint plaza_capture_get_lost (PlazaCapture *self);
guint plaza_capture_get_unsaved (PlazaCapture *self);
/** plaza_capture_is_ended: finished, ended, withdrawn or discarded; nothing more can be written. */
gboolean plaza_capture_is_ended (PlazaCapture *self);

/**
 * plaza_capture_set_answer: plaza_interview_set_answer(), then durable. On an engine error nothing
 * happened; on PLAZA_ERROR_DISK the interview has the answer and it is written later.
 */
gboolean
plaza_capture_set_answer (PlazaCapture *self, PlazaField *field, const char *value, GError **error);
/** plaza_capture_set_answer_async: the interview has the answer when this returns; the callback
 * comes when it is on disk. An engine error also comes through _finish. */
void plaza_capture_set_answer_async (PlazaCapture *self,
                                     PlazaField *field,
                                     const char *value,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean plaza_capture_set_answer_finish (PlazaCapture *self, GAsyncResult *result, GError **error);

/* Repeats, language and page return when the interview has it and go to the disk behind the scenes;
 * "unsaved" and `saved` tell. plaza_capture_save() waits. */

PlazaField *plaza_capture_add_instance (PlazaCapture *self, PlazaField *repeat, GError **error);
gboolean plaza_capture_remove_instance (PlazaCapture *self, PlazaField *instance, GError **error);
gboolean plaza_capture_restore_instance (PlazaCapture *self, PlazaField *instance, GError **error);
gboolean plaza_capture_set_language (PlazaCapture *self, const char *language, GError **error);
/** plaza_capture_set_page: the page on screen and the field that has the focus (nullable). */
void plaza_capture_set_page (PlazaCapture *self, PlazaPage *page, PlazaField *focus);
/** plaza_capture_get_page: (nullable): where to resume; NULL for the first page. */
PlazaPage *plaza_capture_get_page (PlazaCapture *self);
PlazaField *plaza_capture_get_focus (PlazaCapture *self);

/**
 * plaza_capture_save_text: text in progress, which is no answer yet: one sealed snapshot, replaced
 * by the next; an answer to @field makes it void. Call it 2 s after the last key, and on focus
 * loss, lock and suspend.
 */
void plaza_capture_save_text (PlazaCapture *self, PlazaField *field, const char *text);
/** plaza_capture_get_text: after resuming: text that was in progress. (nullable) (transfer none)
 * @out_field: (out) (transfer none) */
const char *plaza_capture_get_text (PlazaCapture *self, PlazaField **out_field);

/** plaza_capture_save: waits until everything is on disk; writes again what failed. */
gboolean plaza_capture_save (PlazaCapture *self, GError **error);

/** PlazaEnding: what to tell the person. */
typedef struct
{
  PlazaOutcome outcome;
  char *folio;
  char *contact_number; /* unrelated to the folio; NULL when no contact was left */
} PlazaEnding;

void plaza_ending_clear (PlazaEnding *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaEnding, plaza_ending_clear)

/** plaza_capture_get_missing: (transfer full) (element-type PlazaMissing): what keeps it from being
 * finished; a correction leaves the contact class out. */
GPtrArray *plaza_capture_get_missing (PlazaCapture *self);

/**
 * plaza_capture_finish: serialises once; the revision is stored sealed, the contact sealed to the
 * custodians and parted from it, the log destroyed: one transaction. PLAZA_ERROR_REFUSED when
 * something is missing or an outcome is due. May be repeated.
 */
gboolean plaza_capture_finish (PlazaCapture *self, PlazaEnding *out, GError **error);
void plaza_capture_finish_async (PlazaCapture *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean plaza_capture_finish_finish (PlazaCapture *self,
                                      GAsyncResult *result,
                                      PlazaEnding *out,
                                      GError **error);

/**
 * plaza_capture_end: ends it as @outcome. Partial keeps the answers so far, and a contact only when
 * that is complete and consented; refused, minor without guardian, under age and withdrawn destroy
 * key and log and leave the counted outcome with its session. PLAZA_ERROR_INVALID for completed.
 * A correction can only be finished, withdrawn or discarded.
 */
gboolean
plaza_capture_end (PlazaCapture *self, PlazaOutcome outcome, PlazaEnding *out, GError **error);

/** plaza_capture_discard: drops a correction; the response stays as it was. */
gboolean plaza_capture_discard (PlazaCapture *self, GError **error);

/** plaza_capture_get_outcome_due: a PlazaOutcome, or -1. */
int plaza_capture_get_outcome_due (PlazaCapture *self);

G_END_DECLS

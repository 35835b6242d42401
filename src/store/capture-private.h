/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/capture.h"
#include "store/draft.h"
#include "store/session-private.h"

G_BEGIN_DECLS

struct _PlazaCapture
{
  GObject parent_instance;
  PlazaStore *store;
  PlazaSession *session;
  gulong corrected_handler;
  gulong locked_handler;
  PlazaForm *form;
  PlazaCampaign *campaign; /* the package of the form, whose rules end this interview */
  PlazaInterview *interview;
  PlazaDraft *draft;
  gint64 now; /* µs: the interview's clock stands between two calls, so that replay is exact */

  GPtrArray *unsaved; /* PlazaSealedEvent that the disk has not confirmed, in order */
  char *page_key;
  char *focus_ref;
  char *last_question; /* positional ref; never of the contact class */
  PlazaEvent *text;    /* in progress */
  int outcome_due;

  gboolean ended;
  PlazaEnding ending;
};

/** plaza_capture_set_now: the interview's clock to the present. */
void plaza_capture_set_now (PlazaCapture *self);
/** plaza_capture_attach: to @store, whose locking takes the keys away. */
void plaza_capture_attach (PlazaCapture *self, PlazaStore *store);
/** plaza_capture_record: seals an event that the interview has taken; it waits in memory. */
gboolean plaza_capture_record (PlazaCapture *self,
                               PlazaEventKind kind,
                               const char *ref,
                               const char *value,
                               gboolean contact,
                               GError **error);
/** plaza_capture_append_wait: everything that waits is on disk. */
gboolean plaza_capture_append_wait (PlazaCapture *self, GError **error);
/** plaza_capture_append_later: the same behind the scenes. @waiting: (transfer full) (nullable):
 * told when it is there. */
void plaza_capture_append_later (PlazaCapture *self, GTask *waiting);
/** plaza_capture_look_for_outcome: evaluates the campaign's rules. */
void plaza_capture_look_for_outcome (PlazaCapture *self);
/** plaza_capture_note_question: @field is the last question reached. */
void plaza_capture_note_question (PlazaCapture *self, PlazaField *field);
/** plaza_capture_set_ended: nothing more is written. */
void plaza_capture_set_ended (PlazaCapture *self);
/** plaza_capture_require_open: PLAZA_ERROR_REFUSED once ended, PLAZA_ERROR_LOCKED once locked. */
gboolean plaza_capture_require_open (PlazaCapture *self, GError **error);

G_END_DECLS

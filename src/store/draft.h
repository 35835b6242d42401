/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store-private.h"
#include "store/summary.h"

G_BEGIN_DECLS

/** What an event of a draft's log says. The numbers are stored. */
typedef enum
{
  PLAZA_EVENT_START = 1,   /* ref: language; value: instance id of the revision to be */
  PLAZA_EVENT_SEED = 2,    /* value: the submission that a correction starts from */
  PLAZA_EVENT_ANSWER = 3,  /* a person's */
  PLAZA_EVENT_FILL = 4,    /* the program's: mode, folio, session */
  PLAZA_EVENT_ADD = 5,     /* ref: the repeat */
  PLAZA_EVENT_REMOVE = 6,  /* ref: the instance */
  PLAZA_EVENT_RESTORE = 7, /* ref: the instance */
  PLAZA_EVENT_LANGUAGE = 8,
  PLAZA_EVENT_PAGE = 9,  /* ref: the page's key; value: the field with the focus */
  PLAZA_EVENT_TEXT = 10, /* text in progress, kept beside the log; time: the next sequence */
} PlazaEventKind;

/** PlazaEvent: refs are stable refs. */
typedef struct
{
  PlazaEventKind kind;
  gint64 time; /* µs since 1970: what the interview took as now */
  char *ref;
  char *value;
} PlazaEvent;

PlazaEvent *plaza_event_new (PlazaEventKind kind, gint64 time, const char *ref, const char *value);
void plaza_event_free (PlazaEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaEvent, plaza_event_free)

/** Events of one draft at most; its number times this plus the sequence is the row's key. */
#define PLAZA_DRAFT_EVENTS 1048576

/**
 * PlazaDraft: the sealed log of one interview. Its key, and a second one inside it for the contact
 * class, make the events readable; destroying the wrapped keys destroys the interview.
 */
typedef struct
{
  gint64 number; /* 0 until it is stored */
  gint64 response_number;
  char *response;
  char *session;
  gboolean correction;
  gint64 started_ms;
  PlazaSummary summary;
  PlazaSecret *key;
  PlazaSecret *contact_key;
  guint next_sequence;
  guint lost; /* events that a damaged store could not give back */
} PlazaDraft;

/** plaza_draft_new: with new keys; nothing is stored. */
PlazaDraft *
plaza_draft_new (const char *response, const char *session, const PlazaSummary *summary);
void plaza_draft_free (PlazaDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaDraft, plaza_draft_free)

/** PlazaSealedEvent: an event on its way to the disk. */
typedef struct
{
  guint sequence;
  GBytes *sealed;
} PlazaSealedEvent;

PlazaSealedEvent *plaza_sealed_event_copy (const PlazaSealedEvent *event);
void plaza_sealed_event_free (PlazaSealedEvent *event);

/** plaza_draft_seal: takes the next sequence. @contact: also under the contact key.
 * NULL with PLAZA_ERROR_LIMIT when the log is full. */
PlazaSealedEvent *
plaza_draft_seal (PlazaDraft *draft, const PlazaEvent *event, gboolean contact, GError **error);

/** plaza_draft_seal_text: the snapshot of text in progress. (transfer full) */
GBytes *plaza_draft_seal_text (PlazaDraft *draft, const PlazaEvent *event, gboolean contact);

/* Worker only, inside a transaction. */

/** plaza_draft_insert: the draft and, unless it corrects one, its response. */
gboolean
plaza_draft_insert (PlazaStore *store, PlazaDatabase *db, PlazaDraft *draft, GError **error);
/** plaza_draft_append: (element-type PlazaSealedEvent): those already there are left alone. */
gboolean
plaza_draft_append (PlazaDatabase *db, const PlazaDraft *draft, GPtrArray *events, GError **error);
gboolean
plaza_draft_set_text (PlazaDatabase *db, const PlazaDraft *draft, GBytes *sealed, GError **error);
/** plaza_draft_delete: keys, log and text in progress. */
gboolean plaza_draft_delete (PlazaDatabase *db, const PlazaDraft *draft, GError **error);

/**
 * plaza_draft_load: worker only, in a transaction: the draft of @response.
 * @out_events: (out) (element-type PlazaEvent), in order; one sealed for a contact comes like
 * others
 * @out_text: (out) (nullable): text in progress
 * PLAZA_ERROR_NOT_FOUND, PLAZA_ERROR_SIGNATURE. Events that cannot be read are left out and
 * counted.
 */
PlazaDraft *plaza_draft_load (PlazaStore *store,
                              PlazaDatabase *db,
                              const char *response,
                              GPtrArray **out_events,
                              PlazaEvent **out_text,
                              GError **error);

/** plaza_draft_check: worker only: whether all of it opens that is there and none is missing
 * between two events; changes nothing. */
gboolean plaza_draft_check (PlazaStore *store,
                            PlazaDatabase *db,
                            const char *response,
                            gboolean *out_whole,
                            GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "wire/header.h"

G_BEGIN_DECLS

/** PlazaSessionFields: what a person says of a field session. NULL strings count as "". */
typedef struct
{
  const char *organisation; /* id in the campaign */
  const char *team;
  const char *facilitator;  /* as shown; NULL takes the enrolment's person */
  const char *state;        /* two digits */
  const char *municipality; /* five digits (state and municipality), "" when typed in place */
  const char *place;        /* locality, or the municipality that is not on the list */
  const char *date;         /* "YYYY-MM-DD"; NULL takes today */
  const char *language;     /* value of the form's language field, e.g. "es"; NULL takes "es" */
  const char *mode;         /* interview, self or keyed; NULL takes interview */
  gint64 attendance;        /* -1 when not counted */
  const char *host_contact; /* kept sealed on this laptop, never sent */
} PlazaSessionFields;

/**
 * PlazaSession: one team, one place, one day. What is typed is kept sealed; every state of it goes
 * to the central as a `session` entry.
 *
 * Signal `corrected` (): its fields changed; live captures fill them in again by themselves.
 */
#define PLAZA_TYPE_SESSION (plaza_session_get_type ())
G_DECLARE_FINAL_TYPE (PlazaSession, plaza_session, PLAZA, SESSION, GObject)

/** plaza_session_create: opens a session; one that was current is closed. PLAZA_ERROR_INVALID
 * (date, state, mode), PLAZA_ERROR_REFUSED (the profile is not enrolled). */
PlazaSession *
plaza_session_create (PlazaStore *store, const PlazaSessionFields *fields, GError **error);

/** plaza_session_current: (transfer full): the open session, or NULL without @error. */
PlazaSession *plaza_session_current (PlazaStore *store, GError **error);

/** plaza_session_load: (transfer full): PLAZA_ERROR_NOT_FOUND. The same object while it is used. */
PlazaSession *plaza_session_load (PlazaStore *store, const char *id, GError **error);

/** plaza_session_list: (transfer full) (element-type PlazaSession): newest first. */
GPtrArray *plaza_session_list (PlazaStore *store, GError **error);

const char *plaza_session_get_id (PlazaSession *self);
/** plaza_session_get_fields: (transfer none): valid until it is corrected. No NULLs. */
const PlazaSessionFields *plaza_session_get_fields (PlazaSession *self);
gboolean plaza_session_is_open (PlazaSession *self);
gint64 plaza_session_get_opened_ms (PlazaSession *self);

typedef enum
{
  PLAZA_SESSION_CHANGE_REVISION, /* finished: has a new revision that waits for delivery */
  PLAZA_SESSION_CHANGE_DRAFT,    /* not finished: changed when it is next opened */
  PLAZA_SESSION_CHANGE_SESSION,  /* ended without answers: the session's own entry says it */
  PLAZA_SESSION_CHANGE_AWAY,     /* delivered and purged here: the session's own entry says it */
} PlazaSessionChangeKind;

typedef struct
{
  PlazaSessionChangeKind kind;
  char *response;
  char *folio;
} PlazaSessionChange;

void plaza_session_change_free (PlazaSessionChange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaSessionChange, plaza_session_change_free)

/**
 * plaza_session_correct: states the session anew, in one transaction with a new revision of each
 * of its finished responses. Folios stay as they were given.
 * @out_changes: (out) (nullable) (transfer full) (element-type PlazaSessionChange)
 */
gboolean plaza_session_correct (PlazaSession *self,
                                const PlazaSessionFields *fields,
                                GPtrArray **out_changes,
                                GError **error);

/** plaza_session_close: nothing is current afterwards. @attendance: -1 leaves it as it is. */
gboolean plaza_session_close (PlazaSession *self, gint64 attendance, GError **error);

/** plaza_session_reopen: makes it the current one again, to key its last sheets; one that was
 * current is closed. What the central knows of it stays as it was. */
gboolean plaza_session_reopen (PlazaSession *self, GError **error);

/** PlazaTally: what the paper tally of the session should say. */
typedef struct
{
  guint outcomes[PLAZA_N_OUTCOMES]; /* by PlazaOutcome, voided ones left out */
  guint drafts;
  guint voided;
} PlazaTally;

gboolean plaza_session_get_tally (PlazaSession *self, PlazaTally *out, GError **error);

G_END_DECLS

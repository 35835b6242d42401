/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "form/form.h"
#include "store/session.h"

G_BEGIN_DECLS

/**
 * PlazaSessionFacts: what a record says of its field session and mode. Zero-initialise, read, and
 * plaza_session_facts_clear() (or g_auto).
 */
typedef struct
{
  PlazaSessionFields fields; /* points to the strings below; date and language are never NULL */
  const char *mode;          /* of the response; NULL for the session's */
  gboolean strange_mode;     /* it states a mode that nobody knows */
  gboolean stated;           /* the record does say something of its session */
  char *organisation;
  char *team;
  char *facilitator;
  char *state;
  char *municipality;
  char *language;
  char *date;
} PlazaSessionFacts;

/** plaza_session_facts_read: by the names of the canonical questionnaire or their English ones, and
 *  the date and mode by `plaza:fill`. */
void plaza_session_facts_read (PlazaSessionFacts *self, JsonObject *record, PlazaForm *form);
void plaza_session_facts_clear (PlazaSessionFacts *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaSessionFacts, plaza_session_facts_clear)

/** plaza_session_facts_fit: whether they describe the session of @fields. */
gboolean plaza_session_facts_fit (const PlazaSessionFacts *self, const PlazaSessionFields *fields);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/session.h"

G_BEGIN_DECLS

/** PlazaSessionAnswers: what a person wrote about a field session; strings are owned. */
typedef struct
{
  char *organisation;
  char *team;
  char *facilitator;
  char *state;
  char *municipality;
  char *place;
  char *date; /* "YYYY-MM-DD" */
  char *language;
  char *mode;
  gint64 attendance; /* -1 when not counted */
} PlazaSessionAnswers;

void plaza_session_answers_clear (PlazaSessionAnswers *answers);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaSessionAnswers, plaza_session_answers_clear)

/* The same for the store; valid as long as @answers. @before: (nullable): keeps what is not asked.
 */
PlazaSessionFields plaza_session_answers_to_fields (const PlazaSessionAnswers *answers,
                                                    const PlazaSessionFields *before);

/* What people write for a date: "4/6/2019", "04-06-2019", "2019-06-04". Returns: (transfer full)
 * (nullable): "YYYY-MM-DD", NULL when it is no date. */
char *plaza_session_parse_date (const char *text);

/* The other way round: "04/06/2019". */
char *plaza_session_format_date (const char *iso_date);

/* The code of a form's language, "es" of "Español (es)", or the whole name without one. */
char *plaza_session_language_code (const char *language);

/* The campaign's organisations as a catalogue, so that they are searched like places; NULL when it
 * names none. */
PlazaCatalogue *plaza_session_organisations (PlazaCampaign *campaign);

/* What people call a row of @catalogue (nullable) by its @code (nullable): its label, else the
 * code. */
char *plaza_session_name_of (PlazaCatalogue *catalogue, const char *code);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/response.h"

G_BEGIN_DECLS

/* How a response is told to people: never by colour, by words with an icon. (transfer full) */

/* "Draft", "Waiting to be delivered", "Delivered 12:40", … */
char *plaza_response_words_state (PlazaResponse *response);
const char *plaza_response_words_icon (PlazaResponse *response);

/* "Interview", "By the person", "From paper" */
const char *plaza_response_words_mode (const char *mode);

/* "completed", "ended here", "did not want to take part", … */
const char *plaza_response_words_outcome (PlazaOutcome outcome);

/* "7 completed", "1 partial", … for a tally. */
char *plaza_response_words_count (PlazaOutcome outcome, guint n);

/* "12:40 · Interview · Waiting to be delivered" */
char *plaza_response_words_line (PlazaResponse *response);

G_END_DECLS

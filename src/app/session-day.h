/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** What is said of the day of a field session while it is written. Dates are "YYYY-MM-DD"; @date is
 * NULL while what is written is none; @correcting: the session is there already. */

/** plaza_session_day_question: the question above the date, with the day in words so that a
 * mistake is seen. (transfer full) */
char *plaza_session_day_question (const char *date, const char *today, gboolean correcting);

/**
 * plaza_session_day_message: what to mind about @date: the clock of the computer (@today) that says
 * otherwise, or that asking has ended.
 * @asking_ends: (nullable): the last day of the campaign's asking.
 *
 * Returns: (transfer full): "" for nothing.
 */
char *plaza_session_day_message (const char *date,
                                 const char *today,
                                 const char *asking_ends,
                                 gboolean correcting);

G_END_DECLS

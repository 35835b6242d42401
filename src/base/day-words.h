/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Days and moments for people, in the language of the messages: a computer has the translation, but
 * seldom the system's locale, whose short dates nobody can read with certainty. Machines get
 * plaza_clock_format().
 */

/** plaza_month_name: @month: 1 to 12. Returns: (transfer none). */
const char *plaza_month_name (guint month);

/** plaza_day_words: "4 June 2019" for a date that begins "YYYY-MM-DD"; anything else as it is, ""
 * for NULL. Returns: (transfer full). */
char *plaza_day_words (const char *iso_date);

/** plaza_moment_words: "4 June 2019, 21:05", local time. @ms: since 1970. Returns: (transfer full).
 */
char *plaza_moment_words (gint64 ms);

G_END_DECLS

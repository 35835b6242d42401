/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * plaza_words_for_error: what happened, what is safe and what to do, for the person at the laptop.
 * The error's own message is for developers and is logged by the caller, never shown alone.
 */
const char *plaza_words_for_error (const GError *error);

/* Dates and times by locale; @ms: milliseconds since 1970. All: (transfer full). */
char *plaza_words_time (gint64 ms);           /* "12:40" */
char *plaza_words_day (const char *iso_date); /* "Tuesday 4 June", with the year if not this one */
char *plaza_words_long_day (const char *iso_date); /* always with the year */
char *plaza_words_when (gint64 ms); /* "12:40" today, "4 June, 12:40" on another day */

/* "June": the name of month 1 to 12. (transfer none) */
const char *plaza_words_month (guint month);

/* "ABCD-EFGH-…": a fingerprint or code as people read it aloud, in groups of four. */
char *plaza_words_groups (const char *base32);

G_END_DECLS

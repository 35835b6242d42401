/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The one source of time. Tests move it: PLAZA_TEST_CLOCK in the environment is either a shift in
 * seconds ("-86400", "+3600") or an ISO 8601 date-time at which the process begins; the setters win
 * over it. Thread-safe.
 */

/** plaza_clock_now_ms: wall clock, milliseconds since 1970-01-01T00:00:00Z; may be wrong or jump.
 */
gint64 plaza_clock_now_ms (void);

/** plaza_clock_monotonic_ms: milliseconds that never go back; moved by the test shift too. */
gint64 plaza_clock_monotonic_ms (void);

/** plaza_clock_set_shift: adds @shift_ms to both clocks from now on (0 takes it away). */
void plaza_clock_set_shift (gint64 shift_ms);

/** plaza_clock_freeze: the wall clock stands at @now_ms; a negative value lets it run again. */
void plaza_clock_freeze (gint64 now_ms);

/** plaza_clock_format: "2019-06-04T21:05:09.123-05:00", local time with offset. Returns: (transfer
 * full). */
char *plaza_clock_format (gint64 ms);

/** plaza_clock_format_utc: "2019-06-05T02:05:09.123Z". Returns: (transfer full). */
char *plaza_clock_format_utc (gint64 ms);

/**
 * plaza_clock_parse: reads an ISO 8601 date-time with seconds, optional fraction and a mandatory
 * offset ("Z", "-05:00"). PLAZA_ERROR_INVALID for anything else, impossible dates included.
 * @out_ms: (out): since 1970
 * @out_offset_minutes: (out) (nullable): offset east of UTC
 */
gboolean
plaza_clock_parse (const char *text, gint64 *out_ms, int *out_offset_minutes, GError **error);

/** plaza_clock_today: today's local date, "YYYY-MM-DD". Returns: (transfer full). */
char *plaza_clock_today (void);

/** plaza_clock_date: local date of @ms, "YYYY-MM-DD". Returns: (transfer full). */
char *plaza_clock_date (gint64 ms);

/** plaza_clock_is_date: whether @text is an existing date "YYYY-MM-DD". */
gboolean plaza_clock_is_date (const char *text);

G_END_DECLS

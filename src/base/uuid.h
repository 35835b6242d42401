/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Text of a UUID: 36 characters, lower case, plus NUL. */
#define PLAZA_UUID_TEXT_SIZE 37

/**
 * plaza_uuid_v7: a new UUIDv7 (RFC 9562) from plaza_clock_now_ms(): strictly increasing inside the
 * process even when the clock stands or goes back (ms = max (now, last + 1)). Thread-safe.
 * Returns: (transfer full)
 */
char *plaza_uuid_v7 (void);

/** plaza_uuid_random: a new UUIDv4, which tells nothing of when or where. Returns: (transfer full).
 */
char *plaza_uuid_random (void);

/** plaza_uuid_is_valid: whether @text is a UUID in the form written here (lower case, hyphens). */
gboolean plaza_uuid_is_valid (const char *text);

/** plaza_uuid_parse: the 16 bytes of @text, else PLAZA_ERROR_INVALID. */
gboolean plaza_uuid_parse (const char *text, guint8 bytes[16], GError **error);

/** plaza_uuid_format: Returns: (transfer full): the text of 16 bytes. */
char *plaza_uuid_format (const guint8 bytes[16]);

/** plaza_uuid_v7_time: ms since 1970 inside a UUIDv7, or -1 when @text is not one. */
gint64 plaza_uuid_v7_time (const char *text);

G_END_DECLS

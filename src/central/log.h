/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The server's log: one line an event on standard error, with UTC time, level, event and few named
 * values. It never holds a token, a code, a name, an answer or a whole address: what is logged is a
 * route, a status, a stable code, a count, or a device's id. Foreign bytes are escaped.
 */

typedef enum
{
  PLAZA_LOG_LOGFMT, /* time=… level=… event=… name=value */
  PLAZA_LOG_JSON,   /* the same members, all values but numbers as strings */
} PlazaLogFormat;

/**
 * plaza_log_open: from now on this process logs so; GLib's messages become events as well, with
 * their text escaped and what looks like a token, a join code or an address taken out.
 * @level: the least that is written; G_LOG_LEVEL_INFO shows every request
 */
void plaza_log_open (PlazaLogFormat format, GLogLevelFlags level);

/**
 * plaza_log: writes one event.
 * @event: a fixed word, e.g. "device-joined"
 * @...: name and value in turns, both C strings, ended by NULL; a NULL value leaves its name out
 */
void plaza_log (GLogLevelFlags level, const char *event, ...) G_GNUC_NULL_TERMINATED;

/** plaza_log_network: what may be logged of an address: its /24, of IPv6 its /48, else "-".
 * Returns: (transfer full). */
char *plaza_log_network (const char *address);

G_END_DECLS

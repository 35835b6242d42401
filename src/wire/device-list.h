/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Most gaps told of one device; the list is cut there. */
#define PLAZA_DEVICE_MAX_GAPS 100u
/** Longest reason of a revocation, in characters. */
#define PLAZA_REVOCATION_MAX_CHARS 200u

/** PlazaSequenceRange: entries that a device numbered and the central does not have. */
typedef struct
{
  guint64 from;
  guint64 to; /* inclusive */
} PlazaSequenceRange;

/** PlazaDeviceSummary: a device as GET /v1/devices tells of it. Times are ISO 8601 in UTC. */
typedef struct
{
  char *device; /* UUID */
  char *person;
  char *organisation; /* "" for none */
  char *role;
  char *enrolled;
  char *revoked;           /* NULL: it is not */
  char *reason;            /* why it was revoked; NULL when nothing was said */
  char *last_seen;         /* NULL: never; to some minutes */
  guint64 envelopes;       /* taken in, quarantined ones included */
  guint64 entries;         /* of responses, each once */
  guint64 quarantined;     /* of those, kept apart because they came after the revocation */
  guint64 newest_sequence; /* 0: none */
  GArray *missing;         /* (element-type PlazaSequenceRange): ascending, at most
                              PLAZA_DEVICE_MAX_GAPS */
} PlazaDeviceSummary;

/** plaza_device_summary_new: empty, with an empty list of gaps. */
PlazaDeviceSummary *plaza_device_summary_new (void);
void plaza_device_summary_free (PlazaDeviceSummary *summary);

/** plaza_device_list_to_json: {"devices":[…]}. @devices: (element-type PlazaDeviceSummary). */
GBytes *plaza_device_list_to_json (GPtrArray *devices);

/**
 * plaza_device_list_parse: Returns: (transfer full) (element-type PlazaDeviceSummary): in the
 * order of their joining, or NULL with PLAZA_ERROR_INVALID or PLAZA_ERROR_LIMIT.
 */
GPtrArray *plaza_device_list_parse (GBytes *json, GError **error);

/** plaza_revocation_to_json: body of POST /v1/devices/UUID/revoke: {"reason"}; may be "". */
GBytes *plaza_revocation_to_json (const char *reason);
/** plaza_revocation_parse: Returns: (transfer full): the reason, or NULL with @error. */
char *plaza_revocation_parse (GBytes *json, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaDeviceSummary, plaza_device_summary_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/hash.h"

G_BEGIN_DECLS

/** PlazaOutcome: how an interview ended; the names are those of entries and of campaign manifests.
 */
typedef enum
{
  PLAZA_OUTCOME_COMPLETED,
  PLAZA_OUTCOME_PARTIAL,
  PLAZA_OUTCOME_REFUSED,
  PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN,
  PLAZA_OUTCOME_UNDER_AGE,
  PLAZA_OUTCOME_WITHDRAWN,
} PlazaOutcome;

#define PLAZA_N_OUTCOMES 6

/** plaza_outcome_name: "completed", "partial", "refused", "minor-without-guardian", … */
const char *plaza_outcome_name (PlazaOutcome outcome);
gboolean plaza_outcome_parse (const char *name, PlazaOutcome *out, GError **error);
/** plaza_outcome_keeps_answers: TRUE for completed and partial only. */
gboolean plaza_outcome_keeps_answers (PlazaOutcome outcome);

/**
 * PlazaHeader: the clear header of a revision, and the whole payload of an outcome. It says whose
 * and where, never what was answered. Strings are owned; NULL where marked. Zero-initialise, fill,
 * and plaza_header_clear() (or g_auto).
 */
typedef struct
{
  char *campaign; /* fingerprint */
  char *form_id;
  char *form_version;
  char *response;             /* UUIDv7 */
  char *revision;             /* UUID of meta/instanceID; NULL in an outcome */
  char *parent;               /* UUID of meta/deprecatedID; NULL for the first revision */
  char *parent_hash;          /* hexadecimal hash of the parent revision; NULL for the first */
  char *device;               /* UUID */
  char *author;               /* person id the central gave at joining */
  char *mode;                 /* interview, self or keyed */
  char *session;              /* UUID of the field session */
  char *session_state;        /* state code; "" when unknown */
  char *session_municipality; /* municipality code; "" when unknown or typed */
  char *session_date;         /* "YYYY-MM-DD", the day answered */
  char *organisation;
  char *batch; /* the device's or the packet's batch code */
  char *folio; /* NULL when none was given */
  PlazaOutcome outcome;
  char *last_question; /* ref of the last question reached; NULL when completed */
  char *ended;         /* ISO 8601 with offset, when the interview ended */
} PlazaHeader;

void plaza_header_clear (PlazaHeader *header);

/** plaza_header_to_json: canonical bytes; what is written here is what is hashed. (transfer full)
 */
GBytes *plaza_header_to_json (const PlazaHeader *header, GError **error);

/** plaza_header_parse: strict: unknown members, wrong types and malformed ids are refused. */
gboolean plaza_header_parse (GBytes *json, PlazaHeader *out, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaHeader, plaza_header_clear)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** PlazaResult: every answer of the HTTP interface that is not plain success, by its stable code.
 */
typedef enum
{
  PLAZA_RESULT_OK,
  PLAZA_RESULT_BAD_REQUEST,    /* 400 malformed */
  PLAZA_RESULT_TOKEN,          /* 401 unknown, expired or revoked token */
  PLAZA_RESULT_FORBIDDEN,      /* 403 */
  PLAZA_RESULT_DEVICE_REVOKED, /* 403 the device was revoked; its envelopes go to quarantine */
  PLAZA_RESULT_NOT_FOUND,      /* 404 */
  PLAZA_RESULT_METHOD,         /* 405 */
  PLAZA_RESULT_CODE_UNKNOWN,   /* 404 enrolment code unknown */
  PLAZA_RESULT_CODE_USED,      /* 409 enrolment code used already */
  PLAZA_RESULT_CODE_EXPIRED,   /* 410 */
  PLAZA_RESULT_CONFLICT,       /* 409 */
  PLAZA_RESULT_OFFSET,       /* 409 a piece that does not begin where the last ended; the body says
                                where that is */
  PLAZA_RESULT_RANGE,        /* 416 a range beyond the end */
  PLAZA_RESULT_TOO_LARGE,    /* 413 */
  PLAZA_RESULT_MEDIA_TYPE,   /* 415 */
  PLAZA_RESULT_ENVELOPE,     /* 422 envelope that does not open, or signature of nobody known */
  PLAZA_RESULT_DIGEST,       /* 422 a piece that was changed on its way */
  PLAZA_RESULT_CHALLENGE,    /* 422 a challenge that is not of this central, or too old: ask anew */
  PLAZA_RESULT_SIGNATURE,    /* 422 signed with another key than the device's, or no such device */
  PLAZA_RESULT_REGISTRATION, /* 422 a registration that does not open or verify */
  PLAZA_RESULT_CAMPAIGN,     /* 422 of another campaign, or practice into the real one */
  PLAZA_RESULT_RATE,         /* 429 too many, with Retry-After */
  PLAZA_RESULT_HEADERS,      /* 431 */
  PLAZA_RESULT_INTERNAL,     /* 500 */
  PLAZA_RESULT_BUSY,         /* 503 with Retry-After */
  PLAZA_RESULT_DISK,         /* 503 below the disk floor, with Retry-After */
} PlazaResult;

#define PLAZA_N_RESULTS (PLAZA_RESULT_DISK + 1)

/** plaza_result_code: the "code" of the JSON error body, e.g. "token", "disk", "too-large". */
const char *plaza_result_code (PlazaResult result);
/** plaza_result_status: its HTTP status. */
guint plaza_result_status (PlazaResult result);
/** plaza_result_message: one English sentence for the "message" of the body. */
const char *plaza_result_message (PlazaResult result);
/** plaza_result_is_retryable: whether sending the same bytes again later may succeed. */
gboolean plaza_result_is_retryable (PlazaResult result);
/** plaza_result_find: by code; FALSE when unknown. */
gboolean plaza_result_find (const char *code, PlazaResult *out);

/** plaza_result_to_json: Returns: (transfer full): {"code":…,"message":…}. */
GBytes *plaza_result_to_json (PlazaResult result);
/** plaza_result_to_json_offset: of PLAZA_RESULT_OFFSET: {"code":…,"message":…,"offset":…}. */
GBytes *plaza_result_to_json_offset (guint64 offset);
/**
 * plaza_result_parse: reads an error body; FALSE with PLAZA_ERROR_INVALID when it is none of ours.
 * plaza_piece_offset_parse() reads the offset of one.
 */
gboolean plaza_result_parse (GBytes *body, PlazaResult *out, GError **error);

G_END_DECLS

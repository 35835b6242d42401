/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "wire/entry.h"

G_BEGIN_DECLS

typedef enum
{
  PLAZA_RESPONSE_DRAFT,     /* being asked, or suspended */
  PLAZA_RESPONSE_WAITING,   /* finished or ended; waits to be packed */
  PLAZA_RESPONSE_PACKED,    /* inside a sealed envelope; waits to be delivered */
  PLAZA_RESPONSE_DELIVERED, /* a verified receipt says so */
  PLAZA_RESPONSE_REFUSED,   /* the central refused it; it is kept */
} PlazaResponseState;

/** plaza_response_state_name: "draft", "waiting", "packed", "delivered", "refused". */
const char *plaza_response_state_name (PlazaResponseState state);

/**
 * PlazaResponse: one row of a list; a snapshot that its PlazaResponseList replaces when something
 * changes.
 *
 * Properties (read-only): "id", "folio", "mode", "session", "state" (guint), "outcome" (int, -1 for
 * a draft), "started-ms", "ended-ms", "delivered-ms" (gint64, 0 for not yet), "voided", "purged",
 * "correcting" (a correction is begun), "problem" (what the central or the delivery said of it, a
 * stable code such as "rejected", "quarantined", or NULL).
 */
#define PLAZA_TYPE_RESPONSE (plaza_response_get_type ())
G_DECLARE_FINAL_TYPE (PlazaResponse, plaza_response, PLAZA, RESPONSE, GObject)

const char *plaza_response_get_id (PlazaResponse *self);
/** plaza_response_get_folio: PLAZA_RESPONSE_NO_FOLIO when damage made it unreadable. */
#define PLAZA_RESPONSE_NO_FOLIO "?"
const char *plaza_response_get_folio (PlazaResponse *self);
const char *plaza_response_get_mode (PlazaResponse *self);
/** plaza_response_get_session: id of the field session. */
const char *plaza_response_get_session (PlazaResponse *self);
PlazaResponseState plaza_response_get_state (PlazaResponse *self);
/** plaza_response_get_outcome: a PlazaOutcome, or -1 for a draft. */
int plaza_response_get_outcome (PlazaResponse *self);
gint64 plaza_response_get_started_ms (PlazaResponse *self);
gint64 plaza_response_get_ended_ms (PlazaResponse *self);
gint64 plaza_response_get_delivered_ms (PlazaResponse *self);
gboolean plaza_response_get_voided (PlazaResponse *self);
gboolean plaza_response_get_purged (PlazaResponse *self);
gboolean plaza_response_get_correcting (PlazaResponse *self);
const char *plaza_response_get_problem (PlazaResponse *self);

/** plaza_response_load: by response id. PLAZA_ERROR_NOT_FOUND. */
PlazaResponse *plaza_response_load (PlazaStore *store, const char *id, GError **error);

/** plaza_response_find: by folio as somebody typed it. PLAZA_ERROR_NOT_FOUND. */
PlazaResponse *plaza_response_find (PlazaStore *store, const char *folio, GError **error);

/**
 * plaza_response_read: the newest revision's exact parts. PLAZA_ERROR_NOT_FOUND when there is none
 * here any more. (transfer full)
 */
PlazaRevision *plaza_response_read (PlazaStore *store, const char *id, GError **error);

/**
 * plaza_response_void: asks for the response not to be counted; its content stays.
 * @reason: "test", "duplicate", "mistake" or a text of at most 200 characters
 */
gboolean
plaza_response_void (PlazaStore *store, const char *id, const char *reason, GError **error);

/**
 * plaza_response_withdraw: the person withdraws a finished response. Content and key are destroyed
 * here and in the backups; what was never sent becomes a counted outcome, else the central is told.
 */
gboolean plaza_response_withdraw (PlazaStore *store, const char *id, GError **error);

/** plaza_response_withdraw_folio: by folio; one that is not this laptop's is told to the central.
 * PLAZA_ERROR_INVALID when it is no folio. @out_here: (out) (nullable): it was this laptop's. */
gboolean plaza_response_withdraw_folio (PlazaStore *store,
                                        const char *folio,
                                        gboolean *out_here,
                                        GError **error);

G_END_DECLS

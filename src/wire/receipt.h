/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/hash.h"
#include "seal/sign.h"

G_BEGIN_DECLS

#define PLAZA_RECEIPT_MEDIA_TYPE "application/vnd.plaza.receipt"
#define PLAZA_RECEIPT_MAX_BYTES 8192u

/** PlazaReceiptStatus: what became of one entry. */
typedef enum
{
  PLAZA_RECEIPT_STORED = 1,
  PLAZA_RECEIPT_DUPLICATE = 2,   /* the central had it already */
  PLAZA_RECEIPT_CONFLICT = 3,    /* kept beside another with the same id or parent; delivered */
  PLAZA_RECEIPT_QUARANTINED = 4, /* kept apart, the device is revoked; not delivered yet */
  PLAZA_RECEIPT_REJECTED = 5,    /* not kept; the laptop keeps it and says so */
} PlazaReceiptStatus;

const char *plaza_receipt_status_name (PlazaReceiptStatus status);
/** plaza_receipt_status_is_delivered: stored, duplicate and conflict. */
gboolean plaza_receipt_status_is_delivered (PlazaReceiptStatus status);

/**
 * PlazaReceipt: the central's signed statement about one envelope. It names no entry, so whoever
 * carries it learns nothing.
 *
 * "PLZRCP01" (8) ‖ signing key id (16) ‖ envelope hash (32) ‖ audit head (32) ‖ u64le audit
 * sequence ‖ i64le ms since 1970 ‖ u32le count ‖ one status byte per entry in the envelope's order
 * ‖ Ed25519 signature (64) of the BLAKE2b-256 of all before.
 */
typedef struct
{
  PlazaHash envelope;
  PlazaHash audit_head;
  guint64 audit_sequence;
  gint64 time_ms;
  guint n_statuses;
  guint8 *statuses; /* PlazaReceiptStatus, by entry index */
} PlazaReceipt;

/** plaza_receipt_sign: Returns: (transfer full): the receipt's bytes. */
GBytes *
plaza_receipt_sign (const PlazaReceipt *receipt, const PlazaSecret *central_secret, GError **error);

/**
 * plaza_receipt_verify: reads a receipt that must be about @envelope and signed by @current or
 * @spare.
 * @spare: (nullable)
 * @n_entries: how many entries the envelope holds; 0 when not known (somebody else's envelope)
 * Errors: PLAZA_ERROR_SIGNATURE (forged, another key), PLAZA_ERROR_INVALID (malformed, about
 * another envelope, another count). Nothing may be marked delivered without it.
 */
PlazaReceipt *plaza_receipt_verify (GBytes *bytes,
                                    const PlazaHash *envelope,
                                    guint n_entries,
                                    const PlazaPublicKey *current,
                                    const PlazaPublicKey *spare,
                                    GError **error);
void plaza_receipt_free (PlazaReceipt *receipt);

/** plaza_receipt_peek: the envelope that what looks like a receipt is about; nothing is verified.
 */
gboolean plaza_receipt_peek (GBytes *bytes, PlazaHash *out_envelope, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaReceipt, plaza_receipt_free)

G_END_DECLS

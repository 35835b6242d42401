/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 audit_rows;
  guint64 envelopes;
  guint64 entries;
  guint64 revisions;
  guint64 contacts;
  PlazaHash head; /* of the audit log */
} PlazaVerified;

/**
 * plaza_verify: checks that nothing was added, changed or taken away behind the audit log: the
 * chain itself; that each envelope's entries are the ones its audit row vouches for; that each
 * entry's fact is there; each revision's hash, over what is left of it where it was withdrawn; the
 * number of contacts.
 *
 * PLAZA_ERROR_CORRUPT names the first bad row, as "audit 17: …", "entry ID: …".
 */
gboolean plaza_verify (PlazaStorage *storage, PlazaVerified *out, GError **error);

/**
 * plaza_verify_receipt: whether the audit log still holds what @receipt, verified before, says of
 * it. A laptop's receipt is the witness that the log was not cut or rewritten.
 */
gboolean plaza_verify_receipt (PlazaStorage *storage, const PlazaReceipt *receipt, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/carried.h"

G_BEGIN_DECLS

#define PLAZA_CARRIED_ENVELOPES "envelopes"
#define PLAZA_CARRIED_RECEIPTS "receipts"
#define PLAZA_CARRIED_REGISTRATIONS "registrations"
#define PLAZA_CARRIED_RESCUED "rescued" /* store/rescue-ledger.h */

/** plaza_carried_folder: (transfer full): carried/@fingerprint/@what below @data_root. */
char *plaza_carried_folder (const char *data_root, const char *fingerprint, const char *what);

/** plaza_carried_campaigns: (transfer full): fingerprints that something is carried of: all, or
 * @fingerprint alone. */
GStrv plaza_carried_campaigns (const char *data_root, const char *fingerprint);

/** plaza_carried_knows_envelope: it is carried, or of a profile of this laptop, or its receipt is
 * known. */
gboolean plaza_carried_knows_envelope (PlazaCarried *self, const char *fingerprint, const char *id);

/** plaza_carried_receipt_of: (transfer full): where the receipt of an envelope of @store's campaign
 * is carried, whether it is there or not. */
char *plaza_carried_receipt_of (PlazaStore *store, const char *envelope);

G_END_DECLS

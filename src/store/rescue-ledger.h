/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/carried.h"

G_BEGIN_DECLS

/**
 * What earlier rescues have put into envelopes out of one profile's store, so that the same disk,
 * or another copy of it, gives no second envelope with the same content. It is kept as
 * carried/<fingerprint>/rescued/<profile id>.ledger and only the profile's key opens it, since it
 * names what has not been delivered. It holds for as long as this laptop knows the envelopes; what
 * is not known any more is sealed again.
 */
typedef struct _PlazaRescueLedger PlazaRescueLedger;

/** plaza_rescue_ledger_open: begins anew when it is not there, or cannot be read. @store: a copy of
 * the profile's, and @carried must outlive it. */
PlazaRescueLedger *plaza_rescue_ledger_open (const char *data_root,
                                             PlazaCarried *carried,
                                             PlazaStore *store,
                                             const char *profile);
void plaza_rescue_ledger_free (PlazaRescueLedger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaRescueLedger, plaza_rescue_ledger_free)

/** plaza_rescue_ledger_apply: what is in an envelope already waits no more in the store, and new
 * envelopes are numbered after those. */
gboolean plaza_rescue_ledger_apply (PlazaRescueLedger *self, GError **error);

/** plaza_rescue_ledger_end_draft: ends the draft of @response as partial, unless exactly this draft
 * was ended before. */
gboolean
plaza_rescue_ledger_end_draft (PlazaRescueLedger *self, const char *response, GError **error);

/** plaza_rescue_ledger_keep: notes what was packed since plaza_rescue_ledger_apply(), once its
 * envelopes are kept. */
gboolean plaza_rescue_ledger_keep (PlazaRescueLedger *self, GError **error);

G_END_DECLS

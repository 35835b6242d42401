/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "central/central.h"

G_BEGIN_DECLS

/**
 * plaza_status: what a central holds and how it is, for whoever runs it: counts, no content.
 *
 * {"campaigns":[{"campaign","title","practice","asking_ends","keying_ends","envelopes","entries",
 *   "newest","responses","late","conflicts","void","withdrawn","withdrawal_asked",
 *   "outcomes":{…},"sessions":[{"session","responses","late","outcomes":{…}}]}],
 *  "devices":[{"device","batch","person","organisation","role","revoked","last","missing"}],
 *  "contacts":{"expected","present","quarantined"}, "quarantined", "codes":{"open","expired"},
 *  "disk":{"free_mib","floor_mib","enough"}, "database",
 *  "backup": null or {"file","time","bytes"}}
 *
 * Times are UTC; "missing" are the numbers of a device's entries that did not come, "3 7-9".
 * Returns: (transfer full).
 */
JsonObject *plaza_status (PlazaCentral *central, PlazaStorage *storage, GError **error);

G_END_DECLS

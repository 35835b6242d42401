/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/hand-in.h"
#include "store/store-private.h"
#include "store/summary.h"

G_BEGIN_DECLS

/** The sealed value that lists what was discarded, and the problem of an envelope that was. */
#define PLAZA_HAND_IN_DISCARDED "discarded"

/** The sealed value that says what was accepted as unreadable, and why. */
#define PLAZA_HAND_IN_ACCEPTED "unreadable-accepted"

/** plaza_hand_in_read_accepted: worker only. @out_reason: (out) (nullable) (transfer full): NULL
 * when nothing was accepted. Returns: how many of @now nobody has accepted. */
guint plaza_hand_in_read_accepted (PlazaStore *store,
                                   PlazaDatabase *db,
                                   const PlazaUnreadable *now,
                                   char **out_reason);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store-private.h"
#include "store/unreadable.h"

G_BEGIN_DECLS

/** What a value that was set aside is called: its name, this, and the beginning of its hash, so
 * that the same bytes have one row, whichever copy they come from. */
#define PLAZA_UNREADABLE_MARK ".unreadable-"
#define PLAZA_UNREADABLE_LIKE "LIKE '%" PLAZA_UNREADABLE_MARK "%'"

/** plaza_unreadable_is_damage: what was sealed does not open, as opposed to a disk that refuses. */
gboolean plaza_unreadable_is_damage (const GError *error);

/** plaza_unreadable_survey: worker only. */
gboolean plaza_unreadable_survey (PlazaStore *store,
                                  PlazaDatabase *db,
                                  PlazaUnreadable *out,
                                  GError **error);

/** plaza_unreadable_set_aside: worker only, in a transaction: the value's bytes get another name.
 */
gboolean plaza_unreadable_set_aside (PlazaDatabase *db, const char *name, GError **error);

/** plaza_unreadable_knows_key: whether anything among the values opens with the store's keys. */
gboolean plaza_unreadable_knows_key (PlazaStore *store, PlazaDatabase *db);

/** plaza_unreadable_settle_values: while the store is being opened: sets aside every value that
 * opens neither itself nor by the copy that a repair put beside it, and looks for an older pool of
 * contacts. */
gboolean plaza_unreadable_settle_values (PlazaStore *store, PlazaDatabase *db, GError **error);

G_END_DECLS

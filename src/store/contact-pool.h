/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store-private.h"

G_BEGIN_DECLS

/**
 * The contacts that wait for an envelope: one sealed value, padded to whole blocks of five and
 * rewritten at every ending of an interview, with a contact or without. Neither a row, nor its
 * place in the file, nor a time ties a contact to a response. Worker only, inside a transaction.
 *
 * A pool that damage made unreadable is set aside (store/unreadable.h) before another one begins,
 * with the contacts of the fullest readable copy among backups and safe copy, if it is sure that
 * none of these has left in an envelope since.
 */

/** Its name among the sealed values. */
#define PLAZA_CONTACT_POOL "contact-pool"

/** plaza_contact_pool_rewrite: takes @contact in, at a random place. @contact: NULL for none. */
gboolean plaza_contact_pool_rewrite (PlazaStore *store,
                                     PlazaDatabase *db,
                                     PlazaEntry *contact,
                                     GError **error);

/** plaza_contact_pool_count: how many wait. @out_untold: (out) (nullable): the number ever taken
 * has grown since it was last told. */
gboolean plaza_contact_pool_count (
    PlazaStore *store, PlazaDatabase *db, guint *out, gboolean *out_untold, GError **error);

/** plaza_contact_pool_take: removes up to @limit of them. (transfer full) (element-type PlazaEntry)
 */
GPtrArray *
plaza_contact_pool_take (PlazaStore *store, PlazaDatabase *db, guint limit, GError **error);

/** plaza_contact_pool_ever: how many contacts the pool ever took. */
gboolean
plaza_contact_pool_ever (PlazaStore *store, PlazaDatabase *db, guint64 *out, GError **error);

/** plaza_contact_pool_tell: how many contacts the pool ever took, which is told now. */
gboolean
plaza_contact_pool_tell (PlazaStore *store, PlazaDatabase *db, guint64 *out_ever, GError **error);

/** plaza_contact_pool_list: adds the ids of those that wait to @out. (element-type utf8) */
gboolean
plaza_contact_pool_list (PlazaStore *store, PlazaDatabase *db, GPtrArray *out, GError **error);

/** plaza_contact_pool_forget: takes out those whose ids are in @left, which are in an envelope by
 * way of another copy of this pool; of @told of them ever taken the central was told. */
gboolean plaza_contact_pool_forget (
    PlazaStore *store, PlazaDatabase *db, GHashTable *left, guint64 told, GError **error);

/** plaza_contact_pool_recall: begins anew in the place of a pool that was set aside, with what a
 * copy has. */
gboolean plaza_contact_pool_recall (PlazaStore *store, PlazaDatabase *db, GError **error);

G_END_DECLS

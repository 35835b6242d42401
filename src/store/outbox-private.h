/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/outbox.h"
#include "store/store-private.h"

G_BEGIN_DECLS

/** plaza_outbox_path: (transfer full): of a file of the outbox: ".plz" or ".refused". */
char *plaza_outbox_path (const char *profile_folder, const char *envelope, const char *suffix);

/** plaza_outbox_read_reason: (nullable) (transfer full): why an envelope was set aside. */
char *plaza_outbox_read_reason (const char *profile_folder, const char *envelope);

/** The problem of an envelope that neither the store nor its file has whole. */
#define PLAZA_OUTBOX_UNREADABLE "unreadable"

/** plaza_outbox_whole: the envelope as it was packed, from @bytes in the store or from its file;
 * where only the signature is damaged, signed again. (transfer full) (nullable) */
GBytes *plaza_outbox_whole (PlazaStore *store, const char *id, GBytes *bytes);

/** plaza_outbox_give_up: worker only, in a transaction: the envelope is whole nowhere. It is kept
 * as it is and never sent; answers in it wait again, for their own copy is beside it; contacts have
 * none, and are counted as refused. */
gboolean
plaza_outbox_give_up (PlazaStore *store, PlazaDatabase *db, gint64 envelope, GError **error);

/** plaza_outbox_publish: worker only, outside a transaction: writes the files that are missing. */
gboolean plaza_outbox_publish (PlazaStore *store, PlazaDatabase *db, GError **error);

G_END_DECLS

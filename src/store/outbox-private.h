/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/outbox.h"
#include "store/store-private.h"

G_BEGIN_DECLS

/** plaza_outbox_path: (transfer full): of a file of the outbox: ".plz" or ".refused". */
char *plaza_outbox_path (const char *profile_folder, const char *envelope, const char *suffix);

/** plaza_outbox_read_reason: (nullable) (transfer full): why an envelope was set aside. */
char *plaza_outbox_read_reason (const char *profile_folder, const char *envelope);

/** plaza_outbox_publish: worker only, outside a transaction: writes the files that are missing. */
gboolean plaza_outbox_publish (PlazaStore *store, PlazaDatabase *db, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sync/upload.h"

G_BEGIN_DECLS

/**
 * plaza_upload_count_async: counts what became of each file of a bulk upload, in a thread: the data
 * root of a large one takes a while to look through.
 * @data_root, @items, @started_ms: as of plaza_upload_new(); @items is not changed meanwhile.
 * @source: (type GObject): kept until @callback, which gets it.
 */
void plaza_upload_count_async (const char *data_root,
                               GPtrArray *items,
                               gint64 started_ms,
                               gpointer source,
                               GAsyncReadyCallback callback);

/** plaza_upload_count_finish: Returns: (transfer full): the count, or NULL with @error of
 * plaza_upload_new(). */
PlazaUpload *plaza_upload_count_finish (GAsyncResult *result, GError **error);

G_END_DECLS

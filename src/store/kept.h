/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/** Answers of the central that are shown again when it cannot be reached: one sealed value each,
 * the newest. */

#define PLAZA_KEPT_DEVICES "devices"

/** plaza_kept_write: durable. @name: one of PLAZA_KEPT_… */
gboolean plaza_kept_write (PlazaStore *store, const char *name, GBytes *bytes, GError **error);

/** plaza_kept_read: (transfer full) (nullable): NULL without @error when nothing was kept.
 * @out_ms: (out): when it was */
GBytes *plaza_kept_read (PlazaStore *store, const char *name, gint64 *out_ms, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PlazaLimiter: how often a source (an address) may fail before it has to wait. A source has
 * @allowance failures that come back one every @seconds / @allowance seconds. At most 65,536
 * sources are remembered; beyond that the ones with nothing held against them are forgotten first.
 * Thread safe.
 */
typedef struct _PlazaLimiter PlazaLimiter;

PlazaLimiter *plaza_limiter_new (guint allowance, guint seconds);
void plaza_limiter_free (PlazaLimiter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaLimiter, plaza_limiter_free)

/**
 * plaza_limiter_get_wait: the seconds @source has to wait at @now (µs, monotonic); 0: none.
 */
guint plaza_limiter_get_wait (PlazaLimiter *self, const char *source, gint64 now);

/** plaza_limiter_charge: holds one failure against @source at @now (µs, monotonic). */
void plaza_limiter_charge (PlazaLimiter *self, const char *source, gint64 now);

G_END_DECLS

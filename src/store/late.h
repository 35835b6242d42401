/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/**
 * plaza_store_count_late: responses that the central will count apart: answered on a day after the
 * end of asking, or keyed from paper after the end of keying, by the campaign as it is now. Late
 * work is as welcome as any other; nothing on the laptop treats it differently.
 */
gboolean plaza_store_count_late (PlazaStore *store, guint *out, GError **error);

G_END_DECLS

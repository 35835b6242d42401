/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** plaza_random_fill: @length bytes of the kernel's randomness; aborts when there is none. */
void plaza_random_fill (void *bytes, gsize length);

G_END_DECLS

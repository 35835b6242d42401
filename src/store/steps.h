/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Work that must survive being cut names each of its steps once that step is durable. A test hangs
 * in here and ends the process at every one of them in turn; otherwise the hook is NULL.
 */
extern void (*plaza_steps_hook) (const char *step);

void plaza_step (const char *step);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/window.h"

G_BEGIN_DECLS

/* Called once the passphrase was right, while @object (below) still lives. */
typedef void (*PlazaReturnFunc) (gpointer object);

/**
 * plaza_return_dialog_show: the facilitator takes the screen back from the person who had it: asks
 * for the passphrase of the unlocked profile over @window, and only when it is right calls
 * @returned with @object (a GObject, not kept alive).
 */
void plaza_return_dialog_show (PlazaWindow *window, PlazaReturnFunc returned, gpointer object);

G_END_DECLS

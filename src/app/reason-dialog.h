/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** PlazaReasonFunc: somebody gave a reason and confirmed. */
typedef void (*PlazaReasonFunc) (const char *reason, gpointer data);

/** plaza_reason_dialog_ask: asks before something is destroyed or given up, and why, which the
 * central and the proof will say.
 * @confirm: the button's label, with a mnemonic
 * @data: given to @given, at most once, and freed with @destroy in any case
 */
void plaza_reason_dialog_ask (GtkWindow *parent,
                              const char *heading,
                              const char *body,
                              const char *confirm,
                              PlazaReasonFunc given,
                              gpointer data,
                              GDestroyNotify destroy);

G_END_DECLS

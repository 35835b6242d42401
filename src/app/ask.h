/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** plaza_ask: presents a question (AdwMessageDialog) with the focus on its default answer, however
 * its buttons stand: Enter then does what the default says and nothing else. */
void plaza_ask (GtkWidget *dialog);

G_END_DECLS

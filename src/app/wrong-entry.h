/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** plaza_wrong_entry_mark: shows that what is written in @entry is @wrong, for the eyes and for
 * assistive technology; the words that say why stand beside it. */
void plaza_wrong_entry_mark (GtkWidget *entry, gboolean wrong);

G_END_DECLS

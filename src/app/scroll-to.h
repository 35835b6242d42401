/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Brings @widget into sight in the outermost scrolled window around it, once it has its place:
 * what was just shown has none yet when it takes the focus. */
void plaza_scroll_to (GtkWidget *widget);

G_END_DECLS

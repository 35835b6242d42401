/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lets the text of every button below @root wrap, which GtkButton has no property for: with large
 * text on a narrow screen it would push the page out of the window. */
void plaza_button_text_wrap (GtkWidget *root);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "store/capture.h"

G_BEGIN_DECLS

/**
 * PlazaOutline: the pages of the interview by name, each with what is missing on it in words, to
 * jump to. Its list is made anew each time it is shown.
 *
 * Signal: "jump" (PlazaPage *page).
 */
#define PLAZA_TYPE_OUTLINE (plaza_outline_get_type ())
G_DECLARE_FINAL_TYPE (PlazaOutline, plaza_outline, PLAZA, OUTLINE, GtkPopover)

GtkWidget *plaza_outline_new (PlazaCapture *capture);

/* The page to mark as the one on screen. */
void plaza_outline_set_current (PlazaOutline *self, PlazaPage *page);

/* "Topics", "Problems and proposals, 2 of 3: Water": how @page is called in lists. (transfer full)
 */
char *plaza_outline_dup_name (PlazaPage *page);

/* Whether a correction leaves @page out: contact data is asked once, in the first interview. */
gboolean plaza_outline_leaves_out (PlazaCapture *capture, PlazaPage *page);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/screen.h"

G_BEGIN_DECLS

/**
 * PlazaWindow: the one window. It holds a stack of pages, the header bar they share, the practice
 * banner and the toasts, and it is the only one who knows which page follows which.
 */
#define PLAZA_TYPE_WINDOW (plaza_window_get_type ())
G_DECLARE_FINAL_TYPE (PlazaWindow, plaza_window, PLAZA, WINDOW, AdwApplicationWindow)

typedef struct _PlazaApplication PlazaApplication;
typedef struct _PlazaCapture PlazaCapture;

PlazaWindow *plaza_window_new (PlazaApplication *application);

/* Puts @page (floating or not) on screen over the current one; Back returns to the one below. */
void plaza_window_push (PlazaWindow *window, PlazaScreen *page);

/* As push, but the current page goes away: Back returns to what was below it. */
void plaza_window_replace (PlazaWindow *window, PlazaScreen *page);

/* Drops the top page and shows the one below it. Nothing happens on the last one. */
void plaza_window_pop (PlazaWindow *window);

/* The page on screen. */
PlazaScreen *plaza_window_get_screen (PlazaWindow *window);

/* Where the flow goes next; each drops the pages of the step before. @capture: a live interview. */
void plaza_window_show_home (PlazaWindow *window);
void plaza_window_show_interview (PlazaWindow *window, PlazaCapture *capture);

/* A short quiet message about an action just done. With @undo_label and @action (a detailed action
 * name) it offers that. */
void plaza_window_toast (PlazaWindow *window, const char *text);
void plaza_window_toast_with_action (PlazaWindow *window,
                                     const char *text,
                                     const char *label,
                                     const char *action);

/* While the screen is in the participant's hands: no header, no menu, no shortcut that leaves. */
void plaza_window_set_handed_over (PlazaWindow *window, gboolean handed_over);
gboolean plaza_window_get_handed_over (PlazaWindow *window);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * PlazaWatch: says when a window should lock: nobody touched it for so many minutes, or the machine
 * is about to sleep (logind, where there is one; it is asked to wait).
 *
 * Signal "lock" (gboolean going_to_sleep): save what is half typed and lock; then call
 * plaza_watch_locked(), for which the machine waits a few seconds.
 */
#define PLAZA_TYPE_WATCH (plaza_watch_get_type ())
G_DECLARE_FINAL_TYPE (PlazaWatch, plaza_watch, PLAZA, WATCH, GObject)

/* @window is not kept alive. */
PlazaWatch *plaza_watch_new (GtkWidget *window);

/* The lock that was asked for is done. */
void plaza_watch_locked (PlazaWatch *self);

/* 0 stops watching for idleness. Starts counting anew. */
void plaza_watch_set_minutes (PlazaWatch *self, guint minutes);

G_END_DECLS

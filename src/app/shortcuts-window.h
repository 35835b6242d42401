/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/window.h"

G_BEGIN_DECLS

/** PlazaShortcutsWindow: the keys, one below the other: GTK's own window for them is broader than a
 * narrow screen. */
#define PLAZA_TYPE_SHORTCUTS_WINDOW (plaza_shortcuts_window_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaShortcutsWindow, plaza_shortcuts_window, PLAZA, SHORTCUTS_WINDOW, AdwWindow)

PlazaShortcutsWindow *plaza_shortcuts_window_new (PlazaWindow *window);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** PlazaHelpWindow: how the day goes, in a page that is read in two minutes, without a connection.
 */
#define PLAZA_TYPE_HELP_WINDOW (plaza_help_window_get_type ())
G_DECLARE_FINAL_TYPE (PlazaHelpWindow, plaza_help_window, PLAZA, HELP_WINDOW, AdwWindow)

PlazaHelpWindow *plaza_help_window_new (GtkWindow *parent);

G_END_DECLS

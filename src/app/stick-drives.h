/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** The USB sticks that are plugged in, as rows to choose one from. */

/** plaza_stick_drives_fill: lists in @list, anew, what @monitor knows to be mounted and removable;
 * it stays empty when there is none. */
void plaza_stick_drives_fill (GtkListBox *list, GVolumeMonitor *monitor);

/** plaza_stick_drives_get_folder: where the stick of @row is mounted. (transfer none) */
const char *plaza_stick_drives_get_folder (GtkListBoxRow *row);

G_END_DECLS

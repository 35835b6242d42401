/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * PlazaApplication: one process for one data directory. A second start with the same directory
 * raises the window of the first and hands over its join link or file.
 */
#define PLAZA_TYPE_APPLICATION (plaza_application_get_type ())
G_DECLARE_FINAL_TYPE (PlazaApplication, plaza_application, PLAZA, APPLICATION, AdwApplication)

/* @data_dir: root of campaigns and profiles; NULL: $PLAZA_DATA_DIR, else $XDG_DATA_HOME/plaza. */
PlazaApplication *plaza_application_new (const char *data_dir);

const char *plaza_application_get_data_dir (PlazaApplication *application);

/* The program's settings, or NULL when its schema is not installed. They hold nothing about people:
 * language of the interface, text size, colour scheme. */
GSettings *plaza_application_get_settings (PlazaApplication *application);

/* The join file to offer as the demonstration: $PLAZA_DEMONSTRATION, else demonstration.plazajoin
 * in the data directory. Returns: (transfer full) (nullable): its path, NULL when there is none. */
char *plaza_application_find_demonstration (PlazaApplication *application);

/* Makes every template class known to GtkBuilder and registers the resources; used by tests too. */
void plaza_application_prepare (void);

G_END_DECLS

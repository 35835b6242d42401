/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/window.h"

G_BEGIN_DECLS

/** PlazaPreferences: how the window looks, and the passphrase of the unlocked profile. */
#define PLAZA_TYPE_PREFERENCES (plaza_preferences_get_type ())
G_DECLARE_FINAL_TYPE (PlazaPreferences, plaza_preferences, PLAZA, PREFERENCES, AdwPreferencesWindow)

/* @settings: NULL when the schema is not installed; then the rows show the defaults, insensitive.
 */
PlazaPreferences *plaza_preferences_new (PlazaWindow *window, GSettings *settings);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * PlazaUnlockScreen: who is working now: the profiles of this laptop by name, and the passphrase.
 */
#define PLAZA_TYPE_UNLOCK_SCREEN (plaza_unlock_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaUnlockScreen, plaza_unlock_screen, PLAZA, UNLOCK_SCREEN, PlazaScreen)

/* @profiles: (element-type PlazaProfile), at least one. @selected: (nullable): id to begin with. */
PlazaScreen *plaza_unlock_screen_new (GPtrArray *profiles, const char *selected);

G_END_DECLS

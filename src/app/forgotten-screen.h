/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * PlazaForgottenScreen: "I forgot my passphrase". Shows the request for whoever has the recovery
 * key, takes the answer, and then a new passphrase. Nothing on the laptop changes until all three
 * are there; the old passphrase keeps working if it comes to mind.
 */
#define PLAZA_TYPE_FORGOTTEN_SCREEN (plaza_forgotten_screen_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaForgottenScreen, plaza_forgotten_screen, PLAZA, FORGOTTEN_SCREEN, PlazaScreen)

/* @profile: locked. NULL with @error when no request can be made. */
PlazaScreen *plaza_forgotten_screen_new (PlazaProfile *profile, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/**
 * PlazaHandInScreen: leads a profile off the laptop: what each unfinished interview becomes, the
 * delivery of everything, who else still has work here, and at the end the erasing with its proof,
 * which stays closed until everything has a receipt.
 */
#define PLAZA_TYPE_HAND_IN_SCREEN (plaza_hand_in_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaHandInScreen, plaza_hand_in_screen, PLAZA, HAND_IN_SCREEN, PlazaScreen)

PlazaScreen *plaza_hand_in_screen_new (PlazaProfile *profile, PlazaDelivery *delivery);

G_END_DECLS

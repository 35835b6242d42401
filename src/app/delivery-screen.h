/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/profile.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/**
 * PlazaDeliveryScreen: what waits, what was delivered and when, what was refused and why; and what
 * the other profiles of this laptop still have waiting, for the end of the shift. It only shows
 * PlazaDelivery, which works on behind it.
 */
#define PLAZA_TYPE_DELIVERY_SCREEN (plaza_delivery_screen_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaDeliveryScreen, plaza_delivery_screen, PLAZA, DELIVERY_SCREEN, PlazaScreen)

PlazaScreen *plaza_delivery_screen_new (PlazaProfile *profile, PlazaDelivery *delivery);

G_END_DECLS

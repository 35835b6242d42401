/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * PlazaDevicesScreen: the laptops of the campaign, for coordinators and administrators: who has
 * each, when it was heard of last, what arrived and what is missing, and revoking one that was
 * lost. Without a connection the last known list stands there, told so.
 */
#define PLAZA_TYPE_DEVICES_SCREEN (plaza_devices_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaDevicesScreen, plaza_devices_screen, PLAZA, DEVICES_SCREEN, PlazaScreen)

PlazaScreen *plaza_devices_screen_new (PlazaProfile *profile);

G_END_DECLS

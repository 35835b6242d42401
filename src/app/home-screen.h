/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"

G_BEGIN_DECLS

/** PlazaHomeScreen: the field session, the way to a new interview, and today's responses. */
#define PLAZA_TYPE_HOME_SCREEN (plaza_home_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaHomeScreen, plaza_home_screen, PLAZA, HOME_SCREEN, PlazaScreen)

PlazaScreen *plaza_home_screen_new (void);

G_END_DECLS

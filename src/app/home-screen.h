/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/store.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/** PlazaHomeScreen: the field session, the way to a new interview, and today's responses. */
#define PLAZA_TYPE_HOME_SCREEN (plaza_home_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaHomeScreen, plaza_home_screen, PLAZA, HOME_SCREEN, PlazaScreen)

PlazaScreen *plaza_home_screen_new (PlazaStore *store, PlazaDelivery *delivery);

/* Puts the focus in the search by folio. */
void plaza_home_screen_search (PlazaHomeScreen *self);

/* How old the sealed copy is may have changed. */
void plaza_home_screen_update_copy (PlazaHomeScreen *self);

G_END_DECLS

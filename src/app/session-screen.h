/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/session.h"

G_BEGIN_DECLS

/**
 * PlazaSessionScreen: where, when and with whom: a new field session, or the correction of one,
 * which first says what will change in how many responses.
 */
#define PLAZA_TYPE_SESSION_SCREEN (plaza_session_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaSessionScreen, plaza_session_screen, PLAZA, SESSION_SCREEN, PlazaScreen)

/* @session: (nullable): the one to correct, or for a new one the one to begin from. */
PlazaScreen *plaza_session_screen_new (PlazaStore *store, PlazaSession *session, gboolean correct);

G_END_DECLS

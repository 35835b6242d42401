/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"

G_BEGIN_DECLS

/**
 * PlazaJoinScreen: joining a campaign in three steps: the invitation, what campaign it is with the
 * choice of a passphrase, the work itself. When it ends the profile is open and Home is shown.
 */
#define PLAZA_TYPE_JOIN_SCREEN (plaza_join_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaJoinScreen, plaza_join_screen, PLAZA, JOIN_SCREEN, PlazaScreen)

/* @data_dir: the data root. @demonstration: (nullable): path of a join file to offer. */
PlazaScreen *plaza_join_screen_new (const char *data_dir, const char *demonstration);

/* Takes a join link (plaza://join?…) or the path of a join file, campaign package or nothing else,
 * as the command line or the file manager hands it over. */
void plaza_join_screen_open (PlazaJoinScreen *self, GFile *file);

G_END_DECLS

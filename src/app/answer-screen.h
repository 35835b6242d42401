/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/store.h"

G_BEGIN_DECLS

/**
 * PlazaAnswerScreen: helps somebody who forgot a passphrase, for coordinators who have the
 * campaign's recovery key: takes the request, shows the code to compare by voice, and gives the
 * answer. The key file is read for the answer and not kept.
 */
#define PLAZA_TYPE_ANSWER_SCREEN (plaza_answer_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaAnswerScreen, plaza_answer_screen, PLAZA, ANSWER_SCREEN, PlazaScreen)

PlazaScreen *plaza_answer_screen_new (PlazaStore *store);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/capture.h"

G_BEGIN_DECLS

/**
 * PlazaFinishScreen: how an interview ended, in words: the folio large and as a QR code, the
 * contact number apart, or kind thanks where nothing is kept. "Next interview" has the focus.
 */
#define PLAZA_TYPE_FINISH_SCREEN (plaza_finish_screen_get_type ())
G_DECLARE_FINAL_TYPE (PlazaFinishScreen, plaza_finish_screen, PLAZA, FINISH_SCREEN, PlazaScreen)

/**
 * plaza_finish_screen_new:
 * @ending: copied
 * @correction: an earlier response was corrected
 * @handed_over: the screen is in the participant's hands; the facilitator takes it back with the
 *   passphrase
 */
PlazaScreen *
plaza_finish_screen_new (const PlazaEnding *ending, gboolean correction, gboolean handed_over);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "store/capture.h"

G_BEGIN_DECLS

/**
 * PlazaInterviewScreen: the questionnaire, one page of questions at a time. It is left by
 * finishing, by ending (partial, refused, withdrawn, or because the campaign's rules say so) or by
 * suspending; whatever happens, what was answered is kept by the capture.
 *
 * Actions, in the group "interview": next, back, full-text, next-language, language (s), suspend,
 * refuse, withdraw, partial, undo, retry, return. Keys are in the shortcuts window.
 */
#define PLAZA_TYPE_INTERVIEW_SCREEN (plaza_interview_screen_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaInterviewScreen, plaza_interview_screen, PLAZA, INTERVIEW_SCREEN, PlazaScreen)

/* @capture: a live interview; the screen keeps a reference. */
PlazaScreen *plaza_interview_screen_new (PlazaCapture *capture);

PlazaCapture *plaza_interview_screen_get_capture (PlazaInterviewScreen *self);

G_END_DECLS

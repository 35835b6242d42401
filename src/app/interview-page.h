/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "app/window.h"

G_BEGIN_DECLS

/** PlazaInterviewPage: the questionnaire, one page of questions at a time. */
#define PLAZA_TYPE_INTERVIEW_PAGE (plaza_interview_page_get_type ())
G_DECLARE_FINAL_TYPE (PlazaInterviewPage, plaza_interview_page, PLAZA, INTERVIEW_PAGE, PlazaScreen)

PlazaScreen *plaza_interview_page_new (PlazaCapture *capture);

G_END_DECLS

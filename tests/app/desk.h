/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/application.h"
#include "app/interview-screen.h"
#include "app/window.h"

G_BEGIN_DECLS

/** A window with an unlocked profile of a practice campaign on the canonical questionnaire, below a
 * temporary data root, and an open field session in Oaxaca. */
typedef struct
{
  char *root;
  PlazaCampaign *campaign;
  PlazaProfile *profile;
  PlazaSession *session;
  PlazaApplication *application;
  PlazaWindow *window;
} Desk;

#define DESK_PASSPHRASE "cinco palabras que nadie adivina"

Desk *desk_new (void);
/** desk_new_for: on another form, whose id is "small" and version "1". */
Desk *desk_new_for (const char *xml);
void desk_free (Desk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Desk, desk_free)

/** desk_interview: a new interview on screen; @mode NULL for the session's. (transfer none) */
PlazaInterviewScreen *desk_interview (Desk *self, const char *mode);

/** desk_show: that interview on screen. (transfer none) */
PlazaInterviewScreen *desk_show (Desk *self, PlazaCapture *capture);

/** desk_settle: lets the window work off what is due now. */
void desk_settle (void);

G_END_DECLS

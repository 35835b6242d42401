/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/screen.h"
#include "store/capture.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/**
 * PlazaWindow: the one window. It holds a stack of screens, the header bar they share, the practice
 * banner and the toasts, and it is the only one who knows which screen follows which. It also holds
 * the unlocked profile and its delivery, and locks them.
 */
#define PLAZA_TYPE_WINDOW (plaza_window_get_type ())
G_DECLARE_FINAL_TYPE (PlazaWindow, plaza_window, PLAZA, WINDOW, AdwApplicationWindow)

typedef struct _PlazaApplication PlazaApplication;

PlazaWindow *plaza_window_new (PlazaApplication *application);

/* Puts @screen (floating or not) over the current one; Back returns to the one below. */
void plaza_window_push (PlazaWindow *window, PlazaScreen *screen);

/* As push, but the current screen goes away: Back returns to what was below it. */
void plaza_window_replace (PlazaWindow *window, PlazaScreen *screen);

/* Drops the top screen and shows the one below it. Nothing happens on the last one. */
void plaza_window_pop (PlazaWindow *window);

/* The screen that is seen. */
PlazaScreen *plaza_window_get_screen (PlazaWindow *window);

/* Where the flow goes next; each drops the screens of the step before. @capture: a live interview;
 * the screen takes its own reference. */
void plaza_window_show_home (PlazaWindow *window);
void plaza_window_show_interview (PlazaWindow *window, PlazaCapture *capture);

/* Starts an interview in the current field session and shows it; asks for a session first when
 * there is none. What "Next interview" calls. */
void plaza_window_new_interview (PlazaWindow *window);

/* Opens a draft where it was left, or a correction of a finished response, by response id. */
void plaza_window_resume (PlazaWindow *window, const char *response);
void plaza_window_correct (PlazaWindow *window, const char *response);

/* Over Home: the field session (@correct: the current one, else a new one), delivery, and joining;
 * @file: (nullable): a join link or file to begin with. */
void plaza_window_show_session (PlazaWindow *window, gboolean correct);
void plaza_window_show_delivery (PlazaWindow *window);
void plaza_window_show_join (PlazaWindow *window, GFile *file);
void plaza_window_show_passphrase (PlazaWindow *window);

/* Over Home: handing in the laptop; for coordinators the laptops, and helping with a forgotten
 * passphrase. Over the entrance: the forgotten passphrase of @profile, which is locked. */
void plaza_window_show_hand_in (PlazaWindow *window);
void plaza_window_show_devices (PlazaWindow *window);
void plaza_window_show_answer (PlazaWindow *window);
void plaza_window_show_forgotten (PlazaWindow *window, PlazaProfile *profile);

/* Everything of the profile has a receipt and the person confirmed: makes the proof, erases, shows
 * where the proof is. */
void plaza_window_hand_in (PlazaWindow *window);

/* What is seen while nobody is unlocked. */
void plaza_window_show_entrance (PlazaWindow *window);

/* Makes a sealed copy soon, when the person chose a folder for it and it is there. */
void plaza_window_plan_copy (PlazaWindow *window);

/* An unlocked profile begins (starts its delivery, shows Home, or the interview a lock interrupted)
 * and NULL while none is unlocked. */
void plaza_window_set_profile (PlazaWindow *window, PlazaProfile *profile);
PlazaProfile *plaza_window_get_profile (PlazaWindow *window);
PlazaDelivery *plaza_window_get_delivery (PlazaWindow *window);

/* Asks the central for a newer package of the campaign now: somebody is delivering. */
void plaza_window_ask_for_campaign (PlazaWindow *window);

/* Saves what is half typed, drops every screen and locks the profile; unlocking comes back here. */
void plaza_window_lock (PlazaWindow *window);

/* The system ends the program: saves and locks without asking anything, then closes the window. */
void plaza_window_terminate (PlazaWindow *window);

/* A short quiet message about an action just done; with @label and @action (a detailed action name)
 * it offers that. */
void plaza_window_toast (PlazaWindow *window, const char *text);
void plaza_window_toast_with_action (PlazaWindow *window,
                                     const char *text,
                                     const char *label,
                                     const char *action);

/* Says what failed, what is safe and what to do. @error's own message is only logged. */
void plaza_window_show_error (PlazaWindow *window, const char *heading, const GError *error);

/* Before @dialog is shown: no wider than the window it hangs over. */
void plaza_window_fit (PlazaWindow *window, GtkWindow *dialog);

/* While the screen is in the participant's hands: no header, no menu, no shortcut that leaves. */
void plaza_window_set_handed_over (PlazaWindow *window, gboolean handed_over);
gboolean plaza_window_get_handed_over (PlazaWindow *window);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/watch.h"
#include "app/window.h"
#include "sync/campaign-watch.h"
#include "store/safe-copy.h"

G_BEGIN_DECLS

struct _PlazaWindow
{
  AdwApplicationWindow parent_instance;

  /* window.c: the screens and what surrounds them */
  GPtrArray *screens; /* of PlazaScreen, the last one is seen */
  GtkWidget *header_start;
  GtkWidget *header_end;
  guint handed_over : 1;
  guint unpainted : 1; /* the screen that is seen was not painted yet */

  AdwToast *toast; /* the last one, while it may be seen */
  AdwToastOverlay *toasts;
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkButton *back_button;
  GtkMenuButton *menu_button;
  GtkWidget *practice_banner;
  GtkStack *stack;

  /* window-profile.c: who is working */
  PlazaProfile *profile;              /* unlocked, or NULL */
  PlazaDelivery *delivery;            /* of profile */
  PlazaCampaignWatch *campaign_watch; /* of profile */
  guint waiting;                      /* how much waited when last looked at */
  guint delivery_nudge;               /* source id: looks again in a moment */
  PlazaWatch *watch;                  /* says when to lock */
  char *resume_profile;               /* whose interview a lock interrupted */
  char *resume_response;              /* which one */
  char *form_id;                      /* of several questionnaires, the one chosen last */
  char *other_day_session; /* a session of another day that the person chose to go on with */
  GCancellable *closing;   /* while the profile is being locked */
  guint rejoining : 1;     /* the entrance leads to joining: a code was refused */
  guint copy_timer;        /* source id: makes a sealed copy then */
  guint copy_due : 1;      /* something changed since the last one */
  guint copying : 1;       /* one is on its way to the folder */
  guint quitting : 1;      /* the window closes once the profile is locked */
  guint in_background : 1; /* hidden, delivering; the application is held */
};

/* window.c */
void plaza_window_drop_all (PlazaWindow *self);
void plaza_window_save_size (PlazaWindow *self);
void plaza_window_dismiss_toast (PlazaWindow *self);

/* window-profile.c */
void plaza_window_install_profile_actions (GtkWidgetClass *widget_class);
void plaza_window_update_actions (PlazaWindow *self);
void plaza_window_begin (PlazaWindow *self);
gboolean plaza_window_close_request (PlazaWindow *self);
void plaza_window_forget_profile (PlazaWindow *self);

/* window-keeping.c */
void plaza_window_install_keeping_actions (GtkWidgetClass *widget_class);
/* Takes a copy aside while the profile is open, NULL for none; it is written once it is locked. */
PlazaSafeCopy *plaza_window_take_copy (PlazaWindow *self);
void plaza_window_write_copy (PlazaWindow *self, PlazaSafeCopy *copy);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/interview-screen.h"
#include "app/missing-view.h"
#include "app/outline.h"
#include "app/page-view.h"

G_BEGIN_DECLS

struct _PlazaInterviewScreen
{
  PlazaScreen parent_instance;

  PlazaCapture *capture;
  GSimpleActionGroup *actions;
  PlazaPageView *view;
  PlazaMissingView *missing;
  GtkWidget *menu_button;
  GtkWidget *language_button;

  /* The last change that put text aside, while it can be undone. */
  PlazaField *undo_field;
  char *undo_value;
  PlazaField *undo_instance; /* removed by the person; instead of field and value */
  GHashTable *parked;        /* instances that were aside before the last change */

  guint scroll_in;    /* frames until the focus is scrolled into view; 0 for not */
  guint started : 1;  /* the first page is on screen */
  guint ending : 1;   /* being finished or ended: no second time */
  guint fresh : 1;    /* the page has just come: it is read from its beginning */
  guint returned : 1; /* the facilitator took the screen back */

  GtkWidget *handed_bar;
  GtkLabel *section_label;
  GtkButton *other_language_button;
  GtkWidget *failed_line;
  GtkLabel *failed_label;
  GtkWidget *undo_line;
  GtkLabel *undo_label;
  GtkWidget *due_line;
  GtkLabel *due_label;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  AdwClamp *clamp;
  GtkScrolledWindow *missing_scroller;
  AdwClamp *missing_clamp;
  GtkWidget *back_button;
  GtkWidget *next_button;
  GtkLabel *saved_label;
};

/* interview-screen.c */
gboolean plaza_interview_screen_is_handed_over (PlazaInterviewScreen *self);
gboolean plaza_interview_screen_is_showing_missing (PlazaInterviewScreen *self);
void plaza_interview_screen_update_frame (PlazaInterviewScreen *self);

/* interview-pages.c: which pages there are, and going from one to another */
gboolean plaza_interview_screen_shows (PlazaInterviewScreen *self, PlazaPage *page);
PlazaPage *plaza_interview_screen_page_after (PlazaInterviewScreen *self);
PlazaPage *plaza_interview_screen_page_before (PlazaInterviewScreen *self);
char *plaza_interview_screen_dup_section_words (PlazaInterviewScreen *self);
void
plaza_interview_screen_show_page (PlazaInterviewScreen *self, PlazaPage *page, PlazaField *focus);
void plaza_interview_screen_show_first_page (PlazaInterviewScreen *self);
void plaza_interview_screen_go_next (PlazaInterviewScreen *self);
void plaza_interview_screen_go_back (PlazaInterviewScreen *self);
void plaza_interview_screen_jump (PlazaInterviewScreen *self, PlazaPage *page);
void plaza_interview_screen_jump_to_missing (PlazaInterviewScreen *self, PlazaField *field);
void plaza_interview_screen_jump_to_instance (PlazaInterviewScreen *self, PlazaField *instance);
void plaza_interview_screen_add_instance (PlazaInterviewScreen *self, PlazaField *repeat);
void plaza_interview_screen_pages_changed (PlazaInterviewScreen *self);

/* interview-scroll.c: what has the focus stays in sight */
void plaza_interview_screen_scroll_to_top (PlazaInterviewScreen *self);
void plaza_interview_screen_queue_scroll (PlazaInterviewScreen *self);
void plaza_interview_screen_grown (PlazaInterviewScreen *self);

/* interview-header.c: outline, language and menu in the window's header */
void plaza_interview_screen_make_header (PlazaInterviewScreen *self, GMenuModel *menu);
void plaza_interview_screen_set_language (PlazaInterviewScreen *self, const char *language);
const char *plaza_interview_screen_next_language (PlazaInterviewScreen *self);
void plaza_interview_screen_language_changed (PlazaInterviewScreen *self);

/* interview-ending.c: how it ends */
void plaza_interview_screen_add_ending_actions (PlazaInterviewScreen *self);
void plaza_interview_screen_finish (PlazaInterviewScreen *self);
void plaza_interview_screen_end_due (PlazaInterviewScreen *self);
void plaza_interview_screen_show_due (PlazaInterviewScreen *self);
void plaza_interview_screen_suspend (PlazaInterviewScreen *self);
void plaza_interview_screen_ask_to_return (PlazaInterviewScreen *self);

/* interview-aside.c: text that is put aside and brought back */
void plaza_interview_screen_watch_aside (PlazaInterviewScreen *self);
void plaza_interview_screen_undo (PlazaInterviewScreen *self);
void plaza_interview_screen_remove_instance (PlazaInterviewScreen *self, PlazaField *instance);

G_END_DECLS

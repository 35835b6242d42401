/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * PlazaScreen: one screen of the window. A subclass binds its own template (ui/<class>.ui, parent
 * PlazaScreen) and says what the window's one header bar shows while the page is on screen: title,
 * subtitle and, at either end, one widget of its own. Pages move on by calling PlazaWindow (see
 * plaza_screen_get_window()); they never know each other.
 *
 * Order of calls: constructed → shown, any number of times → disposed. save() may come at
 * any moment while an unlocked page exists: before a lock, before the machine sleeps, before
 * quitting.
 */
#define PLAZA_TYPE_SCREEN (plaza_screen_get_type ())
G_DECLARE_DERIVABLE_TYPE (PlazaScreen, plaza_screen, PLAZA, SCREEN, AdwBin)

typedef struct _PlazaWindow PlazaWindow;

struct _PlazaScreenClass
{
  AdwBinClass parent_class;

  /* The page has come on screen: refresh it and put the focus where work starts. */
  void (*shown) (PlazaScreen *page);

  /* Make durable whatever is half typed, before returning. Called on lock, suspend and quit. */
  void (*save) (PlazaScreen *page);

  /* The response that is being answered here, to come back to after a lock; NULL for none. */
  const char *(*get_response) (PlazaScreen *page);

  /* The reader pressed Back (Alt+Left on the header's button). TRUE: dealt with inside the page. */
  gboolean (*back) (PlazaScreen *page);
};

/* The window around @page, or NULL while it is in none. */
PlazaWindow *plaza_screen_get_window (PlazaScreen *page);

/* What the header shows. @title and @subtitle are copied; NULL shows nothing. */
const char *plaza_screen_get_title (PlazaScreen *page);
void plaza_screen_set_title (PlazaScreen *page, const char *title);
const char *plaza_screen_get_subtitle (PlazaScreen *page);
void plaza_screen_set_subtitle (PlazaScreen *page, const char *subtitle);

/* Whether the header offers Back. Default: TRUE. */
gboolean plaza_screen_get_can_go_back (PlazaScreen *page);
void plaza_screen_set_can_go_back (PlazaScreen *page, gboolean can_go_back);

/* Widgets the window packs into its header while the page is shown; the page keeps a reference. */
GtkWidget *plaza_screen_get_header_start (PlazaScreen *page);
void plaza_screen_set_header_start (PlazaScreen *page, GtkWidget *widget);
GtkWidget *plaza_screen_get_header_end (PlazaScreen *page);
void plaza_screen_set_header_end (PlazaScreen *page, GtkWidget *widget);

/* Called by the window only. */
void plaza_screen_shown (PlazaScreen *page);
void plaza_screen_save (PlazaScreen *page);
const char *plaza_screen_get_response (PlazaScreen *page);
gboolean plaza_screen_back (PlazaScreen *page);

G_END_DECLS

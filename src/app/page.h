/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * PlazaPage: one screen of the window. A subclass binds its own template (ui/<class>.ui, parent
 * PlazaPage) and says what the window's one header bar shows while the page is on screen: title,
 * subtitle and, at either end, one widget of its own. Pages move on by calling PlazaWindow (see
 * plaza_page_get_window()); they never know each other.
 *
 * Order of calls: constructed → shown → hidden | shown … → forget → disposed. save() may come at
 * any moment while an unlocked page exists: before a lock, before the machine sleeps, before
 * quitting.
 */
#define PLAZA_TYPE_PAGE (plaza_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (PlazaPage, plaza_page, PLAZA, PAGE, AdwBin)

typedef struct _PlazaWindow PlazaWindow;

struct _PlazaPageClass
{
  AdwBinClass parent_class;

  /* The page has come on screen: refresh it and put the focus where work starts. */
  void (*shown) (PlazaPage *page);

  /* Make durable whatever is half typed, before returning. Called on lock, suspend and quit. */
  void (*save) (PlazaPage *page);

  /* The reader pressed Back (Alt+Left on the header's button). TRUE: dealt with inside the page. */
  gboolean (*back) (PlazaPage *page);
};

/* The window around @page, or NULL while it is in none. */
PlazaWindow *plaza_page_get_window (PlazaPage *page);

/* What the header shows. @title and @subtitle are copied; NULL shows nothing. */
const char *plaza_page_get_title (PlazaPage *page);
void plaza_page_set_title (PlazaPage *page, const char *title);
const char *plaza_page_get_subtitle (PlazaPage *page);
void plaza_page_set_subtitle (PlazaPage *page, const char *subtitle);

/* Whether the header offers Back. Default: TRUE. */
gboolean plaza_page_get_can_go_back (PlazaPage *page);
void plaza_page_set_can_go_back (PlazaPage *page, gboolean can_go_back);

/* Widgets the window packs into its header while the page is shown; the page keeps a reference. */
GtkWidget *plaza_page_get_header_start (PlazaPage *page);
void plaza_page_set_header_start (PlazaPage *page, GtkWidget *widget);
GtkWidget *plaza_page_get_header_end (PlazaPage *page);
void plaza_page_set_header_end (PlazaPage *page, GtkWidget *widget);

/* Called by the window only. */
void plaza_page_shown (PlazaPage *page);
void plaza_page_save (PlazaPage *page);
gboolean plaza_page_back (PlazaPage *page);

G_END_DECLS

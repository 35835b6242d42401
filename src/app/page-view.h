/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/question.h"
#include "store/capture.h"

G_BEGIN_DECLS

/**
 * PlazaPageView: one page of a kept interview: its heading and its questions, which come and go as
 * answers make them relevant. Answers and text in progress go to the capture from here, and each
 * question says when its answer is on disk.
 *
 * What the field session filled in already stands folded at the top (not when keying from paper).
 *
 * Signals:
 *  - "last" (): the person is done with the last question of the page.
 *  - "changing" (PlazaField *field (pointer), const char *before): an answer of @field is about to
 *    change; @before is its value so far, to undo with.
 *  - "add" (PlazaField *repeat (pointer)), "remove" (PlazaField *instance (pointer)): the person
 *    wants one more page like this, or not this one.
 */
#define PLAZA_TYPE_PAGE_VIEW (plaza_page_view_get_type ())
G_DECLARE_FINAL_TYPE (PlazaPageView, plaza_page_view, PLAZA, PAGE_VIEW, GtkWidget)

GtkWidget *plaza_page_view_new (PlazaCapture *capture);

/* @page: one of the interview's pages; NULL shows nothing. */
void plaza_page_view_set_page (PlazaPageView *self, PlazaPage *page);
PlazaPage *plaza_page_view_get_page (PlazaPageView *self);

/* The screen is in the participant's hands. */
void plaza_page_view_set_self_completion (PlazaPageView *self, gboolean self_completion);

/* The fields of the page may have changed: show them. */
void plaza_page_view_sync (PlazaPageView *self);

/* Hands over whatever is half typed. */
void plaza_page_view_commit (PlazaPageView *self);

/* Focuses the question of @field, or with NULL the first that can be answered; FALSE for none. */
gboolean plaza_page_view_focus_field (PlazaPageView *self, PlazaField *field);

/* The field of the question that has the focus, or NULL. */
PlazaField *plaza_page_view_get_focus_field (PlazaPageView *self);

/* The first question that keeps the page from being left forwards, every problem now said; NULL
 * when all is well. */
PlazaQuestion *plaza_page_view_find_problem (PlazaPageView *self);

PlazaQuestion *plaza_page_view_find_question (PlazaPageView *self, PlazaField *field);

/* Unfolds or folds the long text of the page; FALSE when it has none. */
gboolean plaza_page_view_toggle_full_text (PlazaPageView *self);

G_END_DECLS

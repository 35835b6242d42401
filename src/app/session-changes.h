/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/session-answers.h"

G_BEGIN_DECLS

/** PlazaSessionNames: what people call the codes of a session; each may be NULL, not owned. */
typedef struct
{
  PlazaCatalogue *organisations;
  PlazaCatalogue *states;
  PlazaCatalogue *municipalities;
} PlazaSessionNames;

/**
 * plaza_session_changes_list: lists in @list, anew, what @answers change of a field session, what
 * it said and what it will say.
 *
 * Returns: whether anything changes.
 */
gboolean plaza_session_changes_list (GtkListBox *list,
                                     const PlazaSessionFields *before,
                                     const PlazaSessionAnswers *answers,
                                     const PlazaSessionNames *names);

G_END_DECLS

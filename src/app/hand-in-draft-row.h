/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "store/hand-in.h"

G_BEGIN_DECLS

/** PlazaHandInDraftActions: what a person may decide about an unfinished interview; each is called
 * with the target and the button, of which plaza_hand_in_draft_row_get_response() says the
 * interview. */
typedef struct
{
  GCallback resume;
  GCallback end_partial; /* not offered for a correction */
  GCallback discard;
} PlazaHandInDraftActions;

/** plaza_hand_in_draft_row_new: @draft with its folio, when it began, and a button for each of
 * @actions. @target: (type GObject): nothing is called once it is gone. (transfer floating) */
GtkWidget *plaza_hand_in_draft_row_new (const PlazaHandInDraft *draft,
                                        const PlazaHandInDraftActions *actions,
                                        gpointer target);

/** plaza_hand_in_draft_row_get_response: the response that @button decides about. (transfer none)
 */
const char *plaza_hand_in_draft_row_get_response (GtkWidget *button);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/join.h"

G_BEGIN_DECLS

/** Words of the join screen. */

/** plaza_join_words_for_error: why @join failed with @error, what is safe and what to do. (transfer
 * full) */
char *plaza_join_words_for_error (PlazaJoin *join, const GError *error);

/** plaza_join_words_for_invitation: whose it is: "Rufina, facilitator, Red de Mujeres". (transfer
 * full) */
char *plaza_join_words_for_invitation (PlazaCampaign *campaign, const PlazaInvitation *invitation);

/** plaza_join_words_for_organisations: who asks, as people call them. (transfer full) */
char **plaza_join_words_for_organisations (PlazaCampaign *campaign);

/** plaza_join_words_for_bad_link: why what was given is no invitation. (transfer none) */
const char *plaza_join_words_for_bad_link (void);

/** plaza_join_words_for_code_alone: that a good code came without its campaign. (transfer none) */
const char *plaza_join_words_for_code_alone (void);

G_END_DECLS

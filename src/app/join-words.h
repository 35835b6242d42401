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

G_END_DECLS

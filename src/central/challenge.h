/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "wire/token.h"

G_BEGIN_DECLS

/**
 * plaza_challenge_new: u64le ms since 1970 ‖ 16 random bytes ‖ BLAKE2b-256 of both under the
 * central's key, so that every instance of the central knows it again and none has to remember it.
 * Returns: (transfer full)
 */
GBytes *plaza_challenge_new (PlazaCentral *central);

/** plaza_challenge_check: whether this central made it, at most five minutes ago. */
gboolean plaza_challenge_check (PlazaCentral *central, GBytes *challenge);

G_END_DECLS

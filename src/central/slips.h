/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/invite.h"

G_BEGIN_DECLS

/** Slips on one A4 page. */
#define PLAZA_SLIPS_A_PAGE 3

/**
 * plaza_slips_draw: a PDF to print and cut, a slip for each of @invitees, who were invited: person,
 * organisation and role, the code in groups, the join link as QR code, the campaign's fingerprint,
 * until when it may be used, and what to do with it.
 * @language: of what is said, "es"
 */
GBytes *plaza_slips_draw (PlazaCampaign *campaign,
                          GPtrArray *invitees,
                          const char *language,
                          GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "sync/client.h"

G_BEGIN_DECLS

/**
 * plaza_client_new_for_profile: a client of the central of @profile's campaign with its token.
 * @profile is unlocked. Errors: PLAZA_ERROR_LOCKED, PLAZA_ERROR_REFUSED (not enrolled yet),
 * PLAZA_ERROR_INVALID. Returns: (transfer full)
 */
PlazaClient *plaza_client_new_for_profile (PlazaProfile *profile, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "wire/invitation.h"
#include "wire/result.h"

G_BEGIN_DECLS

/**
 * Joining without a connection: the profile works at once by its invitation, and its registration
 * waits as `registration.plzreg` in the profile's folder until the central has it: whoever posts it
 * or carries it there. Reading and settling need nothing unlocked. Any thread.
 */

#define PLAZA_PROFILE_REGISTRATION "registration.plzreg"

typedef enum
{
  PLAZA_REGISTERED,           /* nothing to do: the central knows the device */
  PLAZA_REGISTRATION_WAITING, /* not at the central yet, as far as this laptop knows */
  PLAZA_REGISTRATION_REFUSED, /* the central refused it: a new code is needed */
} PlazaRegistrationState;

/**
 * plaza_profile_accept_invitation: enrols the unlocked profile with a device UUID of its own, and
 * leaves the registration: durable when it returns. A profile that has joined keeps its device:
 * with another code it registers again, its new folios have the new invitation's batch.
 * @code: as the person typed it
 * Errors: PLAZA_ERROR_LOCKED, PLAZA_ERROR_EXISTS (the central knows the device),
 * PLAZA_ERROR_INVALID, PLAZA_ERROR_DISK.
 */
gboolean plaza_profile_accept_invitation (PlazaProfile *self,
                                          const PlazaInvitation *invitation,
                                          const char *code,
                                          GError **error);

/** plaza_profile_get_registration_state: @out_reason: (out) (nullable): why it was refused. */
PlazaRegistrationState plaza_profile_get_registration_state (PlazaProfile *self,
                                                             PlazaResult *out_reason);

/** plaza_profile_read_registration: what waits to be posted, checked. (transfer full) (nullable):
 * NULL without @error when nothing does. */
GBytes *plaza_profile_read_registration (PlazaProfile *self, GError **error);

/**
 * plaza_profile_settle_registration: what the central answered to it: PLAZA_RESULT_OK, or a refusal
 * of the code (PLAZA_RESULT_CODE_UNKNOWN, _CODE_USED, _CODE_EXPIRED, _CAMPAIGN, _CONFLICT), which
 * is kept to be told. Anything else changes nothing. Durable.
 */
gboolean plaza_profile_settle_registration (PlazaProfile *self, PlazaResult result, GError **error);

/** plaza_profile_set_token: a token that the device key brought; the profile is unlocked. Whoever
 * has a token is registered. Durable. */
gboolean plaza_profile_set_token (PlazaProfile *self, const char *token, GError **error);

G_END_DECLS

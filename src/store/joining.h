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
 * @invitation: NULL when there is none for @code and the profile has joined before: the batch is
 *   then known with the first token (plaza_profile_set_token()), and folios until then, in a batch
 *   that somebody else may have, come from its upper half
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
 * has a token is registered. Durable.
 * @batch: (nullable): of the folios from now on, as the central has it */
gboolean
plaza_profile_set_token (PlazaProfile *self, const char *token, const char *batch, GError **error);

/**
 * plaza_profile_note_revoked: what the central itself said over its pinned connection: that the
 * device was taken out of use; a package may say it later, or never come. A token that it gives
 * takes it back. A failure is only logged.
 */
void plaza_profile_note_revoked (PlazaProfile *self, gboolean revoked);

/** plaza_profile_is_revoked: as last noted; nothing needs to be unlocked. */
gboolean plaza_profile_is_revoked (PlazaProfile *self);

/** What other profiles on the laptop can tell without a key: the lookup of the code by which one
 * joined (wire/invitation.h), in hexadecimal. */
#define PLAZA_PROFILE_CODE "code"

/** plaza_profile_note_code: keeps the lookup of the code that the profile joined with. */
gboolean plaza_profile_note_code (PlazaProfile *self, const char *code, GError **error);

/**
 * plaza_joining_code_is_here: whether another profile of the campaign on this laptop joined with
 * @code: both would give out the same folios, and the central takes one of them.
 * @name: of the profile that may, because it joins again; others of that name too
 * Errors: PLAZA_ERROR_INVALID (the code is mistyped).
 */
gboolean plaza_joining_code_is_here (const char *data_root,
                                     const char *fingerprint,
                                     const char *code,
                                     const char *name,
                                     gboolean *out_here,
                                     GError **error);

G_END_DECLS

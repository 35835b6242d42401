/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "wire/enrol.h"
#include "wire/invitation.h"
#include "wire/registration.h"
#include "wire/result.h"

G_BEGIN_DECLS

/** Prefix of bearer tokens, for scanners that look for leaked secrets. */
#define PLAZA_TOKEN_PREFIX "ccd_"

/**
 * plaza_enrolment_new_code: makes a single-use join code for a person's device, and gives that
 * device its batch; inside a transaction. Only a keyed hash of the code is stored.
 * @organisation: id of one of the campaign's organisations, or ""
 * @role: facilitator, coordinator or administrator
 * @hours: how long it may be used
 * @invitation: (out) (nullable): what a laptop needs to join with the code without a connection
 * Returns: (transfer full): the code; wipe it with plaza_secret_wipe_string().
 */
char *plaza_enrolment_new_code (PlazaCentral *central,
                                PlazaStorage *storage,
                                PlazaCampaign *campaign,
                                const char *person,
                                const char *organisation,
                                const char *role,
                                guint hours,
                                PlazaInvitation *invitation,
                                GError **error);

/**
 * plaza_enrolment_join: trades a code for a device, its token and its batch; inside a transaction,
 * and it may be run again after a rollback. The same code with the same key gives the same device
 * and a new token until the first token was used, because the answer may have been lost on its way.
 * @result: (out): PLAZA_RESULT_OK, or PLAZA_RESULT_CODE_UNKNOWN, _CODE_USED, _CODE_EXPIRED,
 *   _CAMPAIGN, _CONFLICT (the key belongs to another device); FALSE only when the database failed
 */
gboolean plaza_enrolment_join (PlazaCentral *central,
                               PlazaStorage *storage,
                               const PlazaEnrolRequest *request,
                               PlazaEnrolment *out,
                               PlazaResult *result,
                               GError **error);

/**
 * plaza_enrolment_register: takes in a device that joined without a connection; inside a
 * transaction, and it may be run again. The same registration twice changes nothing. The device has
 * no token yet.
 * @registration: as plaza_registration_open() gave it
 * @fresh: (out): it was not known before
 * @result: (out): as plaza_enrolment_join(); PLAZA_RESULT_CONFLICT also when another device has its
 *   id
 */
gboolean plaza_enrolment_register (PlazaCentral *central,
                                   PlazaStorage *storage,
                                   const PlazaRegistration *registration,
                                   gboolean *fresh,
                                   PlazaResult *result,
                                   GError **error);

/**
 * plaza_enrolment_new_token: Returns: (transfer full): a token; wipe it with
 * plaza_secret_wipe_string().
 * @hash: (out): what is stored of it
 * @expires: (out): when it dies, ms since 1970
 */
char *plaza_enrolment_new_token (PlazaCentral *central, PlazaHash *hash, gint64 *expires);

/** plaza_enrolment_hash_token: what is stored of a token. */
void plaza_enrolment_hash_token (const char *token, PlazaHash *out);

/**
 * plaza_enrolment_batch_code: the code of batch @number: two characters while they last, then three
 * and four. Practice centrals have their own, which begin with Z.
 * Returns: (transfer full): or NULL with PLAZA_ERROR_LIMIT when all are given.
 */
char *plaza_enrolment_batch_code (guint64 number, gboolean practice, GError **error);

G_END_DECLS

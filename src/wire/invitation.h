/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/campaign.h"

G_BEGIN_DECLS

/** Most invitations in one list, and its largest file. */
#define PLAZA_INVITATIONS_MAX 20000u
#define PLAZA_INVITATIONS_MAX_BYTES (8u << 20)

/**
 * PlazaInvitation: what the central promised to whoever holds a join code, so that a laptop can
 * begin without asking it. The fields are PlazaEnrolment's.
 */
typedef struct
{
  char *person;       /* person id, 1 to 100 characters */
  char *organisation; /* id in the campaign; "" for none */
  char *role;         /* facilitator, coordinator or administrator */
  char *batch;        /* two to four characters: the folios of the device that joins with it */
  gint64 expires_ms;  /* since 1970: when the code stops being good */
} PlazaInvitation;

void plaza_invitation_clear (PlazaInvitation *invitation);

/**
 * PlazaInvitations: `invitations.plzinv`, the invitations of one campaign as they travel on a
 * stick. Without a code the list tells how many there are and nothing else. Immutable, reference
 * counted.
 *
 * Bytes: "PLZINV01" ‖ BLAKE2b-256 of the campaign key (32) ‖ key id of the central signing key (16)
 * ‖ u32le count ‖ count × {lookup (16) ‖ u16le length ‖ box} by rising lookup ‖ Ed25519 (64) of the
 * BLAKE2b-256 of all before.
 *
 * A root key is made of the normalised code with argon2id (1 pass over 8 MiB, salted with the
 * campaign), because one guess would else be tried against twenty thousand boxes at once. Of it
 * come the lookup (BLAKE2b-128) and the key of the box, XChaCha20-Poly1305 of the padded JSON
 * {"batch","expires","organisation","person","role"} with campaign hash ‖ lookup as additional
 * data.
 */
typedef struct _PlazaInvitations PlazaInvitations;

/**
 * plaza_invitations_parse: reads and verifies a list for @campaign.
 * Errors: PLAZA_ERROR_INVALID (not a whole list), PLAZA_ERROR_LIMIT, PLAZA_ERROR_NEWER,
 * PLAZA_ERROR_NOT_FOUND (a list of another campaign), PLAZA_ERROR_SIGNATURE (not signed by this
 * campaign's central).
 */
PlazaInvitations *plaza_invitations_parse (GBytes *bytes, PlazaCampaign *campaign, GError **error);

PlazaInvitations *plaza_invitations_ref (PlazaInvitations *invitations);
void plaza_invitations_unref (PlazaInvitations *invitations);

guint plaza_invitations_get_size (PlazaInvitations *invitations);

/**
 * plaza_invitations_open: the invitation of @code, as a person typed it. About 10 ms of one core.
 * @out: zero-initialised; clear it with plaza_invitation_clear()
 * Errors: PLAZA_ERROR_INVALID (the code is mistyped), PLAZA_ERROR_NOT_FOUND (no invitation has it),
 * PLAZA_ERROR_SIGNATURE. Whether it has expired is for the caller to say.
 */
gboolean plaza_invitations_open (PlazaInvitations *invitations,
                                 const char *code,
                                 PlazaInvitation *out,
                                 GError **error);

/**
 * plaza_invitation_lookup: where a list of the campaign has @code, which tells nothing of the code:
 * 32 hexadecimal digits. About 10 ms of one core. (transfer full)
 * Errors: PLAZA_ERROR_INVALID (the code is mistyped).
 */
char *plaza_invitation_lookup (const char *fingerprint, const char *code, GError **error);

/**
 * PlazaInvitationsBuilder: makes a list where the codes are known: as they are created. Codes made
 * later join the list through plaza_invitations_builder_add_list() of the file that is there.
 */
typedef struct _PlazaInvitationsBuilder PlazaInvitationsBuilder;

PlazaInvitationsBuilder *plaza_invitations_builder_new (PlazaCampaign *campaign);
void plaza_invitations_builder_free (PlazaInvitationsBuilder *builder);

/**
 * plaza_invitations_builder_add: @invitation for whoever has @code; about 10 ms of one core.
 * Errors: PLAZA_ERROR_INVALID (a field or the code), PLAZA_ERROR_EXISTS (the code is in the list),
 * PLAZA_ERROR_LIMIT (the list is full).
 */
gboolean plaza_invitations_builder_add (PlazaInvitationsBuilder *builder,
                                        const char *code,
                                        const PlazaInvitation *invitation,
                                        GError **error);

/** plaza_invitations_builder_add_list: all of @older, sealed as they are; PLAZA_ERROR_LIMIT. */
gboolean plaza_invitations_builder_add_list (PlazaInvitationsBuilder *builder,
                                             PlazaInvitations *older,
                                             GError **error);

/** plaza_invitations_builder_sign: the file; @central_secret is a signing key of the campaign. */
GBytes *plaza_invitations_builder_sign (PlazaInvitationsBuilder *builder,
                                        const PlazaSecret *central_secret,
                                        GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaInvitation, plaza_invitation_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaInvitations, plaza_invitations_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaInvitationsBuilder, plaza_invitations_builder_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "wire/joinlink.h"

G_BEGIN_DECLS

/** Most people of one list. */
#define PLAZA_INVITE_MAX 5000u

/* Somebody who shall join, and, once invited, with what. */
typedef struct
{
  char *person;
  char *organisation; /* id, "" for none */
  char *role;
  PlazaJoinLink *link; /* NULL until invited */
  gint64 expires;      /* ms since 1970 */
} PlazaInvitee;

PlazaInvitee *plaza_invitee_new (const char *person, const char *organisation, const char *role);
void plaza_invitee_free (PlazaInvitee *invitee);

/**
 * plaza_invitees_parse: a list as CSV with the columns person (or persona), organisation
 * (organizacion), role (rol); the last two may be missing, their cells empty: no organisation,
 * facilitator. Every row is checked, so that all are invited or nobody.
 * Returns: (transfer full) (element-type PlazaInvitee): or NULL with PLAZA_ERROR_INVALID or
 * PLAZA_ERROR_NOT_FOUND (an organisation), whose message names the line, or PLAZA_ERROR_LIMIT.
 */
GPtrArray *plaza_invitees_parse (GBytes *csv, PlazaCampaign *campaign, GError **error);

/** plaza_invitee_is_name: one line of text, without blanks around it, control characters or
 * marks that turn the direction of the text. */
gboolean plaza_invitee_is_name (const char *name);

/**
 * plaza_invite: makes a single-use code for each of @invitees, all in one transaction or none, and
 * then puts them into the campaign's list of invitations, about 10 ms each.
 * @hours: how long the codes may be used
 */
gboolean plaza_invite (PlazaCentral *central,
                       PlazaCampaign *campaign,
                       GPtrArray *invitees,
                       guint hours,
                       GError **error);

/** plaza_invitations_file: (transfer full): the campaign's list as it travels on a stick. */
GBytes *plaza_invitations_file (PlazaCentral *central, PlazaCampaign *campaign, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaInvitee, plaza_invitee_free)

G_END_DECLS

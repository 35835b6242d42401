/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/campaign.h"

G_BEGIN_DECLS

/** The data root: campaigns/<fingerprint>.plzcmp and profiles/<id>/. */

/** plaza_data_root: $PLAZA_DATA_DIR, else $XDG_DATA_HOME/plaza. (transfer full) */
char *plaza_data_root (void);

/** PlazaCampaignTaken: what became of a package that was brought. */
typedef enum
{
  PLAZA_CAMPAIGN_TAKEN,   /* it is the laptop's now: plaza_profile_refresh_campaign() */
  PLAZA_CAMPAIGN_SAME,    /* the very bytes that are there */
  PLAZA_CAMPAIGN_OLDER,   /* of the same serial or an older one: what is there stays */
  PLAZA_CAMPAIGN_FOREIGN, /* of a campaign that nobody on this laptop has joined */
} PlazaCampaignTaken;

/**
 * plaza_campaign_take: a package that the network or a stick brought. It replaces the laptop's when
 * it is signed by the campaign's key and its serial is newer; durable when this returns. Any
 * thread.
 * @fingerprint: (nullable): the campaign it must be of; NULL: any that this laptop has
 * Errors: plaza_campaign_parse()'s, PLAZA_ERROR_DISK.
 */
gboolean plaza_campaign_take (const char *data_root,
                              const char *fingerprint,
                              GBytes *package,
                              PlazaCampaignTaken *out,
                              GError **error);

/**
 * plaza_data_save_campaign: keeps a verified package, by which somebody joins, as
 * campaigns/<fingerprint>.plzcmp unless a newer one is there. The one that it replaces stays as
 * campaigns/<fingerprint>.plzcmp.previous, and as <fingerprint>-<hash>.plzcmp when it has
 * questionnaires that the new one has not, for what was begun on them.
 */
gboolean plaza_data_save_campaign (const char *data_root, PlazaCampaign *campaign, GError **error);

/** plaza_data_load_campaign: verified again. (transfer full) PLAZA_ERROR_NOT_FOUND. */
PlazaCampaign *
plaza_data_load_campaign (const char *data_root, const char *fingerprint, GError **error);

/** plaza_data_find_campaign: as plaza_data_load_campaign(). @out_damaged: (out) (nullable): TRUE
 * when it comes from the copy of the package before, because the package itself is damaged or gone:
 * fetch it again. */
PlazaCampaign *plaza_data_find_campaign (const char *data_root,
                                         const char *fingerprint,
                                         gboolean *out_damaged,
                                         GError **error);

/** plaza_data_list_earlier: the campaign's earlier packages that verify. (transfer full)
 * (element-type PlazaCampaign) */
GPtrArray *plaza_data_list_earlier (const char *data_root, const char *fingerprint);

G_END_DECLS

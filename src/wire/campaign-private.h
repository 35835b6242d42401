/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/json.h"
#include "wire/campaign.h"

G_BEGIN_DECLS

/* What reading, looking into and building campaign packages share. */

#define PLAZA_CAMPAIGN_MAGIC "PLZCMP01"
#define PLAZA_CAMPAIGN_MAGIC_STEM 6
#define PLAZA_CAMPAIGN_MAGIC_SIZE 8
/** Magic, campaign key, length of the manifest. */
#define PLAZA_CAMPAIGN_HEAD_SIZE (PLAZA_CAMPAIGN_MAGIC_SIZE + 32 + 4)

/** plaza_campaign_name_is_safe: whether @name may name a file of a package. */
gboolean plaza_campaign_name_is_safe (const char *name);

/* Where a file stands in the package. */
typedef struct
{
  gsize begin;
  gsize length;
} PlazaCampaignPlace;

/* The public fields first, so that one pointer is both. */
typedef struct
{
  PlazaCampaign public;
  GBytes *package;
  GHashTable *places; /* (element-type utf8 PlazaCampaignPlace) */
  GPtrArray *names;   /* (element-type utf8) */
} PlazaCampaignPackage;

/**
 * plaza_campaign_read_manifest: fills @self from @manifest; its files stand from @begin to @end of
 * the package, which @signer signed.
 */
gboolean plaza_campaign_read_manifest (PlazaCampaignPackage *self,
                                       JsonObject *manifest,
                                       const PlazaPublicKey *signer,
                                       gsize begin,
                                       gsize end,
                                       GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "sync/client.h"

G_BEGIN_DECLS

/**
 * PlazaCampaignWatch: keeps the unlocked profile's campaign as new as the central has it: asks
 * every PLAZA_CAMPAIGN_WATCH_HOURS, when the network comes back after as long, and when told. A
 * newer package is verified, kept (plaza_campaign_take()) and used at once
 * (PlazaStore::campaign-changed). Without a connection it stays quiet: the next time will do. A
 * package that a stick brought needs nobody to ask: see plaza_profile_refresh_campaign().
 */
#define PLAZA_TYPE_CAMPAIGN_WATCH (plaza_campaign_watch_get_type ())
G_DECLARE_FINAL_TYPE (PlazaCampaignWatch, plaza_campaign_watch, PLAZA, CAMPAIGN_WATCH, GObject)

#define PLAZA_CAMPAIGN_WATCH_HOURS 4

/** plaza_campaign_watch_new: @profile is unlocked; once it is locked nothing is asked any more. */
PlazaCampaignWatch *plaza_campaign_watch_new (PlazaProfile *profile);

/** plaza_campaign_watch_set_client: asks over the connections of @client, which are open already,
 * rather than over new ones. */
void plaza_campaign_watch_set_client (PlazaCampaignWatch *self, PlazaClient *client);

/** plaza_campaign_watch_is_due: whether the central was last asked PLAZA_CAMPAIGN_WATCH_HOURS ago
 * or longer, by any profile of this laptop. */
gboolean plaza_campaign_watch_is_due (PlazaCampaignWatch *self);

/** plaza_campaign_watch_start: until it is stopped. */
void plaza_campaign_watch_start (PlazaCampaignWatch *self);

/** plaza_campaign_watch_stop: what is on its way is given up; what came of it goes on the next
 * time.
 */
void plaza_campaign_watch_stop (PlazaCampaignWatch *self);

/** plaza_campaign_watch_now: asks at once, unless it is asking. */
void plaza_campaign_watch_now (PlazaCampaignWatch *self);

/**
 * plaza_campaign_watch_check_async: asks once. @out_newer: (out) (nullable): a newer package is in
 * use now. Besides PlazaClient's errors those of plaza_campaign_take().
 */
void plaza_campaign_watch_check_async (PlazaCampaignWatch *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean plaza_campaign_watch_check_finish (PlazaCampaignWatch *self,
                                            GAsyncResult *result,
                                            gboolean *out_newer,
                                            GError **error);

G_END_DECLS

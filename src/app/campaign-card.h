/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "sync/delivery.h"

G_BEGIN_DECLS

/**
 * PlazaCampaignCard: what is asked here and until when, and what a person must know about this
 * laptop in the campaign: that a newer version arrived, that asking is over, that the device was
 * taken out of use or its code refused, and what to do then. It keeps itself up to date.
 */
#define PLAZA_TYPE_CAMPAIGN_CARD (plaza_campaign_card_get_type ())
G_DECLARE_FINAL_TYPE (PlazaCampaignCard, plaza_campaign_card, PLAZA, CAMPAIGN_CARD, AdwBin)

/* Shows the campaign of @store; once, right after construction. */
void
plaza_campaign_card_set_store (PlazaCampaignCard *self, PlazaStore *store, PlazaDelivery *delivery);

/* Looks again: Home has come on screen. */
void plaza_campaign_card_refresh (PlazaCampaignCard *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-central.h"
#include "store/store.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/** DeliveryCase: a central and a laptop with one unlocked profile. */
typedef struct
{
  FakeCentral *central;
  char *root;
  PlazaProfile *profile;
} DeliveryCase;

void delivery_case_set_up (DeliveryCase *fixture, gconstpointer data);
void delivery_case_tear_down (DeliveryCase *fixture, gconstpointer data);

/** delivery_case_round: one round, as a command asks for it. */
gboolean delivery_case_round (PlazaDelivery *delivery, GError **error);
/** delivery_case_stop: until it has stopped. */
void delivery_case_stop (PlazaDelivery *delivery);

PlazaCounts delivery_case_counts (PlazaProfile *profile);

/** delivery_case_assert_arrived: every finished response is at the central, byte by byte, once, and
 * the laptop knows it. */
void delivery_case_assert_arrived (FakeCentral *central, PlazaProfile *profile, guint n);

G_END_DECLS

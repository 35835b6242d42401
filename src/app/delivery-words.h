/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/* How delivery is told to people: calmly, with what is safe. (transfer full) */

/* One line for Home: "14 waiting · last delivered 12:40", "Offline · 14 kept safely". */
char *plaza_delivery_words_line (PlazaStore *store, PlazaDelivery *delivery);

/* "14 responses waiting"; NULL when nothing waits. */
char *plaza_delivery_words_waiting (const PlazaCounts *counts);

/* What happens now, and what to do if something is in the way; "" for nothing to say. */
const char *plaza_delivery_words_problem (PlazaDeliveryProblem problem);

/* "About 3 minutes left, 12 kB a second"; "" while nothing is known. (transfer full) */
char *plaza_delivery_words_speed (PlazaDelivery *delivery);

/* Why the central, or the delivery, did not take a response, by its stable code. */
const char *plaza_delivery_words_refusal (const char *code);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "sync/delivery.h"

G_BEGIN_DECLS

/* How delivery is told to people: calmly, with what is safe. (transfer full) */

/* One line for Home: "14 waiting · last delivered 12:40", "Offline · 14 kept safely". */
char *plaza_delivery_words_line (PlazaStore *store, PlazaDelivery *delivery);

/* The same, of what is known already. */
char *plaza_delivery_words_counts (const PlazaCounts *counts, PlazaDeliveryProblem problem);

/* "14 responses waiting"; NULL when nothing waits. */
char *plaza_delivery_words_waiting (const PlazaCounts *counts);

/* What happens now, and what to do if something is in the way; "" for nothing to say. */
const char *plaza_delivery_words_problem (PlazaDeliveryProblem problem);

/* "82 kB to go · about 3 minutes left · 4 kB a second", as far as it is known: bytes; seconds, 0
 * for unknown; bytes a second. "" when nothing is to go. (transfer full) */
char *plaza_delivery_words_to_go (guint64 bytes, guint seconds, double rate);

/* Why the central, or the delivery, did not take a response, by its stable code. */
const char *plaza_delivery_words_refusal (const char *code);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/**
 * What a damaged store holds and cannot open. Nothing of it is thrown away or counted as empty: a
 * value that is to be written anew is set aside first, byte for byte, in the database, and goes
 * along with every copy; everything else stays where it is. Whoever works with the profile is told,
 * and handing in the laptop asks (store/hand-in.h).
 */
typedef struct
{
  guint pools;     /* contact pools, of an unknown number of contacts each */
  guint values;    /* other facts of the profile, as the list of what was discarded */
  guint sessions;  /* field sessions */
  guint responses; /* their line in the lists, with the folio; their answers are counted below */
  guint drafts;    /* interviews under way of which something is missing, or everything */
  guint entries;   /* facts that wait, or were set aside when they should have been packed */
  guint envelopes; /* waiting ones that neither their file nor the store has whole */
  guint replicas;  /* revisions read from the central, which can be read again */
} PlazaUnreadable;

/** plaza_unreadable_total: all of them, without what can be read again. */
guint plaza_unreadable_total (const PlazaUnreadable *self);

/** plaza_unreadable_look: opens everything that is sealed; nothing changes. It took 0.11 s with
 * 10,000 responses that wait, 0.02 s when as many are in envelopes (tests/bench/save.c, list). */
gboolean plaza_unreadable_look (PlazaStore *store, PlazaUnreadable *out, GError **error);
void
plaza_unreadable_look_async (PlazaStore *store, GAsyncReadyCallback callback, gpointer user_data);
gboolean plaza_unreadable_look_finish (GAsyncResult *result, PlazaUnreadable *out, GError **error);

G_END_DECLS

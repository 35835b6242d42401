/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/csv-writer.h"
#include "wire/entry.h"

G_BEGIN_DECLS

/**
 * PlazaTally: what was done in each field session, counted as people count it on paper, and which
 * numbers of each device's entries came.
 */
typedef struct _PlazaTally PlazaTally;

PlazaTally *plaza_tally_new (void);
void plaza_tally_free (PlazaTally *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaTally, plaza_tally_free)

/**
 * plaza_tally_add: one more of @what in @session: an outcome, "void", "withdrawal-asked"; and
 * beside its outcome "late".
 */
void plaza_tally_add (PlazaTally *self, const char *session, const char *what);

/** plaza_tally_note_withdrawn, _is_withdrawn: a response that left a tombstone. */
void plaza_tally_note_withdrawn (PlazaTally *self, const char *response);
gboolean plaza_tally_is_withdrawn (PlazaTally *self, const char *response);

/** plaza_tally_set_session: what is known of a session; the highest revision holds. */
void plaza_tally_set_session (PlazaTally *self, const PlazaSessionState *state);

/**
 * plaza_tally_write: one row a session and outcome into @outcomes, one row a session into
 * @sessions, ordered by session. Sessions that never arrived are there with their counts alone.
 */
gboolean plaza_tally_write (PlazaTally *self,
                            PlazaCsvWriter *outcomes,
                            PlazaCsvWriter *sessions,
                            guint64 *n_sessions,
                            GError **error);

/** plaza_tally_add_sequence: in ascending order for each device. */
void plaza_tally_add_sequence (PlazaTally *self, const char *device, guint64 sequence);

/**
 * plaza_tally_missing: the numbers up to the last that did not come: "3 7-9", "" for none.
 * @last: (out): the last that came. Returns: (transfer full).
 */
char *plaza_tally_missing (PlazaTally *self, const char *device, guint64 *last);

G_END_DECLS

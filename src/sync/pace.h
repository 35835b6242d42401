/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "wire/envelope.h"
#include "wire/piece.h"

G_BEGIN_DECLS

/* A link that lives for a few seconds at a time, at 1 kB/s, carries so much between a handshake and
 * the next cut; with 4 kB it never ended. */
#define PLAZA_PACE_MIN_PIECE 1024u
#define PLAZA_PACE_FIRST_PIECE (16u * 1024)
#define PLAZA_PACE_MAX_PIECE PLAZA_PIECE_MAX_BYTES
#define PLAZA_PACE_FIRST_ENTRIES 50u
#define PLAZA_PACE_MAX_ENTRIES PLAZA_ENVELOPE_MAX_ENTRIES
/* So long a look back for the rate. */
#define PLAZA_PACE_WINDOW_SECONDS 10u

/**
 * PlazaPace: what a delivery has learned of its link: how large a piece may be so that it takes
 * between four and eight seconds (or as plaza_pace_set_seconds() says), how many entries an
 * envelope may hold so that the link is busy with it for about as long, and how many bytes a second
 * were acknowledged lately. What is cut then costs a few seconds at most on a bad link, and a good
 * one carries thousands of entries at once.
 *
 * Times are g_get_monotonic_time().
 */
typedef struct
{
  gsize piece;
  double low; /* seconds that a piece takes at least, where it may grow */
  double high;
  guint entries;
  double entry_bytes; /* of one entry, packed; learned */

  guint64 sent; /* acknowledged since the beginning */
  struct
  {
    gint64 at_us;
    guint64 sent;
  } marks[PLAZA_PACE_WINDOW_SECONDS * 2 + 2];
  guint n_marks;
  gint64 begun_us; /* of the present run of sending; 0 while nothing is sent */
} PlazaPace;

void plaza_pace_init (PlazaPace *self);

/** plaza_pace_set_seconds: how long a piece shall take: what may be lost by a cut, against a round
 * trip for each piece unless the next one is on its way meanwhile. */
void plaza_pace_set_seconds (PlazaPace *self, double low, double high);

/** plaza_pace_is_small: whether @bytes go by one request rather than in pieces. */
gboolean plaza_pace_is_small (const PlazaPace *self, gsize bytes);

/** plaza_pace_passed: @bytes of one request were taken in @took_us. */
void plaza_pace_passed (PlazaPace *self, gsize bytes, gint64 took_us);
/** plaza_pace_cut: the connection broke, or stalled, under a request. */
void plaza_pace_cut (PlazaPace *self);

/** plaza_pace_packed: @entries made @bytes. */
void plaza_pace_packed (PlazaPace *self, guint entries, guint64 bytes);
/** plaza_pace_delivered: an envelope of @bytes took @took_us, while @others were on their way. */
void plaza_pace_delivered (PlazaPace *self, gsize bytes, gint64 took_us, guint others);

/** plaza_pace_add: @bytes more were acknowledged by now. */
void plaza_pace_add (PlazaPace *self, guint64 bytes, gint64 now_us);
/** plaza_pace_rest: nothing is being sent from now on: the time is not counted. */
void plaza_pace_rest (PlazaPace *self);
/** plaza_pace_rate: bytes a second in the window before @now_us; 0 while unknown. */
double plaza_pace_rate (const PlazaPace *self, gint64 now_us);

G_END_DECLS

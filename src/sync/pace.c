/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/pace.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT (1000000)
#define LOW_SECONDS 4.0
#define HIGH_SECONDS 8.0
/* A piece that passed in such a part of the least says that the link is quite another one than was
 * thought. */
#define WINK (1.0 / 8)
#define GROWTH 8
/* What the link should be busy with one envelope. */
#define TARGET_SECONDS 6.0
/* A response of the questionnaires that there are, compressed and sealed. */
#define FIRST_ENTRY_BYTES 500.0
#define MARK_US (SECOND / 2)

void
plaza_pace_init (PlazaPace *self)
{
  memset (self, 0, sizeof *self);
  self->piece = PLAZA_PACE_FIRST_PIECE;
  plaza_pace_set_seconds (self, LOW_SECONDS, HIGH_SECONDS);
  self->entries = PLAZA_PACE_FIRST_ENTRIES;
  self->entry_bytes = FIRST_ENTRY_BYTES;
}

void
plaza_pace_set_seconds (PlazaPace *self, double low, double high)
{
  self->low = low;
  self->high = high;
}

gboolean
plaza_pace_is_small (const PlazaPace *self, gsize bytes)
{
  return bytes <= 2 * self->piece;
}

void
plaza_pace_passed (PlazaPace *self, gsize bytes, gint64 took_us)
{
  double seconds = (double) took_us / SECOND;

  if (seconds > self->high)
    self->piece = MAX (self->piece / 2, PLAZA_PACE_MIN_PIECE);
  /* What is much smaller than a piece says nothing about pieces. */
  else if (seconds < self->low && bytes >= self->piece / 2)
    self->piece =
        MIN (self->piece * (seconds < self->low * WINK ? GROWTH : 2), PLAZA_PACE_MAX_PIECE);
}

void
plaza_pace_cut (PlazaPace *self)
{
  self->piece = MAX (self->piece / 2, PLAZA_PACE_MIN_PIECE);
  self->entries = MAX (self->entries / 2, 1);
}

void
plaza_pace_packed (PlazaPace *self, guint entries, guint64 bytes)
{
  if (entries > 0)
    self->entry_bytes = MAX ((double) bytes / entries, 1);
}

void
plaza_pace_delivered (PlazaPace *self, gsize bytes, gint64 took_us, guint others)
{
  double rate = (double) bytes * (others + 1) / ((double) MAX (took_us, 1000) / SECOND);
  double fits = rate * TARGET_SECONDS / self->entry_bytes;
  double most = (double) self->entries * GROWTH;

  self->entries = (guint) CLAMP (MIN (fits, most), 1, PLAZA_PACE_MAX_ENTRIES);
}

static void
mark (PlazaPace *self, gint64 now_us)
{
  if (self->n_marks == G_N_ELEMENTS (self->marks))
    {
      memmove (self->marks, self->marks + 1, (self->n_marks - 1) * sizeof *self->marks);
      self->n_marks--;
    }
  self->marks[self->n_marks].at_us = now_us;
  self->marks[self->n_marks].sent = self->sent;
  self->n_marks++;
}

void
plaza_pace_add (PlazaPace *self, guint64 bytes, gint64 now_us)
{
  if (self->begun_us == 0)
    {
      self->begun_us = now_us;
      self->n_marks = 0;
      mark (self, now_us);
    }
  self->sent += bytes;
  if (now_us - self->marks[self->n_marks - 1].at_us >= MARK_US)
    mark (self, now_us);
}

void
plaza_pace_rest (PlazaPace *self)
{
  self->begun_us = 0;
}

double
plaza_pace_rate (const PlazaPace *self, gint64 now_us)
{
  const gint64 window = PLAZA_PACE_WINDOW_SECONDS * SECOND;
  guint i = 0;

  if (self->begun_us == 0 || self->n_marks == 0)
    return 0;
  while (i + 1 < self->n_marks && now_us - self->marks[i].at_us > window)
    i++;
  gint64 passed = now_us - self->marks[i].at_us;
  /* A moment says nothing yet. */
  if (passed < SECOND)
    return 0;
  return (double) (self->sent - self->marks[i].sent) / ((double) passed / SECOND);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/limiter.h"

#define MAX_SOURCES 65536

struct _PlazaLimiter
{
  GMutex lock;
  GHashTable *paid_until; /* source → gint64*: when everything held against it has passed */
  gint64 price;           /* µs one failure costs */
  gint64 credit;          /* µs that may be owed before one has to wait */
};

PlazaLimiter *
plaza_limiter_new (guint allowance, guint seconds)
{
  PlazaLimiter *self = g_new0 (PlazaLimiter, 1);

  g_mutex_init (&self->lock);
  self->paid_until = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->price = (gint64) seconds * G_USEC_PER_SEC / MAX (allowance, 1);
  self->credit = self->price * (MAX (allowance, 1) - 1);
  return self;
}

void
plaza_limiter_free (PlazaLimiter *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->paid_until);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
plaza_limiter_get_wait (PlazaLimiter *self, const char *source, gint64 now)
{
  gint64 *until;
  gint64 wait = 0;

  g_mutex_lock (&self->lock);
  until = g_hash_table_lookup (self->paid_until, source);
  if (until != NULL)
    wait = *until - now - self->credit;
  g_mutex_unlock (&self->lock);
  return wait <= 0 ? 0 : (guint) ((wait + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

/* Forgets who owes nothing; when everybody owes something, everybody. A flood from that many
 * addresses is for the network to stop. */
static void
forget (PlazaLimiter *self, gint64 now)
{
  GHashTableIter iter;
  gpointer until;

  g_hash_table_iter_init (&iter, self->paid_until);
  while (g_hash_table_iter_next (&iter, NULL, &until))
    if (*(gint64 *) until <= now)
      g_hash_table_iter_remove (&iter);
  if (g_hash_table_size (self->paid_until) >= MAX_SOURCES)
    g_hash_table_remove_all (self->paid_until);
}

void
plaza_limiter_charge (PlazaLimiter *self, const char *source, gint64 now)
{
  gint64 *until;

  g_mutex_lock (&self->lock);
  until = g_hash_table_lookup (self->paid_until, source);
  if (until == NULL)
    {
      if (g_hash_table_size (self->paid_until) >= MAX_SOURCES)
        forget (self, now);
      until = g_new (gint64, 1);
      *until = now;
      g_hash_table_insert (self->paid_until, g_strdup (source), until);
    }
  *until = MAX (*until, now) + self->price;
  g_mutex_unlock (&self->lock);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "central/challenge.h"

#define PURPOSE "PLZCHL01"
#define PURPOSE_SIZE 8
#define BODY_SIZE (PLAZA_CHALLENGE_SIZE - PLAZA_HASH_SIZE)
#define LIFETIME_MS (5 * 60 * 1000)
/* Clocks of instances that share a central may differ by so much. */
#define SKEW_MS (60 * 1000)

static void
hash_body (PlazaCentral *central, const guint8 *body, PlazaHash *out)
{
  guint8 bytes[PURPOSE_SIZE + BODY_SIZE];

  memcpy (bytes, PURPOSE, PURPOSE_SIZE);
  memcpy (bytes + PURPOSE_SIZE, body, BODY_SIZE);
  plaza_hash_keyed (central->codes, bytes, sizeof bytes, out);
}

GBytes *
plaza_challenge_new (PlazaCentral *central)
{
  guint8 bytes[PLAZA_CHALLENGE_SIZE];
  guint64 now = GUINT64_TO_LE ((guint64) plaza_clock_now_ms ());
  PlazaHash hash;

  memcpy (bytes, &now, sizeof now);
  plaza_random_fill (bytes + sizeof now, BODY_SIZE - sizeof now);
  hash_body (central, bytes, &hash);
  memcpy (bytes + BODY_SIZE, hash.bytes, sizeof hash.bytes);
  return g_bytes_new (bytes, sizeof bytes);
}

gboolean
plaza_challenge_check (PlazaCentral *central, GBytes *challenge)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (challenge, &length);
  gint64 now = plaza_clock_now_ms ();
  PlazaHash right, given;
  guint64 made;

  if (length != PLAZA_CHALLENGE_SIZE)
    return FALSE;
  memcpy (given.bytes, bytes + BODY_SIZE, sizeof given.bytes);
  hash_body (central, bytes, &right);
  if (!plaza_hash_equal (&right, &given))
    return FALSE;
  memcpy (&made, bytes, sizeof made);
  made = GUINT64_FROM_LE (made);
  return (gint64) made > now - LIFETIME_MS && (gint64) made < now + SKEW_MS;
}

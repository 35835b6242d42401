/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pace.h"

#define SECOND G_GINT64_CONSTANT (1000000)

/* A piece takes four to eight seconds, whatever the link. */
static void
test_pieces (void)
{
  const guint rates[] = { 200, 1000, 5000, 48000, 1000000 };

  for (gsize i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      PlazaPace pace;

      plaza_pace_init (&pace);
      g_assert_cmpuint (pace.piece, ==, 16 * 1024);
      for (int n = 0; n < 20; n++)
        plaza_pace_passed (&pace, pace.piece, (gint64) pace.piece * SECOND / rates[i]);
      double seconds = (double) pace.piece / rates[i];
      g_test_message ("%u B/s: %zu bytes, %.1f s", rates[i], pace.piece, seconds);
      g_assert_true (seconds >= 4 || pace.piece == PLAZA_PACE_MAX_PIECE);
      g_assert_true (seconds <= 8 || pace.piece == PLAZA_PACE_MIN_PIECE);
    }
}

static void
test_cuts (void)
{
  PlazaPace pace;

  plaza_pace_init (&pace);
  for (int n = 0; n < 20; n++)
    plaza_pace_cut (&pace);
  g_assert_cmpuint (pace.piece, ==, PLAZA_PACE_MIN_PIECE);
  g_assert_cmpuint (pace.entries, ==, 1);
  g_assert_true (plaza_pace_is_small (&pace, PLAZA_PACE_MIN_PIECE));
  /* Not even ten responses go by one request any more. */
  g_assert_false (plaza_pace_is_small (&pace, 4000));

  /* What is small says nothing about pieces. */
  plaza_pace_init (&pace);
  plaza_pace_passed (&pace, 500, SECOND / 100);
  g_assert_cmpuint (pace.piece, ==, PLAZA_PACE_FIRST_PIECE);
}

/* An envelope keeps the link busy for about six seconds. */
static void
test_entries (void)
{
  PlazaPace pace;

  plaza_pace_init (&pace);
  g_assert_cmpuint (pace.entries, ==, PLAZA_PACE_FIRST_ENTRIES);
  plaza_pace_packed (&pace, 50, 50 * 500);
  plaza_pace_delivered (&pace, 25000, 5 * SECOND, 0);
  g_assert_cmpuint (pace.entries, ==, 60);
  /* Two shared the link. */
  plaza_pace_delivered (&pace, 25000, 10 * SECOND, 1);
  g_assert_cmpuint (pace.entries, ==, 60);
  /* A dying one takes a response at a time. */
  plaza_pace_delivered (&pace, 500, 60 * SECOND, 0);
  g_assert_cmpuint (pace.entries, ==, 1);
  /* A good one thousands, soon. */
  for (int n = 0; n < 4; n++)
    plaza_pace_delivered (&pace, pace.entries * 500, SECOND / 50, 0);
  g_assert_cmpuint (pace.entries, ==, PLAZA_PACE_MAX_ENTRIES);
}

static void
test_rate (void)
{
  PlazaPace pace;
  gint64 now = 77 * SECOND;

  plaza_pace_init (&pace);
  g_assert_cmpfloat (plaza_pace_rate (&pace, now), ==, 0);
  for (int n = 0; n < 200; n++, now += SECOND / 10)
    plaza_pace_add (&pace, 400, now);
  g_assert_cmpfloat_with_epsilon (plaza_pace_rate (&pace, now), 4000, 200);
  /* It forgets what was before the last ten seconds. */
  for (int n = 0; n < 110; n++, now += SECOND / 10)
    plaza_pace_add (&pace, 100, now);
  g_assert_cmpfloat_with_epsilon (plaza_pace_rate (&pace, now), 1000, 100);
  for (int n = 0; n < 30; n++, now += SECOND)
    plaza_pace_add (&pace, 0, now);
  g_assert_cmpfloat (plaza_pace_rate (&pace, now), ==, 0);
  /* A rest is not slowness. */
  plaza_pace_rest (&pace);
  now += 1000 * SECOND;
  for (int n = 0; n < 50; n++, now += SECOND / 10)
    plaza_pace_add (&pace, 400, now);
  g_assert_cmpfloat_with_epsilon (plaza_pace_rate (&pace, now), 4000, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pace/pieces", test_pieces);
  g_test_add_func ("/pace/cuts", test_cuts);
  g_test_add_func ("/pace/entries", test_entries);
  g_test_add_func ("/pace/rate", test_rate);
  return g_test_run ();
}

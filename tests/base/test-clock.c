/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

static void
test_override (void)
{
  gint64 real = g_get_real_time () / 1000;
  gint64 before = plaza_clock_monotonic_ms ();

  g_assert_cmpint (ABS (plaza_clock_now_ms () - real), <, 5000);
  plaza_clock_set_shift (3600 * 1000);
  g_assert_cmpint (ABS (plaza_clock_now_ms () - real - 3600 * 1000), <, 5000);
  g_assert_cmpint (plaza_clock_monotonic_ms (), >=, before + 3600 * 1000);
  plaza_clock_freeze (1559700309123);
  g_assert_cmpint (plaza_clock_now_ms (), ==, 1559700309123);
  plaza_clock_freeze (-1);
  plaza_clock_set_shift (0);
  g_assert_cmpint (ABS (plaza_clock_now_ms () - real), <, 5000);
}

static void
test_environment (void)
{
  if (g_test_subprocess ())
    {
      g_autofree char *date = plaza_clock_format_utc (plaza_clock_now_ms ());

      g_assert_true (g_str_has_prefix (date, "2019-06-04T"));
      return;
    }
  g_setenv ("PLAZA_TEST_CLOCK", "2019-06-04T10:00:00-05:00", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_unsetenv ("PLAZA_TEST_CLOCK");
}

static void
test_format (void)
{
  g_autofree char *utc = plaza_clock_format_utc (1559700309123);
  g_autofree char *epoch = plaza_clock_format_utc (-1);
  g_autofree char *local = plaza_clock_format (1559700309123);
  g_autofree char *date = plaza_clock_date (1559700309123);
  gint64 ms;
  int offset;

  /* Mexico City, in summer time of 2019, when UTC was a day ahead. */
  g_assert_cmpstr (utc, ==, "2019-06-05T02:05:09.123Z");
  g_assert_cmpstr (epoch, ==, "1969-12-31T23:59:59.999Z");
  g_assert_cmpstr (local, ==, "2019-06-04T21:05:09.123-05:00");
  g_assert_cmpstr (date, ==, "2019-06-04");
  g_assert_true (plaza_clock_parse (local, &ms, &offset, NULL));
  g_assert_cmpint (ms, ==, 1559700309123);
  g_assert_cmpint (offset, ==, -300);
  g_assert_true (plaza_clock_parse (epoch, &ms, &offset, NULL));
  g_assert_cmpint (ms, ==, -1);
}

static void
test_parse (void)
{
  static const char *const wrong[] = { "",
                                       "2019-06-04",
                                       "2019-06-04T21:05:09",
                                       "2019-06-04 21:05:09Z",
                                       "2019-06-31T21:05:09Z",
                                       "2019-02-29T00:00:00Z",
                                       "2019-06-04T24:00:00Z",
                                       "2019-06-04T21:60:00Z",
                                       "2019-06-04T21:05:60Z",
                                       "2019-06-04T21:05:09.Z",
                                       "2019-06-04T21:05:09+0500",
                                       "2019-06-04T21:05:09+5:00",
                                       "2019-06-04T21:05:09Zx",
                                       "2019-6-4T21:05:09Z",
                                       "0000-01-01T00:00:00Z",
                                       "+2019-06-04T21:05:09Z" };
  gint64 ms;

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (plaza_clock_parse (wrong[i], &ms, NULL, NULL));
  g_assert_true (plaza_clock_parse ("2020-02-29T23:59:59.98765+14:00", &ms, NULL, NULL));
  g_assert_true (plaza_clock_is_date ("2020-02-29"));
  g_assert_false (plaza_clock_is_date ("2019-02-29"));
  g_assert_false (plaza_clock_is_date ("2019-02-2"));
  g_assert_false (plaza_clock_is_date ("2019-02-201"));
  g_assert_false (plaza_clock_is_date (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/clock/override", test_override);
  g_test_add_func ("/base/clock/environment", test_environment);
  g_test_add_func ("/base/clock/format", test_format);
  g_test_add_func ("/base/clock/parse", test_parse);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/uuid.h"

#include <string.h>

#include "base/clock.h"

static void
test_monotonic (void)
{
  g_autofree char *last = plaza_uuid_v7 ();

  plaza_clock_freeze (1559700000000);
  for (int i = 0; i < 10000; i++)
    {
      char *next = plaza_uuid_v7 ();

      if (i == 5000)
        plaza_clock_freeze (1000);
      g_assert_true (plaza_uuid_is_valid (next));
      g_assert_cmpstr (last, <, next);
      g_assert_cmpint (next[14], ==, '7');
      g_assert_nonnull (strchr ("89ab", next[19]));
      g_free (last);
      last = next;
    }
  plaza_clock_freeze (-1);
}

static gpointer
make_many (gpointer data)
{
  GPtrArray *made = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < 5000; i++)
    g_ptr_array_add (made, plaza_uuid_v7 ());
  return made;
}

static void
test_threads (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("uuid", make_many, NULL);
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GPtrArray) made = g_thread_join (threads[i]);

      /* The first 48 bits alone must differ. */
      for (guint j = 0; j < made->len; j++)
        g_assert_true (g_hash_table_add (seen, g_strndup (made->pdata[j], 13)));
    }
}

static void
test_parse (void)
{
  static const char *const wrong[] = { "",
                                       "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                                       "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                                       "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
                                       "017f22e279b07cc398c4dc0c0c07398f",
                                       "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                                       "uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                                       "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                                       "017f22e2_79b0-7cc3-98c4-dc0c0c07398f" };
  /* The example of RFC 9562, appendix A.6. */
  static const char known[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  guint8 bytes[16];
  g_autofree char *text = NULL;
  g_autofree char *random = plaza_uuid_random ();

  g_assert_true (plaza_uuid_parse (known, bytes, NULL));
  text = plaza_uuid_format (bytes);
  g_assert_cmpstr (text, ==, known);
  g_assert_cmpint (plaza_uuid_v7_time (known), ==, 0x017F22E279B0);
  g_assert_cmpint (random[14], ==, '4');
  g_assert_cmpint (plaza_uuid_v7_time (random), ==, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (plaza_uuid_is_valid (wrong[i]));
  g_assert_false (plaza_uuid_is_valid (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/uuid/monotonic", test_monotonic);
  g_test_add_func ("/base/uuid/threads", test_threads);
  g_test_add_func ("/base/uuid/parse", test_parse);
  return g_test_run ();
}

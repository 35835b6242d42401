/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include "app/watch.h"
#include "base/clock.h"

static void
on_lock_cb (PlazaWatch *watch, gboolean going_to_sleep, guint *count)
{
  g_assert_false (going_to_sleep);
  (*count)++;
}

static gboolean
on_deadline_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until @count is @wanted or @seconds have passed. */
static void
run (guint *count, guint wanted, guint seconds)
{
  gboolean late = FALSE;
  guint deadline = g_timeout_add_seconds (seconds, on_deadline_cb, &late);

  while (*count < wanted && !late)
    g_main_context_iteration (NULL, TRUE);
  if (!late)
    g_source_remove (deadline);
}

static void
test_idle (void)
{
  GtkWidget *window = gtk_window_new ();
  g_autoptr (PlazaWatch) watch = plaza_watch_new (window);
  guint count = 0;

  g_signal_connect (watch, "lock", G_CALLBACK (on_lock_cb), &count);
  plaza_watch_set_minutes (watch, 15);
  plaza_clock_set_shift (14 * 60 * 1000);
  run (&count, 1, 6);
  g_assert_cmpuint (count, ==, 0);
  plaza_clock_set_shift (16 * 60 * 1000);
  run (&count, 1, 12);
  g_assert_cmpuint (count, ==, 1);

  /* after a lock nobody is there to lock out */
  plaza_watch_set_minutes (watch, 0);
  plaza_clock_set_shift (60 * 60 * 1000);
  run (&count, 2, 6);
  g_assert_cmpuint (count, ==, 1);
  plaza_clock_set_shift (0);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/idle", test_idle);
  return g_test_run ();
}

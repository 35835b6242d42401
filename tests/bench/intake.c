/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one response costs the central, in processor time and by the clock: opening its envelope,
 * and storing it durably. */
#include <time.h>

#include "../central/fixture.h"

#define N_ENVELOPES 20
#define N_EACH 500

static double
processor_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static void
measure (const char *engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autofree char *text = g_strnfill (2500, 'x');
  double opening = 0, storing = 0, elapsed = 0;
  const double n = N_ENVELOPES * N_EACH;

  for (guint i = 0; i < N_ENVELOPES; i++)
    {
      g_autoptr (GPtrArray) entries =
          g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
      g_autoptr (GBytes) envelope = NULL;
      g_autoptr (PlazaIntake) intake = NULL;
      g_autoptr (GError) error = NULL;
      PlazaResult result;
      double begun;
      gint64 clock;

      for (guint j = 0; j < N_EACH; j++)
        g_ptr_array_add (entries, laptop_response (laptop, text, NULL, NULL));
      envelope = laptop_pack_all (laptop, entries);
      clock = g_get_monotonic_time ();
      begun = processor_ms ();
      intake = plaza_intake_open (fixture->central, fixture->storage, envelope, &result, &error);
      opening += processor_ms () - begun;
      g_assert_no_error (error);
      begun = processor_ms ();
      if (!fixture->storage->table->begin (fixture->storage, &error))
        g_error ("%s", error->message);
      fixture_look_ahead (fixture, intake);
      if (!plaza_intake_store (intake, fixture->storage, &error) ||
          !fixture->storage->table->commit (fixture->storage, &error))
        g_error ("%s", error->message);
      storing += processor_ms () - begun;
      elapsed += (double) (g_get_monotonic_time () - clock) / 1e3;
    }
  g_print (
      "intake on %s: open %.1f µs, store %.1f µs of processor, %.0f responses/s by the clock\n",
      engine, opening / n * 1e3, storing / n * 1e3, n / elapsed * 1e3);
}

int
main (void)
{
  const char *const *engines;

  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    measure (engines[i]);
  fixture_stop ();
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads the central's feed into a profile's replica and prints how long it took.
 *   bench-pull DATA_ROOT PASSPHRASE_FILE
 * Lines are `name value`: pull (ms, from the first question to the last page sealed and durable),
 * count (revisions). */

#include <stdio.h>
#include <stdlib.h>

#include "store/replica.h"
#include "sync/client-profile.h"
#include "sync/feed.h"

static void
check (gboolean ok, const GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "bench-pull: %s\n", error ? error->message : "failed");
  exit (1);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

int
main (int argc, char **argv)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *passphrase = NULL;
  PlazaReplicaCounts counts;
  gint64 start, took;

  if (argc != 3)
    {
      fprintf (stderr, "usage: bench-pull DATA_ROOT PASSPHRASE_FILE\n");
      return 2;
    }
  check (g_file_get_contents (argv[2], &passphrase, NULL, &error), error);
  g_strchomp (passphrase);
  g_autoptr (GPtrArray) profiles = plaza_profile_list (argv[1], &error);
  check (profiles && profiles->len == 1, error);
  PlazaProfile *profile = profiles->pdata[0];
  check (plaza_profile_unlock (profile, passphrase, &error), error);
  g_autoptr (PlazaClient) client = plaza_client_new_for_profile (profile, &error);
  check (client != NULL, error);

  start = g_get_monotonic_time ();
  plaza_feed_pull_async (client, profile, NULL, NULL, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  check (plaza_feed_pull_finish (client, result, NULL, &error), error);
  took = g_get_monotonic_time () - start;
  check (plaza_replica_get_counts (plaza_profile_get_store (profile), &counts, &error), error);
  printf ("pull %.2f\ncount %u\n", (double) took / 1000, counts.revisions);
  check (plaza_profile_lock (profile, &error), error);
  return 0;
}

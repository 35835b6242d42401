/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Saves to a folder or reads from it and prints how long it took.
 *   bench-stick DATA_ROOT PASSPHRASE_FILE save|read FOLDER
 * Lines are `name value`: pack (ms, sealing what waits; with save), work (ms, the whole of saving
 * or reading, packing not counted; with read it ends when its receipts are absorbed), delivered
 * (entries, with read), bytes (of the envelopes in FOLDER). */

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/outbox.h"
#include "sync/stick.h"

static void
check (gboolean ok, const GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "bench-stick: %s\n", error ? error->message : "failed");
  exit (1);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static PlazaProfile *
open_profile (const char *data_root, const char *passphrase_file)
{
  g_autofree char *passphrase = NULL;
  g_autoptr (GPtrArray) profiles = NULL;
  g_autoptr (GError) error = NULL;
  PlazaProfile *profile;

  check (g_file_get_contents (passphrase_file, &passphrase, NULL, &error), error);
  profiles = plaza_profile_list (data_root, &error);
  check (profiles && profiles->len == 1, error);
  profile = g_object_ref (profiles->pdata[0]);
  check (plaza_profile_unlock (profile, g_strchomp (passphrase), &error), error);
  return profile;
}

static double
since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / 1000;
}

static guint64
count_bytes (PlazaStick *stick)
{
  GPtrArray *items = plaza_stick_get_items (stick);
  guint64 bytes = 0;

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];

      if (item->kind == PLAZA_STICK_ENVELOPE)
        bytes += item->size;
    }
  return bytes;
}

int
main (int argc, char **argv)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaStick) stick = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean saving = argc == 5 && strcmp (argv[3], "save") == 0;
  gint64 start;

  if (argc != 5)
    return 2;
  const char *folders[] = { argv[4], NULL };
  profile = open_profile (argv[1], argv[2]);
  start = g_get_monotonic_time ();
  if (saving)
    {
      check (plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_NONE, NULL, &error),
             error);
      printf ("pack %.1f\n", since (start));
    }
  stick = plaza_stick_new (argv[1], profile);
  start = g_get_monotonic_time ();
  if (saving)
    plaza_stick_save_async (stick, argv[4], NULL, on_done, &result);
  else
    plaza_stick_read_async (stick, folders, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  check (saving ? plaza_stick_save_finish (stick, result, &error)
                : plaza_stick_read_finish (stick, result, &error),
         error);
  printf ("work %.1f\ndelivered %u\nbytes %" G_GUINT64_FORMAT "\n", since (start),
          plaza_stick_get_delivered (stick), count_bytes (stick));
  g_clear_object (&stick);
  check (plaza_profile_lock (profile, &error), error);
  return 0;
}

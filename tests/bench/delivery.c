/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Delivers what waits in a profile and prints how long it took, next to the floor of the same disk.
 *   bench-delivery DATA_ROOT PASSPHRASE_FILE
 * Lines are `name value`: delivery (ms, from finished responses to absorbed receipts), processor
 * (ms of it that this process worked), floor (ms,
 * the same submissions inserted into plain SQLite, 500 a durable transaction, once for each end),
 * count. */

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/response-list.h"
#include "sync/delivery.h"

static void
check (gboolean ok, const GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "bench-delivery: %s\n", error ? error->message : "failed");
  exit (1);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static double
processor_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static double
deliver (PlazaProfile *profile)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (profile);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  plaza_delivery_round_async (delivery, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  check (plaza_delivery_round_finish (delivery, result, &error), error);
  return (double) (g_get_monotonic_time () - start) / 1000;
}

static GPtrArray *
read_submissions (PlazaStore *store)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaResponseList) list = plaza_response_list_new (store, 0, &error);

  check (list != NULL, error);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (PlazaResponse) response = g_list_model_get_item (G_LIST_MODEL (list), i);
      if (!plaza_outcome_keeps_answers ((PlazaOutcome) plaza_response_get_outcome (response)))
        continue;
      g_autoptr (PlazaRevision) revision =
          plaza_response_read (store, plaza_response_get_id (response), &error);
      check (revision != NULL, error);
      g_ptr_array_add (all, g_bytes_ref (revision->xml));
    }
  return all;
}

#define FLOOR_ROWS 500 /* in a transaction */

static void
insert_all (const char *path, GPtrArray *submissions)
{
  sqlite3 *db;
  sqlite3_stmt *insert;
  gboolean ok =
      sqlite3_open (path, &db) == SQLITE_OK &&
      sqlite3_exec (db,
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    "CREATE TABLE s (id INTEGER PRIMARY KEY, xml BLOB) STRICT; BEGIN",
                    NULL, NULL, NULL) == SQLITE_OK &&
      sqlite3_prepare_v2 (db, "INSERT INTO s (xml) VALUES (?)", -1, &insert, NULL) == SQLITE_OK;

  for (guint i = 0; ok && i < submissions->len; i++)
    {
      gsize length;
      const void *xml = g_bytes_get_data (submissions->pdata[i], &length);
      ok = sqlite3_bind_blob64 (insert, 1, xml, length, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_step (insert) == SQLITE_DONE && sqlite3_reset (insert) == SQLITE_OK;
      if (ok && i % FLOOR_ROWS == FLOOR_ROWS - 1)
        ok = sqlite3_exec (db, "COMMIT; BEGIN", NULL, NULL, NULL) == SQLITE_OK;
    }
  ok = ok && sqlite3_exec (db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
  check (ok, NULL);
  sqlite3_finalize (insert);
  sqlite3_close (db);
}

static double
floor_of (const char *folder, GPtrArray *submissions)
{
  double took = 0;

  for (int end = 0; end < 2; end++)
    {
      g_autofree char *name = g_strdup_printf ("floor-%d.db", end);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      gint64 start = g_get_monotonic_time ();
      insert_all (path, submissions);
      took += (double) (g_get_monotonic_time () - start) / 1000;
      g_unlink (path);
    }
  return took;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *passphrase = NULL;

  if (argc != 3)
    {
      fprintf (stderr, "usage: bench-delivery DATA_ROOT PASSPHRASE_FILE\n");
      return 2;
    }
  check (g_file_get_contents (argv[2], &passphrase, NULL, &error), error);
  g_strchomp (passphrase);
  g_autoptr (GPtrArray) profiles = plaza_profile_list (argv[1], &error);
  check (profiles && profiles->len == 1, error);
  PlazaProfile *profile = profiles->pdata[0];
  check (plaza_profile_unlock (profile, passphrase, &error), error);

  PlazaStore *store = plaza_profile_get_store (profile);
  PlazaCounts before, after;
  check (plaza_store_get_counts (store, &before, &error), error);
  double processor = processor_ms ();
  double took = deliver (profile);
  processor = processor_ms () - processor;
  check (plaza_store_get_counts (store, &after, &error), error);
  check (after.waiting == 0, NULL);
  g_autoptr (GPtrArray) submissions = read_submissions (store);
  double lowest = floor_of (argv[1], submissions);
  printf ("delivery %.2f\nprocessor %.2f\nfloor %.2f\ncount %u\n", took, processor, lowest,
          after.delivered - before.delivered);
  check (plaza_profile_lock (profile, &error), error);
  return 0;
}

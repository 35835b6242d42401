/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../store/laptop.h"
#include "store/unreadable.h"

/* save: an answer through PlazaCapture against one raw durable SQLite transaction, both in turn.
 * fill PATH N: leaves a data root with N stored responses at PATH, on the disk of the temporary
 * ones. list N: the list of N stored responses, and the survey of what cannot be read in
 * them. */

#define ROUNDS 2000

static double
now_ms (void)
{
  return g_get_monotonic_time () / 1000.0;
}

static int
compare_doubles (const void *a, const void *b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

static double
median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

static sqlite3 *
open_raw (const char *path)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                                 "PRAGMA synchronous = FULL;"
                                 "CREATE TABLE event (number INTEGER PRIMARY KEY, sealed BLOB)",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  return db;
}

static void
raw_save (sqlite3_stmt *insert, const void *bytes, int size)
{
  sqlite3_bind_blob (insert, 1, bytes, size, SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (insert), ==, SQLITE_DONE);
  sqlite3_reset (insert);
}

static void
measure_save (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autofree char *path = g_build_filename (laptop->root, "raw.db", NULL);
  g_autofree double *ours = g_new (double, ROUNDS);
  g_autofree double *raw = g_new (double, ROUNDS);
  sqlite3 *db = open_raw (path);
  sqlite3_stmt *insert;
  char bytes[296] = { 0 };
  double ours_ms, raw_ms;

  sqlite3_prepare_v2 (db, "INSERT INTO event (sealed) VALUES (?)", -1, &insert, NULL);
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *text =
          g_strdup_printf ("No hay agua desde hace %u semanas en la colonia", i);
      double begin = now_ms (), middle;

      raw_save (insert, bytes, sizeof bytes);
      middle = now_ms ();
      laptop_answer (capture, "/data/obs", text);
      ours[i] = now_ms () - middle;
      raw[i] = middle - begin;
    }
  sqlite3_finalize (insert);
  sqlite3_close (db);
  ours_ms = median (ours, ROUNDS);
  raw_ms = median (raw, ROUNDS);
  printf ("saving an answer (ms)  ours %.3f   raw durable transaction %.3f   ratio %.2f\n", ours_ms,
          raw_ms, ours_ms / raw_ms);
}

static void
look_for_unreadable (PlazaProfile *profile, const char *state)
{
  g_autoptr (GError) error = NULL;
  PlazaUnreadable unreadable;
  double begin = now_ms ();

  g_assert_true (plaza_unreadable_look (plaza_profile_get_store (profile), &unreadable, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_unreadable_total (&unreadable), ==, 0);
  printf ("looking for what cannot be read, %s   %.0f ms\n", state, now_ms () - begin);
}

static void
measure_list (guint n)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaResponseList) list = NULL;
  g_autoptr (GError) error = NULL;
  double begin;

  begin = now_ms ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *response = laptop_respond (profile, "No hay agua desde hace semanas");
    }
  printf ("making %u responses   %.2f ms each\n", n, (now_ms () - begin) / n);
  look_for_unreadable (profile, "waiting");
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);

  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  begin = now_ms ();
  list = plaza_response_list_new (plaza_profile_get_store (profile), 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, n);
  printf ("listing %u responses   %.0f ms\n", n, now_ms () - begin);
  look_for_unreadable (profile, "packed");
}

/* A data root with @n stored responses at @path, for others to open. */
static void
fill (const char *path, guint n)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *response = laptop_respond (profile, "No hay agua desde hace semanas");
    }
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  g_assert_no_errno (g_rename (laptop->root, path));
}

int
main (int argc, char *argv[])
{
  if (argc == 2 && strcmp (argv[1], "save") == 0)
    measure_save ();
  else if (argc == 3 && strcmp (argv[1], "list") == 0)
    measure_list ((guint) atoi (argv[2]));
  else if (argc == 4 && strcmp (argv[1], "fill") == 0)
    fill (argv[2], (guint) atoi (argv[3]));
  else
    return 2;
  return 0;
}

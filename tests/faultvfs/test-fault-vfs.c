/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The faults themselves, on plain SQLite: they bite where they must, and spare what was synced. */

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "fault-vfs.h"

#define N_CUTS 200
#define N_ROWS 60

static char *directory;
static char *path;

static void
remove_database (void)
{
  static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *name = g_strconcat (path, ends[i], NULL);
      g_remove (name);
    }
}

static sqlite3 *
open_database (const char *synchronous)
{
  g_autofree char *set_up =
      g_strdup_printf ("PRAGMA journal_mode = WAL; PRAGMA synchronous = %s;"
                       "PRAGMA wal_autocheckpoint = 20;"
                       "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, data BLOB)",
                       synchronous);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, set_up, NULL, NULL, NULL), ==, SQLITE_OK);
  return db;
}

/* Inserts row after row; returns how many were acknowledged. */
static int
insert_rows (sqlite3 *db)
{
  for (int i = 1; i <= N_ROWS; i++)
    {
      g_autofree char *insert =
          g_strdup_printf ("INSERT OR REPLACE INTO t VALUES (%d, randomblob (1500))", i);
      if (sqlite3_exec (db, insert, NULL, NULL, NULL) != SQLITE_OK)
        return i - 1;
    }
  return N_ROWS;
}

static int
count_rows (sqlite3 *db, gboolean *sound)
{
  sqlite3_stmt *statement;
  int n = 0;

  *sound = sqlite3_prepare_v2 (db, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
           sqlite3_step (statement) == SQLITE_ROW &&
           g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  sqlite3_finalize (statement);
  if (sqlite3_prepare_v2 (db, "SELECT count (*) FROM t", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    n = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return n;
}

/* Cuts the power at many places. *@lost: runs in which acknowledged rows are gone, or the database
 * is not sound. */
static void
cut_power (const char *synchronous, guint *lost)
{
  *lost = 0;
  for (guint32 seed = 1; seed <= N_CUTS; seed++)
    {
      FaultPlan power = { FAULT_POWER, FAULT_CHANGES, 1 + seed * 7 % 240, FALSE, seed, 0, NULL };
      sqlite3 *db;
      gboolean sound;
      int acknowledged, found;

      remove_database ();
      db = open_database (synchronous);
      fault_vfs_arm (&power);
      acknowledged = insert_rows (db);
      sqlite3_close (db);
      fault_vfs_restore ();
      g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
      found = count_rows (db, &sound);
      *lost += !sound || found < acknowledged;
      sqlite3_close (db);
    }
}

static void
test_power (void)
{
  guint lost;

  cut_power ("FULL", &lost);
  g_assert_cmpuint (lost, ==, 0);
  cut_power ("OFF", &lost);
  g_assert_cmpuint (lost, >, 10);
}

static void
test_error (void)
{
  gboolean over = FALSE;

  for (guint64 nth = 1; !over; nth++)
    {
      FaultPlan error = { FAULT_ERROR, FAULT_ALL, nth, FALSE, 0, 0, NULL };
      sqlite3 *db;
      gboolean sound;
      int acknowledged;

      remove_database ();
      db = open_database ("FULL");
      fault_vfs_arm (&error);
      acknowledged = insert_rows (db);
      over = fault_vfs_fired () == 0;
      fault_vfs_arm (NULL);
      sqlite3_close (db);
      g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
      g_assert_cmpint (count_rows (db, &sound), >=, acknowledged);
      g_assert_true (sound);
      sqlite3_close (db);
      g_assert_true (!over || acknowledged == N_ROWS);
    }
}

static void
test_full (void)
{
  FaultPlan full = { FAULT_FULL, FAULT_WRITE, 50, TRUE, 0, 0, NULL };
  sqlite3 *db;
  gboolean sound;
  int acknowledged;

  remove_database ();
  db = open_database ("FULL");
  fault_vfs_arm (&full);
  acknowledged = insert_rows (db);
  g_assert_cmpint (acknowledged, <, N_ROWS);
  g_assert_cmpint (sqlite3_errcode (db), ==, SQLITE_FULL);
  fault_vfs_arm (NULL);
  g_assert_cmpint (count_rows (db, &sound), ==, acknowledged);
  g_assert_true (sound);
  g_assert_cmpint (insert_rows (db), ==, N_ROWS);
  sqlite3_close (db);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fault_vfs_register ();
  directory = g_dir_make_tmp ("plaza-fault-XXXXXX", NULL);
  path = g_build_filename (directory, "t.db", NULL);
  g_test_add_func ("/fault-vfs/power", test_power);
  g_test_add_func ("/fault-vfs/error", test_error);
  g_test_add_func ("/fault-vfs/full", test_full);
  status = g_test_run ();
  remove_database ();
  g_rmdir (directory);
  g_free (directory);
  g_free (path);
  return status;
}

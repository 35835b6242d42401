/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/migration.h"

typedef struct
{
  char *folder;
  char *path;
  char *backups;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("plaza-database-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "plaza.db", NULL);
  place->backups = g_build_filename (place->folder, "backups", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Place *place, gconstpointer data)
{
  remove_tree (place->folder);
  g_free (place->folder);
  g_free (place->path);
  g_free (place->backups);
}

static PlazaDatabase *
open_migrated (Place *place)
{
  g_autoptr (GError) error = NULL;
  PlazaDatabase *db = plaza_database_open (place->path, PLAZA_DATABASE_LAPTOP, &error);

  g_assert_no_error (error);
  plaza_migration_run (db, NULL, &error);
  g_assert_no_error (error);
  return db;
}

static gint64
pragma (PlazaDatabase *db, const char *sql)
{
  g_autoptr (GError) error = NULL;
  gint64 value;

  plaza_database_get_int (db, -1, &value, &error, sql, "");
  g_assert_no_error (error);
  return value;
}

static void
test_settings (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (GError) error = NULL;
  g_autofree char *wal = g_strconcat (place->path, "-wal", NULL);
  g_autofree char *shm = g_strconcat (place->path, "-shm", NULL);
  GStatBuf info;

  g_assert_cmpint (pragma (db, "PRAGMA synchronous"), ==, 2);
  g_assert_cmpint (pragma (db, "PRAGMA foreign_keys"), ==, 1);
  g_assert_cmpint (pragma (db, "PRAGMA trusted_schema"), ==, 0);
  g_assert_cmpint (pragma (db, "PRAGMA cell_size_check"), ==, 1);
  g_assert_cmpint (pragma (db, "PRAGMA temp_store"), ==, 2);
  g_assert_cmpint (pragma (db, "PRAGMA secure_delete"), ==, 1);
  g_assert_cmpint (pragma (db, "PRAGMA mmap_size"), ==, 0);
  g_assert_cmpint (pragma (db, "PRAGMA application_id"), ==, PLAZA_DATABASE_LAPTOP);
  g_assert_cmpint (pragma (db, "PRAGMA user_version"), ==, plaza_migration_latest ());
  g_assert_true (g_file_test (wal, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (shm, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_stat (place->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);

  /* Defensive, and STRICT tables. */
  g_assert_false (
      plaza_database_exec (db, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema", NULL));
  g_assert_false (
      plaza_database_run (db, &error, "INSERT INTO counter VALUES (?, ?)", "tt", "x", "no number"));
  g_clear_error (&error);
  g_assert_true (plaza_database_close (g_steal_pointer (&db), &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS));
}

static void
test_exclusive (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (PlazaDatabase) second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_database_exec (db, "INSERT INTO counter VALUES ('a', 1)", &error));
  second = plaza_database_open (place->path, PLAZA_DATABASE_LAPTOP, &error);
  g_assert_null (second);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_BUSY);
}

static void
test_foreign (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (place->path, "no database, only words", -1, NULL));
  db = plaza_database_open (place->path, PLAZA_DATABASE_LAPTOP, &error);
  g_assert_null (db);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_clear_error (&error);
  g_remove (place->path);
  db = plaza_database_open (place->path, 0x1234, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_database_close (g_steal_pointer (&db), &error));
  db = plaza_database_open (place->path, PLAZA_DATABASE_LAPTOP, &error);
  g_assert_null (db);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static void
test_migration (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (GError) error = NULL;
  g_autofree char *backup = g_build_filename (place->folder, "before.db", NULL);

  /* Once more changes nothing, and makes no backup. */
  g_assert_true (plaza_migration_run (db, backup, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (backup, G_FILE_TEST_EXISTS));
  g_assert_true (plaza_database_exec (db, "PRAGMA user_version = 999", &error));
  g_assert_false (plaza_migration_run (db, backup, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NEWER);
  g_clear_error (&error);
  g_assert_cmpint (pragma (db, "PRAGMA user_version"), ==, 999);
}

static void
test_transaction (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_database_begin (db, &error));
  g_assert_true (
      plaza_database_run (db, &error, "INSERT INTO counter VALUES (?, ?)", "ti", "a", (gint64) 1));
  plaza_database_rollback (db);
  g_assert_cmpint (pragma (db, "SELECT count (*) FROM counter"), ==, 0);
  g_assert_true (
      plaza_database_run (db, &error, "INSERT INTO counter VALUES (?, ?)", "ti", "a", (gint64) 1));
  g_assert_false (
      plaza_database_run (db, &error, "INSERT INTO counter VALUES (?, ?)", "ti", "a", (gint64) 2));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
}

/* A disk that is full, by a limit on the size of files: the row is refused, what was committed is
 * there, and writing goes on once there is room. */
static void
test_full_disk (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (GBytes) big = g_bytes_new_take (g_malloc0 (200000), 200000);
  g_autoptr (GError) error = NULL;
  struct rlimit before, tight;
  gboolean written;

  g_assert_true (plaza_database_run (
      db, &error, "INSERT INTO sealed_value (name, sealed) VALUES (?, ?)", "tb", "first", big));
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  tight = before;
  tight.rlim_cur = 250000;
  setrlimit (RLIMIT_FSIZE, &tight);
  written = plaza_database_run (db, &error, "INSERT INTO sealed_value (name, sealed) VALUES (?, ?)",
                                "tb", "second", big);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_false (written);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
  g_clear_error (&error);
  g_assert_cmpint (pragma (db, "SELECT count (*) FROM sealed_value"), ==, 1);
  g_assert_true (plaza_database_run (
      db, &error, "INSERT INTO sealed_value (name, sealed) VALUES (?, ?)", "tb", "third", big));
  g_assert_no_error (error);
}

static guint
count_backups (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_backup (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_backup_is_due (place->backups));
  for (guint i = 0; i < PLAZA_BACKUP_KEEP + 3; i++)
    {
      g_assert_true (plaza_backup_make (db, place->backups, FALSE, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (count_backups (place->backups), ==, PLAZA_BACKUP_KEEP);
  g_assert_false (plaza_backup_is_due (place->backups));
  g_assert_true (plaza_backup_make (db, place->backups, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_backups (place->backups), ==, 1);
}

static void
insert_events (PlazaDatabase *db, guint first, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) blob = g_bytes_new_take (g_malloc0 (296), 296);

  g_assert_true (plaza_database_begin (db, &error));
  for (guint i = 0; i < n; i++)
    plaza_database_run (db, &error, "INSERT INTO event (number, sealed) VALUES (?, ?)", "ib",
                        (gint64) (1048576 + first + i), blob);
  g_assert_no_error (error);
  g_assert_true (plaza_database_commit (db, &error));
}

static void
overwrite (const char *path, goffset offset, gsize size)
{
  g_autofree guint8 *noise = g_malloc (size);
  int fd = g_open (path, O_WRONLY);

  memset (noise, 0xa5, size);
  g_assert_cmpint (pwrite (fd, noise, size, offset), ==, size);
  close (fd);
}

/* Damaged pages: the check says so, the repair keeps what can be read and takes the rest from the
 * backup. */
static void
test_repair (Place *place, gconstpointer data)
{
  g_autoptr (PlazaDatabase) db = open_migrated (place);
  g_autoptr (GError) error = NULL;
  PlazaRepair repair;
  GStatBuf info;

  g_assert_true (
      plaza_database_exec (db,
                           "INSERT INTO session VALUES (1, 's', 1, 1, NULL, x'00');"
                           "INSERT INTO response (number, id, session, started_ms, summary)"
                           " VALUES (1, 'r', 1, 1, x'00');"
                           "INSERT INTO draft (number, response, correction, form_id, form_version,"
                           " key, contact_key) VALUES (1, 1, 0, 'f', '1', x'00', x'00');"
                           "INSERT INTO counter VALUES ('folio', 7)",
                           &error));
  g_assert_no_error (error);
  insert_events (db, 0, 1000);
  g_assert_true (plaza_backup_make (db, place->backups, FALSE, &error));
  g_assert_no_error (error);
  insert_events (db, 1000, 1000);
  g_assert_true (plaza_database_close (g_steal_pointer (&db), &error));
  g_assert_cmpint (g_stat (place->path, &info), ==, 0);
  overwrite (place->path, 30 * 4096, 2 * 4096);
  overwrite (place->path, info.st_size - 40 * 4096 + 100, 4096);

  db = plaza_database_open (place->path, PLAZA_DATABASE_LAPTOP, &error);
  g_assert_no_error (error);
  g_assert_false (plaza_database_check (db, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_clear_error (&error);
  plaza_database_free (g_steal_pointer (&db));

  g_assert_true (plaza_backup_repair (place->path, place->backups, &repair, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (repair.rows_kept, >, 1900);
  g_assert_cmpuint (repair.rows_restored, >, 0);
  g_assert_cmpuint (repair.tables_lost, ==, 1);
  db = plaza_database_open (place->path, PLAZA_DATABASE_LAPTOP, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_database_check (db, &error));
  g_assert_cmpint (pragma (db, "SELECT count (*) FROM event WHERE number < 1049576"), ==, 1000);
  g_assert_cmpint (pragma (db, "SELECT count (*) FROM event"), >, 1930);
  g_assert_cmpint (pragma (db, "SELECT value FROM counter"), ==, 1007);
  plaza_database_free (g_steal_pointer (&db));

  /* Nothing can be read at all: the backup alone. */
  overwrite (place->path, 0, 8192);
  g_assert_true (plaza_backup_repair (place->path, place->backups, &repair, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (repair.rows_kept, ==, 0);
  g_assert_cmpuint (repair.rows_restored, >, 1000);
}

static void
test_nothing_left (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaRepair repair;

  g_assert_true (g_file_set_contents (place->path, "words", -1, NULL));
  g_assert_false (plaza_backup_repair (place->path, place->backups, &repair, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* Damage is logged; here it is expected. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
#define TEST(path, func) g_test_add (path, Place, NULL, set_up, func, tear_down)
  TEST ("/database/settings", test_settings);
  TEST ("/database/exclusive", test_exclusive);
  TEST ("/database/foreign", test_foreign);
  TEST ("/database/migration", test_migration);
  TEST ("/database/transaction", test_transaction);
  TEST ("/database/full-disk", test_full_disk);
  TEST ("/database/backup", test_backup);
  TEST ("/database/repair", test_repair);
  TEST ("/database/nothing-left", test_nothing_left);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fault-files.h"
#include "laptop.h"
#include "store/backup.h"
#include "store/migration.h"
#include "store/rotation.h"
#include "store/unreadable.h"

/* A laptop whose store was written before contents had a table of their own (003): nothing is lost
 * by the way, whatever interrupts it, nor by a repair from old copies. */

#define OLD_SCHEMA 2
#define ENTRY \
  "number, kind, id, response, state, sequence, envelope, position, created_ms, delivered_ms, " \
  "problem, hash"
#define COPY(table) "INSERT INTO main." table " SELECT * FROM now." table ";"
#define OLD_CONTENT "SELECT id, key, sealed FROM entry WHERE sealed IS NOT NULL ORDER BY id"
#define CONTENT \
  "SELECT e.id, c.key, c.sealed FROM entry AS e JOIN content AS c ON c.number = e.number " \
  "ORDER BY e.id"

typedef struct
{
  Laptop *laptop;
  char *id; /* of the profile, locked */
  char *folder;
  char *path; /* of the store */
  char *draft;
  char *delivered;
  char *packed;
  char *other;  /* packed on lock */
  char *xml[3]; /* of delivered, packed, other */
} Fixture;

static char *
read_step (const char *name)
{
  g_autofree char *path = g_strconcat ("/org/gobabiertomx/Plaza/sql/laptop/", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sql = g_resources_lookup_data (path, 0, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (sql, NULL), g_bytes_get_size (sql));
}

static void
exec (PlazaDatabase *db, const char *sql)
{
  g_autoptr (GError) error = NULL;

  plaza_database_exec (db, sql, &error);
  g_assert_no_error (error);
}

static PlazaDatabase *
open_store (const char *path)
{
  g_autoptr (GError) error = NULL;
  PlazaDatabase *db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, &error);

  g_assert_no_error (error);
  return db;
}

static void
close_store (PlazaDatabase *db)
{
  g_autoptr (GError) error = NULL;

  plaza_database_close (db, &error);
  g_assert_no_error (error);
}

/* The store at @path as a program of that time would have written it. */
static void
make_old (const char *path)
{
  static const char *const steps[OLD_SCHEMA] = { "001-store.sql", "002-replica.sql" };
  g_autofree char *old = g_strconcat (path, ".old", NULL);
  PlazaDatabase *db = open_store (old);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < OLD_SCHEMA; i++)
    {
      g_autofree char *sql = read_step (steps[i]);

      exec (db, sql);
    }
  plaza_database_run (db, &error, "ATTACH ? AS now", "t", path);
  g_assert_no_error (error);
  exec (db, "BEGIN;" COPY ("counter") COPY ("sealed_value") COPY ("session") COPY ("response")
                COPY ("draft") COPY ("event")
                    COPY ("envelope") "INSERT INTO main.entry (" ENTRY
                                      ", key, sealed) SELECT " ENTRY ", c.key, c.sealed FROM "
                                      "now.entry LEFT JOIN now.content AS c USING (number);"
                                      "PRAGMA user_version = 2; COMMIT; DETACH now");
  close_store (db);
  g_assert_cmpint (g_rename (old, path), ==, 0);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  f->laptop = laptop_new ();
  profile = laptop_profile (f->laptop, "Ana");
  f->id = g_strdup (plaza_profile_get_id (profile));
  f->folder = g_strdup (plaza_profile_get_folder (profile));
  f->path = g_build_filename (f->folder, "plaza.db", NULL);
  f->delivered = laptop_respond (profile, "lo entregado");
  laptop_deliver (f->laptop, profile, PLAZA_PACK_NONE);
  f->packed = laptop_respond (profile, "lo empaquetado");
  plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_NONE, NULL, &error);
  g_assert_no_error (error);
  f->other = laptop_respond (profile, "lo de antes de cerrar");
  capture = laptop_start (profile);
  laptop_answer (capture, "/data/obs", "a medias");
  f->draft = g_strdup (plaza_capture_get_response (capture));
  g_clear_object (&capture);
  f->xml[0] = laptop_xml (profile, f->delivered);
  f->xml[1] = laptop_xml (profile, f->packed);
  f->xml[2] = laptop_xml (profile, f->other);
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  laptop_free (f->laptop);
  g_free (f->id);
  g_free (f->folder);
  g_free (f->path);
  g_free (f->draft);
  g_free (f->delivered);
  g_free (f->packed);
  g_free (f->other);
  for (guint i = 0; i < G_N_ELEMENTS (f->xml); i++)
    g_free (f->xml[i]);
}

/* Every content byte by byte, with whose it is. */
static char *
list_contents (PlazaDatabase *db, const char *sql)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaRows) rows = plaza_database_query (db, &error, sql, "");

  g_assert_no_error (error);
  while (plaza_rows_next (rows, &error))
    {
      g_autoptr (GBytes) key = plaza_rows_bytes (rows, 1);
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 2);
      g_autofree char *key_sum =
          key ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, key) : g_strdup ("none");
      g_autofree char *sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, sealed);

      g_string_append_printf (all, "%s %s %s\n", plaza_rows_text (rows, 0), key_sum, sum);
    }
  g_assert_no_error (error);
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static gint64
ask (PlazaDatabase *db, const char *sql)
{
  g_autoptr (GError) error = NULL;
  gint64 value;

  plaza_database_get_int (db, -1, &value, &error, sql, "");
  g_assert_no_error (error);
  return value;
}

/* Unlocks, reads everything, and delivers what is still to be delivered. */
static void
check_all_there (Fixture *f, gboolean deliver)
{
  g_autoptr (PlazaProfile) profile = laptop_unlock (f->laptop, f->id);
  const char *responses[] = { f->delivered, f->packed, f->other };
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      g_autofree char *xml = laptop_xml (profile, responses[i]);

      g_assert_cmpstr (xml, ==, f->xml[i]);
      g_assert_cmpint (laptop_state (profile, responses[i]), ==,
                       i == 0 ? PLAZA_RESPONSE_DELIVERED : PLAZA_RESPONSE_PACKED);
    }
  capture = plaza_capture_resume (plaza_profile_get_store (profile), f->draft, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (capture, "/data/obs"), ==, "a medias");
  g_clear_object (&capture);
  if (deliver)
    {
      g_assert_cmpuint (laptop_deliver (f->laptop, profile, PLAZA_PACK_NONE), >=, 2);
      g_assert_cmpint (laptop_state (profile, f->packed), ==, PLAZA_RESPONSE_DELIVERED);
      g_assert_cmpint (laptop_state (profile, f->other), ==, PLAZA_RESPONSE_DELIVERED);
    }
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
}

static void
test_unlock (Fixture *f, gconstpointer data)
{
  g_autofree char *before = g_build_filename (f->folder, "backups", "before-migration.db", NULL);
  g_autofree char *was = NULL;
  g_autofree char *is = NULL;
  PlazaDatabase *db;

  make_old (f->path);
  db = open_store (f->path);
  g_assert_cmpint (ask (db, "PRAGMA user_version"), ==, OLD_SCHEMA);
  was = list_contents (db, OLD_CONTENT);
  close_store (db);
  check_all_there (f, FALSE);
  db = open_store (f->path);
  g_assert_cmpint (ask (db, "PRAGMA user_version"), ==, plaza_migration_latest ());
  is = list_contents (db, CONTENT);
  g_assert_cmpstr (is, ==, was);
  g_assert_true (strchr (is, '\n') != NULL);
  close_store (db);
  db = open_store (before);
  g_assert_cmpint (ask (db, "PRAGMA user_version"), ==, OLD_SCHEMA);
  close_store (db);
  check_all_there (f, TRUE);
}

static void
remove_backups (Fixture *f)
{
  g_autofree char *folder = g_build_filename (f->folder, "backups", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".db", NULL);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static GBytes *
read_store (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = plaza_file_read (f->path, 1 << 26, &error);

  g_assert_no_error (error);
  return bytes;
}

/* Every operation of the migration fails, finds no room, or is the last before the power is cut. */
static guint
interrupt (Fixture *f, GBytes *old, const char *was, FaultKind kind)
{
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);
  g_autofree char *backup = g_build_filename (f->folder, "backups", "before-migration.db", NULL);
  gboolean fired = TRUE;
  guint refused = 0;

  for (guint64 nth = 1; fired; nth += g_getenv ("PLAZA_TEST_CUTS") ? 1 : 1 + nth / 12)
    {
      const FaultPlan plan = {
        kind, FAULT_CHANGES, nth, kind != FAULT_ERROR, (guint32) nth, 0, NULL
      };
      g_autofree char *is = NULL;
      g_autoptr (GError) error = NULL;
      PlazaDatabase *db;
      gboolean done;

      g_unlink (wal);
      plaza_file_write (f->path, old, &error);
      g_assert_no_error (error);
      fault_vfs_arm (&plan);
      db = plaza_database_open (f->path, PLAZA_DATABASE_LAPTOP, NULL);
      done = db != NULL && plaza_migration_run (db, backup, &error);
      fired = fault_vfs_fired () > 0;
      plaza_database_free (db);
      if (kind == FAULT_POWER)
        fault_vfs_restore ();
      fault_vfs_arm (NULL);
      g_assert_true (done || fired);
      refused += !done;

      g_clear_error (&error);
      db = open_store (f->path);
      plaza_database_check (db, &error);
      g_assert_no_error (error);
      plaza_migration_run (db, backup, &error);
      g_assert_no_error (error);
      is = list_contents (db, CONTENT);
      g_assert_cmpstr (is, ==, was);
      close_store (db);
    }
  return refused;
}

static void
test_interrupted (Fixture *f, gconstpointer data)
{
  static const FaultKind kinds[] = { FAULT_ERROR, FAULT_FULL, FAULT_POWER };
  g_autoptr (GBytes) old = NULL;
  g_autofree char *was = NULL;
  PlazaDatabase *db;

  make_old (f->path);
  db = open_store (f->path);
  was = list_contents (db, OLD_CONTENT);
  close_store (db);
  old = read_store (f);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpuint (interrupt (f, old, was, kinds[i]), >, 0);
  check_all_there (f, TRUE);
}

/* Power cuts while a laptop is opened whose store is old: of the database, the copy that is made
 * first and every other file. */

static char *armed_root;

static void
cut_files_too (void)
{
  const FaultPlan plan = { FAULT_POWER, FAULT_ALL, 1, TRUE, 7, 0, NULL };

  fault_files_arm (armed_root, &plan);
}

static void
cut_databases_too (void)
{
  const FaultPlan plan = { FAULT_POWER, FAULT_ALL, 1, TRUE, 7, 0, NULL };

  fault_vfs_arm (&plan);
}

static void
put_old (Fixture *f, GBytes *old)
{
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);
  g_autoptr (GError) error = NULL;

  g_unlink (wal);
  plaza_file_write (f->path, old, &error);
  g_assert_no_error (error);
  remove_backups (f);
}

/* TRUE when it was opened. */
static gboolean
open_laptop (Fixture *f)
{
  g_autoptr (PlazaProfile) profile = plaza_profile_load (f->laptop->root, f->id, NULL);
  gboolean opened = profile != NULL && plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, NULL);

  if (profile != NULL)
    plaza_profile_lock (profile, NULL);
  return opened;
}

static void
test_cut (Fixture *f, gconstpointer data)
{
  const char *wanted = g_getenv ("PLAZA_TEST_CUTS");
  guint cuts = wanted ? (guint) g_ascii_strtoull (wanted, NULL, 10) : 64;
  g_autoptr (GBytes) old = NULL;
  g_autofree char *was = NULL;
  const FaultPlan count = { .operations = FAULT_CHANGES };
  guint64 databases, files;
  PlazaDatabase *db;
  guint opened = 0;

  make_old (f->path);
  old = read_store (f);
  db = open_store (f->path);
  was = list_contents (db, OLD_CONTENT);
  close_store (db);
  put_old (f, old);
  armed_root = f->laptop->root;
  fault_vfs_arm (&count);
  fault_files_arm (armed_root, &count);
  g_assert_true (open_laptop (f));
  databases = fault_vfs_count ();
  files = fault_files_count ();
  fault_vfs_arm (NULL);
  fault_files_arm (NULL, NULL);
  for (guint i = 0; i < cuts; i++)
    {
      gboolean in_file = i % 4 == 3;
      FaultPlan plan = { .kind = FAULT_POWER, .operations = FAULT_CHANGES };
      g_autofree char *is = NULL;

      put_old (f, old);
      plan.seed = (guint32) g_test_rand_int ();
      plan.nth = in_file ? G_MAXUINT64 : 1 + plan.seed % databases;
      plan.fired = cut_files_too;
      fault_vfs_arm (&plan);
      plan.nth = in_file ? 1 + plan.seed % files : G_MAXUINT64;
      plan.fired = cut_databases_too;
      fault_files_arm (armed_root, &plan);
      opened += open_laptop (f);
      fault_files_restore ();
      fault_vfs_restore ();
      check_all_there (f, FALSE);
      db = open_store (f->path);
      is = list_contents (db, CONTENT);
      g_assert_cmpstr (is, ==, was);
      close_store (db);
    }
  g_test_message ("%u power cuts of %u and %u operations, %u laptops were open by then", cuts,
                  (guint) databases, (guint) files, opened);
  g_assert_cmpuint (opened, <, cuts);
  check_all_there (f, TRUE);
}

/* A new profile key is wanted on the day that the program is renewed. */
static void
test_rotation (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  make_old (f->path);
  plaza_rotation_want (f->folder, &error);
  g_assert_no_error (error);
  check_all_there (f, TRUE);
  g_assert_false (plaza_rotation_is_pending (f->folder));
}

/* The first page of an index: found by the check, and no row is lost with it. */
static void
damage_index (const char *path)
{
  g_autofree guint8 *noise = g_malloc (4096);
  PlazaDatabase *db = open_store (path);
  goffset page = ask (db, "SELECT rootpage FROM sqlite_schema WHERE name = 'response_session'");
  int fd;

  close_store (db);
  memset (noise, 0x5a, 4096);
  fd = g_open (path, O_WRONLY);
  g_assert_cmpint (pwrite (fd, noise, 4096, (page - 1) * 4096), ==, 4096);
  close (fd);
}

/* @store is the only backup. */
static void
keep_as_backup (Fixture *f, GBytes *store)
{
  g_autofree char *backup = g_build_filename (f->folder, "backups", "plaza-1700000000000.db", NULL);
  g_autoptr (GError) error = NULL;

  remove_backups (f);
  plaza_file_write (backup, store, &error);
  g_assert_no_error (error);
}

/* The bytes of a backup made now. */
static GBytes *
back_up (Fixture *f, PlazaStore *store)
{
  g_autofree char *folder = g_build_filename (f->folder, "backups", NULL);
  g_autofree char *path = NULL;
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  remove_backups (f);
  plaza_store_backup (store, &error);
  g_assert_no_error (error);
  names = plaza_dir_list (folder, ".db", &error);
  g_assert_no_error (error);
  path = g_build_filename (folder, names[0], NULL);
  bytes = plaza_file_read (path, 1 << 26, &error);
  g_assert_no_error (error);
  return bytes;
}

static void
repair (Fixture *f, PlazaRepair *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = plaza_profile_load (f->laptop->root, f->id, &error);

  g_assert_no_error (error);
  g_assert_false (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_clear_error (&error);
  plaza_profile_repair (profile, out, &error);
  g_assert_no_error (error);
}

static void
test_repair_damaged_old (Fixture *f, gconstpointer data)
{
  PlazaRepair repaired;

  make_old (f->path);
  remove_backups (f);
  damage_index (f->path);
  repair (f, &repaired);
  g_assert_cmpint (repaired.backup_ms, ==, 0);
  g_assert_cmpuint (repaired.tables_lost, ==, 0);
  check_all_there (f, TRUE);
}

static void
test_repair_from_old (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *noise = g_malloc (4096);
  g_autoptr (GBytes) old = NULL;
  PlazaRepair repaired;
  GStatBuf info;
  int fd;

  make_old (f->path);
  old = read_store (f);
  keep_as_backup (f, old);
  check_all_there (f, FALSE);
  /* Nothing of the new one can be read but its first page. */
  memset (noise, 0x5a, 4096);
  g_assert_cmpint (g_stat (f->path, &info), ==, 0);
  fd = g_open (f->path, O_WRONLY);
  for (goffset page = 1; page < info.st_size / 4096; page++)
    g_assert_cmpint (pwrite (fd, noise, 4096, page * 4096), ==, 4096);
  close (fd);
  repair (f, &repaired);
  g_assert_cmpuint (repaired.rows_restored, >, 0);
  check_all_there (f, TRUE);
}

/* A copy from before somebody withdrew does not bring the answers back. */
static void
test_repair_withdrawn (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaRevision) revision = NULL;
  g_autoptr (GBytes) old = NULL;
  g_autoptr (GError) error = NULL;
  PlazaRepair repaired;

  if (data != NULL)
    make_old (f->path);
  old = read_store (f);
  profile = laptop_unlock (f->laptop, f->id);
  plaza_response_withdraw (plaza_profile_get_store (profile), f->packed, &error);
  g_assert_no_error (error);
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
  g_clear_object (&profile);
  keep_as_backup (f, old);
  damage_index (f->path);
  repair (f, &repaired);
  g_assert_cmpint (repaired.backup_ms, ==, G_GINT64_CONSTANT (1700000000000));
  profile = laptop_unlock (f->laptop, f->id);
  revision = plaza_response_read (plaza_profile_get_store (profile), f->packed, &error);
  g_assert_null (revision);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  /* The withdrawal itself leaves with the rest. */
  g_assert_cmpuint (laptop_deliver (f->laptop, profile, PLAZA_PACK_NONE), >=, 3);
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
}

/* Nor what had not left yet, nor a correction that was begun; and nothing counts as unreadable. */
static void
test_repair_withdrawn_waiting (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = laptop_unlock (f->laptop, f->id);
  g_autofree char *waiting = laptop_respond (profile, "lo que espera");
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GBytes) old = NULL;
  g_autoptr (GError) error = NULL;
  PlazaUnreadable unreadable;
  PlazaRepair repaired;
  PlazaStore *store = plaza_profile_get_store (profile);

  capture = plaza_capture_correct (store, f->delivered, &error);
  g_assert_no_error (error);
  laptop_answer (capture, "/data/obs", "lo corregido");
  g_clear_object (&capture);
  old = back_up (f, store);
  plaza_response_withdraw (store, waiting, &error);
  g_assert_no_error (error);
  plaza_response_withdraw (store, f->delivered, &error);
  g_assert_no_error (error);
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
  g_clear_object (&profile);
  keep_as_backup (f, old);
  damage_index (f->path);
  repair (f, &repaired);

  profile = laptop_unlock (f->laptop, f->id);
  store = plaza_profile_get_store (profile);
  capture = plaza_capture_resume (store, f->delivered, &error);
  g_assert_null (capture);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  plaza_unreadable_look (store, &unreadable, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_unreadable_total (&unreadable), ==, 0);
  laptop_deliver (f->laptop, profile, PLAZA_PACK_NONE);
  g_assert_cmpint (laptop_state (profile, waiting), ==, PLAZA_RESPONSE_DELIVERED);
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* That the disk failed is warned of, as it should be. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  fault_vfs_register ();
#define ADD(name, data) \
  g_test_add ("/store/migration/" #name, Fixture, data, set_up, test_##name, tear_down)
  ADD (unlock, NULL);
  ADD (interrupted, NULL);
  ADD (cut, NULL);
  ADD (rotation, NULL);
  ADD (repair_damaged_old, NULL);
  ADD (repair_from_old, NULL);
  ADD (repair_withdrawn, NULL);
  ADD (repair_withdrawn_waiting, NULL);
  g_test_add ("/store/migration/repair_withdrawn_old", Fixture, "old", set_up,
              test_repair_withdrawn, tear_down);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "central/verify.h"
#include "central/writer.h"
#include "fault-vfs.h"
#include "fixture.h"

/*
 * The central's own way of an envelope, on a disk that fails: what was receipted is there
 * afterwards and whole, whatever happened, and the rest can be sent again. test-central-faults
 * [--cuts N]
 */

#define N_ENVELOPES 16
#define N_EACH 3
#define N_CUTS 200
/* From so many cuts on no fault that lasts is passed over either. */
#define N_CUTS_OF_ALL 10000

static guint n_cuts = N_CUTS;

typedef struct
{
  Fixture *fixture;
  Laptop *laptop;
  char *path;         /* of the database */
  GBytes *fresh;      /* the database before the first envelope */
  GPtrArray *intakes; /* PlazaIntake, opened */
} Bench;

/* One envelope on its way through the writer. */
typedef struct
{
  Bench *bench;
  PlazaIntake *intake;
  PlazaWriter *writer;
  gboolean wants_checkpoint;
  gboolean receipted;
} Sending;

static void
quiet (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
}

static void
put_back (Bench *self)
{
  static const char *const ends[] = { "-wal", "-shm", "-journal" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *name = g_strconcat (self->path, ends[i], NULL);
      g_remove (name);
    }
  g_file_set_contents_full (self->path, g_bytes_get_data (self->fresh, NULL),
                            (gssize) g_bytes_get_size (self->fresh), G_FILE_SET_CONTENTS_NONE, 0600,
                            &error);
  g_assert_no_error (error);
}

static void
set_up (Bench *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = NULL;

  self->fixture = fixture_new ("sqlite");
  self->laptop = laptop_new (self->fixture, "Ana", "a");
  self->path = g_build_filename (self->fixture->directory, "central.db", NULL);
  self->intakes = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_intake_free);
  for (guint i = 0; i < N_ENVELOPES; i++)
    {
      g_autoptr (GPtrArray) entries =
          g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
      g_autoptr (GBytes) envelope = NULL;
      g_autofree char *text = g_strnfill (1500, (char) ('a' + i));
      PlazaResult result;

      for (guint j = 0; j < N_EACH; j++)
        g_ptr_array_add (entries, laptop_response (self->laptop, text, NULL, NULL));
      envelope = laptop_pack_all (self->laptop, entries);
      g_ptr_array_add (self->intakes,
                       plaza_intake_open (self->fixture->central, self->fixture->storage, envelope,
                                          &result, &error));
      g_assert_no_error (error);
    }
  g_clear_pointer (&self->fixture->storage, plaza_storage_close);
  file = g_mapped_file_new (self->path, FALSE, &error);
  g_assert_no_error (error);
  self->fresh = g_bytes_new (g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
}

static void
tear_down (Bench *self)
{
  put_back (self);
  self->fixture->storage = plaza_central_storage (self->fixture->central, TRUE, NULL);
  g_ptr_array_unref (self->intakes);
  g_bytes_unref (self->fresh);
  g_free (self->path);
  laptop_free (self->laptop);
  fixture_free (self->fixture);
}

static void
look (gpointer data, PlazaLookahead *keys)
{
  plaza_intake_look (((Sending *) data)->intake, keys);
}

static gboolean
store (PlazaStorage *storage, gpointer data, GError **error)
{
  Sending *sending = data;

  if (sending->wants_checkpoint)
    plaza_writer_want_checkpoint (sending->writer);
  return plaza_intake_store (sending->intake, storage, error);
}

static void
stored (gpointer data, const GError *error)
{
  Sending *sending = data;

  sending->receipted = error == NULL;
}

/* Sends every envelope, a few at a time; whoever cannot open the database receipts nothing. */
static void
send_all (Bench *self, PlazaWriter *writer, Sending *sendings)
{
  for (guint i = 0; i < N_ENVELOPES; i++)
    {
      sendings[i] =
          (Sending){ self, g_ptr_array_index (self->intakes, i), writer, i % 5 == 4, FALSE };
      plaza_writer_submit_looking (writer, look, store, stored, &sendings[i]);
      if (i % 3 == 2)
        g_usleep (50); /* so that several transactions come of it */
    }
}

static PlazaWriter *
open_writer (Bench *self)
{
  PlazaStorage *storage = plaza_central_storage (self->fixture->central, TRUE, NULL);

  return storage != NULL ? plaza_writer_new (storage) : NULL;
}

static void
check_sound (Bench *self)
{
  sqlite3 *db;
  sqlite3_stmt *statement;

  g_assert_cmpint (sqlite3_open_v2 (self->path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "PRAGMA integrity_check", -1, &statement, NULL), ==,
                   SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  g_assert_cmpstr ((const char *) sqlite3_column_text (statement, 0), ==, "ok");
  sqlite3_finalize (statement);
  sqlite3_close (db);
}

static gboolean
collect (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredRevision *revision = &((PlazaExportRevision *) record)->revision;

  g_hash_table_insert (data, g_strdup (revision->id), g_bytes_ref (revision->xml));
  return TRUE;
}

/* What was receipted is there, byte by byte, and the log vouches for it. Returns how many. */
static guint
check_kept (Bench *self, const Sending *sendings)
{
  g_autoptr (GHashTable) kept =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  g_autoptr (PlazaStorage) storage = NULL;
  g_autoptr (GError) error = NULL;
  PlazaVerified verified;
  guint n = 0;

  check_sound (self);
  storage = plaza_central_storage (self->fixture->central, TRUE, &error);
  g_assert_no_error (error);
  plaza_verify (storage, &verified, &error);
  g_assert_no_error (error);
  storage->table->each_revision (storage, collect, kept, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_ENVELOPES; i++)
    {
      const PlazaIntake *intake = g_ptr_array_index (self->intakes, i);

      if (!sendings[i].receipted)
        continue;
      n++;
      for (guint j = 0; j < intake->entries->len; j++)
        {
          const PlazaEntry *entry = g_ptr_array_index (intake->entries, j);
          GBytes *xml = g_hash_table_lookup (kept, entry->id);

          g_assert_nonnull (xml);
          g_assert_true (g_bytes_equal (xml, entry->revision->xml));
        }
    }
  g_assert_cmpuint (g_hash_table_size (kept) % N_EACH, ==, 0); /* envelopes whole or not at all */
  return n;
}

/* The rest comes again, and then everything is there once. */
static void
send_rest (Bench *self)
{
  Sending sendings[N_ENVELOPES] = { 0 };
  PlazaWriter *writer = open_writer (self);

  g_assert_nonnull (writer);
  send_all (self, writer, sendings);
  plaza_writer_stop (writer);
  g_assert_cmpuint (check_kept (self, sendings), ==, N_ENVELOPES);
}

/* One run under @plan. */
static void
run (Bench *self, const FaultPlan *plan, Sending *sendings)
{
  PlazaWriter *writer;

  memset (sendings, 0, N_ENVELOPES * sizeof *sendings);
  put_back (self);
  fault_vfs_arm (plan);
  writer = open_writer (self);
  if (writer == NULL)
    return;
  send_all (self, writer, sendings);
  plaza_writer_stop (writer);
}

/* How many operations of @operations a run without faults has. */
static guint64
count_operations (Bench *self, FaultOperations operations)
{
  const FaultPlan none = { FAULT_NONE, operations, 0, FALSE, 0, 0, NULL };
  Sending sendings[N_ENVELOPES];

  run (self, &none, sendings);
  for (guint i = 0; i < N_ENVELOPES; i++)
    g_assert_true (sendings[i].receipted);
  return fault_vfs_count ();
}

static void
test_power (void)
{
  Bench bench = { 0 };
  Sending sendings[N_ENVELOPES];
  guint64 receipted = 0;
  guint64 operations;

  set_up (&bench);
  operations = count_operations (&bench, FAULT_CHANGES);
  for (guint32 seed = 1; seed <= n_cuts; seed++)
    {
      const FaultPlan power = {
        FAULT_POWER, FAULT_CHANGES, 1 + seed * G_GUINT64_CONSTANT (2654435761) % operations,
        FALSE,       seed,          0,
        NULL
      };

      run (&bench, &power, sendings);
      fault_vfs_restore ();
      receipted += check_kept (&bench, sendings);
      if (seed % 10 == 0)
        send_rest (&bench);
    }
  g_test_message ("%u cuts, %" G_GUINT64_FORMAT " envelopes receipted before them", n_cuts,
                  receipted);
  g_assert_cmpuint (receipted, >, n_cuts);
  g_assert_cmpuint (receipted, <, n_cuts * (N_ENVELOPES - 1));
  tear_down (&bench);
}

static guint64
step_of_lasting (void)
{
  return n_cuts >= N_CUTS_OF_ALL ? 1 : 3;
}

/* Each numbered operation fails: once, which another try often mends, or from then on. */
static void
test_error (gconstpointer persistent)
{
  Bench bench = { 0 };
  Sending sendings[N_ENVELOPES];
  guint64 operations;
  guint failed = 0;

  set_up (&bench);
  operations = count_operations (&bench, FAULT_ALL);
  for (guint64 nth = 1; nth <= operations; nth += persistent != NULL ? step_of_lasting () : 1)
    {
      const FaultPlan error = { FAULT_ERROR, FAULT_ALL, nth, persistent != NULL, 0, 0, NULL };

      run (&bench, &error, sendings);
      fault_vfs_arm (NULL);
      failed += check_kept (&bench, sendings) < N_ENVELOPES;
      if (nth % 10 == 0)
        send_rest (&bench);
    }
  g_assert_cmpuint (failed, >, persistent != NULL ? operations / 10 : 0);
  tear_down (&bench);
}

static void
test_full (void)
{
  Bench bench = { 0 };
  Sending sendings[N_ENVELOPES];
  guint64 operations;
  guint before = 0;

  set_up (&bench);
  operations = count_operations (&bench, FAULT_WRITE);
  for (guint64 nth = 1; nth <= operations; nth += step_of_lasting ())
    {
      const FaultPlan full = { FAULT_FULL, FAULT_WRITE, nth, TRUE, 0, 0, NULL };

      run (&bench, &full, sendings);
      fault_vfs_arm (NULL);
      before += check_kept (&bench, sendings);
      send_rest (&bench);
    }
  g_assert_cmpuint (before, >, 0);
  tear_down (&bench);
}

/* Somebody makes room while the server runs: the same writer goes on. */
static void
test_room (void)
{
  const FaultPlan full = { FAULT_FULL, FAULT_WRITE, 40, TRUE, 0, 0, NULL };
  Bench bench = { 0 };
  Sending sendings[N_ENVELOPES] = { 0 };
  PlazaWriter *writer;
  guint refused = 0;

  set_up (&bench);
  put_back (&bench);
  fault_vfs_arm (&full);
  writer = open_writer (&bench);
  g_assert_nonnull (writer);
  send_all (&bench, writer, sendings);
  plaza_writer_run (writer, store, &(Sending){ &bench, bench.intakes->pdata[0], writer }, NULL);
  for (guint i = 0; i < N_ENVELOPES; i++)
    refused += !sendings[i].receipted;
  g_assert_cmpuint (refused, >, 0);
  fault_vfs_arm (NULL);
  send_all (&bench, writer, sendings);
  plaza_writer_stop (writer);
  g_assert_cmpuint (check_kept (&bench, sendings), ==, N_ENVELOPES);
  tear_down (&bench);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc == 3 && strcmp (argv[1], "--cuts") == 0)
    n_cuts = (guint) atoi (argv[2]);
  /* that writing failed is said in the log, many times here */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_log_set_handler ("plaza-central", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE, quiet, NULL);
  plaza_seal_init ();
  fault_vfs_register ();
  g_test_add_func ("/faults/power", test_power);
  g_test_add_data_func ("/faults/error/once", NULL, test_error);
  g_test_add_data_func ("/faults/error/persistent", "", test_error);
  g_test_add_func ("/faults/full", test_full);
  g_test_add_func ("/faults/room", test_room);
  status = g_test_run ();
  fixture_stop ();
  return status;
}

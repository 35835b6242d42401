/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engines do below the intake: older databases brought to this version, groups of jobs,
 * what is looked up ahead, and a database that asks to try again. */

#include <glib/gstdio.h>

#include "central/central-resources.h"
#include "central/verify.h"
#include "central/writer.h"
#include "fixture.h"

#define OTHER "ANOTHER"

static gboolean
is_postgresql (const char *engine)
{
  return strcmp (engine, "postgresql") == 0;
}

/* Migrations */

static void
run_migration (Fixture *fixture, const char *engine, guint number)
{
  g_autofree char *folder = g_strdup_printf ("/org/gobabiertomx/Plaza/sql/central-%s/", engine);
  g_autofree char *prefix = g_strdup_printf ("%03u-", number);
  g_auto (GStrv) names = g_resource_enumerate_children (plaza_central_get_resource (), folder,
                                                        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], prefix))
      {
        g_autofree char *path = g_strconcat (folder, names[i], NULL);
        g_autoptr (GBytes) script = g_resource_lookup_data (plaza_central_get_resource (), path,
                                                            G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
        g_autofree char *hash = NULL;
        g_autofree char *note = NULL;
        PlazaHash bytes;

        plaza_hash_bytes (script, &bytes);
        hash = plaza_hash_to_string (&bytes);
        note = g_strdup_printf (is_postgresql (engine)
                                    ? "INSERT INTO migration VALUES (%u, '%s', '\\x%s')"
                                    : "INSERT INTO migration VALUES (%u, '%s', X'%s')",
                                number, names[i], hash);
        fixture_sql (fixture, g_bytes_get_data (script, NULL));
        fixture_sql (fixture, note);
        return;
      }
  g_assert_not_reached ();
}

/* The database as the first @n migrations left it, without rows. */
static void
make_older (Fixture *fixture, const char *engine, guint n)
{
  g_clear_pointer (&fixture->storage, plaza_storage_close);
  if (is_postgresql (engine))
    fixture_sql (fixture, "SET client_min_messages = warning;"
                          "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
                          "CREATE TABLE migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, "
                          "hash BYTEA NOT NULL)");
  else
    {
      g_autofree char *path = g_build_filename (fixture->directory, "central.db", NULL);

      g_remove (path);
      fixture_sql (fixture, "CREATE TABLE migration (number INTEGER PRIMARY KEY, "
                            "name TEXT NOT NULL, hash BLOB NOT NULL) STRICT");
    }
  for (guint i = 1; i <= n; i++)
    run_migration (fixture, engine, i);
}

/* @text for both engines: HASH (n) is a hash of that digit, NUMBERED lets a number be given. */
static void
insert_old (Fixture *fixture, const char *engine, const char *text)
{
  g_autoptr (GString) script = g_string_new (text);

  for (char digit = '1'; digit <= '9'; digit++)
    {
      const char name[] = { 'H', 'A', 'S', 'H', '(', digit, ')', '\0' };
      g_autofree char *digits = g_strnfill (64, digit);
      g_autofree char *literal =
          g_strdup_printf (is_postgresql (engine) ? "'\\x%s'" : "X'%s'", digits);

      g_string_replace (script, name, literal, 0);
    }
  g_string_replace (script, "NUMBERED", is_postgresql (engine) ? "OVERRIDING SYSTEM VALUE" : "", 0);
  g_string_replace (script, "CAMPAIGN", fixture->campaign->fingerprint, 0);
  fixture_sql (fixture, script->str);
}

static gboolean
list_revision (gpointer record, gpointer data, GError **error)
{
  const PlazaExportRevision *item = record;

  g_string_append_printf (data, "%" G_GUINT64_FORMAT " %s %s %s;", item->revision.sequence,
                          item->revision.id, item->response.id,
                          (const char *) g_bytes_get_data (item->revision.xml, NULL));
  return TRUE;
}

static gboolean
list_marks (gpointer record, gpointer data, GError **error)
{
  const PlazaExportRevision *item = record;

  g_string_append_printf (data, "%s %s;", item->revision.id, item->marks);
  return TRUE;
}

static gboolean
list_unjudged (gpointer record, gpointer data, GError **error)
{
  g_string_append_printf (data, "%s;", ((PlazaStoredRevision *) record)->id);
  return TRUE;
}

static gboolean
list_entry (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredEntry *entry = record;

  g_string_append_printf (data, "%s %s %u;", entry->id, entry->device, entry->position);
  return TRUE;
}

static gboolean
find_newest (gpointer record, gpointer data, GError **error)
{
  guint64 *newest = data;

  *newest = MAX (*newest, ((PlazaExportRevision *) record)->revision.sequence);
  return TRUE;
}

#define REVISION(sequence, id, response, judged) \
  "INSERT INTO revision (sequence, id, hash, response, device, author, form_id, form_version, " \
  "session, outcome, received, header, xml_hash, annotations_hash, attachments, xml, " \
  "annotations, " \
  "judged) NUMBERED VALUES (" sequence ", '" id "', HASH(1), '" response \
  "', 'd1', 'Ana', 'temas', " \
  "'1', 's', 'completed', 7, HASH(2), HASH(3), HASH(4), HASH(5), HASH(6), HASH(7), " judged ");"

/* What came before the tables were parted is all there afterwards, in the same order. */
static void
test_older (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (GString) revisions = g_string_new (NULL);
  g_autoptr (GString) unjudged = g_string_new (NULL);
  g_autoptr (GString) listed = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (Laptop) laptop = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autoptr (GBytes) envelope = NULL;
  const PlazaStorageTable *table;
  guint64 newest = 0;

  make_older (fixture, engine, 3);
  insert_old (
      fixture, engine,
      "INSERT INTO device (id, key, campaign, person, organisation, role, batch, enrolled) VALUES "
      "('d1', HASH(1), 'CAMPAIGN', 'Ana', 'a', 'facilitator', 'AA', 1), "
      "('d2', HASH(2), '" OTHER "', 'Luz', 'a', 'facilitator', 'AB', 1);"
      "INSERT INTO envelope (hash, campaign, device, received, audit, entries, quarantined) VALUES "
      "(HASH(8), 'CAMPAIGN', 'd1', 1, 1, 2, 0), (HASH(9), '" OTHER "', 'd2', 1, 2, 1, 0);"
      "INSERT INTO entry (id, hash, kind, device, sequence, envelope, position, status) VALUES "
      "('r1a', HASH(1), 1, 'd1', 1, HASH(8), 0, 1), ('r1b', HASH(1), 1, 'd1', 2, HASH(8), 1, 1), "
      "('r2a', HASH(1), 1, 'd2', 1, HASH(9), 0, 1);"
      "INSERT INTO response (id, campaign, device, author, organisation, effective) VALUES "
      "('r1', 'CAMPAIGN', 'd1', 'Ana', 'a', 'r1b'), ('r2', '" OTHER
      "', 'd2', 'Luz', 'a', 'r2a');" REVISION ("5", "r1a", "r1", "1")
          REVISION ("9", "r1b", "r1", "0") REVISION ("11", "r2a", "r2", "0"));
  if (is_postgresql (engine))
    fixture_sql (fixture, "SELECT setval ('revision_sequence_seq', 11)");
  fixture->storage = plaza_central_storage (fixture->central, TRUE, &error);
  g_assert_no_error (error);
  table = fixture->storage->table;
  table->migrate (fixture->storage, &error);
  g_assert_no_error (error);

  table->each_revision (fixture->storage, list_revision, revisions, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (revisions->str, "5 r1a r1 ffff"));
  g_assert_nonnull (strstr (revisions->str, ";9 r1b r1 ffff"));
  g_assert_nonnull (strstr (revisions->str, ";11 r2a r2 ffff"));
  table->each_unjudged (fixture->storage, 10, list_unjudged, unjudged, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unjudged->str, ==, "r1b;r2a;");
  table->each_entry (fixture->storage, list_entry, listed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (listed->str, ==, "r1a d1 0;r1b d1 1;r2a d2 0;");
  if (is_postgresql (engine))
    insert_old (fixture, engine,
                "DO $$ BEGIN"
                " ASSERT (SELECT count (*) FROM \"revision_CAMPAIGN\") = 2;"
                " ASSERT (SELECT count (*) FROM \"entry_" OTHER "\") = 1;"
                " ASSERT (SELECT count (*) FROM \"response_" OTHER "\") = 1;"
                " END $$");

  /* and what comes now is numbered on from there */
  laptop = laptop_new (fixture, "Eva", "a");
  envelope = laptop_pack (laptop, laptop_response (laptop, "agua", NULL, NULL), NULL);
  receipt = fixture_take (fixture, envelope);
  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
  table->each_revision (fixture->storage, find_newest, &newest, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (newest, ==, 12);
}

/* Groups of jobs */

typedef struct
{
  PlazaIntake *intake;
  const char *batch;
  guint64 number;
  guint runs;
  gboolean done;
  char *message; /* NULL: it was written */
} Job;

static gboolean
hold_up (PlazaStorage *storage, gpointer data, GError **error)
{
  g_usleep (100 * 1000); /* the others gather meanwhile */
  return TRUE;
}

static gboolean
put_batch (PlazaStorage *storage, gpointer data, GError **error)
{
  Job *job = data;

  job->runs++;
  return storage->table->put_batch (storage, job->number, job->batch, error);
}

static void
look (gpointer data, PlazaLookahead *keys)
{
  plaza_intake_look (((Job *) data)->intake, keys);
}

static gboolean
store (PlazaStorage *storage, gpointer data, GError **error)
{
  Job *job = data;

  job->runs++;
  return plaza_intake_store (job->intake, storage, error);
}

static void
ended (gpointer data, const GError *error)
{
  Job *job = data;

  job->done = TRUE;
  job->message = error != NULL ? g_strdup (error->message) : NULL;
}

static PlazaIntake *
open_intake (Fixture *fixture, GBytes *envelope)
{
  g_autoptr (GError) error = NULL;
  PlazaResult result;
  PlazaIntake *intake =
      plaza_intake_open (fixture->central, fixture->storage, envelope, &result, &error);

  g_assert_no_error (error);
  return intake;
}

/* The writer takes the storage over; afterwards the fixture has another. */
static void
run_jobs (Fixture *fixture, Job *jobs, guint n)
{
  PlazaWriter *writer = plaza_writer_new (g_steal_pointer (&fixture->storage));

  plaza_writer_submit (writer, hold_up, NULL, NULL);
  for (guint i = 0; i < n; i++)
    if (jobs[i].intake != NULL)
      plaza_writer_submit_looking (writer, look, store, ended, &jobs[i]);
    else
      plaza_writer_submit (writer, put_batch, ended, &jobs[i]);
  plaza_writer_stop (writer);
  for (guint i = 0; i < n; i++)
    g_assert_true (jobs[i].done);
  fixture->storage = plaza_central_storage (fixture->central, TRUE, NULL);
}

static void
test_group (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, "agua", NULL, NULL), NULL);
  g_autoptr (PlazaIntake) intake = open_intake (fixture, envelope);
  Job jobs[] = { { .batch = "XA", .number = 900 },
                 { .batch = "XA", .number = 901 },
                 { .batch = "XB", .number = 902 },
                 { .intake = intake } };
  g_autoptr (GError) error = NULL;
  PlazaVerified verified;
  gboolean found;

  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  run_jobs (fixture, jobs, G_N_ELEMENTS (jobs));
  g_assert_null (jobs[0].message);
  g_assert_nonnull (jobs[1].message);
  g_assert_null (jobs[2].message);
  g_assert_null (jobs[3].message);
  g_assert_cmpuint (jobs[0].runs, ==, 2); /* the group went once more, with marks */
  fixture->storage->table->find_batch (fixture->storage, "XB", &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  plaza_verify (fixture->storage, &verified, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (verified.revisions, ==, 1);
  g_free (jobs[1].message);
}

/* What one job of a group writes, the next one sees, although both looked before. */
static void
test_look_ahead (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_auto (PlazaHeader) first = { 0 };
  g_auto (PlazaHeader) second = { 0 };
  g_auto (PlazaHeader) third = { 0 };
  g_autoptr (GBytes) one = NULL;
  g_autoptr (GBytes) two = NULL;
  g_autoptr (PlazaIntake) a = NULL;
  g_autoptr (PlazaIntake) b = NULL;
  g_autoptr (PlazaIntake) c = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaStoredResponse) response = { 0 };
  g_autoptr (GString) marks = g_string_new (NULL);
  g_autofree char *repeated = NULL;
  PlazaEntry *entry;
  gboolean found;

  laptop_header (laptop, &first);
  entry = laptop_revision (laptop, &first, "agua");
  laptop_header (laptop, &second); /* corrects the first */
  g_free (second.response);
  second.response = g_strdup (first.response);
  second.parent = g_strdup (first.revision);
  second.parent_hash = plaza_hash_to_string (&entry->hash);
  laptop_header (laptop, &third); /* and another carries its folio */
  g_free (third.folio);
  third.folio = g_strdup (first.folio);
  one = laptop_pack (laptop, entry, NULL);
  two = laptop_pack (laptop, laptop_revision (laptop, &second, "agua limpia"),
                     laptop_revision (laptop, &third, "luz"), NULL);
  a = open_intake (fixture, one);
  b = open_intake (fixture, two);
  c = open_intake (fixture, one);
  {
    Job jobs[] = { { .intake = a }, { .intake = b }, { .intake = c } };

    run_jobs (fixture, jobs, G_N_ELEMENTS (jobs));
    for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
      {
        g_assert_null (jobs[i].message);
        g_assert_cmpuint (jobs[i].runs, ==, 1);
      }
  }
  g_assert_cmpint (a->statuses[0], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpint (b->statuses[0], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpint (b->statuses[1], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpint (c->statuses[0], ==, PLAZA_RECEIPT_DUPLICATE);
  fixture->storage->table->find_response (fixture->storage, first.response, &response, &found,
                                          &error);
  g_assert_no_error (error);
  g_assert_true (found && !response.conflict);
  g_assert_cmpstr (response.effective, ==, second.revision);
  fixture->storage->table->each_revision (fixture->storage, list_marks, marks, &error);
  g_assert_no_error (error);
  repeated = g_strdup_printf ("%s folio-repeated;", third.revision);
  g_assert_nonnull (strstr (marks->str, repeated));
}

/* A serialisation failure and a deadlock: the writer does it all again, and nobody notices. */
static void
test_try_again (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("postgresql");
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, "agua", NULL, NULL), NULL);
  g_autoptr (PlazaIntake) intake = open_intake (fixture, envelope);
  Job job = { .intake = intake };
  g_autoptr (GError) error = NULL;
  PlazaVerified verified;

  fixture_sql (fixture,
               "CREATE SEQUENCE tries;"
               "CREATE FUNCTION fail () RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
               "  CASE nextval ('tries')"
               "    WHEN 1 THEN RAISE EXCEPTION 'serialize' USING ERRCODE = '40001';"
               "    WHEN 2 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01';"
               "    ELSE RETURN NEW;"
               "  END CASE;"
               "END $$;"
               "CREATE TRIGGER fail BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fail ()");
  run_jobs (fixture, &job, 1);
  g_assert_null (job.message);
  g_assert_cmpuint (job.runs, ==, 3);
  g_assert_cmpint (intake->statuses[0], ==, PLAZA_RECEIPT_STORED);
  plaza_verify (fixture->storage, &verified, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (verified.revisions, ==, 1);
}

/* The write-ahead log of SQLite waits until nobody does, and then begins anew. */

static goffset
write_much (Fixture *fixture, guint first)
{
  g_autofree char *log = g_build_filename (fixture->directory, "central.db-wal", NULL);
  g_autoptr (GBytes) payload = g_bytes_new_take (g_malloc0 (8000), 8000);
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_true (fixture->storage->table->begin (fixture->storage, &error));
  for (guint i = first; i < first + 1000; i++)
    {
      g_autofree char *id = g_strdup_printf ("%08u", i);
      PlazaHash hash;

      plaza_hash_data (id, strlen (id), &hash);
      g_assert_true (
          fixture->storage->table->put_held (fixture->storage, id, &hash, NULL, payload, &error));
    }
  g_assert_true (fixture->storage->table->commit (fixture->storage, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (log, &info), ==, 0);
  return info.st_size;
}

static void
test_rest (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("sqlite");
  g_autoptr (GError) error = NULL;
  goffset once, twice, last = 0;

  once = write_much (fixture, 0);
  g_assert_cmpint (once, >, 8000 * 1000);
  twice = write_much (fixture, 1000);
  g_assert_cmpint (twice, >, once + 8000 * 1000);
  g_assert_true (fixture->storage->table->rest (fixture->storage, &error));
  g_assert_no_error (error);
  g_assert_cmpint (write_much (fixture, 2000), ==, twice);
  /* Nobody rests: it ends all the same. */
  for (guint i = 3; i < 12; i++)
    last = write_much (fixture, i * 1000);
  g_assert_cmpint (last, <, 16000 * 4200 + once * 2);
}

int
main (int argc, char **argv)
{
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    {
      g_autofree char *older = g_strdup_printf ("/storage/%s/older", engines[i]);
      g_autofree char *group = g_strdup_printf ("/storage/%s/group", engines[i]);
      g_autofree char *ahead = g_strdup_printf ("/storage/%s/look-ahead", engines[i]);

      g_test_add_data_func (older, engines[i], test_older);
      g_test_add_data_func (group, engines[i], test_group);
      g_test_add_data_func (ahead, engines[i], test_look_ahead);
      if (is_postgresql (engines[i]))
        g_test_add_func ("/storage/postgresql/try-again", test_try_again);
      else
        g_test_add_func ("/storage/sqlite/rest", test_rest);
    }
  status = g_test_run ();
  fixture_stop ();
  return status;
}

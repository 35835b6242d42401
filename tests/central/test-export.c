/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves the central, and what never does. */
#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "central/export.h"
#include "fixture.h"

static PlazaCsv *
read_table (const char *out, const char *name)
{
  g_autofree char *path = g_build_filename (out, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, 64 << 20, &error);
  PlazaCsv *csv;

  g_assert_no_error (error);
  csv = plaza_csv_parse (bytes, ',', NULL, &error);
  g_assert_no_error (error);
  return csv;
}

static const char *
cell (PlazaCsv *csv, guint row, const char *column)
{
  int index = plaza_csv_find_column (csv, column);

  g_assert_cmpint (index, >=, 0);
  return plaza_csv_cell (csv, row, (guint) index);
}

static char *
export_to (Fixture *fixture, const char *name, PlazaExportCounts *counts)
{
  char *out = g_build_filename (fixture->directory, name, NULL);
  g_autoptr (GError) error = NULL;

  plaza_export (fixture->central, fixture->storage, out, NULL, counts, &error);
  g_assert_no_error (error);
  return out;
}

static void
send_response (Laptop *laptop, const char *text, char **response)
{
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, text, response, NULL), NULL);
  g_autoptr (PlazaReceipt) receipt = fixture_take (laptop->fixture, envelope);

  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
}

static void
test_everything (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "=Ana", "a");
  g_autofree char *kept = NULL;
  g_autofree char *voided = NULL;
  g_autofree char *withdrawn = NULL;
  g_autofree char *out = NULL;
  g_autofree char *again = NULL;
  g_autofree char *path = NULL;
  g_autofree char *answer_path = NULL;
  g_autoptr (GBytes) removals = NULL;
  g_autoptr (GBytes) contact = NULL;
  g_autoptr (GBytes) xml = laptop_xml ("agua");
  g_autoptr (GBytes) exported = NULL;
  g_autoptr (PlazaReceipt) one = NULL;
  g_autoptr (PlazaReceipt) two = NULL;
  g_autoptr (PlazaCsv) responses = NULL;
  g_autoptr (PlazaCsv) topics = NULL;
  g_autoptr (PlazaCsv) excluded = NULL;
  g_autoptr (PlazaCsv) sessions = NULL;
  g_autoptr (PlazaCsv) devices = NULL;
  g_autoptr (PlazaCsv) contacts = NULL;
  g_autoptr (GError) error = NULL;
  PlazaExportCounts counts, unused;

  send_response (ana, "agua", &kept);
  send_response (ana, "luz", &voided);
  ana->sequence += 2; /* two that never came */
  send_response (ana, "gas", &withdrawn);
  removals = laptop_pack (ana, laptop_removal (ana, PLAZA_ENTRY_VOID, voided, NULL),
                          laptop_removal (ana, PLAZA_ENTRY_WITHDRAWAL, withdrawn, NULL), NULL);
  one = fixture_take (fixture, removals);
  contact = laptop_pack (ana, laptop_contact (ana, "9511234567"), NULL);
  two = fixture_take (fixture, contact);

  out = export_to (fixture, "out", &counts);
  g_assert_cmpuint (counts.responses, ==, 1);
  g_assert_cmpuint (counts.topics, ==, 2);
  g_assert_cmpuint (counts.voided, ==, 1);
  g_assert_cmpuint (counts.withdrawn, ==, 1);
  g_assert_cmpuint (counts.contacts, ==, 1);

  /* the exact bytes that were signed */
  path = g_strdup_printf ("%s/responses/%s.xml", out, kept);
  exported = plaza_file_read (path, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (exported, xml));
  answer_path = g_strdup_printf ("%s/responses/%s.xml", out, voided);
  g_assert_false (g_file_test (answer_path, G_FILE_TEST_EXISTS));

  responses = read_table (out, "responses.csv");
  g_assert_cmpuint (plaza_csv_n_rows (responses), ==, 1);
  g_assert_cmpstr (cell (responses, 0, "response"), ==, kept);
  g_assert_cmpstr (cell (responses, 0, "place"), ==, "Oaxaca");
  g_assert_cmpstr (cell (responses, 0, "author"), ==, "'=Ana");
  g_assert_cmpint (plaza_csv_find_column (responses, "phone"), ==, -1);
  topics = read_table (out, "topics.csv");
  g_assert_cmpuint (plaza_csv_n_rows (topics), ==, 2);
  g_assert_cmpstr (cell (topics, 0, "problem"), ==, "agua");
  g_assert_cmpstr (cell (topics, 1, "problem"), ==, "2");
  g_assert_cmpstr (cell (topics, 1, "position"), ==, "2");
  excluded = read_table (out, "excluded.csv");
  g_assert_cmpuint (plaza_csv_n_rows (excluded), ==, 2);
  sessions = read_table (out, "sessions.csv");
  g_assert_cmpuint (plaza_csv_n_rows (sessions), ==, 1);
  g_assert_cmpstr (cell (sessions, 0, "completed"), ==, "1");
  g_assert_cmpstr (cell (sessions, 0, "withdrawn"), ==, "1");
  g_assert_cmpstr (cell (sessions, 0, "void"), ==, "1");
  devices = read_table (out, "devices.csv");
  g_assert_cmpstr (cell (devices, 0, "received_up_to"), ==, "7");
  g_assert_cmpstr (cell (devices, 0, "missing"), ==, "3-4");
  contacts = read_table (out, "contacts.csv");
  g_assert_cmpuint (plaza_csv_n_columns (contacts), ==, 2);

  /* the same database gives the same bytes */
  again = export_to (fixture, "again", &unused);
  {
    char *argv[] = { (char *) "diff", (char *) "-r", out, again, NULL };
    int status = -1;

    g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error (error);
    g_assert_cmpint (status, ==, 0);
  }
  g_assert_false (plaza_export (fixture->central, fixture->storage, out, NULL, &unused, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
}

/* The custodians, and only they, open what was exported */
static void
test_contact (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (PlazaEntry) entry = laptop_contact (ana, "9511234567");
  g_autoptr (GBytes) envelope = laptop_pack (ana, plaza_entry_ref (entry), NULL);
  g_autoptr (PlazaReceipt) receipt = fixture_take (fixture, envelope);
  PlazaExportCounts counts;
  g_autofree char *out = export_to (fixture, "out", &counts);
  g_autofree char *path = g_strdup_printf ("%s/contacts/%s.contact", out, entry->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = plaza_file_read (path, 1 << 20, &error);
  g_autoptr (PlazaEntry) read = NULL;
  g_auto (PlazaContact) contact = { 0 };
  g_autoptr (GBytes) plain = NULL;

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (payload, entry->payload));
  read = plaza_entry_new (PLAZA_ENTRY_CONTACT, entry->id, 0, payload, &error);
  g_assert_no_error (error);
  plaza_entry_get_contact (read, &contact, &error);
  g_assert_no_error (error);
  plain = plaza_sealbox_open_padded (fixture->custody, contact.sealed, &error);
  g_assert_no_error (error);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (plain, NULL), (gssize) g_bytes_get_size (plain),
                                  "9511234567"));
}

/* Hard strings, each as an answer: back from the table as it was, and never a formula */
static void
test_hard_strings (gconstpointer engine)
{
  const char *shared = g_getenv ("PLAZA_TEST_SHARED");
  g_autofree char *path =
      g_build_filename (shared != NULL ? shared : "", "data", "cadenas_dificiles.csv", NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 1 << 20, NULL);
  g_autoptr (PlazaCsv) strings = NULL;
  g_autoptr (Fixture) fixture = NULL;
  g_autoptr (Laptop) ana = NULL;
  g_autoptr (GHashTable) sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (PlazaCsv) topics = NULL;
  g_autofree char *out = NULL;
  PlazaExportCounts counts;
  guint seen = 0;

  if (bytes == NULL)
    {
      g_test_skip ("no shared material");
      return;
    }
  strings = plaza_csv_parse (bytes, ',', NULL, NULL);
  g_assert_nonnull (strings);
  fixture = fixture_new (engine);
  ana = laptop_new (fixture, "Ana", "a");
  for (guint i = 0; i < plaza_csv_n_rows (strings); i++)
    {
      g_autofree char *json = g_strdup_printf ("[%s]", cell (strings, i, "valor_json"));
      g_autoptr (JsonNode) node = plaza_json_parse_data (json, -1, NULL, NULL);
      g_autofree char *text = NULL;
      char *response;

      if (node == NULL)
        continue; /* NUL and lone surrogates do not pass the gate */
      text = plaza_text_clean (json_array_get_string_element (json_node_get_array (node), 0), -1,
                               NULL, NULL);
      if (text == NULL || text[0] == '\0')
        continue;
      send_response (ana, text, &response);
      g_hash_table_insert (sent, response, g_steal_pointer (&text));
    }
  g_assert_cmpuint (g_hash_table_size (sent), >, 40);
  out = export_to (fixture, "out", &counts);
  topics = read_table (out, "topics.csv");
  for (guint i = 0; i < plaza_csv_n_rows (topics); i++)
    {
      const char *text = cell (topics, i, "problem");
      const char *was = g_hash_table_lookup (sent, cell (topics, i, "response"));

      if (strcmp (cell (topics, i, "position"), "1") != 0)
        continue;
      g_assert_null (strchr ("=+-@\t\r", text[0]));
      g_assert_cmpstr (text[0] == '\'' && was[0] != '\'' ? text + 1 : text, ==, was);
      seen++;
    }
  g_assert_cmpuint (seen, ==, g_hash_table_size (sent));
}

/* What was asked or keyed too late is all there, marked and counted apart, by its own date */
static void
test_late (gconstpointer engine)
{
  static const struct
  {
    const char *mode;
    const char *date;  /* when it was answered */
    const char *ended; /* when it was written down */
    gboolean late;
  } cases[] = {
    { "interview", "2030-01-01", "2030-01-01T23:59:59.000-06:00", FALSE },
    { "interview", "2030-01-02", "2030-01-02T00:00:00.000-06:00", TRUE },
    { "self", "2029-12-31", "2030-03-01T00:00:00.000-06:00", FALSE },
    { "keyed", "2029-12-31", "2030-02-01T23:59:59.000-06:00", FALSE },
    { "keyed", "2029-12-31", "2030-02-02T00:00:01.000-06:00", TRUE },
    { "keyed", "2030-01-05", "2030-01-06T00:00:01.000-06:00", TRUE },
  };
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GHashTable) late = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *out = NULL;
  g_autoptr (PlazaCsv) responses = NULL;
  g_autoptr (PlazaCsv) sessions = NULL;
  PlazaExportCounts counts;
  guint marked = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlazaHeader) header = { 0 };
      g_autoptr (GBytes) envelope = NULL;
      g_autoptr (PlazaReceipt) receipt = NULL;

      laptop_header (laptop, &header);
      g_free (header.mode);
      g_free (header.session_date);
      g_free (header.ended);
      header.mode = g_strdup (cases[i].mode);
      header.session_date = g_strdup (cases[i].date);
      header.ended = g_strdup (cases[i].ended);
      if (cases[i].late)
        g_hash_table_add (late, g_strdup (header.response));
      envelope = laptop_pack (laptop, laptop_revision (laptop, &header, "agua"), NULL);
      receipt = fixture_take (fixture, envelope);
      g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
    }
  {
    g_auto (PlazaHeader) header = { 0 };
    g_autofree char *id = NULL;
    g_autoptr (GBytes) envelope = NULL;
    g_autoptr (PlazaReceipt) receipt = NULL;
    g_autoptr (GError) error = NULL;

    laptop_header (laptop, &header);
    g_clear_pointer (&header.revision, g_free);
    g_free (header.session_date);
    header.session_date = g_strdup ("2030-06-01");
    header.outcome = PLAZA_OUTCOME_REFUSED;
    id = g_strdup ("0190163d-8694-739b-aea5-966c26f8ad91");
    envelope = laptop_pack (
        laptop, plaza_entry_new_outcome (id, &header, ++laptop->sequence, &error), NULL);
    g_assert_no_error (error);
    receipt = fixture_take (fixture, envelope);
    g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
  }

  out = export_to (fixture, "out", &counts);
  g_assert_cmpuint (counts.responses, ==, 3);
  g_assert_cmpuint (counts.late, ==, 3);
  responses = read_table (out, "responses.csv");
  g_assert_cmpuint (plaza_csv_n_rows (responses), ==, 6);
  for (guint i = 0; i < plaza_csv_n_rows (responses); i++)
    if (g_hash_table_contains (late, cell (responses, i, "response")))
      {
        g_assert_cmpstr (cell (responses, i, "marks"), ==, "late");
        marked++;
      }
    else
      g_assert_cmpstr (cell (responses, i, "marks"), ==, "");
  g_assert_cmpuint (marked, ==, 3);
  sessions = read_table (out, "sessions.csv");
  g_assert_cmpstr (cell (sessions, 0, "completed"), ==, "6");
  g_assert_cmpstr (cell (sessions, 0, "refused"), ==, "1");
  g_assert_cmpstr (cell (sessions, 0, "late"), ==, "4");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "everything", test_everything },
    { "contact", test_contact },
    { "hard-strings", test_hard_strings },
    { "late", test_late },
  };
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/export/%s/%s", engines[i], tests[j].name);

        g_test_add_data_func (path, engines[i], tests[j].func);
      }
  status = g_test_run ();
  fixture_stop ();
  return status;
}

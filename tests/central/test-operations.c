/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running program as its operator meets it: what it counts, logs and tells the service manager.
 */
#include <gio/gunixsocketaddress.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/json.h"
#include "base/error.h"
#include "central/central-resources.h"
#include "central/enrolment.h"
#include "central/log.h"
#include "central/metrics.h"
#include "central/status.h"
#include "central/storage-sql.h"
#include "fixture.h"

/* A program that serves, with a service manager's socket that we listen on. */
typedef struct
{
  Fixture *fixture;
  GSocket *manager;
  GPid pid;
  char *api;
  char *operations;
  char *log;
} Running;

static char *
next_word (Running *self)
{
  char buffer[256];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (self->manager, buffer, sizeof buffer, NULL, &error);

  g_assert_no_error (error);
  return g_strndup (buffer, (gsize) n);
}

static void
wait_for (Running *self, const char *word)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *heard = next_word (self);

      if (strcmp (heard, word) == 0)
        return;
    }
  g_test_fail_printf ("the service manager never heard %s", word);
}

static Running *
run_server (const char *engine, const char *log_format)
{
  Running *self = g_new0 (Running, 1);
  g_autofree char *notify = NULL;
  g_autofree char *log_option = g_strdup_printf ("--log=%s", log_format);
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  const char *argv[6] = { "sh", "-c", NULL, NULL };

  self->fixture = fixture_new (engine);
  self->api = g_build_filename (self->fixture->directory, "http.sock", NULL);
  self->operations = g_build_filename (self->fixture->directory, "operations.sock", NULL);
  self->log = g_build_filename (self->fixture->directory, "log.txt", NULL);
  notify = g_build_filename (self->fixture->directory, "notify.sock", NULL);
  self->manager = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                                G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  address = g_unix_socket_address_new (notify);
  g_socket_bind (self->manager, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (self->manager, 60);
  environment = g_environ_setenv (environment, "NOTIFY_SOCKET", notify, TRUE);
  environment = g_environ_setenv (environment, "WATCHDOG_USEC", "300000", TRUE);
  environment = g_environ_unsetenv (environment, "WATCHDOG_PID");
  line = g_strdup_printf ("exec \"$PLAZA_CENTRAL\" serve --central '%s' --socket '%s' "
                          "--operations '%s' '%s' 2>'%s'",
                          self->fixture->directory, self->api, self->operations, log_option,
                          self->log);
  argv[2] = line;
  g_spawn_async (NULL, (char **) argv, environment,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                 NULL, &self->pid, &error);
  g_assert_no_error (error);
  wait_for (self, "READY=1");
  return self;
}

static void
stop (Running *self)
{
  int status;

  kill (self->pid, SIGTERM);
  wait_for (self, "STOPPING=1");
  waitpid (self->pid, &status, 0);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_spawn_close_pid (self->pid);
  self->pid = 0;
}

static void
running_free (Running *self)
{
  if (self->pid != 0)
    stop (self);
  g_object_unref (self->manager);
  fixture_free (self->fixture);
  g_free (self->api);
  g_free (self->operations);
  g_free (self->log);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Running, running_free)

static char *
ask (const char *path, const void *request, gsize length)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_autoptr (GString) heard = g_string_new (NULL);
  char buffer[8192];
  gssize n;

  g_assert_no_error (error);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 60);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                             length, NULL, NULL, NULL);
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer,
                                   sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (heard, buffer, n);
  return g_string_free (g_steal_pointer (&heard), FALSE);
}

static char *
get (const char *socket, const char *path)
{
  g_autofree char *request =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path);

  return ask (socket, request, strlen (request));
}

static char *
post (Running *self, const char *path, const char *type, const char *token, GBytes *body)
{
  g_autoptr (GByteArray) request = g_byte_array_new ();
  g_autofree char *head = g_strdup_printf (
      "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Real-IP: 203.0.113.77\r\n"
      "Authorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
      path, token, type, g_bytes_get_size (body));

  g_byte_array_append (request, (const guint8 *) head, (guint) strlen (head));
  g_byte_array_append (request, g_bytes_get_data (body, NULL), (guint) g_bytes_get_size (body));
  return ask (self->api, request->data, request->len);
}

/* The number of one line of /metrics, -1 when it is not there. */
static gint64
metric (Running *self, const char *name)
{
  g_autofree char *text = get (self->operations, "/metrics");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], name) && lines[i][strlen (name)] == ' ')
      return g_ascii_strtoll (lines[i] + strlen (name) + 1, NULL, 10);
  return -1;
}

#define ENVELOPE_TYPE "application/vnd.plaza.envelope"

/* What it counts is what happened, and no label names anybody */
static void
test_metrics (gconstpointer engine)
{
  g_autoptr (Running) running = run_server (engine, "logfmt");
  g_autoptr (Laptop) laptop = laptop_new (running->fixture, "Ana", "a");
  g_autoptr (GBytes) envelope = laptop_pack (laptop, laptop_response (laptop, "uno", NULL, NULL),
                                             laptop_response (laptop, "dos", NULL, NULL), NULL);
  g_autoptr (GBytes) rubbish = g_bytes_new_static ("no envelope", 11);
  g_autofree char *first = post (running, "/v1/envelopes", ENVELOPE_TYPE, laptop->token, envelope);
  g_autofree char *again = post (running, "/v1/envelopes", ENVELOPE_TYPE, laptop->token, envelope);
  g_autofree char *refused = post (running, "/v1/envelopes", ENVELOPE_TYPE, laptop->token, rubbish);
  g_autofree char *lost = get (running->api, "/nowhere");
  g_autofree char *text = NULL;

  g_assert_true (g_str_has_prefix (first, "HTTP/1.1 200"));
  g_assert_true (g_str_has_prefix (again, "HTTP/1.1 200"));
  g_assert_true (g_str_has_prefix (refused, "HTTP/1.1 422"));
  g_assert_true (g_str_has_prefix (lost, "HTTP/1.1 404"));
  g_assert_cmpint (metric (running, "plaza_requests_total{route=\"/v1/envelopes\",method=\"POST\","
                                    "status=\"200\"}"),
                   ==, 2);
  g_assert_cmpint (metric (running, "plaza_requests_total{route=\"/v1/envelopes\",method=\"POST\","
                                    "status=\"422\"}"),
                   ==, 1);
  g_assert_cmpint (
      metric (running, "plaza_requests_total{route=\"other\",method=\"other\",status=\"404\"}"), ==,
      1);
  g_assert_cmpint (metric (running, "plaza_entries_total{kind=\"revision\",status=\"stored\"}"), ==,
                   2);
  g_assert_cmpint (metric (running, "plaza_entries_total{kind=\"revision\",status=\"duplicate\"}"),
                   ==, 2);
  g_assert_cmpint (metric (running, "plaza_envelopes_total"), ==, 2);
  g_assert_cmpint (metric (running, "plaza_envelopes_refused_total"), ==, 1);
  g_assert_cmpint (metric (running, "plaza_received_bytes_total"), ==,
                   (gint64) (2 * g_bytes_get_size (envelope) + g_bytes_get_size (rubbish)));
  g_assert_cmpint (metric (running, "plaza_writer_group_jobs_count"), >=, 2);
  g_assert_cmpint (metric (running, "plaza_request_seconds_count"), >=, 4);
  g_assert_cmpint (metric (running, "plaza_disk_free_bytes"), >, 0);
  g_assert_cmpint (metric (running, "plaza_database_errors_total"), ==, 0);
  text = get (running->operations, "/metrics");
  g_assert_nonnull (strstr (text, "Content-Type: text/plain; version=0.0.4"));
  g_assert_null (strstr (text, laptop->id));
  g_assert_null (strstr (text, "Ana"));
}

/* Buckets add up from one to the next, as whoever reads them expects */
static void
test_histogram (void)
{
  g_autofree char *text = NULL;

  plaza_metrics_observe (PLAZA_HISTOGRAM_GROUP_JOBS, 1);
  plaza_metrics_observe (PLAZA_HISTOGRAM_GROUP_JOBS, 3);
  plaza_metrics_observe (PLAZA_HISTOGRAM_GROUP_JOBS, 1000);
  text = plaza_metrics_write ();
  g_assert_nonnull (strstr (text, "plaza_writer_group_jobs_bucket{le=\"1\"} 1\n"));
  g_assert_nonnull (strstr (text, "plaza_writer_group_jobs_bucket{le=\"2\"} 1\n"));
  g_assert_nonnull (strstr (text, "plaza_writer_group_jobs_bucket{le=\"4\"} 2\n"));
  g_assert_nonnull (strstr (text, "plaza_writer_group_jobs_bucket{le=\"+Inf\"} 3\n"));
  g_assert_nonnull (strstr (text, "plaza_writer_group_jobs_sum 1004.000000\n"));
  g_assert_nonnull (strstr (text, "plaza_writer_group_jobs_count 3\n"));
}

/* Only the paths there are, and only to be read; ready means that a write went through */
static void
test_routes (gconstpointer engine)
{
  g_autoptr (Running) running = run_server (engine, "logfmt");
  static const struct
  {
    const char *request;
    const char *status;
  } asked[] = {
    { "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200" },
    { "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200" },
    { "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200" },
    { "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
      "HTTP/1.1 405" },
    { "GET /v1/probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404" },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autofree char *heard =
          ask (running->operations, asked[i].request, strlen (asked[i].request));

      g_test_message ("%s", asked[i].request);
      g_assert_true (g_str_has_prefix (heard, asked[i].status));
    }
  for (guint i = 0; i < 3; i++)
    {
      static const char *const paths[] = { "/healthz", "/readyz", "/metrics" };
      g_autofree char *heard = get (running->api, paths[i]);

      g_assert_true (g_str_has_prefix (heard, "HTTP/1.1 404"));
    }
}

/* A schema of another version is not ready, and says why */
static void
test_schema (gconstpointer engine)
{
  g_autoptr (Running) running = run_server (engine, "logfmt");
  g_autofree char *before = get (running->operations, "/readyz");
  g_autofree char *after = NULL;

  g_assert_true (g_str_has_prefix (before, "HTTP/1.1 200"));
  fixture_sql (running->fixture,
               "INSERT INTO migration SELECT number + 1, 'x', hash FROM migration "
               "ORDER BY number DESC LIMIT 1");
  after = get (running->operations, "/readyz");
  g_assert_true (g_str_has_prefix (after, "HTTP/1.1 503"));
  g_assert_nonnull (strstr (after, "\"reason\":\"schema\""));
}

/* A database as the first version left it, empty but for its tables. */
static PlazaStorage *
old_database (Fixture *fixture, const char *engine)
{
  gboolean sqlite = strcmp (engine, "sqlite") == 0;
  g_autofree char *path =
      g_strdup_printf ("/org/gobabiertomx/Plaza/sql/central-%s/001-first.sql", engine);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) script = g_resource_lookup_data (plaza_central_get_resource (), path,
                                                      G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  g_autofree char *insert = NULL;
  g_autofree char *hex = NULL;
  PlazaStorage *storage;
  PlazaSql *sql;
  PlazaHash hash;

  g_assert_no_error (error);
  plaza_hash_bytes (script, &hash);
  hex = plaza_hash_to_string (&hash);
  insert = g_strdup_printf (sqlite ? "INSERT INTO migration VALUES (1, '001-first.sql', X'%s')"
                                   : "INSERT INTO migration VALUES (1, '001-first.sql', "
                                     "decode ('%s', 'hex'))",
                            hex);
  if (!sqlite)
    fixture_sql (fixture, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  storage = plaza_storage_open (sqlite ? "sqlite:old.db" : fixture->central->database,
                                fixture->directory, TRUE, &error);
  g_assert_no_error (error);
  sql = (PlazaSql *) storage;
  g_assert_true (sql->exec (sql, sql->migration_table, &error));
  g_assert_true (sql->exec (sql, g_bytes_get_data (script, NULL), &error));
  g_assert_true (sql->exec (sql, insert, &error));
  g_assert_no_error (error);
  return storage;
}

/* An old database says what it needs, gets it once, and one that was changed is not touched */
static void
test_migrate (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (PlazaStorage) storage = old_database (fixture, engine);
  PlazaSql *sql = (PlazaSql *) storage;
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) after = NULL;
  g_auto (GStrv) never = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) probed = NULL;
  g_autoptr (GError) changed = NULL;

  g_assert_true (storage->table->pending (storage, &before, &error));
  g_assert_cmpuint (g_strv_length (before), >=, 1);
  g_assert_true (g_str_has_prefix (before[0], "002-"));
  storage->table->begin (storage, NULL);
  g_assert_false (storage->table->probe (storage, &probed));
  g_assert_error (probed, PLAZA_ERROR, PLAZA_ERROR_NEWER);
  storage->table->rollback (storage);
  storage->table->migrate (storage, &error);
  g_assert_no_error (error);
  g_assert_true (storage->table->pending (storage, &after, &error));
  g_assert_cmpuint (g_strv_length (after), ==, 0);

  g_assert_true (sql->exec (sql,
                            strcmp (engine, "sqlite") == 0
                                ? "UPDATE migration SET hash = zeroblob (32) WHERE number = 2"
                                : "UPDATE migration SET hash = decode (repeat ('00', 32), 'hex') "
                                  "WHERE number = 2",
                            &error));
  g_assert_false (storage->table->pending (storage, &never, &changed));
  g_assert_error (changed, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_clear_error (&changed);
  g_assert_false (storage->table->migrate (storage, &changed));
  g_assert_error (changed, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
}

static gint64
count (JsonObject *object, const char *name)
{
  return json_object_get_int_member (object, name);
}

/* Late work is apart, so is a revoked laptop's, and what is missing is named */
/* Devices that join in the same millisecond stand in no order. */
static JsonObject *
find_person (JsonArray *devices, const char *person)
{
  for (guint i = 0; i < json_array_get_length (devices); i++)
    {
      JsonObject *device = json_array_get_object_element (devices, i);

      if (strcmp (json_object_get_string_member (device, "person"), person) == 0)
        return device;
    }
  g_assert_not_reached ();
}

static void
test_status (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) luz = laptop_new (fixture, "Luz", "a");
  g_autofree char *late = NULL;
  g_autofree char *mark = NULL;
  PlazaEntry *first = laptop_response (ana, "uno", NULL, NULL);
  PlazaEntry *lost = laptop_response (ana, "se perdió", NULL, NULL);
  PlazaEntry *third = laptop_response (ana, "tres", NULL, &late);
  g_autoptr (GBytes) envelope = laptop_pack (ana, first, third, NULL);
  g_autoptr (GBytes) revoked =
      laptop_pack (luz, laptop_response (luz, "de la revocada", NULL, NULL), NULL);
  g_autoptr (JsonObject) status = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *campaign;
  JsonObject *device;
  gboolean found;

  plaza_entry_unref (lost);
  plaza_receipt_free (fixture_take (fixture, envelope));
  g_assert_true (fixture->storage->table->begin (fixture->storage, &error));
  g_assert_true (
      fixture->storage->table->revoke_device (fixture->storage, luz->id, 1, &found, &error));
  g_assert_true (fixture->storage->table->commit (fixture->storage, &error));
  plaza_receipt_free (fixture_take (fixture, revoked));
  mark = g_strdup_printf ("DELETE FROM mark WHERE revision = '%s';"
                          "INSERT INTO mark VALUES ('%s', 'intake', 0, 'late', '', '')",
                          late, late);
  fixture_sql (fixture, mark);

  status = plaza_status (fixture->central, fixture->storage, &error);
  g_assert_no_error (error);
  campaign = json_array_get_object_element (json_object_get_array_member (status, "campaigns"), 0);
  g_assert_cmpint (count (campaign, "responses"), ==, 1);
  g_assert_cmpint (count (campaign, "late"), ==, 1);
  g_assert_cmpint (count (campaign, "envelopes"), ==, 1);
  g_assert_cmpint (count (campaign, "quarantined_envelopes"), ==, 1);
  g_assert_cmpint (count (status, "quarantined"), ==, 1);
  g_assert_cmpint (count (json_object_get_object_member (campaign, "outcomes"), "completed"), ==,
                   2);
  device = find_person (json_object_get_array_member (status, "devices"), "Ana");
  g_assert_cmpstr (json_object_get_string_member (device, "missing"), ==, "2");
  g_assert_cmpint (count (device, "last"), ==, 3);
  g_assert_true (json_object_get_null_member (status, "backup"));
}

/* The manager hears of every step, and of us in between; SIGHUP reads the campaigns again */
static void
test_manager (gconstpointer engine)
{
  g_autoptr (Running) running = run_server (engine, "json");
  g_autofree char *log = NULL;
  g_autofree char *reloading = NULL;

  wait_for (running, "WATCHDOG=1");
  wait_for (running, "WATCHDOG=1");
  kill (running->pid, SIGHUP);
  do
    {
      g_free (reloading);
      reloading = next_word (running);
    }
  while (strcmp (reloading, "WATCHDOG=1") == 0);
  g_assert_true (g_str_has_prefix (reloading, "RELOADING=1\nMONOTONIC_USEC="));
  wait_for (running, "READY=1");
  stop (running);
  g_file_get_contents (running->log, &log, NULL, NULL);
  g_assert_nonnull (strstr (log, "\"event\":\"started\""));
  g_assert_nonnull (strstr (log, "\"event\":\"reloaded\""));
  g_assert_nonnull (strstr (log, "\"event\":\"stopped\""));
  /* nothing of its sockets is left behind */
  g_assert_false (g_file_test (running->api, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (running->operations, G_FILE_TEST_EXISTS));
}

#define NAME "Canaria Nombre"
#define ANSWER "canaria-respuesta"
#define CONTROL "\033[31mrojo"

/* Tokens, codes, names, answers and addresses are put everywhere they could come through */
static void
send_canaries (Running *running, Laptop *laptop, const char *code)
{
  Fixture *fixture = running->fixture;
  g_autofree char *fingerprint = g_strdup (fixture->campaign->fingerprint);
  g_autofree char *enrolment = g_strdup_printf (
      "{\"code\":\"%s\",\"device_key\":\"not a key\",\"fingerprint\":\"%s\"}", code, fingerprint);
  g_autoptr (GBytes) enrol = g_bytes_new (enrolment, strlen (enrolment));
  g_autoptr (GBytes) broken = g_bytes_new (ANSWER "\n" CONTROL, strlen (ANSWER "\n" CONTROL));
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, ANSWER, NULL, NULL), NULL);
  g_autoptr (GBytes) contacts =
      laptop_pack (laptop, laptop_contact (laptop, "Canaria Contacto"), NULL);
  g_autofree char *hostile =
      g_strdup_printf ("GET /" CONTROL "/%s HTTP/1.1\r\nHost: a\r\nX-Real-IP: 203.0.113.77\r\n"
                       "Authorization: Bearer %s\r\nConnection: close\r\n\r\n",
                       code, laptop->token);
  g_autofree char *answers[5] = {
    post (running, "/v1/envelopes", ENVELOPE_TYPE, laptop->token, envelope),
    post (running, "/v1/envelopes", ENVELOPE_TYPE, laptop->token, contacts),
    post (running, "/v1/envelopes", ENVELOPE_TYPE, laptop->token, broken),
    post (running, "/v1/enrol", "application/json", "ccd_wrongtokenwrongtoken", enrol),
    ask (running->api, hostile, strlen (hostile)),
  };

  g_assert_true (g_str_has_prefix (answers[0], "HTTP/1.1 200"));
  g_assert_true (g_str_has_prefix (answers[1], "HTTP/1.1 200"));
  for (guint i = 1; i < G_N_ELEMENTS (answers); i++)
    g_clear_pointer (&answers[i], g_free);
}

static void
check_json_lines (const char *log)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  guint requests = 0;

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = plaza_json_parse_data (lines[i], -1, NULL, &error);
      JsonObject *object;
      const char *event;

      g_assert_no_error (error);
      object = json_node_get_object (node);
      g_assert_nonnull (plaza_json_get_string (object, "time", 30, &error));
      g_assert_nonnull (plaza_json_get_string (object, "level", 30, &error));
      event = plaza_json_get_string (object, "event", 60, &error);
      g_assert_no_error (error);
      if (strcmp (event, "request") != 0)
        continue;
      requests++;
      g_assert_cmpint (json_object_get_int_member (object, "status"), >=, 200);
      g_assert_true (json_object_has_member (object, "route"));
    }
  g_assert_cmpuint (requests, >=, 4);
}

static void
test_log (gconstpointer format)
{
  g_autoptr (Running) running = run_server ("sqlite", format);
  g_autoptr (Laptop) laptop = laptop_new (running->fixture, NAME, "a");
  g_autoptr (GError) error = NULL;
  g_autofree char *code = NULL;
  g_autofree char *log = NULL;
  const PlazaStorageTable *table = running->fixture->storage->table;

  table->begin (running->fixture->storage, &error);
  code = plaza_enrolment_new_code (running->fixture->central, running->fixture->storage,
                                   running->fixture->campaign, NAME, "a", "facilitator", 24, NULL,
                                   &error);
  g_assert_no_error (error);
  table->commit (running->fixture->storage, &error);
  send_canaries (running, laptop, code);
  stop (running);

  g_file_get_contents (running->log, &log, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", log);
  {
    const char *const canaries[] = { laptop->token,  code,   NAME,   "Canaria", "canaria",
                                     "203.0.113.77", "ccd_", "\033", "plaza://" };

    for (guint i = 0; i < G_N_ELEMENTS (canaries); i++)
      g_assert_null (strstr (log, canaries[i]));
  }
  /* and it does say what happened: who delivered, what was refused, from about where */
  g_assert_nonnull (strstr (log, laptop->id));
  g_assert_nonnull (strstr (log, "203.0.113.0/24"));
  g_assert_nonnull (strstr (log, "bad-request"));
  if (strcmp (format, "json") == 0)
    check_json_lines (log);
  else
    g_assert_nonnull (strstr (log, "event=request method=POST route=/v1/envelopes status=200"));
}

static void
test_network (void)
{
  static const struct
  {
    const char *address;
    const char *network;
  } known[] = {
    { "203.0.113.77", "203.0.113.0/24" },
    { "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48" },
    { "proxy", "-" },
    { "203.0.113.77; drop", "-" },
    { NULL, "-" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *network = plaza_log_network (known[i].address);

      g_assert_cmpstr (network, ==, known[i].network);
    }
}

/* A second SIGTERM does not wait for those who are slow */
static void
test_second_term (gconstpointer engine)
{
  g_autoptr (Running) running = run_server (engine, "logfmt");
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (running->api);
  g_autoptr (GSocketConnection) slow =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  static const char begun[] = "POST /v1/enrol HTTP/1.1\r\nHost: a\r\n"
                              "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
  g_autofree char *lost = NULL;
  int status;

  g_assert_nonnull (slow);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (slow)), begun,
                             sizeof begun - 1, NULL, NULL, NULL);
  while (metric (running, "plaza_requests_running") != 1)
    g_usleep (5000);
  kill (running->pid, SIGTERM);
  wait_for (running, "STOPPING=1");
  do
    {
      g_free (lost);
      lost = get (running->operations, "/readyz");
    }
  while (g_str_has_prefix (lost, "HTTP/1.1 200")); /* it says so a moment before it does */
  g_assert_nonnull (strstr (lost, "\"reason\":\"stopping\""));
  kill (running->pid, SIGTERM);
  waitpid (running->pid, &status, 0);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGTERM);
  g_spawn_close_pid (running->pid);
  running->pid = 0;
}

int
main (int argc, char **argv)
{
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  g_test_add_func ("/operations/histogram", test_histogram);
  g_test_add_func ("/operations/network", test_network);
  g_test_add_data_func ("/operations/log/logfmt", "logfmt", test_log);
  g_test_add_data_func ("/operations/log/json", "json", test_log);
  g_test_add_data_func ("/operations/manager", "sqlite", test_manager);
  g_test_add_data_func ("/operations/routes", "sqlite", test_routes);
  g_test_add_data_func ("/operations/second-term", "sqlite", test_second_term);
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    {
      g_autofree char *metrics = g_strdup_printf ("/operations/%s/metrics", engines[i]);
      g_autofree char *migrate = g_strdup_printf ("/operations/%s/migrate", engines[i]);
      g_autofree char *counts = g_strdup_printf ("/operations/%s/status", engines[i]);
      g_autofree char *schema = g_strdup_printf ("/operations/%s/schema", engines[i]);

      g_test_add_data_func (metrics, engines[i], test_metrics);
      g_test_add_data_func (schema, engines[i], test_schema);
      g_test_add_data_func (migrate, engines[i], test_migrate);
      g_test_add_data_func (counts, engines[i], test_status);
    }
  status = g_test_run ();
  fixture_stop ();
  return status;
}

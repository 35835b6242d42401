/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server as a laptop, a proxy or an attacker meets it. */
#include <gnutls/gnutls.h>
#include <json-glib/json-glib.h>

#include "central/enrolment.h"
#include "central/gate.h"
#include "served.h"
#include "wire/joinlink.h"

#define ALIVE "GET /v1/campaign/none HTTP/1.1\r\nHost: a\r\n\r\n"
#define PROBE "GET /v1/probe HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

/* Joining */

static char *
enrol_request (const char *code, const char *key, const char *fingerprint)
{
  g_autofree char *body = g_strdup_printf (
      "{\"code\":\"%s\",\"device_key\":\"%s\",\"fingerprint\":\"%s\"}", code, key, fingerprint);

  return g_strdup_printf (POST "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", strlen (body),
                          body);
}

static char *
new_code (Fixture *fixture, guint hours)
{
  g_autoptr (GError) error = NULL;
  char *code;

  fixture->storage->table->begin (fixture->storage, &error);
  g_assert_no_error (error);
  code = plaza_enrolment_new_code (fixture->central, fixture->storage, fixture->campaign, "Ana",
                                   "a", "facilitator", hours, NULL, &error);
  g_assert_no_error (error);
  fixture->storage->table->commit (fixture->storage, &error);
  g_assert_no_error (error);
  return code;
}

static char *
token_of (const char *answer)
{
  g_autoptr (JsonNode) node = json_from_string (strstr (answer, "\r\n\r\n") + 4, NULL);

  return g_strdup (json_object_get_string_member (json_node_get_object (node), "token"));
}

static void
test_enrolment (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  Fixture *fixture = served->fixture;
  const char *fingerprint = fixture->campaign->fingerprint;
  PlazaPublicKey key, other;
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (PlazaSecret) other_secret = NULL;
  g_autofree char *code = new_code (fixture, 1);
  g_autofree char *stale = new_code (fixture, 0);
  g_autofree char *key_text = NULL;
  g_autofree char *other_text = NULL;
  g_autofree char *request = NULL;
  g_autofree char *stolen = NULL;
  g_autofree char *late = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *old_token = NULL;
  g_autofree char *token = NULL;
  g_autofree char *old_probe = NULL;
  g_autofree char *probe = NULL;

  plaza_sign_keypair (&key, &secret);
  plaza_sign_keypair (&other, &other_secret);
  key_text = plaza_public_key_to_string (&key);
  other_text = plaza_public_key_to_string (&other);
  request = enrol_request (code, key_text, fingerprint);
  stolen = enrol_request (code, other_text, fingerprint);
  late = enrol_request (stale, other_text, fingerprint);

  g_assert_cmpuint (served_ask (served, late, NULL), ==, 410);
  g_assert_cmpuint (served_ask (served, request, &first), ==, 201);
  /* the answer was lost on its way: the same laptop may ask again, nobody else */
  g_assert_cmpuint (served_ask (served, stolen, NULL), ==, 409);
  g_assert_cmpuint (served_ask (served, request, &second), ==, 201);
  old_token = token_of (first);
  token = token_of (second);
  old_probe = g_strdup_printf (PROBE "Authorization: Bearer %s\r\n\r\n", old_token);
  probe = g_strdup_printf (PROBE "Authorization: Bearer %s\r\n\r\n", token);
  g_assert_cmpuint (served_ask (served, old_probe, NULL), ==, 401);
  g_assert_cmpuint (served_ask (served, probe, NULL), ==, 200);
  g_assert_cmpuint (served_operate (served, "/readyz", NULL), ==, 200);
  /* the token arrived: the code is spent */
  g_assert_cmpuint (served_ask (served, request, NULL), ==, 409);
}

/* What is no JSON, or more than JSON, is refused at once, and the server lives on */
static void
test_hostile_json (gconstpointer engine)
{
  static const char *const bodies[] = {
    "{\"code\":\"a\",\"code\":\"b\",\"device_key\":\"c\",\"fingerprint\":\"d\"}",
    "{\"code\":\"a\",\"device_key\":\"b\",\"fingerprint\":\"c\",\"admin\":true}",
    "{\"code\":1e999,\"device_key\":2,\"fingerprint\":3}",
    "{\"code\":\"\\u0000\",\"device_key\":\"b\",\"fingerprint\":\"c\"}",
    "{\"code\":\"\\ud800\",\"device_key\":\"b\",\"fingerprint\":\"c\"}",
    "{\"code\":\"\xff\",\"device_key\":\"b\",\"fingerprint\":\"c\"}",
    "{\"code\":'a',\"device_key\":\"b\",\"fingerprint\":\"c\"}",
    "{\"code\":null,\"device_key\":[],\"fingerprint\":{}}",
    "{} {}",
    "/**/{}",
    "nul",
    "\"",
    "010",
  };
  g_autoptr (Fixture) fixture = fixture_new (engine);
  Served served = { fixture, NULL, g_build_filename (fixture->directory, "http.sock", NULL) };
  g_autofree char *deep = g_strnfill (60000, '[');
  g_autofree char *digits = g_strnfill (60000, '9');
  g_autoptr (GError) error = NULL;

  fixture->central->enrol_tries = 1000;
  served.server = plaza_server_start (fixture->central, NULL, served.socket, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (bodies) + 2; i++)
    {
      const char *body = i < G_N_ELEMENTS (bodies)    ? bodies[i]
                         : i == G_N_ELEMENTS (bodies) ? deep
                                                      : digits;
      g_autofree char *request = g_strdup_printf (
          POST "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", strlen (body), body);
      g_autofree char *answer = NULL;

      g_assert_cmpuint (served_ask (&served, request, &answer), ==, 400);
      g_assert_nonnull (strstr (answer, "{\"code\":\"bad-request\","));
    }
  plaza_server_stop (served.server, 1);
  g_free (served.socket);
}

/* Guessing: ten wrong codes and the address has to wait, with the right one too */
static void
test_guessing (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autofree char *code = new_code (served->fixture, 1);
  g_autofree char *key = g_strnfill (43, 'A');
  g_autofree char *right = enrol_request (code, key, served->fixture->campaign->fingerprint);
  g_autofree char *answer = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *wrong = plaza_join_code_new ();
      g_autofree char *request = enrol_request (wrong, key, served->fixture->campaign->fingerprint);

      g_assert_cmpuint (served_ask (served, request, NULL), ==, 404);
    }
  g_assert_cmpuint (served_ask (served, right, &answer), ==, 429);
  g_assert_nonnull (strstr (answer, "Retry-After: "));
}

/* Envelopes: many threads, the same ones, each fact once */

typedef struct
{
  Served *served;
  Laptop *laptop;
  GPtrArray *envelopes;
  guint first;
  guint stored; /* statuses "stored" it was told */
} Sender;

static gpointer
send_all (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; i < self->envelopes->len; i++)
    {
      GBytes *envelope =
          g_ptr_array_index (self->envelopes, (i + self->first) % self->envelopes->len);
      guint status;
      g_autoptr (GBytes) bytes =
          served_post_envelope (self->served, self->laptop->token, envelope, &status);
      g_autoptr (PlazaReceipt) receipt = NULL;

      g_assert_cmpuint (status, ==, 200);
      receipt = served_read_receipt (self->served, bytes, envelope);
      for (guint j = 0; j < receipt->n_statuses; j++)
        {
          self->stored += receipt->statuses[j] == PLAZA_RECEIPT_STORED;
          g_assert_true (plaza_receipt_status_is_delivered (receipt->statuses[j]));
        }
    }
  return NULL;
}

static gboolean
count_record (gpointer record, gpointer data, GError **error)
{
  (*(guint *) data)++;
  return TRUE;
}

static void
test_concurrent (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Sender senders[6];
  GThread *threads[G_N_ELEMENTS (senders)];
  g_autoptr (GError) error = NULL;
  guint stored = 0;
  guint there = 0;

  for (guint i = 0; i < 12; i++)
    g_ptr_array_add (envelopes, laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL),
                                             laptop_response (laptop, "b", NULL, NULL), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    {
      senders[i] = (Sender){ served, laptop, envelopes, i / 2, 0 };
      threads[i] = g_thread_new ("sender", send_all, &senders[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    {
      g_thread_join (threads[i]);
      stored += senders[i].stored;
    }
  g_assert_cmpuint (stored, ==, 24);
  served->fixture->storage->table->each_revision (served->fixture->storage, count_record, &there,
                                                  &error);
  g_assert_no_error (error);
  g_assert_cmpuint (there, ==, 24);
}

/* Validation comes after the receipt and drops nothing */

static gboolean
find_marks (gpointer record, gpointer data, GError **error)
{
  *(char **) data = g_strdup (((PlazaExportRevision *) record)->marks);
  return TRUE;
}

/* What the form engine has against the one revision that is there, once it looked */
static char *
wait_for_marks (Served *served)
{
  PlazaStorage *storage = served->fixture->storage;
  char *marks = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100 && (marks == NULL || marks[0] == '\0'); i++)
    {
      g_clear_pointer (&marks, g_free);
      g_usleep (100 * 1000);
      storage->table->each_revision (storage, find_marks, &marks, &error);
      g_assert_no_error (error);
    }
  return marks;
}

/* A form or a version that the server does not know yet: kept and marked, never refused */
static void
test_unknown_form (gconstpointer engine)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Served) served = served_new (engine);
      g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
      g_auto (PlazaHeader) header = { 0 };
      g_autoptr (GBytes) envelope = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (PlazaReceipt) receipt = NULL;
      g_autoptr (GBytes) xml = NULL;
      g_autoptr (GBytes) later = NULL;
      g_autoptr (GString) text = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *marks = NULL;
      guint status;

      laptop_header (laptop, &header);
      g_free (i == 0 ? header.form_version : header.form_id);
      *(i == 0 ? &header.form_version : &header.form_id) = g_strdup ("next-year");
      xml = laptop_xml ("a");
      text = g_string_new_len (g_bytes_get_data (xml, NULL), (gssize) g_bytes_get_size (xml));
      g_string_replace (text, "version=\"1\"", "version=\"next-year\"", 1);
      later = g_bytes_new (text->str, text->len);
      envelope = laptop_pack (
          laptop, plaza_entry_new_revision (&header, 1, later, NULL, NULL, &error), NULL);
      g_assert_no_error (error);
      bytes = served_post_envelope (served, laptop->token, envelope, &status);
      g_assert_cmpuint (status, ==, 200);
      receipt = served_read_receipt (served, bytes, envelope);
      g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
      marks = wait_for_marks (served);
      g_assert_cmpstr (marks, ==, "form-unknown");
      if (i > 0)
        continue;
      /* the package with that version comes later: then it is judged after all */
      fixture_set_version (served->fixture, "next-year");
      for (guint j = 0; j < 100 && marks[0] != '\0'; j++)
        {
          g_usleep (100 * 1000);
          g_clear_pointer (&marks, g_free);
          served->fixture->storage->table->each_revision (served->fixture->storage, find_marks,
                                                          &marks, &error);
          g_assert_no_error (error);
        }
      g_assert_cmpstr (marks, ==, "");
    }
}

static void
test_judged (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_auto (PlazaHeader) header = { 0 };
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *marks = NULL;
  guint status;

  laptop_header (laptop, &header);
  xml = g_bytes_new_static ("<data id='temas' version='1'><place/><intruder>x</intruder></data>",
                            strlen ("<data id='temas' version='1'><place/><intruder>x</intruder>"
                                    "</data>"));
  g_ptr_array_add (entries, plaza_entry_new_revision (&header, 1, xml, NULL, NULL, &error));
  g_assert_no_error (error);
  envelope = laptop_pack_all (laptop, entries);
  bytes = served_post_envelope (served, laptop->token, envelope, &status);
  g_assert_cmpuint (status, ==, 200);
  receipt = served_read_receipt (served, bytes, envelope);
  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
  marks = wait_for_marks (served);
  g_assert_cmpstr (marks, ==, "required unknown-node");
}

/* The database goes away and comes back: the laptop is asked to wait, and nothing is lost */
static void
test_database_lost (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
  guint status = 0;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (PlazaReceipt) receipt = NULL;

      if (strcmp (engine, "postgresql") == 0)
        fixture_sql (served->fixture, "SELECT pg_terminate_backend (pid) FROM pg_stat_activity "
                                      "WHERE datname = current_database () AND pid <> "
                                      "pg_backend_pid ()");
      bytes = served_post_envelope (served, laptop->token, envelope, &status);
      g_assert_cmpuint (status, ==, 200);
      receipt = served_read_receipt (served, bytes, envelope);
      g_assert_cmpint (receipt->statuses[0], ==,
                       i == 0 ? PLAZA_RECEIPT_STORED : PLAZA_RECEIPT_DUPLICATE);
    }
}

/* Little room on the disk: nothing new is taken in, and it says so */
static void
test_disk (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
  g_autoptr (GBytes) refused = NULL;
  g_autoptr (GBytes) taken = NULL;
  g_autofree char *ready = NULL;
  g_autofree char *campaign = g_strdup_printf ("GET /v1/campaign/%s HTTP/1.1\r\nHost: a\r\n\r\n",
                                               served->fixture->campaign->fingerprint);
  guint status;

  served->fixture->central->disk_floor_mib = G_MAXUINT;
  refused = served_post_envelope (served, laptop->token, envelope, &status);
  g_assert_cmpuint (status, ==, 503);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (refused, NULL),
                                  (gssize) g_bytes_get_size (refused), "\"disk\""));
  g_assert_cmpuint (served_operate (served, "/readyz", &ready), ==, 503);
  g_assert_nonnull (strstr (ready, "\"reason\":\"disk\""));
  g_assert_cmpuint (served_operate (served, "/healthz", NULL), ==, 200);
  /* what is there may still be read */
  g_assert_cmpuint (served_ask (served, campaign, NULL), ==, 200);
  g_assert_cmpuint (served_ask (served, ALIVE, NULL), ==, 404);
  served->fixture->central->disk_floor_mib = 0;
  taken = served_post_envelope (served, laptop->token, envelope, &status);
  g_assert_cmpuint (status, ==, 200);
}

/* One address cannot take every connection */
static void
test_connections (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (GPtrArray) open = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  PlazaServer *server;
  guint closed = 0;

  fixture->central->per_address = 8;
  server = plaza_server_start (fixture->central, "127.0.0.1:0", NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (open, g_socket_client_connect_to_host (client, "127.0.0.1",
                                                            (guint16) plaza_server_port (server),
                                                            NULL, &error));
  g_assert_no_error (error);
  g_usleep (G_USEC_PER_SEC);
  for (guint i = 0; i < open->len; i++)
    {
      GSocket *socket = g_socket_connection_get_socket (g_ptr_array_index (open, i));

      closed += (g_socket_condition_check (socket, G_IO_IN) & G_IO_IN) != 0;
    }
  g_assert_cmpuint (closed, ==, 12);
  plaza_server_stop (server, 1);
}

/* TLS: 1.2 and 1.3, with the certificate of our own authority; nothing older, nobody else */

static int
shake_hands (Served *self, const char *priorities, const char *host, gnutls_protocol_t *version)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", (guint16) plaza_server_port (self->server), NULL, NULL);
  gnutls_datum_t ca = { (unsigned char *) self->fixture->central->ca_pem,
                        (unsigned int) strlen (self->fixture->central->ca_pem) };
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t session;
  int code;

  g_assert_nonnull (connection);
  gnutls_certificate_allocate_credentials (&credentials);
  g_assert_cmpint (gnutls_certificate_set_x509_trust_mem (credentials, &ca, GNUTLS_X509_FMT_PEM),
                   ==, 1);
  gnutls_init (&session, GNUTLS_CLIENT);
  g_assert_cmpint (gnutls_priority_set_direct (session, priorities, NULL), ==, 0);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_session_set_verify_cert (session, host, 0);
  gnutls_transport_set_int (session, g_socket_get_fd (g_socket_connection_get_socket (connection)));
  do
    code = gnutls_handshake (session);
  while (code < 0 && !gnutls_error_is_fatal (code));
  *version = gnutls_protocol_get_version (session);
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
  return code;
}

static void
test_tls (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  gnutls_protocol_t version;

  g_assert_cmpint (shake_hands (served, "NORMAL", "127.0.0.1", &version), ==, 0);
  g_assert_cmpint (version, ==, GNUTLS_TLS1_3);
  g_assert_cmpint (shake_hands (served, "NORMAL:-VERS-ALL:+VERS-TLS1.2", "127.0.0.1", &version), ==,
                   0);
  g_assert_cmpint (version, ==, GNUTLS_TLS1_2);
  g_assert_cmpint (
      shake_hands (served, "LEGACY:-VERS-ALL:+VERS-TLS1.1:%COMPAT", "127.0.0.1", &version), <, 0);
  g_assert_cmpint (shake_hands (served, "NORMAL", "example.org", &version), ==,
                   GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "enrolment", test_enrolment },
    { "guessing", test_guessing },
    { "hostile-json", test_hostile_json },
    { "tls", test_tls },
    { "disk", test_disk },
    { "connections", test_connections },
    { "concurrent", test_concurrent },
    { "judged", test_judged },
    { "unknown-form", test_unknown_form },
    { "database-lost", test_database_lost },
  };
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/server/%s/%s", engines[i], tests[j].name);

        /* what does not touch the database is tried once */
        if (i == 0 || j >= 6)
          g_test_add_data_func (path, engines[i], tests[j].func);
      }
  status = g_test_run ();
  fixture_stop ();
  return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/client.h"

#include <string.h>

#include "base/error.h"
#include "fake-server.h"
#include "wire/receipt.h"

/* What the client makes of a server that is right, wrong, slow or somebody else. */

typedef struct
{
  const char *status;
  const char *type;
  const char *headers;
  const char *body;
  const char *raw; /* instead of all of the above */
  guint stall_ms;
  gboolean hang;
  gboolean cut;
} Scene;

static char *last_head;
static guint requests;

static void
play (const FakeRequest *request, FakeAnswer *answer, gpointer user_data)
{
  const Scene *scene = user_data;

  g_free (last_head);
  last_head = g_strdup (request->head);
  requests++;
  answer->stall_ms = scene->stall_ms;
  answer->hang = scene->hang;
  answer->cut = scene->cut;
  if (scene->raw)
    {
      g_string_append (answer->raw, scene->raw);
      answer->close = TRUE;
    }
  else
    fake_answer (answer, scene->status, scene->type, scene->headers, scene->body, -1);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GBytes *
send_envelope (PlazaClient *client, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) envelope = g_bytes_new_static ("PLZENV01 and so on", 18);
  g_autoptr (GAsyncResult) result = NULL;

  plaza_client_post_envelope_async (client, envelope, cancellable, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_client_send_finish (client, result, error);
}

static PlazaClient *
client_of (FakeServer *server, const char *ca)
{
  g_autoptr (GError) error = NULL;
  PlazaClient *client = plaza_client_new (fake_server_url (server), ca, &error);

  g_assert_no_error (error);
  plaza_client_set_patience (client, 3, 1);
  return client;
}

static void
test_good (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01…" };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GError) error = NULL;

  plaza_client_set_token (client, "ccd_secret");
  for (int i = 0; i < 5; i++)
    {
      g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (receipt, NULL), g_bytes_get_size (receipt), scene.body,
                       strlen (scene.body));
    }
  g_assert_cmpuint (fake_server_connections (server), ==, 1);
  g_assert_nonnull (strstr (last_head, "POST /v1/envelopes HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (last_head, "Authorization: Bearer ccd_secret\r\n"));
  g_assert_nonnull (strstr (last_head, "Content-Type: " PLAZA_CLIENT_TYPE_ENVELOPE "\r\n"));
  g_assert_null (strcasestr (last_head, "Expect:"));
}

/* Every answer that is not the central's own is a portal; its own refusals are refusals. */
static void
test_answers (void)
{
  const struct
  {
    Scene scene;
    PlazaError error;
    PlazaResult result;
    guint retry_after;
  } cases[] = {
    { { "200 OK", "text/html", NULL, "<html>Acepte" }, PLAZA_ERROR_PORTAL, 0, 0 },
    { { "200 OK", "application/json", NULL, "{\"ok\":true}" }, PLAZA_ERROR_PORTAL, 0, 0 },
    { { "201 Created", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "x" }, PLAZA_ERROR_PORTAL, 0, 0 },
    { { "204 No Content", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "" }, PLAZA_ERROR_PORTAL, 0, 0 },
    { { "302 Found", "text/html", "Location: https://127.0.0.1/login\r\n", "" },
      PLAZA_ERROR_PORTAL,
      0,
      0 },
    { { "307 Temporary Redirect", PLAZA_RECEIPT_MEDIA_TYPE, "Location: /login\r\n", "" },
      PLAZA_ERROR_PORTAL,
      0,
      0 },
    { { "400 Bad Request", "text/html", NULL, "<h1>400" }, PLAZA_ERROR_PORTAL, 0, 0 },
    { { "401 Unauthorized", "application/json", NULL, "{\"msg\":\"x\"}" },
      PLAZA_ERROR_PORTAL,
      0,
      0 },
    { { "511 Network Authentication Required", "text/html", NULL, "<h1>" },
      PLAZA_ERROR_PORTAL,
      0,
      0 },
    { { "401 Unauthorized", "application/json", NULL, "{\"code\":\"token\",\"message\":\"no\"}" },
      PLAZA_ERROR_REFUSED,
      PLAZA_RESULT_TOKEN,
      0 },
    { { "503 Service Unavailable", "application/json", "Retry-After: 120\r\n",
        "{\"code\":\"disk\",\"message\":\"full\"}" },
      PLAZA_ERROR_REFUSED,
      PLAZA_RESULT_DISK,
      120 },
    { { "502 Bad Gateway", "text/html", NULL, "<h1>nginx" },
      PLAZA_ERROR_REFUSED,
      PLAZA_RESULT_BUSY,
      0 },
    { { "429 Too Many Requests", "text/html", "Retry-After: 7\r\n", "<h1>" },
      PLAZA_ERROR_REFUSED,
      PLAZA_RESULT_RATE,
      7 },
    { { "413 Content Too Large", "text/html", NULL, "<h1>" },
      PLAZA_ERROR_REFUSED,
      PLAZA_RESULT_TOO_LARGE,
      0 },
    { { .raw = "NOT HTTP AT ALL\r\n\r\n" }, PLAZA_ERROR_PORTAL, 0, 0 },
    { { .raw = "HTTP/1.1 200 OK\r\nContent-Type: " PLAZA_RECEIPT_MEDIA_TYPE
               "\r\nContent-Length: 100\r\n\r\nonly this" },
      PLAZA_ERROR_OFFLINE,
      0,
      0 },
    { { .raw = "HTTP/1.1 200 OK\r\nContent-Type: " PLAZA_RECEIPT_MEDIA_TYPE
               "\r\nContent-Length: 9000000\r\n\r\n" },
      PLAZA_ERROR_OFFLINE,
      0,
      0 },
    { { .raw = "HTTP/1.1 2", .cut = TRUE }, PLAZA_ERROR_OFFLINE, 0, 0 },
    { { .raw = "HTTP/1.1 200 OK\r\nContent-Type: " PLAZA_RECEIPT_MEDIA_TYPE "\r\n", .cut = TRUE },
      PLAZA_ERROR_OFFLINE,
      0,
      0 },
    { { .raw = "", .cut = TRUE }, PLAZA_ERROR_OFFLINE, 0, 0 },
    { { .raw = "HTTP/1.1 200 OK\r\n", .hang = TRUE }, PLAZA_ERROR_OFFLINE, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &cases[i].scene);
      g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);

      g_test_message ("case %zu: %s", i, error ? error->message : "answered");
      g_assert_null (receipt);
      g_assert_error (error, PLAZA_ERROR, (int) cases[i].error);
      if (cases[i].error == PLAZA_ERROR_REFUSED)
        {
          const PlazaRefusal *refusal = plaza_client_get_refusal (client);
          g_assert_cmpint (refusal->result, ==, cases[i].result);
          g_assert_cmpuint (refusal->retry_after, ==, cases[i].retry_after);
        }
    }
}

static void
test_too_large (void)
{
  g_autofree char *body = g_strnfill (PLAZA_RECEIPT_MAX_BYTES + 1, 'x');
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, body };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);

  g_assert_null (receipt);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL);
}

static void
test_long_headers (void)
{
  g_autoptr (GString) headers = g_string_new (NULL);

  for (int i = 0; i < 2000; i++)
    g_string_append_printf (headers, "X-Filler-%d: %040d\r\n", i, i);
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, headers->str, "x" };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);

  g_assert_null (receipt);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL);
}

/* Certificates: nothing is sent to anybody but the central. */
static void
test_certificates (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01" };
  const struct
  {
    FakeOptions options;
    gboolean other_authority;
    gboolean system_authorities;
    gboolean clock_doubt;
  } cases[] = {
    { { .host = NULL }, TRUE, FALSE, FALSE },
    { { .host = NULL }, FALSE, TRUE, FALSE },
    { { .host = "central.example.org" }, FALSE, FALSE, FALSE },
    { { .valid_from = -20, .valid_to = -1 }, FALSE, FALSE, TRUE },
    { { .valid_from = 1, .valid_to = 20 }, FALSE, FALSE, TRUE },
    { { .plain = TRUE }, FALSE, FALSE, FALSE },
    { { .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT" }, FALSE, FALSE, FALSE },
  };
  g_autoptr (FakeServer) other = fake_server_new (NULL, play, (gpointer) &scene);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeServer) server = fake_server_new (&cases[i].options, play, (gpointer) &scene);
      const char *ca = cases[i].system_authorities ? NULL
                       : cases[i].other_authority  ? fake_server_ca (other)
                                                   : fake_server_ca (server);
      g_autoptr (PlazaClient) client = client_of (server, ca);
      g_autoptr (GError) error = NULL;

      requests = 0;
      g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);
      g_test_message ("case %zu: %s", i, error ? error->message : "answered");
      g_assert_null (receipt);
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL);
      g_assert_cmpuint (requests, ==, 0);
      g_assert_cmpint (plaza_client_get_clock_doubt (client), ==, cases[i].clock_doubt);
    }
}

static void
test_offline_and_back (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01" };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));

  for (int round = 0; round < 3; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (receipt);

      fake_server_stop (server);
      g_autoptr (GBytes) nothing = send_envelope (client, NULL, &error);
      g_assert_null (nothing);
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
      fake_server_start (server);
    }
}

static gboolean
on_cancel_time (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_cancel (void)
{
  const Scene scene = { .raw = "", .hang = TRUE };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_timeout_add (200, on_cancel_time, cancellable);
  g_autoptr (GBytes) nothing = send_envelope (client, cancellable, &error);
  g_assert_null (nothing);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_autoptr (GBytes) again = send_envelope (client, cancellable, &error);
  g_assert_null (again);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A link that is dead and does not say so is noticed, however much the kernel took. */
static void
test_stall (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01" };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *data = g_strnfill (8 << 20, 'x');
  g_autoptr (GBytes) body = g_bytes_new (data, 8 << 20);

  /* A connection that served well before. */
  g_autoptr (GBytes) first = send_envelope (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_client_get_reached (client));

  fake_server_freeze (server, TRUE);
  plaza_client_post_envelope_async (client, body, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (GBytes) nothing = plaza_client_send_finish (client, result, &error);
  g_assert_null (nothing);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
  g_assert_nonnull (strstr (error->message, "while sending"));
  g_assert_true (plaza_client_get_reached (client));
  g_clear_error (&error);

  fake_server_freeze (server, FALSE);
  g_autoptr (GBytes) again = send_envelope (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (again);

  fake_server_stop (server);
  g_autoptr (GBytes) none = send_envelope (client, NULL, &error);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
  g_assert_false (plaza_client_get_reached (client));
}

static gboolean
on_network_time (gpointer user_data)
{
  plaza_client_hurry (user_data);
  return G_SOURCE_REMOVE;
}

/* After the network changed nobody waits long for what the old one left. */
static void
test_hurry (void)
{
  const Scene scene = { .raw = "", .hang = TRUE };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GError) error = NULL;

  plaza_client_set_patience (client, 3, 1000);
  g_timeout_add (500, on_network_time, client);
  g_autoptr (GBytes) nothing = send_envelope (client, NULL, &error);
  g_assert_null (nothing);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE);
}

typedef struct
{
  guint64 bytes;
  guint calls;
} Told;

static void
on_told (guint64 bytes, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpuint (bytes, >=, told->bytes);
  told->bytes = bytes;
  told->calls++;
}

static gboolean
on_thaw_time (gpointer user_data)
{
  fake_server_freeze (user_data, FALSE);
  return G_SOURCE_REMOVE;
}

/* What the other end has not acknowledged is not told as sent. */
static void
test_progress (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01" };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *data = g_strnfill (8 << 20, 'x');
  g_autoptr (GBytes) body = g_bytes_new (data, 8 << 20);
  Told told = { 0 };
  const PlazaRequest wish = { .path = "/v1/envelopes",
                              .body = body,
                              .body_type = PLAZA_CLIENT_TYPE_ENVELOPE,
                              .on_sent = on_told,
                              .sent_data = &told,
                              .wanted = { { 200, PLAZA_RECEIPT_MEDIA_TYPE, 100 } } };

  plaza_client_set_patience (client, 5, 5);
  g_autoptr (GBytes) first = send_envelope (client, NULL, &error);
  g_assert_no_error (error);
  fake_server_freeze (server, TRUE);
  plaza_client_request_async (client, &wish, NULL, on_done, &result);
  g_timeout_add (1500, on_thaw_time, server);
  while (told.calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (result);
  g_assert_cmpuint (told.bytes, <, 8 << 20);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer->status, ==, 200);
}

/* The authority is not enough where the campaign names the server's keys. */
static void
test_pins (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01" };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (FakeServer) other = fake_server_new (NULL, play, (gpointer) &scene);
  g_autofree char *pin = fake_server_pin (server);
  g_autofree char *wrong = fake_server_pin (other);
  const struct
  {
    const char *pins[3];
    gboolean believed;
  } cases[] = {
    { { NULL }, TRUE },
    { { pin, NULL }, TRUE },
    { { pin, wrong, NULL }, TRUE },
    { { wrong, pin, NULL }, TRUE },
    { { wrong, NULL }, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
      g_autoptr (GError) error = NULL;

      plaza_client_set_pins (client, cases[i].pins);
      requests = 0;
      g_autoptr (GBytes) receipt = send_envelope (client, NULL, &error);
      g_test_message ("case %zu: %s", i, error ? error->message : "answered");
      g_assert_true ((receipt != NULL) == cases[i].believed);
      g_assert_cmpuint (requests, ==, cases[i].believed ? 1 : 0);
      if (!cases[i].believed)
        g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL);
    }
}

/* Never more than two connections, however much is asked at once. */
static void
test_two (void)
{
  const Scene scene = { "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "PLZRCP01", .stall_ms = 50 };
  g_autoptr (FakeServer) server = fake_server_new (NULL, play, (gpointer) &scene);
  g_autoptr (PlazaClient) client = client_of (server, fake_server_ca (server));
  g_autoptr (GBytes) body = g_bytes_new_static ("PLZENV01", 8);
  GAsyncResult *results[6] = { 0 };

  for (int i = 0; i < 6; i++)
    plaza_client_post_envelope_async (client, body, NULL, on_done, &results[i]);
  for (int i = 0; i < 6; i++)
    {
      g_autoptr (GError) error = NULL;
      while (!results[i])
        g_main_context_iteration (NULL, TRUE);
      g_autoptr (GBytes) receipt = plaza_client_send_finish (client, results[i], &error);
      g_assert_no_error (error);
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (fake_server_connections (server), ==, 2);
}

static void
test_addresses (void)
{
  const char *const bad[] = { "http://central.example.org",
                              "central.example.org",
                              "https://",
                              "https://a:b@central.example.org",
                              "https://central.example.org/?q=1",
                              "ftp://central.example.org",
                              "file:///etc/passwd" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (plaza_client_new (bad[i], NULL, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client/good", test_good);
  g_test_add_func ("/client/answers", test_answers);
  g_test_add_func ("/client/too-large", test_too_large);
  g_test_add_func ("/client/long-headers", test_long_headers);
  g_test_add_func ("/client/certificates", test_certificates);
  g_test_add_func ("/client/offline-and-back", test_offline_and_back);
  g_test_add_func ("/client/cancel", test_cancel);
  g_test_add_func ("/client/stall", test_stall);
  g_test_add_func ("/client/hurry", test_hurry);
  g_test_add_func ("/client/progress", test_progress);
  g_test_add_func ("/client/pins", test_pins);
  g_test_add_func ("/client/two", test_two);
  g_test_add_func ("/client/addresses", test_addresses);
  int result = g_test_run ();
  g_free (last_head);
  return result;
}

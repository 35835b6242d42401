/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an attacker writes by hand, on the proxy's socket and through TLS. */
#include "served.h"

#define ALIVE "GET /v1/campaign/none HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET "GET /v1/challenge HTTP/1.1\r\nHost: a\r\n"
#define PROBE "GET /v1/probe HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
#define PATCH \
  "PATCH /v1/uploads/00 HTTP/1.1\r\nHost: a\r\nContent-Type: application/vnd.plaza.piece\r\n"
#define INNER "GET /v1/campaign/SMUGGLED HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct
{
  const char *request;
  guint status;
} hostile[] = {
  { "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /healthz HTTP/1.1\r\n\r\n", 400 },
  { "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
  { "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400 },
  { "TRACE /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "DELETE /v1/envelopes HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "GET /v1/envelopes HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "GET /v1/ HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /%68ealthz/../x HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /v1/campaign/..%2f..%2fkeys HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { PROBE "\r\n", 401 },
  { PROBE "Authorization: Bearer ccd_AAAA\r\n\r\n", 401 },
  { PROBE "Authorization: Basic YTpi\r\n\r\n", 401 },
  { "GET /v1/probe?token=ccd_AAAA HTTP/1.1\r\nHost: a\r\n\r\n", 401 },
  { POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
  { POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
  { POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 400 },
  { POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400 },
  { POST "Content-Length: -1\r\n\r\n{}", 400 },
  { POST "Content-Length: +2\r\n\r\n{}", 400 },
  { POST "Content-Length: 0x2\r\n\r\n{}", 400 },
  { POST "Content-Length : 2\r\n\r\n{}", 400 },
  { POST "Content-Length: 99999999999\r\n\r\n", 413 },
  { POST "Content-Length: 65537\r\n\r\n", 413 },
  { POST "\r\n", 400 },
  { POST "Content-Length: 2\r\n\r\n{}", 400 },
  { POST "Content-Length: 2\r\n\r\n[[", 400 },
  { "POST /v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}",
    415 },
  { "GET /v1/campaign/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 400 },
  /* one request in another's body */
  { POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" INNER, 400 },
  { POST "Transfer-Encoding: chunked\r\nContent-Length: 60\r\n\r\n0\r\n\r\n" INNER, 400 },
  { POST "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}" INNER, 400 },
  { POST "Transfer-Encoding:\x0b"
         "chunked\r\nContent-Length: 2\r\n\r\n{}" INNER,
    400 },
  { POST "Content-Length: 2, 2\r\n\r\n{}" INNER, 400 },
  { POST "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" INNER, 400 },
  { POST "Content-Length: \r\n\r\n" INNER, 400 },
  { POST "Content-Length: 18446744073709551618\r\n\r\n{}" INNER, 413 },
  { POST "Content-Length: 314572800\r\n\r\n{}", 413 },
  /* lines that are not what they seem */
  { GET "X-A: b\r\n c\r\n\r\n", 400 },
  { GET "X-A: b\r\n c\r\nX-D: e\r\n\r\n", 400 },
  { GET "X-A: b\r\n\tTransfer-Encoding: chunked\r\n\r\n", 400 },
  { POST "Content-Length:\r\n 2\r\n\r\n{}", 400 },
  { "GET /v1/challenge HTTP/1.1\r\n Host: a\r\n\r\n", 400 },
  { GET "X-A: b\rX-B: c\r\n\r\n", 400 },
  { GET "X-A: b\x01"
        "c\r\n\r\n",
    400 },
  { GET "X-A: b\x7f\r\n\r\n", 400 },
  { GET "X A: b\r\n\r\n", 400 },
  { GET "X-A\r\n\r\n", 400 },
  /* what may stand once */
  { PROBE "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400 },
  { POST "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 400 },
  { PATCH "Upload-Offset: 0\r\nUpload-Offset: 1\r\nContent-Length: 2\r\n\r\n{}", 400 },
  { PATCH "Content-Digest: a\r\nContent-Digest: b\r\nContent-Length: 2\r\n\r\n{}", 400 },
  /* lines that begin nothing of ours */
  { "GET /v1/challenge%00x HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /v1/%63hallenge HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET http://b/v1/challenge HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
  { "GET /v1/challenge HTTP/2.0\r\nHost: a\r\n\r\n", 505 },
  { "GET /v1/challenge XTTP/1.1\r\nHost: a\r\n\r\n", 400 },
  { "GET /v1/challenge\r\n\r\n", 400 },
  { "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "get /v1/challenge HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  { "TRACE /v1/challenge HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
  /* and what is right, however it is spelled */
  { GET "\r\n", 200 },
  { GET "X-Empty:\r\nX-Blank: \t \r\nX-Close:b\r\nx-tab:\tb\tc \r\n\r\n", 200 },
  { "GET /v1/challenge HTTP/1.0\r\nhost: a\r\n\r\n", 200 },
};

static void
check_answer (Served *served, const char *request, guint expected, guint status, const char *answer)
{
  if (status != expected)
    g_test_message ("%u instead of %u for:\n%s", status, expected, request);
  g_assert_cmpuint (status, ==, expected);
  g_assert_null (strstr (answer, "Server:"));
  g_assert_null (strstr (answer, "microhttpd"));
  g_assert_null (strstr (answer, "SMUGGLED"));
  g_assert_null (strstr (answer, served->fixture->directory));
  if (strstr (answer, "<html>") != NULL)
    return; /* what is no HTTP is refused below us */
  g_assert_nonnull (strstr (answer, "Content-Type: application/json; charset=utf-8"));
  g_assert_nonnull (strstr (answer, "Cache-Control: no-store"));
  g_assert_nonnull (strstr (answer, "X-Content-Type-Options: nosniff"));
}

static void
test_gate (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);

  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *answer = NULL;
      g_autofree char *tls_answer = NULL;
      guint status = served_ask (served, hostile[i].request, &answer);

      check_answer (served, hostile[i].request, hostile[i].status, status, answer);
      status = served_ask_tls (served, hostile[i].request, &tls_answer);
      check_answer (served, hostile[i].request, hostile[i].status, status, tls_answer);
    }
}

static void
test_large (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autofree char *padding = g_strnfill (20000, 'x');
  g_autofree char *many =
      g_strdup_printf ("GET /healthz HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", padding);
  g_autoptr (GString) flood = g_string_new ("GET /healthz HTTP/1.1\r\nHost: a\r\n");
  g_autofree char *huge = g_strnfill (1 << 20, 'x');
  g_autofree char *line = g_strdup_printf ("GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", huge);
  g_autoptr (GBytes) body =
      g_bytes_new_take (g_malloc0 (PLAZA_ENVELOPE_MAX_BYTES + 1), PLAZA_ENVELOPE_MAX_BYTES + 1);
  g_autoptr (GBytes) fits = g_bytes_new_from_bytes (body, 0, PLAZA_ENVELOPE_MAX_BYTES);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) other = NULL;
  guint status;

  g_assert_cmpuint (served_ask (served, many, NULL), ==, 431);
  g_assert_cmpuint (served_ask_tls (served, many, NULL), ==, 431);
  for (guint i = 0; i < 1500; i++)
    g_string_append_printf (flood, "X-%u: a\r\n", i);
  g_string_append (flood, "\r\n");
  g_assert_cmpuint (served_ask (served, flood->str, NULL), ==, 431);
  g_assert_cmpuint (served_ask_tls (served, flood->str, NULL), ==, 431);
  status = served_ask (served, line, NULL);
  g_assert_true (status == 414 || status == 431 || status == 0);
  answer = served_post_envelope (served, laptop->token, body, &status);
  g_assert_true (status == 413 || status == 0); /* it may hang up on what it did not read */
  other = served_post_envelope (served, laptop->token, fits, &status);
  g_assert_cmpuint (status, ==, 422);
  g_assert_cmpuint (served_ask (served, ALIVE, NULL), ==, 404);
}

/* Whoever says nothing, or one byte a second, is hung up on; the others do not notice */

static gboolean
is_closed (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  return (g_socket_condition_check (socket, G_IO_IN | G_IO_HUP) & (G_IO_IN | G_IO_HUP)) != 0;
}

static void
test_stalled (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (GPtrArray) idle = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketConnection) body = served_dial (served);
  g_autoptr (GSocketConnection) moving = served_dial (served);
  const char *const begun_body = POST "Content-Length: 60000\r\n\r\n{";
  gint64 begun = g_get_monotonic_time ();
  gint64 seconds = 0;

  for (guint i = 0; i < 200; i++)
    {
      GSocketConnection *connection = served_dial (served);

      if (i > 0)
        served_say (connection, "POST /v1/enrol HTTP/1.1\r\nHo", i % 20);
      g_ptr_array_add (idle, connection);
    }
  served_say (body, begun_body, strlen (begun_body));
  served_say (moving, begun_body, strlen (begun_body));
  while (seconds < 40 &&
         !(is_closed (idle->pdata[1]) && is_closed (idle->pdata[0]) && is_closed (body)))
    {
      g_assert_cmpuint (served_ask (served, ALIVE, NULL), ==, 404);
      served_say (idle->pdata[1], "x", 1);
      served_say (moving, "xxxxxxxxxx", 10);
      g_usleep (G_USEC_PER_SEC);
      seconds = (g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
    }
  g_assert_true (is_closed (idle->pdata[0]));
  g_assert_true (is_closed (idle->pdata[1]));
  g_assert_true (is_closed (body));
  /* what moves is not cut off because it takes as long */
  g_assert_false (is_closed (moving));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  g_test_add_data_func ("/gate/probes", "sqlite", test_gate);
  g_test_add_data_func ("/gate/large", "sqlite", test_large);
  g_test_add_data_func ("/gate/stalled", "sqlite", test_stalled);
  status = g_test_run ();
  fixture_stop ();
  return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gunixsocketaddress.h>
#include <gnutls/gnutls.h>

#include "base/json.h"
#include "served.h"

static void
start (Served *self)
{
  g_autoptr (GError) error = NULL;

  self->server = plaza_server_start (self->fixture->central, "127.0.0.1:0", self->socket, &error);
  g_assert_no_error (error);
  plaza_server_operate (self->server, self->operations, &error);
  g_assert_no_error (error);
}

Served *
served_new_on (Fixture *fixture)
{
  Served *self = g_new0 (Served, 1);

  self->fixture = fixture;
  self->socket = g_build_filename (fixture->directory, "http.sock", NULL);
  self->operations = g_build_filename (fixture->directory, "operations.sock", NULL);
  start (self);
  return self;
}

Served *
served_new (const char *engine)
{
  return served_new_on (fixture_new (engine));
}

void
served_restart (Served *self)
{
  plaza_server_stop (self->server, 5);
  start (self);
}

void
served_free (Served *self)
{
  plaza_server_stop (self->server, 5);
  fixture_free (self->fixture);
  g_free (self->operations);
  g_free (self->socket);
  g_free (self);
}

static GSocketConnection *
dial_path (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_timeout (client, 60);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  return connection;
}

GSocketConnection *
served_dial (Served *self)
{
  return dial_path (self->socket);
}

/* What the server says until it closes or one answer is complete. */
char *
served_hear (GSocketConnection *connection, gsize *length)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[65536];
  gssize n;

  while ((n = g_input_stream_read (in, buffer, sizeof buffer, NULL, NULL)) > 0)
    {
      const char *end;
      const char *field;

      g_string_append_len (text, buffer, n);
      end = g_strstr_len (text->str, (gssize) text->len, "\r\n\r\n");
      field = end != NULL ? g_strstr_len (text->str, end - text->str, "Content-Length: ") : NULL;
      if (field != NULL && text->len >= (gsize) (end - text->str) + 4 +
                                            strtoul (field + strlen ("Content-Length: "), NULL, 10))
        break;
    }
  if (length != NULL)
    *length = text->len;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
served_say (GSocketConnection *connection, const void *data, gsize length)
{
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  /* the server may have closed already; what it answered is what counts */
  g_output_stream_write_all (out, data, length, NULL, NULL, NULL);
}

/* The status of one raw request; 0 when the server only closes. */
static guint
ask_on (const char *path, const char *request, char **answer)
{
  g_autoptr (GSocketConnection) connection = dial_path (path);
  g_autofree char *heard = NULL;
  guint status = 0;

  served_say (connection, request, strlen (request));
  heard = served_hear (connection, NULL);
  if (g_str_has_prefix (heard, "HTTP/1.1 "))
    status = (guint) strtoul (heard + strlen ("HTTP/1.1 "), NULL, 10);
  if (answer != NULL)
    *answer = g_steal_pointer (&heard);
  return status;
}

guint
served_ask (Served *self, const char *request, char **answer)
{
  return ask_on (self->socket, request, answer);
}

static char *
hear_tls (gnutls_session_t session)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[16384];
  gssize n;

  while ((n = gnutls_record_recv (session, buffer, sizeof buffer)) > 0 || n == GNUTLS_E_AGAIN ||
         n == GNUTLS_E_INTERRUPTED)
    {
      const char *end, *field;

      g_string_append_len (text, buffer, MAX (n, 0));
      end = strstr (text->str, "\r\n\r\n");
      field = end != NULL ? g_strstr_len (text->str, end - text->str, "Content-Length: ") : NULL;
      if (field != NULL && text->len >= (gsize) (end - text->str) + 4 +
                                            strtoul (field + strlen ("Content-Length: "), NULL, 10))
        break;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

guint
served_ask_tls (Served *self, const char *request, char **answer)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", (guint16) plaza_server_port (self->server), NULL, NULL);
  gnutls_certificate_credentials_t credentials;
  g_autofree char *heard = NULL;
  gnutls_session_t session;
  gsize length = strlen (request), sent = 0;
  gssize n = 1;
  int code;

  g_assert_nonnull (connection);
  g_socket_set_blocking (g_socket_connection_get_socket (connection), TRUE);
  gnutls_certificate_allocate_credentials (&credentials);
  gnutls_init (&session, GNUTLS_CLIENT);
  gnutls_set_default_priority (session);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (session, g_socket_get_fd (g_socket_connection_get_socket (connection)));
  do
    code = gnutls_handshake (session);
  while (code < 0 && !gnutls_error_is_fatal (code));
  g_assert_cmpint (code, ==, 0);
  /* the server may have closed already; what it answered is what counts */
  while (sent < length && n > 0)
    {
      n = gnutls_record_send (session, request + sent, length - sent);
      sent += (gsize) MAX (n, 0);
    }
  heard = hear_tls (session);
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
  if (answer != NULL)
    *answer = g_strdup (heard);
  return g_str_has_prefix (heard, "HTTP/1.1 ")
             ? (guint) strtoul (heard + strlen ("HTTP/1.1 "), NULL, 10)
             : 0;
}

/* The status of @path on the operations socket. */
guint
served_operate (Served *self, const char *path, char **answer)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);

  return ask_on (self->operations, request, answer);
}

void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->head, g_free);
  g_clear_pointer (&answer->body, g_bytes_unref);
}

void
served_send (Served *self,
             const char *method,
             const char *path,
             const char *token,
             const char *fields,
             const char *type,
             GBytes *body,
             Answer *out)
{
  g_autoptr (GSocketConnection) connection = served_dial (self);
  g_autoptr (GString) head = g_string_new (NULL);
  g_autofree char *heard = NULL;
  const char *end;
  gsize length;

  g_string_printf (head, "%s %s HTTP/1.1\r\nHost: a\r\n", method, path);
  if (token != NULL)
    g_string_append_printf (head, "Authorization: Bearer %s\r\n", token);
  if (fields != NULL)
    g_string_append (head, fields);
  if (type != NULL)
    g_string_append_printf (head, "Content-Type: %s\r\n", type);
  if (body != NULL)
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n",
                            g_bytes_get_size (body));
  g_string_append (head, "\r\n");
  served_say (connection, head->str, head->len);
  if (body != NULL)
    served_say (connection, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  heard = served_hear (connection, &length);
  answer_clear (out);
  out->status = 0;
  end = g_strstr_len (heard, (gssize) length, "\r\n\r\n");
  if (!g_str_has_prefix (heard, "HTTP/1.1 ") || end == NULL)
    return;
  out->status = (guint) strtoul (heard + strlen ("HTTP/1.1 "), NULL, 10);
  out->head = g_strndup (heard, (gsize) (end + 2 - heard));
  out->body = g_bytes_new (end + 4, length - (gsize) (end + 4 - heard));
}

char *
answer_field (const Answer *answer, const char *name)
{
  g_autofree char *start = g_strconcat ("\r\n", name, ": ", NULL);
  const char *found = strstr (answer->head, start);

  return found != NULL ? g_strndup (found + strlen (start), strcspn (found + strlen (start), "\r"))
                       : NULL;
}

JsonObject *
answer_object (const Answer *answer)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = plaza_json_parse_object (answer->body, NULL, &error);

  g_assert_no_error (error);
  return object;
}

char *
answer_code (const Answer *answer)
{
  g_autoptr (JsonObject) object = answer_object (answer);

  return g_strdup (json_object_get_string_member (object, "code"));
}

GBytes *
served_post_envelope (Served *self, const char *token, GBytes *envelope, guint *status)
{
  g_auto (Answer) answer = { 0 };

  served_send (self, "POST", "/v1/envelopes", token, NULL, "application/vnd.plaza.envelope",
               envelope, &answer);
  *status = answer.status;
  return g_steal_pointer (&answer.body);
}

PlazaReceipt *
served_read_receipt (Served *self, GBytes *bytes, GBytes *envelope)
{
  PlazaEnvelopeInfo info;
  g_autoptr (GError) error = NULL;
  PlazaReceipt *receipt;

  plaza_envelope_peek (envelope, &info, &error);
  g_assert_no_error (error);
  receipt = plaza_receipt_verify (bytes, &info.id, 0, &self->fixture->campaign->key_central_sign,
                                  NULL, &error);
  g_assert_no_error (error);
  return receipt;
}

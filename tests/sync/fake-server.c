/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DAY (24 * 60 * 60)
#define OK(call) g_assert_cmpint ((call), >=, 0)

struct _FakeServer
{
  FakeOptions options;
  FakeHandler handler;
  gpointer user_data;
  gnutls_certificate_credentials_t credentials;
  char *ca;
  char *pin;
  char *url;
  guint16 port;
  int listening;
  GThread *acceptor;
  GMutex lock;
  GList *threads; /* GThread */
  GList *sockets; /* fds of open connections */
  int stopping;   /* atomic */
  guint connections;
  gint64 receive_left; /* until the link dies, -1 for ever */
  gint64 send_left;
  int frozen; /* atomic */
  int slow;   /* atomic: bytes a second, 0 for any */
};

static gnutls_x509_privkey_t
make_key (void)
{
  gnutls_x509_privkey_t key;

  OK (gnutls_x509_privkey_init (&key));
  OK (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA,
                                    GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  return key;
}

static gnutls_x509_crt_t
make_certificate (const char *name, gnutls_x509_privkey_t key, gint64 from, gint64 to)
{
  gnutls_x509_crt_t crt;
  guint32 serial = htonl (g_test_rand_int_range (1, G_MAXINT32));

  OK (gnutls_x509_crt_init (&crt));
  OK (gnutls_x509_crt_set_version (crt, 3));
  OK (gnutls_x509_crt_set_serial (crt, &serial, sizeof serial));
  OK (gnutls_x509_crt_set_activation_time (crt, from));
  OK (gnutls_x509_crt_set_expiration_time (crt, to));
  OK (gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, strlen (name)));
  OK (gnutls_x509_crt_set_key (crt, key));
  return crt;
}

/* SHA-256 of the certificate's SubjectPublicKeyInfo, in base64. */
static char *
make_pin (gnutls_x509_crt_t crt)
{
  gnutls_pubkey_t key;
  gnutls_datum_t der;
  guint8 hash[32];

  OK (gnutls_pubkey_init (&key));
  OK (gnutls_pubkey_import_x509 (key, crt, 0));
  OK (gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &der));
  OK (gnutls_hash_fast (GNUTLS_DIG_SHA256, der.data, der.size, hash));
  gnutls_free (der.data);
  gnutls_pubkey_deinit (key);
  return g_base64_encode (hash, sizeof hash);
}

static void
make_credentials (FakeServer *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 from = now - DAY;
  gint64 to = now + 30 * DAY;
  gnutls_x509_privkey_t ca_key = make_key ();
  gnutls_x509_privkey_t key = make_key ();
  gnutls_x509_crt_t ca = make_certificate ("Fake authority", ca_key, now - 400 * DAY, to);
  gnutls_datum_t pem;

  if (self->options.valid_from || self->options.valid_to)
    {
      from = now + (gint64) self->options.valid_from * DAY;
      to = now + (gint64) self->options.valid_to * DAY;
    }
  OK (gnutls_x509_crt_set_basic_constraints (ca, 1, -1));
  OK (gnutls_x509_crt_set_key_usage (ca, GNUTLS_KEY_KEY_CERT_SIGN));
  OK (gnutls_x509_crt_sign2 (ca, ca, ca_key, GNUTLS_DIG_SHA256, 0));

  gnutls_x509_crt_t crt = make_certificate ("Fake server", key, from, to);
  if (self->options.host)
    OK (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, self->options.host,
                                              strlen (self->options.host), 0));
  else
    {
      guint32 address = htonl (INADDR_LOOPBACK);
      OK (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, &address, sizeof address,
                                                0));
    }
  OK (gnutls_x509_crt_sign2 (crt, ca, ca_key, GNUTLS_DIG_SHA256, 0));

  OK (gnutls_x509_crt_export2 (ca, GNUTLS_X509_FMT_PEM, &pem));
  self->ca = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  OK (gnutls_certificate_allocate_credentials (&self->credentials));
  OK (gnutls_certificate_set_x509_key (self->credentials, &crt, 1, key));

  self->pin = make_pin (crt);
  gnutls_x509_crt_deinit (crt);
  gnutls_x509_crt_deinit (ca);
  gnutls_x509_privkey_deinit (key);
  gnutls_x509_privkey_deinit (ca_key);
}

/* One connection, over TLS or not */

typedef struct
{
  FakeServer *server;
  int fd;
  gnutls_session_t session; /* NULL when plain */
} Connection;

/* How many of @size bytes may pass before the link dies. */
static gsize
spend (FakeServer *self, gint64 *left, gsize size)
{
  g_mutex_lock (&self->lock);
  gsize allowed = *left < 0 ? size : MIN (size, (gsize) *left);
  if (*left >= 0)
    *left -= (gint64) allowed;
  if (allowed < size)
    self->receive_left = self->send_left = 0;
  g_mutex_unlock (&self->lock);
  return allowed;
}

static gssize
receive_some (Connection *self, void *data, gsize size)
{
  while (g_atomic_int_get (&self->server->frozen) && !g_atomic_int_get (&self->server->stopping))
    g_usleep (20000);
  int slow = g_atomic_int_get (&self->server->slow);
  if (slow > 0)
    {
      size = MIN (size, (gsize) slow / 20 + 1);
      g_usleep (50000);
    }
  for (;;)
    {
      gssize got = self->session ? gnutls_record_recv (self->session, data, size)
                                 : recv (self->fd, data, size, 0);
      if (self->session && (got == GNUTLS_E_INTERRUPTED || got == GNUTLS_E_AGAIN))
        continue;
      return got;
    }
}

static gssize
receive (Connection *self, void *data, gsize size)
{
  gssize got = receive_some (self, data, size);

  if (got > 0 && spend (self->server, &self->server->receive_left, (gsize) got) < (gsize) got)
    {
      shutdown (self->fd, SHUT_RDWR);
      return -1;
    }
  return got;
}

static gboolean
transmit (Connection *self, const char *data, gsize size)
{
  gsize allowed = spend (self->server, &self->server->send_left, size);

  if (allowed < size)
    {
      if (allowed > 0)
        gnutls_record_send (self->session, data, allowed);
      shutdown (self->fd, SHUT_RDWR);
      return FALSE;
    }
  while (size > 0)
    {
      gssize sent = self->session ? gnutls_record_send (self->session, data, size)
                                  : send (self->fd, data, size, MSG_NOSIGNAL);
      if (sent <= 0)
        return FALSE;
      data += sent;
      size -= (gsize) sent;
    }
  return TRUE;
}

static gboolean
read_request (Connection *self, GString *head, GByteArray *body)
{
  gsize wanted = 0;
  char buffer[16384];

  g_string_truncate (head, 0);
  g_byte_array_set_size (body, 0);
  while (!strstr (head->str, "\r\n\r\n"))
    {
      gssize got = receive (self, buffer, sizeof buffer);
      if (got <= 0)
        return FALSE;
      g_string_append_len (head, buffer, got);
    }
  gsize end = (gsize) (strstr (head->str, "\r\n\r\n") - head->str) + 4;
  g_byte_array_append (body, (const guint8 *) head->str + end, head->len - end);
  g_string_truncate (head, end);
  const char *length = strcasestr (head->str, "\r\nContent-Length:");
  if (length)
    wanted = (gsize) g_ascii_strtoull (length + 17, NULL, 10);
  while (body->len < wanted)
    {
      gssize got = receive (self, buffer, sizeof buffer);
      if (got <= 0)
        return FALSE;
      g_byte_array_append (body, (const guint8 *) buffer, (guint) got);
    }
  return TRUE;
}

static gboolean
serve_one (Connection *self, GString *head, GByteArray *body)
{
  FakeAnswer answer = { .raw = g_string_new (NULL) };
  g_auto (GStrv) words = g_strsplit (head->str, " ", 3);
  g_autoptr (GBytes) bytes = g_bytes_new (body->data, body->len);
  FakeRequest request = { words[0], words[1], head->str, bytes };

  self->server->handler (&request, &answer, self->server->user_data);
  for (guint waited = 0; waited < answer.stall_ms; waited += 20)
    {
      if (g_atomic_int_get (&self->server->stopping))
        break;
      g_usleep (20000);
    }
  gboolean more = transmit (self, answer.raw->str, answer.raw->len);
  while (answer.hang && !g_atomic_int_get (&self->server->stopping))
    g_usleep (20000);
  if (answer.cut || answer.hang)
    {
      shutdown (self->fd, SHUT_RDWR);
      more = FALSE;
    }
  g_string_free (answer.raw, TRUE);
  return more && !answer.close;
}

static gpointer
serve (gpointer data)
{
  g_autofree Connection *self = data;
  g_autoptr (GString) head = g_string_new (NULL);
  g_autoptr (GByteArray) body = g_byte_array_new ();
  FakeServer *server = self->server;
  gboolean ready = TRUE;

  if (!server->options.plain)
    {
      int result;
      OK (gnutls_init (&self->session, GNUTLS_SERVER));
      if (server->options.priority)
        OK (gnutls_priority_set_direct (self->session, server->options.priority, NULL));
      else
        OK (gnutls_set_default_priority (self->session));
      OK (gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, server->credentials));
      gnutls_transport_set_int (self->session, self->fd);
      do
        result = gnutls_handshake (self->session);
      while (result < 0 && !gnutls_error_is_fatal (result));
      ready = result >= 0;
    }
  else
    {
      /* What a web server says to somebody who begins with TLS. */
      static const char no[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
      char hello[64];
      if (receive (self, hello, sizeof hello) > 0)
        transmit (self, no, strlen (no));
      ready = FALSE;
    }
  while (ready && read_request (self, head, body))
    ready = serve_one (self, head, body);
  if (self->session)
    {
      if (!g_atomic_int_get (&server->stopping))
        gnutls_bye (self->session, GNUTLS_SHUT_WR);
      gnutls_deinit (self->session);
    }
  g_mutex_lock (&server->lock);
  server->sockets = g_list_remove (server->sockets, GINT_TO_POINTER (self->fd));
  close (self->fd);
  g_mutex_unlock (&server->lock);
  return NULL;
}

static gpointer
accept_all (gpointer data)
{
  FakeServer *self = data;

  while (!g_atomic_int_get (&self->stopping))
    {
      struct pollfd waiting = { self->listening, POLLIN, 0 };
      if (poll (&waiting, 1, 20) <= 0)
        continue;
      int fd = accept (self->listening, NULL, NULL);
      if (fd < 0)
        continue;
      int little = 4096;
      if (g_atomic_int_get (&self->slow) > 0)
        OK (setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little));
      Connection *connection = g_new0 (Connection, 1);
      connection->server = self;
      connection->fd = fd;
      g_mutex_lock (&self->lock);
      self->connections++;
      self->sockets = g_list_prepend (self->sockets, GINT_TO_POINTER (fd));
      self->threads = g_list_prepend (self->threads, g_thread_new ("fake", serve, connection));
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

void
fake_server_start (FakeServer *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                 .sin_port = htons (self->port) };
  socklen_t length = sizeof address;
  int yes = 1;

  self->listening = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  OK (setsockopt (self->listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  OK (bind (self->listening, (struct sockaddr *) &address, sizeof address));
  OK (listen (self->listening, 16));
  OK (getsockname (self->listening, (struct sockaddr *) &address, &length));
  self->port = ntohs (address.sin_port);
  g_atomic_int_set (&self->stopping, 0);
  self->acceptor = g_thread_new ("fake-accept", accept_all, self);
}

void
fake_server_stop (FakeServer *self)
{
  if (self->listening < 0)
    return;
  g_atomic_int_set (&self->stopping, 1);
  g_thread_join (self->acceptor);
  close (self->listening);
  self->listening = -1;
  g_mutex_lock (&self->lock);
  for (GList *l = self->sockets; l; l = l->next)
    shutdown (GPOINTER_TO_INT (l->data), SHUT_RDWR);
  GList *threads = g_steal_pointer (&self->threads);
  g_mutex_unlock (&self->lock);
  for (GList *l = threads; l; l = l->next)
    g_thread_join (l->data);
  g_list_free (threads);
}

FakeServer *
fake_server_new (const FakeOptions *options, FakeHandler handler, gpointer user_data)
{
  FakeServer *self = g_new0 (FakeServer, 1);

  if (options)
    self->options = *options;
  self->handler = handler;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  self->receive_left = self->send_left = -1;
  make_credentials (self);
  fake_server_start (self);
  self->url = g_strdup_printf ("https://127.0.0.1:%u", self->port);
  return self;
}

void
fake_server_free (FakeServer *self)
{
  fake_server_stop (self);
  gnutls_certificate_free_credentials (self->credentials);
  g_mutex_clear (&self->lock);
  g_free (self->ca);
  g_free (self->pin);
  g_free (self->url);
  g_free (self);
}

const char *
fake_server_url (FakeServer *self)
{
  return self->url;
}

const char *
fake_server_ca (FakeServer *self)
{
  return self->ca;
}

void
fake_server_cut (FakeServer *self, int received, int sent)
{
  g_mutex_lock (&self->lock);
  self->receive_left = received;
  self->send_left = sent;
  g_mutex_unlock (&self->lock);
}

void
fake_server_freeze (FakeServer *self, gboolean frozen)
{
  g_atomic_int_set (&self->frozen, frozen);
}

void
fake_server_slow (FakeServer *self, guint bytes_per_second)
{
  g_atomic_int_set (&self->slow, (int) bytes_per_second);
}

char *
fake_server_pin (FakeServer *self)
{
  return g_strdup (self->pin);
}

guint
fake_server_connections (FakeServer *self)
{
  g_mutex_lock (&self->lock);
  guint connections = self->connections;
  g_mutex_unlock (&self->lock);
  return connections;
}

void
fake_answer (FakeAnswer *answer,
             const char *status,
             const char *type,
             const char *extra_headers,
             const void *body,
             gssize length)
{
  gsize size = length < 0 ? strlen (body) : (gsize) length;

  g_string_append_printf (answer->raw,
                          "HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n",
                          status, type, extra_headers ? extra_headers : "", size);
  g_string_append_len (answer->raw, body, (gssize) size);
}

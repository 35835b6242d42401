/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FakeServer: a TLS server on a free port of 127.0.0.1 that answers whatever a test wants: the
 * central, a captive portal, a liar. Its certificate comes from an authority of its own. Every
 * connection has a thread; the handler runs there.
 */
typedef struct _FakeServer FakeServer;

typedef struct
{
  const char *method;
  const char *path;
  const char *head; /* request line and headers as they came */
  GBytes *body;
} FakeRequest;

/* What to send: raw bytes, so that a test can break HTTP as it likes. */
typedef struct
{
  GString *raw;
  guint stall_ms; /* wait before sending */
  gboolean hang;  /* after sending, keep the connection open in silence until the server stops */
  gboolean close; /* after sending, close the connection */
  gboolean cut;   /* after sending, drop the TCP connection without a TLS goodbye */
} FakeAnswer;

typedef void (*FakeHandler) (const FakeRequest *request, FakeAnswer *answer, gpointer user_data);

typedef struct
{
  const char *host; /* name in the certificate; NULL for 127.0.0.1 */
  int valid_from;   /* days from today; 0 with valid_to 0 means yesterday to next month */
  int valid_to;
  gboolean plain;       /* no TLS at all: answers 400 and closes */
  const char *priority; /* GnuTLS priority string, or NULL */
} FakeOptions;

FakeServer *fake_server_new (const FakeOptions *options, FakeHandler handler, gpointer user_data);
void fake_server_free (FakeServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeServer, fake_server_free)

/** fake_server_stop: cuts every connection and stops listening; fake_server_start() listens again
 * on the same port. It is listening when new. */
void fake_server_stop (FakeServer *self);
void fake_server_start (FakeServer *self);

const char *fake_server_url (FakeServer *self);
const char *fake_server_ca (FakeServer *self);
guint fake_server_connections (FakeServer *self);

/** fake_server_pin: of its certificate, as plaza_client_set_pins() takes it. (transfer full) */
char *fake_server_pin (FakeServer *self);

/** fake_server_cut: the link dies, every connection with it, after so many more bytes of requests
 * or of answers, -1 for never. */
void fake_server_cut (FakeServer *self, int received, int sent);
/** fake_server_freeze: nothing is read any more, on any connection, until it thaws. */
void fake_server_freeze (FakeServer *self, gboolean frozen);

/** fake_server_slow: connections made from now on read so slowly; 0 for any speed. */
void fake_server_slow (FakeServer *self, guint bytes_per_second);

/** fake_answer: a whole HTTP answer with Content-Length and keep-alive. */
void fake_answer (FakeAnswer *answer,
                  const char *status,
                  const char *type,
                  const char *extra_headers,
                  const void *body,
                  gssize length);

G_END_DECLS

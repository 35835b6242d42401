/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <curl/curl.h>

#include "sync/client.h"

G_BEGIN_DECLS

struct _PlazaClient
{
  GObject parent_instance;

  char *url;
  char *ca_pem;
  char *pins; /* as libcurl wants them, or NULL */
  char *token;
  guint connect_seconds;
  guint stall_seconds;
  guint silence_seconds;

  GMainContext *context;
  CURLM *multi;
  CURLSH *share; /* TLS sessions, so that a new connection costs one round trip less */
  GSource *timer;
  GSource *pulse;      /* looks at the requests on their way */
  GHashTable *watches; /* one for each socket, owned */
  GPtrArray *active;   /* GTask of each request on its way, owned */
  guint sockets;       /* open */
  gint64 moved_us;     /* when anything moved last on any connection, monotonic */

  /* Of the request finished last. */
  gboolean clock_doubt;
  gboolean reached;
  PlazaRefusal refusal;
};

/* A request on its way: the data of its GTask. */
typedef struct
{
  CURL *easy;
  struct curl_slist *headers;
  GBytes *body;
  GByteArray *reply;
  PlazaWanted wanted[PLAZA_CLIENT_MAX_WANTED];
  guint n_wanted;
  gsize max_reply;
  gboolean too_large;
  gsize header_bytes;
  gboolean headers_ended; /* the blank line came */
  guint retry_after;
  char *etag;
  char *content_range;
  char message[CURL_ERROR_SIZE];
  GSource *cancel_source;

  PlazaSentFunc on_sent;
  PlazaOutFunc on_out;
  gpointer sent_data;
  curl_socket_t fd;
  guint64 acked_before; /* what the other end had acknowledged when the request got its socket */
  guint64 acked;
  guint64 received;
  gboolean out; /* the whole body is under way */
  gboolean hurried;
  gint64 moved_us; /* when anything moved last, monotonic */
  guint rtt_us;    /* of the connection when it last moved, 0 while not known */

  /* The verdict, copied into the client when the request is finished. */
  PlazaRefusal refusal;
  gboolean clock_doubt;
  gboolean reached;
} Request;

/** plaza_client_prepare: the easy handle of @task's request. */
CURL *plaza_client_prepare (PlazaClient *self, GTask *task, const PlazaRequest *wish);
/** plaza_client_begin: gives @task to libcurl, which keeps it until it is complete. */
void plaza_client_begin (PlazaClient *self, GTask *task);
/** plaza_client_complete: judges and answers @task. */
void plaza_client_complete (PlazaClient *self, GTask *task, CURLcode result);
/** plaza_client_forget: takes @task, which is not to be answered, away from libcurl. */
void plaza_client_forget (PlazaClient *self, GTask *task);
/** plaza_client_connect_loop: puts the multi handle into the main loop. */
void plaza_client_connect_loop (PlazaClient *self);
void plaza_client_disconnect_loop (PlazaClient *self);

/** PlazaSocketState: what the kernel knows of a connection. */
typedef struct
{
  guint64 acked; /* bytes that the other end acknowledged since it was opened */
  gboolean out;  /* nothing unsent */
  gboolean idle; /* and nothing unacknowledged */
  guint rtt_us;  /* smoothed round trip */
} PlazaSocketState;

/** plaza_socket_limit_unsent: a small unsent buffer in the kernel, so that what libcurl counts as
 * sent has really left. */
void plaza_socket_limit_unsent (int fd, guint bytes);
/** plaza_socket_get_state: FALSE where the kernel does not say. */
gboolean plaza_socket_get_state (int fd, PlazaSocketState *out);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "central/judge.h"
#include "central/listen.h"
#include "central/log.h"
#include "central/metrics.h"
#include "central/operations.h"
#include "central/request.h"
#include "central/server.h"

#define N_THREADS 4
#define N_WORKERS 2
#define N_READERS (N_THREADS + N_WORKERS)
#define MAX_CONNECTIONS 2048
#define IDLE_SECONDS 30u
/* A whole header, on a bad network and from the proxy beside us. */
#define HEADER_SECONDS 20
#define LOCAL_HEADER_SECONDS 10
/* Bodies and answers take so long and then as long as a dying 2G link needs: what rests is hung up
 * on after IDLE_SECONDS, of the proxy sooner; what drips is here. */
#define BODY_SECONDS 60
#define LOCAL_REST_SECONDS 10
#define BODY_BYTES_PER_SECOND 512
#define BEAT_SECONDS 15
#define POOL_BYTES ((size_t) 32 * 1024)
/* X25519 first: it is what clients send a share for unasked. Any other choice of ours is answered
 * by a second ClientHello: one round trip more, which is a second on a slow link. */
#define TLS_PRIORITIES \
  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:" \
  "+GROUP-SECP384R1:%SERVER_PRECEDENCE"

/* One way in. */
typedef struct
{
  PlazaServer *server;
  struct MHD_Daemon *daemon;
  gboolean proxied;
} Listener;

struct _PlazaServer
{
  PlazaServing serving;
  Listener tls;
  Listener local;
  PlazaJudge *judge;
  PlazaOperations *operations; /* (nullable) */
  int lock;                    /* file descriptor, -1 for none */
  char *socket_path;
  /* connections that must get on: sender of one byte a second never trips an idle limit */
  GMutex deadlines_lock;
  GCond deadlines_stop;
  gboolean stopping;
  GHashTable *deadlines; /* MHD_Connection → Deadline */
  GThread *reaper;
  gint64 beat; /* monotonic µs: when the reaper last had the lock */
};

typedef struct
{
  int fd;
  gint64 at;    /* monotonic µs; 0: none */
  gint64 until; /* of a body: the latest that its progress can move the other to */
} Deadline;

/* Deadlines */

static void
set_deadline (PlazaServer *self, struct MHD_Connection *connection, gint64 seconds)
{
  Deadline *deadline;

  g_mutex_lock (&self->deadlines_lock);
  deadline = g_hash_table_lookup (self->deadlines, connection);
  if (deadline != NULL)
    deadline->at = seconds > 0 ? g_get_monotonic_time () + seconds * G_USEC_PER_SEC : 0;
  g_mutex_unlock (&self->deadlines_lock);
}

/* Some of the body came, or is to come: the proxy has it already and does not rest. */
static void
expect_body (Listener *listener, struct MHD_Connection *connection, gint64 until)
{
  PlazaServer *self = listener->server;
  Deadline *deadline;

  g_mutex_lock (&self->deadlines_lock);
  deadline = g_hash_table_lookup (self->deadlines, connection);
  if (deadline != NULL)
    {
      if (until != 0)
        deadline->until = until;
      deadline->at = deadline->until;
      if (listener->proxied)
        deadline->at =
            MIN (deadline->at, g_get_monotonic_time () + LOCAL_REST_SECONDS * G_USEC_PER_SEC);
    }
  g_mutex_unlock (&self->deadlines_lock);
}

static gint64
header_seconds (const Listener *listener)
{
  return listener->proxied ? LOCAL_HEADER_SECONDS : HEADER_SECONDS;
}

static gint64
body_seconds (gsize length)
{
  return BODY_SECONDS + (gint64) (length / BODY_BYTES_PER_SECOND);
}

static void
on_connection (void *data,
               struct MHD_Connection *connection,
               void **socket_context,
               enum MHD_ConnectionNotificationCode code)
{
  Listener *listener = data;
  PlazaServer *self = listener->server;

  g_mutex_lock (&self->deadlines_lock);
  if (code == MHD_CONNECTION_NOTIFY_STARTED)
    {
      const union MHD_ConnectionInfo *info =
          MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
      Deadline *deadline = g_new0 (Deadline, 1);

      deadline->fd = info->connect_fd;
      deadline->at = g_get_monotonic_time () + header_seconds (listener) * G_USEC_PER_SEC;
      g_hash_table_insert (self->deadlines, connection, deadline);
    }
  else
    g_hash_table_remove (self->deadlines, connection);
  plaza_metrics_set (PLAZA_GAUGE_CONNECTIONS, g_hash_table_size (self->deadlines));
  g_mutex_unlock (&self->deadlines_lock);
}

/* Shuts what is late; libmicrohttpd then sees its end and closes it. */
static gpointer
reap (gpointer data)
{
  PlazaServer *self = data;

  g_mutex_lock (&self->deadlines_lock);
  while (!self->stopping)
    {
      gint64 now = g_get_monotonic_time ();
      GHashTableIter iter;
      gpointer value;

      self->beat = now;
      g_hash_table_iter_init (&iter, self->deadlines);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        {
          Deadline *deadline = value;

          if (deadline->at != 0 && deadline->at < now)
            {
              deadline->at = 0;
              shutdown (deadline->fd, SHUT_RDWR);
            }
        }
      g_cond_wait_until (&self->deadlines_stop, &self->deadlines_lock, now + G_USEC_PER_SEC);
    }
  g_mutex_unlock (&self->deadlines_lock);
  return NULL;
}

/* Requests */

static char *
find_source (Listener *listener, struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info;
  char text[INET6_ADDRSTRLEN] = "";

  if (listener->proxied)
    {
      const char *said = MHD_lookup_connection_value (connection, MHD_HEADER_KIND, "X-Real-IP");

      return g_strdup (said != NULL && strlen (said) < sizeof text ? said : "proxy");
    }
  info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == NULL || info->client_addr == NULL)
    return g_strdup ("unknown");
  if (info->client_addr->sa_family == AF_INET)
    inet_ntop (AF_INET, &((struct sockaddr_in *) info->client_addr)->sin_addr, text, sizeof text);
  else if (info->client_addr->sa_family == AF_INET6)
    {
      struct in6_addr address = ((struct sockaddr_in6 *) info->client_addr)->sin6_addr;

      memset (address.s6_addr + 8, 0, 8); /* one household has a whole /64 */
      inet_ntop (AF_INET6, &address, text, sizeof text);
    }
  return g_strdup (text);
}

/* The one line of a request in the log, and its numbers. */
static void
note_answer (const PlazaRequest *request, guint status, gsize length)
{
  const PlazaRoute *route = request->route;
  gint64 microseconds = g_get_monotonic_time () - request->begun;
  g_autofree char *status_text = g_strdup_printf ("%u", status);
  g_autofree char *in = g_strdup_printf ("%" G_GSIZE_FORMAT, request->body_length);
  g_autofree char *out = g_strdup_printf ("%" G_GSIZE_FORMAT, length);
  g_autofree char *ms = g_strdup_printf ("%" G_GINT64_FORMAT, microseconds / 1000);
  g_autofree char *network = NULL;
  gboolean refused = request->result != PLAZA_RESULT_OK;

  plaza_metrics_count_request (plaza_route_number (route), status);
  plaza_metrics_observe (PLAZA_HISTOGRAM_REQUEST_SECONDS, (double) microseconds / G_USEC_PER_SEC);
  plaza_metrics_add (PLAZA_METRIC_BYTES_RECEIVED, request->body_length);
  plaza_metrics_add (PLAZA_METRIC_BYTES_SENT, length);
  if (request->unlogged)
    return;
  if (refused && request->device.id == NULL)
    network = plaza_log_network (request->source);
  plaza_log (G_LOG_LEVEL_INFO, "request", "method", route != NULL ? route->method : "-", "route",
             route != NULL ? route->path : "-", "status", status_text, "code",
             refused ? plaza_result_code (request->result) : NULL, "device", request->device.id,
             "network", network, "in", in, "out", out, "ms", ms, NULL);
}

static enum MHD_Result
send_answer (PlazaRequest *request)
{
  const PlazaRoute *route = request->route;
  gsize length;
  const void *data = g_bytes_get_data (request->answer, &length);
  struct MHD_Response *response;
  enum MHD_Result done;
  char seconds[16];
  guint status = plaza_result_status (request->result);

  if (request->result == PLAZA_RESULT_OK)
    status = request->status != 0 ? request->status : (guint) strtoul (route->statuses, NULL, 10);
  response = MHD_create_response_from_buffer (length, (void *) data, MHD_RESPMEM_MUST_COPY);
  if (response == NULL)
    return MHD_NO;
  if (request->answer_type != NULL)
    MHD_add_response_header (response, "Content-Type", request->answer_type);
  MHD_add_response_header (response, "Cache-Control", "no-store");
  MHD_add_response_header (response, "X-Content-Type-Options", "nosniff");
  if (request->retry_after > 0)
    {
      g_snprintf (seconds, sizeof seconds, "%u", request->retry_after);
      MHD_add_response_header (response, "Retry-After", seconds);
    }
  if (request->headers != NULL)
    {
      g_auto (GStrv) headers = g_strv_builder_end (request->headers);

      for (guint i = 0; headers[i] != NULL; i += 2)
        MHD_add_response_header (response, headers[i], headers[i + 1]);
    }
  if (request->result == PLAZA_RESULT_TOKEN)
    MHD_add_response_header (response, "WWW-Authenticate", "Bearer");
  if (request->result == PLAZA_RESULT_BAD_REQUEST || request->result == PLAZA_RESULT_HEADERS)
    MHD_add_response_header (response, "Connection", "close");
  note_answer (request, status, length);
  done = MHD_queue_response (request->connection, status, response);
  MHD_destroy_response (response);
  return done;
}

static enum MHD_Result
on_request (void *data,
            struct MHD_Connection *connection,
            const char *url,
            const char *method,
            const char *version,
            const char *upload,
            size_t *upload_size,
            void **context)
{
  Listener *listener = data;
  PlazaServer *self = listener->server;
  PlazaRequest *request = *context;

  if (request == NULL)
    {
      request = *context = plaza_request_new (&self->serving, connection);
      request->source = find_source (listener, connection);
      plaza_request_begin (request, method, url);
      if (!request->answered)
        {
          expect_body (listener, connection,
                       g_get_monotonic_time () +
                           body_seconds (request->body_length) * G_USEC_PER_SEC);
          return MHD_YES;
        }
      set_deadline (self, connection, body_seconds (g_bytes_get_size (request->answer)));
      return send_answer (request);
    }
  if (*upload_size > 0)
    {
      /* the header said how much; libmicrohttpd gives no more than that */
      if (request->body == NULL || request->body->len + *upload_size > request->body_length)
        return MHD_NO;
      g_byte_array_append (request->body, (const guint8 *) upload, (guint) *upload_size);
      expect_body (listener, connection, 0);
      *upload_size = 0;
      return MHD_YES;
    }
  if (!request->answered)
    {
      set_deadline (self, connection, 0);
      if (plaza_request_work (request))
        return MHD_YES; /* asked again when resumed */
    }
  set_deadline (self, connection, body_seconds (g_bytes_get_size (request->answer)));
  return send_answer (request);
}

static void
on_completed (void *data,
              struct MHD_Connection *connection,
              void **context,
              enum MHD_RequestTerminationCode code)
{
  Listener *listener = data;
  PlazaRequest *request = *context;

  set_deadline (listener->server, connection, IDLE_SECONDS + header_seconds (listener));
  if (request != NULL)
    plaza_request_free (request);
  *context = NULL;
}

G_GNUC_PRINTF (2, 0)
static void
on_log (void *data, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_autofree char *safe = plaza_text_escape_log (text, -1, 400);

  g_debug ("%s", safe);
}

/* Starting */

/* An SQLite database has one server; on PostgreSQL there may be as many as one likes. */
static gboolean
take_lock (PlazaServer *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->serving.central->directory, "serve.lock", NULL);

  if (!g_str_has_prefix (self->serving.central->database, "sqlite:"))
    return TRUE;
  self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock < 0)
    return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  if (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    return plaza_throw_words (error, PLAZA_ERROR_BUSY,
                              _ ("another server runs on this central: stop it first"));
  return TRUE;
}

static gboolean
open_storage (PlazaServer *self, GError **error)
{
  PlazaStorage *storage = plaza_central_storage (self->serving.central, TRUE, error);

  if (storage == NULL)
    return FALSE;
  if (!storage->table->migrate (storage, error))
    {
      plaza_storage_close (storage);
      return FALSE;
    }
  self->serving.writer = plaza_writer_new (storage);
  for (guint i = 0; i < N_READERS; i++)
    {
      PlazaStorage *reader = plaza_central_storage (self->serving.central, FALSE, error);

      if (reader == NULL)
        return FALSE;
      g_async_queue_push (self->serving.readers, reader);
    }
  return TRUE;
}

/* No path of ours needs an escape, so none means anything but itself: nothing is decoded twice, and
 * no NUL ends a path early. */
static size_t
leave_escaped (void *data, struct MHD_Connection *connection, char *text)
{
  return strlen (text);
}

#define COMMON_FLAGS (MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG)
#define COMMON_OPTIONS(listener) \
  MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, \
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener, MHD_OPTION_NOTIFY_CONNECTION, \
      on_connection, listener, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, \
      MHD_OPTION_CONNECTION_LIMIT, (unsigned int) MAX_CONNECTIONS, \
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_BYTES, MHD_OPTION_THREAD_POOL_SIZE, \
      (unsigned int) N_THREADS, MHD_OPTION_STRICT_FOR_CLIENT, 1

static gboolean
start_tls (PlazaServer *self, const char *listen, GError **error)
{
  PlazaCentral *central = self->serving.central;
  struct sockaddr_storage address = { 0 };
  unsigned int flags = COMMON_FLAGS | MHD_USE_TLS;

  if (!plaza_listen_parse (listen, &address, error))
    return FALSE;
  if (address.ss_family == AF_INET6)
    flags |= MHD_USE_IPv6;
  self->tls.daemon = MHD_start_daemon (
      flags, 0, NULL, NULL, on_request, &self->tls, COMMON_OPTIONS (&self->tls),
      MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_PER_IP_CONNECTION_LIMIT, central->per_address,
      MHD_OPTION_HTTPS_MEM_KEY, central->server_key, MHD_OPTION_HTTPS_MEM_CERT, central->server_pem,
      MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_END);
  return self->tls.daemon != NULL ||
         plaza_throw_words (
             error, PLAZA_ERROR_FAILED,
             _ ("cannot listen on %s: %s. See whether another program uses it, or choose another"),
             listen, g_strerror (errno));
}

static gboolean
start_local (PlazaServer *self, const char *path, GError **error)
{
  int fd = plaza_listen_unix (path, error);

  if (fd < 0)
    return FALSE;
  self->socket_path = g_strdup (path);
  self->local.proxied = TRUE;
  self->local.daemon = MHD_start_daemon (COMMON_FLAGS, 0, NULL, NULL, on_request, &self->local,
                                         COMMON_OPTIONS (&self->local), MHD_OPTION_LISTEN_SOCKET,
                                         fd, MHD_OPTION_END);
  if (self->local.daemon != NULL)
    return TRUE;
  close (fd);
  return plaza_throw_words (error, PLAZA_ERROR_FAILED, _ ("cannot serve on %s"), path);
}

static void
raise_file_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= 2 * MAX_CONNECTIONS)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, 2 * MAX_CONNECTIONS);
  if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
    g_warning ("raising the limit of open files: %s", g_strerror (errno));
}

PlazaServer *
plaza_server_start (PlazaCentral *central,
                    const char *listen,
                    const char *socket_path,
                    GError **error)
{
  PlazaServer *self = g_new0 (PlazaServer, 1);

  self->lock = -1;
  self->tls.server = self->local.server = self;
  self->beat = g_get_monotonic_time ();
  self->serving.central = central;
  self->serving.readers = g_async_queue_new_full ((GDestroyNotify) plaza_storage_close);
  self->serving.workers = g_thread_pool_new (plaza_request_read, NULL, N_WORKERS, FALSE, NULL);
  self->serving.guesses = plaza_limiter_new (central->enrol_tries, 15 * 60);
  self->serving.tokens = plaza_limiter_new (60, 60);
  g_rw_lock_init (&self->serving.door);
  g_mutex_init (&self->deadlines_lock);
  g_cond_init (&self->deadlines_stop);
  self->deadlines = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->reaper = g_thread_new ("reaper", reap, self);
  raise_file_limit ();
  if (take_lock (self, error) && open_storage (self, error) &&
      (socket_path == NULL || start_local (self, socket_path, error)) &&
      (listen == NULL || start_tls (self, listen, error)))
    {
      plaza_writer_submit (self->serving.writer, plaza_uploads_drop_stale, NULL, NULL);
      self->judge = plaza_judge_start (central, self->serving.writer);
      return self;
    }
  plaza_server_stop (self, 0);
  return NULL;
}

guint
plaza_server_port (PlazaServer *self)
{
  const union MHD_DaemonInfo *info =
      self->tls.daemon != NULL ? MHD_get_daemon_info (self->tls.daemon, MHD_DAEMON_INFO_BIND_PORT)
                               : NULL;

  return info != NULL ? info->port : 0;
}

gboolean
plaza_server_operate (PlazaServer *self, const char *where, GError **error)
{
  self->operations = plaza_operations_start (&self->serving, where, error);
  return self->operations != NULL;
}

guint
plaza_server_operations_port (PlazaServer *self)
{
  return self->operations != NULL ? plaza_operations_port (self->operations) : 0;
}

gboolean
plaza_server_is_alive (PlazaServer *self)
{
  gboolean alive;

  if (!g_mutex_trylock (&self->deadlines_lock))
    return FALSE;
  alive = g_get_monotonic_time () - self->beat < BEAT_SECONDS * G_USEC_PER_SEC;
  g_mutex_unlock (&self->deadlines_lock);
  return alive;
}

/* Stopping */

static void
quiesce (Listener *listener)
{
  MHD_socket fd;

  if (listener->daemon == NULL)
    return;
  fd = MHD_quiesce_daemon (listener->daemon);
  if (fd != MHD_INVALID_SOCKET)
    close (fd);
}

void
plaza_server_stop (PlazaServer *self, guint seconds)
{
  gint64 until = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;

  g_atomic_int_set (&self->serving.stopping, 1);
  quiesce (&self->tls);
  quiesce (&self->local);
  while (g_atomic_int_get (&self->serving.running) > 0 && g_get_monotonic_time () < until)
    g_usleep (10 * 1000);

  g_rw_lock_writer_lock (&self->serving.door);
  self->serving.closed = TRUE;
  g_rw_lock_writer_unlock (&self->serving.door);
  g_clear_pointer (&self->judge, plaza_judge_stop);
  /* what was handed over is answered; only then may the daemons go, and the writer last */
  g_thread_pool_free (self->serving.workers, FALSE, TRUE);
  g_clear_pointer (&self->operations, plaza_operations_stop);
  if (self->serving.writer != NULL)
    plaza_writer_stop (self->serving.writer);
  if (self->tls.daemon != NULL)
    MHD_stop_daemon (self->tls.daemon);
  if (self->local.daemon != NULL)
    MHD_stop_daemon (self->local.daemon);

  g_mutex_lock (&self->deadlines_lock);
  self->stopping = TRUE;
  g_cond_signal (&self->deadlines_stop);
  g_mutex_unlock (&self->deadlines_lock);
  g_thread_join (self->reaper);
  g_hash_table_unref (self->deadlines);
  g_rw_lock_clear (&self->serving.door);
  g_mutex_clear (&self->deadlines_lock);
  g_cond_clear (&self->deadlines_stop);

  g_async_queue_unref (self->serving.readers);
  plaza_limiter_free (self->serving.guesses);
  plaza_limiter_free (self->serving.tokens);
  if (self->socket_path != NULL)
    unlink (self->socket_path);
  g_free (self->socket_path);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self);
}

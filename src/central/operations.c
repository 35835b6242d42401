/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "central/listen.h"
#include "central/metrics.h"
#include "central/operations.h"

#define MAX_CONNECTIONS 16u
#define IDLE_SECONDS 10u
#define PROBE_SECONDS 5
#define READER_US (500 * 1000)
#define TYPE_JSON "application/json; charset=utf-8"
#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

struct _PlazaOperations
{
  PlazaServing *serving;
  struct MHD_Daemon *daemon;
  char *path; /* (nullable): of the Unix socket */
  /* one write probe at a time, however many ask */
  GMutex lock;
  GCond probed;
  gboolean probing;
  guint64 probes;     /* that ended */
  const char *reason; /* (nullable): what the last one found */
};

gboolean
plaza_operations_has_room (PlazaCentral *central, guint64 *free_bytes)
{
  struct statvfs status;
  guint64 room;

  if (statvfs (central->directory, &status) != 0)
    return TRUE; /* whoever writes will be told */
  room = (guint64) status.f_bavail * status.f_frsize;
  if (free_bytes != NULL)
    *free_bytes = room;
  return room / (1024 * 1024) >= central->disk_floor_mib;
}

/* Readiness */

static gboolean
probe (PlazaStorage *storage, gpointer data, GError **error)
{
  (void) data;
  return storage->table->probe (storage, error);
}

static void
probe_done (gpointer data, const GError *error)
{
  PlazaOperations *self = data;

  g_mutex_lock (&self->lock);
  self->reason = error == NULL                                             ? NULL
                 : g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NEWER) ? "schema"
                 : g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_DISK)  ? "disk"
                                                                           : "database";
  self->probing = FALSE;
  self->probes++;
  g_cond_broadcast (&self->probed);
  g_mutex_unlock (&self->lock);
}

/* What keeps it from taking envelopes in, NULL for nothing. */
static const char *
find_reason (PlazaOperations *self)
{
  gint64 until = g_get_monotonic_time () + PROBE_SECONDS * G_USEC_PER_SEC;
  const char *reason;
  guint64 before;

  if (g_atomic_int_get (&self->serving->stopping) != 0)
    return "stopping";
  if (!plaza_operations_has_room (self->serving->central, NULL))
    return "disk";
  g_mutex_lock (&self->lock);
  before = self->probes;
  if (!self->probing)
    {
      self->probing = TRUE;
      plaza_writer_submit (self->serving->writer, probe, probe_done, self);
    }
  while (self->probes == before)
    if (!g_cond_wait_until (&self->probed, &self->lock, until))
      break;
  reason = self->probes == before ? "database" : self->reason;
  g_mutex_unlock (&self->lock);
  return reason;
}

/* Requests */

static enum MHD_Result
send_text (struct MHD_Connection *connection, guint status, const char *text, const char *type)
{
  struct MHD_Response *response =
      MHD_create_response_from_buffer (strlen (text), (void *) text, MHD_RESPMEM_MUST_COPY);
  enum MHD_Result done;

  if (response == NULL)
    return MHD_NO;
  MHD_add_response_header (response, "Content-Type", type);
  MHD_add_response_header (response, "Cache-Control", "no-store");
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
    MHD_add_response_header (response, "Allow", "GET");
  done = MHD_queue_response (connection, status, response);
  MHD_destroy_response (response);
  return done;
}

static enum MHD_Result
answer_ready (PlazaOperations *self, struct MHD_Connection *connection)
{
  const char *reason = find_reason (self);
  g_autofree char *text = NULL;

  if (reason == NULL)
    return send_text (connection, MHD_HTTP_OK, "{\"status\":\"ok\"}", TYPE_JSON);
  text = g_strdup_printf ("{\"reason\":\"%s\",\"status\":\"waiting\"}", reason);
  return send_text (connection, MHD_HTTP_SERVICE_UNAVAILABLE, text, TYPE_JSON);
}

/* What the database alone knows; left as it was when no connection is free or it does not answer.
 */
static void
count_uploads (PlazaOperations *self)
{
  PlazaStorage *reader = g_async_queue_timeout_pop (self->serving->readers, READER_US);
  g_autoptr (GError) error = NULL;
  guint64 n = 0, bytes = 0;

  if (reader == NULL)
    return;
  if (reader->table->count_uploads (reader, &n, &bytes, &error))
    plaza_metrics_set (PLAZA_GAUGE_UPLOADS, (gint64) n);
  else
    g_warning ("counting uploads: %s", error->message);
  g_async_queue_push (self->serving->readers, reader);
}

static enum MHD_Result
answer_metrics (PlazaOperations *self, struct MHD_Connection *connection)
{
  PlazaCentral *central = self->serving->central;
  g_autofree char *text = NULL;
  guint64 room = 0;

  plaza_operations_has_room (central, &room);
  plaza_metrics_set (PLAZA_GAUGE_DISK_FREE, (gint64) room);
  plaza_metrics_set (PLAZA_GAUGE_DISK_FLOOR, (gint64) central->disk_floor_mib * 1024 * 1024);
  plaza_metrics_set (PLAZA_GAUGE_REQUESTS, g_atomic_int_get (&self->serving->running));
  plaza_metrics_set (PLAZA_GAUGE_BODY_BYTES,
                     (gint64) g_atomic_pointer_get (&self->serving->buffered));
  count_uploads (self);
  text = plaza_metrics_write ();
  return send_text (connection, MHD_HTTP_OK, text, TYPE_METRICS);
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
  PlazaOperations *self = data;

  (void) version;
  (void) upload;
  (void) upload_size;
  (void) context;
  if (strcmp (method, MHD_HTTP_METHOD_GET) != 0)
    return send_text (connection, MHD_HTTP_METHOD_NOT_ALLOWED, "{\"code\":\"method\"}", TYPE_JSON);
  if (strcmp (url, "/healthz") == 0)
    return send_text (connection, MHD_HTTP_OK, "{\"status\":\"ok\"}", TYPE_JSON);
  if (strcmp (url, "/readyz") == 0)
    return answer_ready (self, connection);
  if (strcmp (url, "/metrics") == 0)
    return answer_metrics (self, connection);
  return send_text (connection, MHD_HTTP_NOT_FOUND, "{\"code\":\"not-found\"}", TYPE_JSON);
}

/* Starting and stopping */

static gboolean
is_loopback (const struct sockaddr_storage *address)
{
  if (address->ss_family == AF_INET)
    return ntohl (((const struct sockaddr_in *) address)->sin_addr.s_addr) >> 24 == 127;
  return IN6_IS_ADDR_LOOPBACK (&((const struct sockaddr_in6 *) address)->sin6_addr);
}

#define FLAGS (MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION)
#define OPTIONS \
  MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS

static gboolean
listen_on (PlazaOperations *self, const char *where, GError **error)
{
  struct sockaddr_storage address = { 0 };
  int fd;

  if (strchr (where, '/') != NULL)
    {
      fd = plaza_listen_unix (where, error);
      if (fd < 0)
        return FALSE;
      self->path = g_strdup (where);
      self->daemon = MHD_start_daemon (FLAGS, 0, NULL, NULL, on_request, self, OPTIONS,
                                       MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_END);
      if (self->daemon == NULL)
        close (fd);
    }
  else
    {
      if (!plaza_listen_parse (where, &address, error))
        return FALSE;
      if (!is_loopback (&address))
        return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                                  _ ("%s: operations are for this computer alone"), where);
      self->daemon = MHD_start_daemon (FLAGS | (address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0),
                                       0, NULL, NULL, on_request, self, OPTIONS,
                                       MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
    }
  return self->daemon != NULL ||
         plaza_throw_words (
             error, PLAZA_ERROR_FAILED,
             _ ("cannot listen on %s: %s. See whether another program uses it, or choose another"),
             where, g_strerror (errno));
}

PlazaOperations *
plaza_operations_start (PlazaServing *serving, const char *where, GError **error)
{
  PlazaOperations *self = g_new0 (PlazaOperations, 1);

  self->serving = serving;
  g_mutex_init (&self->lock);
  g_cond_init (&self->probed);
  plaza_metrics_set (PLAZA_GAUGE_START, g_get_real_time () / G_USEC_PER_SEC);
  if (listen_on (self, where, error))
    return self;
  plaza_operations_stop (self);
  return NULL;
}

guint
plaza_operations_port (PlazaOperations *self)
{
  const union MHD_DaemonInfo *info =
      self->path == NULL ? MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;

  return info != NULL ? info->port : 0;
}

void
plaza_operations_stop (PlazaOperations *self)
{
  if (self->daemon != NULL)
    MHD_stop_daemon (self->daemon);
  /* a probe that outlived its question still has to end */
  g_mutex_lock (&self->lock);
  while (self->probing)
    g_cond_wait (&self->probed, &self->lock);
  g_mutex_unlock (&self->lock);
  if (self->path != NULL && unlink (self->path) != 0)
    g_warning ("removing %s: %s", self->path, g_strerror (errno));
  g_free (self->path);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->probed);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/client-private.h"

#include <glib-unix.h>

/* libcurl runs inside the GLib main loop, as OSTree's fetcher does: libcurl tells which sockets to
 * watch and when to be called again, both become GSources of the client's own context, and what
 * happened on them goes back to curl_multi_socket_action(). Nothing here blocks and there is no
 * thread, except libcurl's own resolver.
 *
 * libcurl counts a byte as sent when the kernel has taken it. Whether the other end has it, the
 * kernel knows: a pulse asks it for each request on its way, tells how far the body has really come
 * and ends a request whose connection is dead, long before TCP would. */

#define PULSE_MS 100
#define HURRY_SECONDS 8
/* A link that answered quickly and then is silent for so many round trips, and no less than some
 * seconds, is in the dark. TCP waits twice as long at each try; a new connection sees the light
 * sooner. */
#define STALL_ROUND_TRIPS 4
#define STALL_LEAST_SECONDS 3

/* One socket that libcurl wants watched. */
typedef struct
{
  PlazaClient *client;
  curl_socket_t fd;
  GSource *source;
} Watch;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  if (watch->source)
    {
      g_source_destroy (watch->source);
      g_source_unref (watch->source);
    }
  g_free (watch);
}

static void
clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
check_done (PlazaClient *self)
{
  CURLMsg *message;
  int left;

  while ((message = curl_multi_info_read (self->multi, &left)))
    if (message->msg == CURLMSG_DONE)
      {
        CURLcode result = message->data.result;
        gpointer task = NULL;
        curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, &task);
        plaza_client_complete (self, task, result);
      }
}

static void
act (PlazaClient *self, curl_socket_t fd, int events)
{
  g_autoptr (PlazaClient) guard = g_object_ref (self);
  int running;

  curl_multi_socket_action (self->multi, fd, events, &running);
  check_done (self);
}

static gboolean
on_timer (gpointer user_data)
{
  PlazaClient *self = user_data;

  g_clear_pointer (&self->timer, g_source_unref);
  act (self, CURL_SOCKET_TIMEOUT, 0);
  return G_SOURCE_REMOVE;
}

static int
on_multi_timer (CURLM *multi, long milliseconds, void *user_data)
{
  PlazaClient *self = user_data;

  clear_source (&self->timer);
  if (milliseconds >= 0)
    {
      self->timer = g_timeout_source_new ((guint) MIN (milliseconds, 3600 * 1000));
      g_source_set_callback (self->timer, on_timer, self, NULL);
      g_source_attach (self->timer, self->context);
    }
  return 0;
}

static gboolean
on_fd (int fd, GIOCondition condition, gpointer user_data)
{
  Watch *watch = user_data;
  int events = 0;

  if (condition & (G_IO_IN | G_IO_HUP))
    events |= CURL_CSELECT_IN;
  if (condition & G_IO_OUT)
    events |= CURL_CSELECT_OUT;
  if (condition & G_IO_ERR)
    events |= CURL_CSELECT_ERR;
  act (watch->client, fd, events);
  return G_SOURCE_CONTINUE;
}

/* A request got its connection, a new one or one that served others before. */
static void
note_socket (CURL *easy, curl_socket_t fd)
{
  gpointer task = NULL;
  PlazaSocketState state = { 0 };

  curl_easy_getinfo (easy, CURLINFO_PRIVATE, &task);
  Request *request = task ? g_task_get_task_data (task) : NULL;
  if (!request || request->fd == fd)
    return;
  request->fd = fd;
  if (fd != CURL_SOCKET_BAD)
    plaza_socket_get_state (fd, &state);
  request->acked_before = state.acked;
}

static int
on_multi_socket (CURL *easy, curl_socket_t fd, int what, void *user_data, void *socket_data)
{
  PlazaClient *self = user_data;
  Watch *watch = socket_data;
  GIOCondition condition = 0;

  if (what == CURL_POLL_REMOVE)
    {
      if (watch)
        g_hash_table_remove (self->watches, watch);
      curl_multi_assign (self->multi, fd, NULL);
      return 0;
    }
  note_socket (easy, fd);
  if (!watch)
    {
      watch = g_new0 (Watch, 1);
      watch->client = self;
      watch->fd = fd;
      g_hash_table_add (self->watches, watch);
      curl_multi_assign (self->multi, fd, watch);
    }
  clear_source (&watch->source);
  if (what & CURL_POLL_IN)
    condition |= G_IO_IN;
  if (what & CURL_POLL_OUT)
    condition |= G_IO_OUT;
  watch->source = g_unix_fd_source_new (fd, condition);
  g_source_set_callback (watch->source, G_SOURCE_FUNC (on_fd), watch, NULL);
  g_source_attach (watch->source, self->context);
  return 0;
}

/* How far the request has come, and whether anything moved since the last look. Returns TRUE while
 * the other end still lacks a part of the body. */
static gboolean
look_at (PlazaClient *self, Request *request, gint64 now)
{
  guint64 size = request->body ? g_bytes_get_size (request->body) : 0;
  PlazaSocketState state = { 0 };
  curl_off_t connected = 0, uploaded = 0, received = 0;
  gboolean known;
  guint64 acked;

  curl_easy_getinfo (request->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
  if (connected == 0)
    {
      /* libcurl bounds the time for a connection by itself. */
      request->moved_us = now;
      return size > 0;
    }
  curl_easy_getinfo (request->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  curl_easy_getinfo (request->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
  received += (curl_off_t) request->header_bytes;
  acked = (guint64) uploaded;
  known = request->fd != CURL_SOCKET_BAD && plaza_socket_get_state (request->fd, &state);
  request->out = known && state.out && (guint64) uploaded == size;
  if (known && !state.idle)
    acked = MIN (acked, state.acked - MIN (state.acked, request->acked_before));
  if (acked != request->acked || (guint64) received != request->received)
    {
      request->moved_us = self->moved_us = now;
      request->rtt_us = state.rtt_us;
    }
  request->acked = acked;
  request->received = (guint64) received;
  return acked < size;
}

/* For how many seconds @request may rest. While the other connection moves there is light, and TCP
 * knows better what was lost. */
static guint
find_patience (PlazaClient *self, const Request *request, gboolean sending, gint64 now)
{
  guint patience = sending ? self->stall_seconds : self->silence_seconds;
  guint enough = STALL_LEAST_SECONDS + STALL_ROUND_TRIPS * request->rtt_us / G_USEC_PER_SEC;

  if (sending && request->rtt_us > 0 && now - self->moved_us >= (gint64) enough * G_USEC_PER_SEC)
    patience = MIN (patience, enough);
  return request->hurried ? MIN (patience, HURRY_SECONDS) : patience;
}

static gboolean
on_pulse (gpointer user_data)
{
  g_autoptr (PlazaClient) self = g_object_ref (user_data);
  g_autoptr (GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < self->active->len; i++)
    g_ptr_array_add (tasks, g_object_ref (self->active->pdata[i]));
  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = tasks->pdata[i];
      Request *request = g_task_get_task_data (task);
      if (!g_ptr_array_find (self->active, task, NULL))
        continue;
      guint64 before = request->acked;
      gboolean sending = look_at (self, request, now);
      guint patience = find_patience (self, request, sending, now);

      if (request->acked != before && request->on_sent)
        request->on_sent (request->acked, request->sent_data);
      if (request->out && request->on_out)
        {
          PlazaOutFunc on_out = g_steal_pointer (&request->on_out);
          on_out (request->sent_data);
        }
      if (now - request->moved_us >= (gint64) patience * G_USEC_PER_SEC)
        {
          g_snprintf (request->message, sizeof request->message,
                      "nothing moved for %u seconds while %s", patience,
                      sending ? "sending" : "waiting for the answer");
          plaza_client_complete (self, task, CURLE_OPERATION_TIMEDOUT);
        }
    }
  if (self->active->len > 0)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->pulse, g_source_unref);
  return G_SOURCE_REMOVE;
}

void
plaza_client_hurry (PlazaClient *self)
{
  for (guint i = 0; i < self->active->len; i++)
    ((Request *) g_task_get_task_data (self->active->pdata[i]))->hurried = TRUE;
}

void
plaza_client_begin (PlazaClient *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);

  request->moved_us = g_get_monotonic_time ();
  g_ptr_array_add (self->active, g_object_ref (task));
  g_assert (curl_multi_add_handle (self->multi, request->easy) == CURLM_OK);
  if (!self->pulse)
    {
      self->pulse = g_timeout_source_new (PULSE_MS);
      g_source_set_callback (self->pulse, on_pulse, self, NULL);
      g_source_attach (self->pulse, self->context);
    }
}

void
plaza_client_forget (PlazaClient *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);

  curl_multi_remove_handle (self->multi, request->easy);
  g_clear_pointer (&request->easy, curl_easy_cleanup);
  clear_source (&request->cancel_source);
  request->fd = CURL_SOCKET_BAD;
  g_ptr_array_remove (self->active, task);
}

void
plaza_client_connect_loop (PlazaClient *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->watches = g_hash_table_new_full (NULL, NULL, watch_free, NULL);
  self->active = g_ptr_array_new_with_free_func (g_object_unref);
  self->multi = curl_multi_init ();
  self->share = curl_share_init ();
  g_assert (self->multi && self->share);
  curl_share_setopt (self->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_multi_setopt (self->multi, CURLMOPT_SOCKETFUNCTION, on_multi_socket);
  curl_multi_setopt (self->multi, CURLMOPT_SOCKETDATA, self);
  curl_multi_setopt (self->multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
  curl_multi_setopt (self->multi, CURLMOPT_TIMERDATA, self);
  /* One sends while the other waits for its answer; more would only crowd a narrow link. */
  curl_multi_setopt (self->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long) PLAZA_CLIENT_CONNECTIONS);
  curl_multi_setopt (self->multi, CURLMOPT_MAXCONNECTS, (long) PLAZA_CLIENT_CONNECTIONS);
}

void
plaza_client_disconnect_loop (PlazaClient *self)
{
  /* Closing idle connections calls the socket function, so the watches go after the multi. */
  curl_multi_cleanup (self->multi);
  curl_share_cleanup (self->share);
  clear_source (&self->timer);
  clear_source (&self->pulse);
  g_hash_table_unref (self->watches);
  g_ptr_array_unref (self->active);
  g_main_context_unref (self->context);
}

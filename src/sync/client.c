/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/client-private.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "wire/joinlink.h"

#define CONNECT_SECONDS 15
#define STALL_SECONDS 20   /* not one byte of the body acknowledged for so long: dead */
#define SILENCE_SECONDS 60 /* all sent, and not one byte of an answer */

G_DEFINE_FINAL_TYPE (PlazaClient, plaza_client, G_TYPE_OBJECT)

void
plaza_answer_free (PlazaAnswer *self)
{
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->etag);
  g_free (self->content_range);
  g_free (self);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_pointer (&request->easy, curl_easy_cleanup);
  g_clear_pointer (&request->headers, curl_slist_free_all);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_pointer (&request->reply, g_byte_array_unref);
  if (request->cancel_source)
    {
      g_source_destroy (request->cancel_source);
      g_source_unref (request->cancel_source);
    }
  g_free (request->etag);
  g_free (request->content_range);
  g_free (request);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);

  plaza_client_forget (g_task_get_source_object (task), task);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

void
plaza_client_request_async (PlazaClient *self,
                            const PlazaRequest *wish,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  g_return_if_fail (PLAZA_IS_CLIENT (self));
  g_return_if_fail (wish->path[0] == '/');
  g_return_if_fail (wish->wanted[0].status != 0);

  g_task_set_source_tag (task, plaza_client_request_async);
  g_task_set_task_data (task, request, request_free);
  if (g_task_return_error_if_cancelled (task))
    return;
  request->body = wish->body ? g_bytes_ref (wish->body) : NULL;
  request->reply = g_byte_array_new ();
  request->fd = CURL_SOCKET_BAD;
  request->on_sent = wish->on_sent;
  request->on_out = wish->on_out;
  request->sent_data = wish->sent_data;
  request->max_reply = PLAZA_CLIENT_MAX_JSON;
  for (guint i = 0; i < PLAZA_CLIENT_MAX_WANTED && wish->wanted[i].status != 0; i++)
    {
      request->wanted[request->n_wanted++] = wish->wanted[i];
      request->max_reply = MAX (request->max_reply, wish->wanted[i].max_bytes);
    }
  request->easy = plaza_client_prepare (self, task, wish);
  if (cancellable)
    {
      request->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (request->cancel_source, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (request->cancel_source, self->context);
    }
  plaza_client_begin (self, task);
}

PlazaAnswer *
plaza_client_request_finish (PlazaClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  Request *request = g_task_get_task_data (G_TASK (result));
  self->refusal = request->refusal;
  self->clock_doubt = request->clock_doubt;
  self->reached = request->reached;
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
plaza_client_send_async (PlazaClient *self,
                         const char *path,
                         GBytes *body,
                         const char *body_type,
                         guint want_status,
                         const char *want_type,
                         gsize max_reply,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  const PlazaRequest wish = { .path = path,
                              .body = body,
                              .body_type = body_type,
                              .wanted = { { want_status, want_type, max_reply } } };

  plaza_client_request_async (self, &wish, cancellable, callback, user_data);
}

GBytes *
plaza_client_send_finish (PlazaClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (self, result, error);

  return answer ? g_steal_pointer (&answer->body) : NULL;
}

PlazaClient *
plaza_client_new (const char *url, const char *ca_pem, GError **error)
{
  if (!plaza_server_url_check (url, error))
    return NULL;
  if (ca_pem && !strstr (ca_pem, "-----BEGIN CERTIFICATE-----"))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "the server's authority is not a PEM certificate");
      return NULL;
    }

  PlazaClient *self = g_object_new (PLAZA_TYPE_CLIENT, NULL);
  self->url = g_strdup (url);
  if (g_str_has_suffix (self->url, "/"))
    self->url[strlen (self->url) - 1] = '\0';
  self->ca_pem = g_strdup (ca_pem);
  return self;
}

PlazaClient *
plaza_client_new_for_campaign (PlazaCampaign *campaign, GError **error)
{
  PlazaClient *self = plaza_client_new (campaign->server_url, campaign->server_ca, error);

  if (self && campaign->server_pins)
    plaza_client_set_pins (self, (const char *const *) campaign->server_pins);
  return self;
}

void
plaza_client_set_pins (PlazaClient *self, const char *const *pins)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_if_fail (PLAZA_IS_CLIENT (self));
  for (guint i = 0; pins && pins[i]; i++)
    g_string_append_printf (text, "%ssha256//%s", i > 0 ? ";" : "", pins[i]);
  g_free (self->pins);
  self->pins = text->len > 0 ? g_strdup (text->str) : NULL;
}

void
plaza_client_set_token (PlazaClient *self, const char *token)
{
  g_return_if_fail (PLAZA_IS_CLIENT (self));
  if (self->token)
    explicit_bzero (self->token, strlen (self->token));
  g_free (self->token);
  self->token = token && *token ? g_strdup (token) : NULL;
}

void
plaza_client_set_patience (PlazaClient *self, guint connect_seconds, guint silence_seconds)
{
  g_return_if_fail (PLAZA_IS_CLIENT (self));
  self->connect_seconds = connect_seconds;
  self->silence_seconds = silence_seconds;
  self->stall_seconds = MIN (silence_seconds, STALL_SECONDS);
}

gboolean
plaza_client_get_clock_doubt (PlazaClient *self)
{
  return self->clock_doubt;
}

gboolean
plaza_client_get_reached (PlazaClient *self)
{
  return self->reached;
}

guint
plaza_client_count_connections (PlazaClient *self)
{
  return self->sockets;
}

gboolean
plaza_client_has_room (PlazaClient *self)
{
  return self->active->len < PLAZA_CLIENT_CONNECTIONS;
}

const PlazaRefusal *
plaza_client_get_refusal (PlazaClient *self)
{
  return &self->refusal;
}

static void
plaza_client_finalize (GObject *object)
{
  PlazaClient *self = PLAZA_CLIENT (object);

  plaza_client_disconnect_loop (self);
  plaza_client_set_token (self, NULL);
  g_free (self->url);
  g_free (self->ca_pem);
  g_free (self->pins);
  G_OBJECT_CLASS (plaza_client_parent_class)->finalize (object);
}

static void
plaza_client_class_init (PlazaClientClass *klass)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      CURLcode result = curl_global_init (CURL_GLOBAL_DEFAULT);
      g_assert (result == CURLE_OK);
      /* TLS writes to sockets that the other end may have closed; GSocket does the same. */
      signal (SIGPIPE, SIG_IGN);
      g_once_init_leave (&once, 1);
    }
  G_OBJECT_CLASS (klass)->finalize = plaza_client_finalize;
}

static void
plaza_client_init (PlazaClient *self)
{
  self->connect_seconds = CONNECT_SECONDS;
  self->stall_seconds = STALL_SECONDS;
  self->silence_seconds = SILENCE_SECONDS;
  plaza_client_connect_loop (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/client.h"

#include <curl/curl.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "wire/joinlink.h"

/* libcurl runs inside the GLib main loop, as OSTree's fetcher does: libcurl tells which sockets to
 * watch and when to be called again, both become GSources of the client's own context, and what
 * happened on them goes back to curl_multi_socket_action(). Nothing here blocks and there is no
 * thread, except libcurl's own resolver. */

/* No clock before this program was written can be right: 2026-11-01. */
#define RELEASED G_GINT64_CONSTANT (1793491200)

#define CONNECT_SECONDS 15
#define SILENCE_SECONDS 60      /* less than a byte a second for so long: dead */
#define TOTAL_SECONDS (30 * 60) /* one request; 4 MiB pass a 2G link in half of it */
#define MAX_HEADERS (64 * 1024)
#define MAX_RETRY_AFTER (24 * 60 * 60)
/* A small unsent buffer in the kernel, so that what libcurl counts as sent has really left. */
#define UNSENT_BYTES 16384

/* Verification results of OpenSSL that are about dates. */
#define VERIFY_NOT_YET_VALID 9
#define VERIFY_HAS_EXPIRED 10

struct _PlazaClient
{
  GObject parent_instance;

  char *url;
  char *ca_pem;
  char *token;
  guint connect_seconds;
  guint silence_seconds;

  GMainContext *context;
  CURLM *multi;
  GSource *timer;
  GHashTable *watches; /* Watch, owned */

  gboolean clock_doubt;
  PlazaRefusal refusal;
};

G_DEFINE_FINAL_TYPE (PlazaClient, plaza_client, G_TYPE_OBJECT)

enum
{
  SIGNAL_SENT,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

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

typedef struct
{
  CURL *easy;
  struct curl_slist *headers;
  GBytes *body;
  GByteArray *reply;
  gsize max_reply;
  gboolean too_large;
  guint want_status;
  char *want_type;
  gsize header_bytes;
  guint retry_after;
  char message[CURL_ERROR_SIZE];
  GSource *cancel_source;
  /* The verdict, copied into the client by send_finish(). */
  PlazaRefusal refusal;
  gboolean clock_doubt;
} Request;

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
  g_free (request->want_type);
  g_free (request);
}

/* What libcurl calls */

static size_t
on_body (char *data, size_t size, size_t count, void *user_data)
{
  Request *request = user_data;
  gsize length = size * count;

  if (length > request->max_reply - request->reply->len)
    {
      request->too_large = TRUE;
      return CURL_WRITEFUNC_ERROR;
    }
  g_byte_array_append (request->reply, (const guint8 *) data, length);
  return length;
}

static gboolean
header_value (const char *line, gsize length, const char *name, char **out_value)
{
  gsize name_length = strlen (name);

  if (length <= name_length || line[name_length] != ':' ||
      g_ascii_strncasecmp (line, name, name_length) != 0)
    return FALSE;
  *out_value = g_strstrip (g_strndup (line + name_length + 1, length - name_length - 1));
  return TRUE;
}

static size_t
on_header (char *data, size_t size, size_t count, void *user_data)
{
  Request *request = user_data;
  gsize length = size * count;
  g_autofree char *value = NULL;

  request->header_bytes += length;
  if (request->header_bytes > MAX_HEADERS)
    {
      request->too_large = TRUE;
      return 0;
    }
  if (header_value (data, length, "Retry-After", &value))
    {
      guint64 seconds;
      /* The form with a date is left alone: it would depend on this computer's clock. */
      if (g_ascii_string_to_unsigned (value, 10, 0, MAX_RETRY_AFTER, &seconds, NULL))
        request->retry_after = (guint) seconds;
    }
  return length;
}

static int
on_transfer (void *user_data,
             curl_off_t download_total,
             curl_off_t downloaded,
             curl_off_t upload_total,
             curl_off_t uploaded)
{
  GTask *task = user_data;
  Request *request = g_task_get_task_data (task);

  if (request->body)
    g_signal_emit (g_task_get_source_object (task), signals[SIGNAL_SENT], 0, (guint64) uploaded,
                   (guint64) g_bytes_get_size (request->body));
  return 0;
}

static int
on_socket_made (void *user_data, curl_socket_t fd, curlsocktype purpose)
{
  int bytes = UNSENT_BYTES;

  if (setsockopt (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes) != 0)
    g_debug ("TCP_NOTSENT_LOWAT is not available");
  return CURL_SOCKOPT_OK;
}

/* What an answer means */

static gboolean
same_media_type (const char *header, const char *wanted)
{
  gsize length = strlen (wanted);

  return header && g_ascii_strncasecmp (header, wanted, length) == 0 &&
         (header[length] == '\0' || header[length] == ';' || header[length] == ' ');
}

/* Who says no: the central in its own words, or a proxy in front of it with a page of its own,
 * which is believed only about being busy and about size. */
static gboolean
read_refusal (Request *request, guint status, const char *type)
{
  PlazaRefusal *refusal = &request->refusal;

  refusal->status = status;
  refusal->retry_after = request->retry_after;
  if (same_media_type (type, PLAZA_CLIENT_TYPE_JSON))
    {
      g_autoptr (GBytes) body = g_bytes_new (request->reply->data, request->reply->len);
      if (plaza_result_parse (body, &refusal->result, NULL))
        return TRUE;
    }
  if (status == 413)
    refusal->result = PLAZA_RESULT_TOO_LARGE;
  else if (status == 429)
    refusal->result = PLAZA_RESULT_RATE;
  else if (status >= 500 && status != 511) /* 511: "this network asks to log in" */
    refusal->result = PLAZA_RESULT_BUSY;
  else
    return FALSE;
  return TRUE;
}

static gboolean
judge_answer (PlazaClient *self, Request *request, GError **error)
{
  long status = 0;
  const char *type = NULL;

  curl_easy_getinfo (request->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo (request->easy, CURLINFO_CONTENT_TYPE, &type);

  if (status == (long) request->want_status && same_media_type (type, request->want_type))
    return TRUE;

  if (status >= 400 && status < 600 && read_refusal (request, (guint) status, type))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "the server answered %ld %s", status,
                        plaza_result_code (request->refusal.result));
  return plaza_throw (error, PLAZA_ERROR_PORTAL,
                      "an answer with status %ld that is not the central's", status);
}

static gboolean
judge_failure (PlazaClient *self, Request *request, CURLcode result, GError **error)
{
  const char *message = request->message[0] ? request->message : curl_easy_strerror (result);
  PlazaError code = PLAZA_ERROR_OFFLINE;
  long verify = 0;

  switch (result)
    {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      code = PLAZA_ERROR_PORTAL;
      curl_easy_getinfo (request->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
      request->clock_doubt = verify == VERIFY_NOT_YET_VALID || verify == VERIFY_HAS_EXPIRED ||
                             g_get_real_time () / G_USEC_PER_SEC < RELEASED;
      break;

    case CURLE_SSL_CONNECT_ERROR:
      /* Something that does not speak TLS, or not 1.2; but a connection cut in the middle of the
       * handshake is only a bad network. */
      if (strstr (message, "error:") && !strstr (message, "unexpected eof"))
        code = PLAZA_ERROR_PORTAL;
      break;

    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      code = PLAZA_ERROR_PORTAL;
      break;

    case CURLE_WRITE_ERROR:
      if (request->too_large)
        {
          code = PLAZA_ERROR_PORTAL;
          message = "the answer is larger than the central's may be";
        }
      break;

    default:
      break;
    }
  return plaza_throw (error, code, "%s", message);
}

static void
complete (PlazaClient *self, GTask *task, CURLcode result)
{
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean ok = result == CURLE_OK ? judge_answer (self, request, &error)
                                   : judge_failure (self, request, result, &error);

  curl_multi_remove_handle (self->multi, request->easy);
  if (request->cancel_source)
    {
      g_source_destroy (request->cancel_source);
      g_clear_pointer (&request->cancel_source, g_source_unref);
    }
  if (ok)
    g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&request->reply)),
                           (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
  g_object_unref (task);
}

/* Between libcurl and the main loop */

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
        complete (self, task, result);
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

  if (self->timer)
    {
      g_source_destroy (self->timer);
      g_clear_pointer (&self->timer, g_source_unref);
    }
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
  if (!watch)
    {
      watch = g_new0 (Watch, 1);
      watch->client = self;
      watch->fd = fd;
      g_hash_table_add (self->watches, watch);
      curl_multi_assign (self->multi, fd, watch);
    }
  if (watch->source)
    {
      g_source_destroy (watch->source);
      g_source_unref (watch->source);
    }
  if (what & CURL_POLL_IN)
    condition |= G_IO_IN;
  if (what & CURL_POLL_OUT)
    condition |= G_IO_OUT;
  watch->source = g_unix_fd_source_new (fd, condition);
  g_source_set_callback (watch->source, G_SOURCE_FUNC (on_fd), watch, NULL);
  g_source_attach (watch->source, self->context);
  return 0;
}

/* Requests */

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  PlazaClient *self = g_task_get_source_object (task);
  Request *request = g_task_get_task_data (task);

  curl_multi_remove_handle (self->multi, request->easy);
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static struct curl_slist *
add_header (struct curl_slist *headers, const char *line)
{
  struct curl_slist *longer = curl_slist_append (headers, line);

  g_assert (longer);
  return longer;
}

/* curl_easy_setopt() only fails for an option that this libcurl was built without; none of these
 * may be missing. */
#define SET(option, value) \
  G_STMT_START { g_assert (curl_easy_setopt (easy, (option), (value)) == CURLE_OK); } \
  G_STMT_END

static CURL *
prepare (PlazaClient *self, GTask *task, const char *path, const char *body_type)
{
  Request *request = g_task_get_task_data (task);
  CURL *easy = curl_easy_init ();
  g_autofree char *url = g_strconcat (self->url, path, NULL);
  g_autofree char *accept = g_strdup_printf ("Accept: %s", request->want_type);

  g_assert (easy);
  SET (CURLOPT_PRIVATE, task);
  SET (CURLOPT_URL, url);
  SET (CURLOPT_ERRORBUFFER, request->message);
  SET (CURLOPT_NOSIGNAL, 1L);
  SET (CURLOPT_USERAGENT, "plaza/" PLAZA_VERSION);
  SET (CURLOPT_PROTOCOLS_STR, "https");
  SET (CURLOPT_FOLLOWLOCATION, 0L);
  SET (CURLOPT_SSL_VERIFYPEER, 1L);
  SET (CURLOPT_SSL_VERIFYHOST, 2L);
  SET (CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
  if (self->ca_pem)
    {
      struct curl_blob blob = { self->ca_pem, strlen (self->ca_pem), CURL_BLOB_NOCOPY };
      SET (CURLOPT_CAINFO_BLOB, &blob);
      /* The campaign's authority alone: libcurl would go on to read the system's folder. */
      SET (CURLOPT_CAINFO, NULL);
      SET (CURLOPT_CAPATH, NULL);
    }
  SET (CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
  SET (CURLOPT_CONNECTTIMEOUT, (long) self->connect_seconds);
  SET (CURLOPT_LOW_SPEED_LIMIT, 1L);
  SET (CURLOPT_LOW_SPEED_TIME, (long) self->silence_seconds);
  SET (CURLOPT_TIMEOUT, (long) TOTAL_SECONDS);
  SET (CURLOPT_MAXLIFETIME_CONN, 3600L);
  SET (CURLOPT_TCP_KEEPALIVE, 1L);
  SET (CURLOPT_HTTP09_ALLOWED, 0L);
  SET (CURLOPT_SOCKOPTFUNCTION, on_socket_made);
  SET (CURLOPT_WRITEFUNCTION, on_body);
  SET (CURLOPT_WRITEDATA, request);
  SET (CURLOPT_HEADERFUNCTION, on_header);
  SET (CURLOPT_HEADERDATA, request);
  SET (CURLOPT_NOPROGRESS, 0L);
  SET (CURLOPT_XFERINFOFUNCTION, on_transfer);
  SET (CURLOPT_XFERINFODATA, task);

  request->headers = add_header (NULL, accept);
  if (self->token)
    {
      g_autofree char *line = g_strdup_printf ("Authorization: Bearer %s", self->token);
      request->headers = add_header (request->headers, line);
      explicit_bzero (line, strlen (line));
    }
  if (request->body)
    {
      g_autofree char *line = g_strdup_printf ("Content-Type: %s", body_type);
      request->headers = add_header (request->headers, line);
      /* Waiting for "100 Continue" costs a round trip on links where one takes a second. */
      request->headers = add_header (request->headers, "Expect:");
      SET (CURLOPT_POST, 1L);
      SET (CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) g_bytes_get_size (request->body));
      SET (CURLOPT_POSTFIELDS, g_bytes_get_data (request->body, NULL));
    }
  SET (CURLOPT_HTTPHEADER, request->headers);
  return easy;
}

#undef SET

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
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  g_return_if_fail (PLAZA_IS_CLIENT (self));
  g_return_if_fail (path[0] == '/');

  g_task_set_source_tag (task, plaza_client_send_async);
  g_task_set_task_data (task, request, request_free);
  if (g_task_return_error_if_cancelled (task))
    return;
  request->body = body ? g_bytes_ref (body) : NULL;
  request->reply = g_byte_array_new ();
  request->max_reply = max_reply;
  request->want_status = want_status;
  request->want_type = g_strdup (want_type);
  request->easy = prepare (self, task, path, body_type);
  if (cancellable)
    {
      request->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (request->cancel_source, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (request->cancel_source, self->context);
    }
  /* The request keeps its task until complete() or on_cancelled(). */
  g_assert (curl_multi_add_handle (self->multi, request->easy) == CURLM_OK);
  g_steal_pointer (&task);
}

GBytes *
plaza_client_send_finish (PlazaClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  Request *request = g_task_get_task_data (G_TASK (result));
  self->refusal = request->refusal;
  self->clock_doubt = request->clock_doubt;
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The object */

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

void
plaza_client_set_token (PlazaClient *self, const char *token)
{
  g_return_if_fail (PLAZA_IS_CLIENT (self));
  if (self->token)
    explicit_bzero (self->token, strlen (self->token));
  g_free (self->token);
  self->token = g_strdup (token);
}

void
plaza_client_set_patience (PlazaClient *self, guint connect_seconds, guint silence_seconds)
{
  g_return_if_fail (PLAZA_IS_CLIENT (self));
  self->connect_seconds = connect_seconds;
  self->silence_seconds = silence_seconds;
}

gboolean
plaza_client_get_clock_doubt (PlazaClient *self)
{
  return self->clock_doubt;
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

  /* Closing idle connections calls the socket function, so the watches go after the multi. */
  curl_multi_cleanup (self->multi);
  if (self->timer)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  g_hash_table_unref (self->watches);
  g_main_context_unref (self->context);
  plaza_client_set_token (self, NULL);
  g_free (self->url);
  g_free (self->ca_pem);
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
  signals[SIGNAL_SENT] =
      g_signal_new ("sent", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
plaza_client_init (PlazaClient *self)
{
  self->connect_seconds = CONNECT_SECONDS;
  self->silence_seconds = SILENCE_SECONDS;
  self->context = g_main_context_ref_thread_default ();
  self->watches = g_hash_table_new_full (NULL, NULL, watch_free, NULL);
  self->multi = curl_multi_init ();
  g_assert (self->multi);
  curl_multi_setopt (self->multi, CURLMOPT_SOCKETFUNCTION, on_multi_socket);
  curl_multi_setopt (self->multi, CURLMOPT_SOCKETDATA, self);
  curl_multi_setopt (self->multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
  curl_multi_setopt (self->multi, CURLMOPT_TIMERDATA, self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/client-private.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* One request: what is asked of libcurl and what its answer means. */

/* No clock before this program was written can be right: 2026-11-01. */
#define RELEASED G_GINT64_CONSTANT (1793491200)

#define TOTAL_SECONDS (30 * 60) /* one request; 4 MiB pass a 2G link in half of it */
#define MAX_HEADERS (64 * 1024)
#define MAX_RETRY_AFTER (24 * 60 * 60)
#define UNSENT_BYTES 16384

/* Verification results of OpenSSL that are about dates. */
#define VERIFY_NOT_YET_VALID 9
#define VERIFY_HAS_EXPIRED 10

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
  g_free (*out_value);
  *out_value = g_strstrip (g_strndup (line + name_length + 1, length - name_length - 1));
  return TRUE;
}

static size_t
on_header (char *data, size_t size, size_t count, void *user_data)
{
  Request *request = user_data;
  gsize length = size * count;
  g_autofree char *seconds = NULL;

  request->header_bytes += length;
  if (request->header_bytes > MAX_HEADERS)
    {
      request->too_large = TRUE;
      return 0;
    }
  request->headers_ended = length > 0 && length <= 2 && (data[0] == '\r' || data[0] == '\n');
  if (header_value (data, length, "Retry-After", &seconds))
    {
      guint64 value;
      /* The form with a date is left alone: it would depend on this computer's clock. */
      if (g_ascii_string_to_unsigned (seconds, 10, 0, MAX_RETRY_AFTER, &value, NULL))
        request->retry_after = (guint) value;
    }
  else if (!header_value (data, length, "ETag", &request->etag))
    header_value (data, length, "Content-Range", &request->content_range);
  return length;
}

static curl_socket_t
on_socket_wanted (void *user_data, curlsocktype purpose, struct curl_sockaddr *address)
{
  PlazaClient *self = user_data;
  int fd = socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

  if (fd < 0)
    return CURL_SOCKET_BAD;
  self->sockets++;
  return fd;
}

static int
on_socket_unwanted (void *user_data, curl_socket_t fd)
{
  PlazaClient *self = user_data;
  const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
  PlazaSocketState state;

  /* What waits in a connection that is given up must not get in the way of what goes over the next
   * one. */
  if (plaza_socket_get_state (fd, &state) && !state.idle &&
      setsockopt (fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
    g_debug ("SO_LINGER is not available");
  self->sockets--;
  return close (fd);
}

static int
on_socket_made (void *user_data, curl_socket_t fd, curlsocktype purpose)
{
  plaza_socket_limit_unsent (fd, UNSENT_BYTES);
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

/* The answer, when it is one of those wanted. */
static PlazaAnswer *
judge_answer (Request *request, GError **error)
{
  long status = 0;
  const char *type = NULL;

  curl_easy_getinfo (request->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo (request->easy, CURLINFO_CONTENT_TYPE, &type);

  for (guint i = 0; i < request->n_wanted; i++)
    {
      const PlazaWanted *wanted = &request->wanted[i];
      if (status != (long) wanted->status || request->reply->len > wanted->max_bytes ||
          (wanted->type && !same_media_type (type, wanted->type)))
        continue;
      PlazaAnswer *answer = g_new0 (PlazaAnswer, 1);
      answer->status = wanted->status;
      answer->type = wanted->type;
      answer->body = g_byte_array_free_to_bytes (g_steal_pointer (&request->reply));
      answer->etag = g_steal_pointer (&request->etag);
      answer->content_range = g_steal_pointer (&request->content_range);
      return answer;
    }

  if (status >= 400 && status < 600 && read_refusal (request, (guint) status, type))
    plaza_throw (error, PLAZA_ERROR_REFUSED, "the server answered %ld %s", status,
                 plaza_result_code (request->refusal.result));
  else
    plaza_throw (error, PLAZA_ERROR_PORTAL, "an answer with status %ld that is not the central's",
                 status);
  return NULL;
}

static void
judge_failure (Request *request, CURLcode result, GError **error)
{
  const char *message = request->message[0] ? request->message : curl_easy_strerror (result);
  PlazaError code = PLAZA_ERROR_OFFLINE;
  long verify = 0;

  switch (result)
    {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
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
  plaza_throw (error, code, "%s", message);
}

/* Whether the other end was there at all: a connection that broke is worth another one at once, an
 * address that does not answer is not. */
static gboolean
was_reached (Request *request)
{
  curl_off_t connected = 0;

  curl_easy_getinfo (request->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
  return connected > 0;
}

void
plaza_client_complete (PlazaClient *self, GTask *task, CURLcode result)
{
  g_autoptr (GTask) owned = g_object_ref (task);
  Request *request = g_task_get_task_data (task);
  GError *error = NULL;
  PlazaAnswer *answer = NULL;

  request->reached = was_reached (request);
  /* What went out in the last moment, and whether the other end has it, nobody knows. */
  if (result != CURLE_OK && result != CURLE_OPERATION_TIMEDOUT && request->on_sent)
    {
      curl_off_t uploaded = 0;
      curl_easy_getinfo (request->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
      request->on_sent ((guint64) uploaded, request->sent_data);
    }
  /* libcurl takes a connection that ends among the headers for the end of the answer. */
  if (result == CURLE_OK && !request->headers_ended)
    result = CURLE_PARTIAL_FILE;
  if (result == CURLE_OK)
    answer = judge_answer (request, &error);
  else
    judge_failure (request, result, &error);
  plaza_client_forget (self, task);
  if (answer)
    g_task_return_pointer (task, answer, (GDestroyNotify) plaza_answer_free);
  else
    g_task_return_error (task, error);
}

static struct curl_slist *
add_header (struct curl_slist *headers, const char *line)
{
  struct curl_slist *longer = curl_slist_append (headers, line);

  g_assert (longer);
  return longer;
}

static char *
accept_line (const Request *request)
{
  g_autoptr (GString) line = g_string_new ("Accept:");

  for (guint i = 0; i < request->n_wanted; i++)
    {
      const char *type = request->wanted[i].type;
      gboolean again = !type;
      for (guint j = 0; j < i && !again; j++)
        again = g_strcmp0 (request->wanted[j].type, type) == 0;
      if (!again)
        g_string_append_printf (line, "%s%s", i > 0 ? ", " : " ", type);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* curl_easy_setopt() only fails for an option that this libcurl was built without; none of these
 * may be missing. */
#define SET(option, value) \
  G_STMT_START { g_assert (curl_easy_setopt (easy, (option), (value)) == CURLE_OK); } \
  G_STMT_END

static void
set_connection (PlazaClient *self, CURL *easy)
{
  SET (CURLOPT_SHARE, self->share);
  SET (CURLOPT_NOSIGNAL, 1L);
  SET (CURLOPT_USERAGENT, "plaza/" PLAZA_VERSION);
  SET (CURLOPT_PROTOCOLS_STR, "https");
  /* Two envelopes in one TCP connection would stand in each other's way. */
  SET (CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
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
  if (self->pins)
    SET (CURLOPT_PINNEDPUBLICKEY, self->pins);
  SET (CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
  SET (CURLOPT_CONNECTTIMEOUT, (long) self->connect_seconds);
  SET (CURLOPT_TIMEOUT, (long) TOTAL_SECONDS);
  SET (CURLOPT_MAXLIFETIME_CONN, 3600L);
  SET (CURLOPT_TCP_KEEPALIVE, 1L);
  SET (CURLOPT_HTTP09_ALLOWED, 0L);
  SET (CURLOPT_OPENSOCKETFUNCTION, on_socket_wanted);
  SET (CURLOPT_OPENSOCKETDATA, self);
  SET (CURLOPT_CLOSESOCKETFUNCTION, on_socket_unwanted);
  SET (CURLOPT_CLOSESOCKETDATA, self);
  SET (CURLOPT_SOCKOPTFUNCTION, on_socket_made);
}

static void
set_body (Request *request, CURL *easy, const PlazaRequest *wish)
{
  g_autofree char *line = g_strdup_printf ("Content-Type: %s", wish->body_type);

  request->headers = add_header (request->headers, line);
  /* Waiting for "100 Continue" costs a round trip on links where one takes a second. */
  request->headers = add_header (request->headers, "Expect:");
  SET (CURLOPT_POST, 1L);
  SET (CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) g_bytes_get_size (request->body));
  SET (CURLOPT_POSTFIELDS, g_bytes_get_data (request->body, NULL));
  if (wish->method)
    SET (CURLOPT_CUSTOMREQUEST, wish->method);
}

CURL *
plaza_client_prepare (PlazaClient *self, GTask *task, const PlazaRequest *wish)
{
  Request *request = g_task_get_task_data (task);
  CURL *easy = curl_easy_init ();
  g_autofree char *url = g_strconcat (self->url, wish->path, NULL);
  g_autofree char *accept = accept_line (request);

  g_assert (easy);
  SET (CURLOPT_PRIVATE, task);
  SET (CURLOPT_URL, url);
  SET (CURLOPT_ERRORBUFFER, request->message);
  SET (CURLOPT_FRESH_CONNECT, wish->fresh ? 1L : 0L);
  SET (CURLOPT_WRITEFUNCTION, on_body);
  SET (CURLOPT_WRITEDATA, request);
  SET (CURLOPT_HEADERFUNCTION, on_header);
  SET (CURLOPT_HEADERDATA, request);
  set_connection (self, easy);

  request->headers = add_header (NULL, accept);
  if (self->token && !wish->anonymous)
    {
      g_autofree char *line = g_strdup_printf ("Authorization: Bearer %s", self->token);
      request->headers = add_header (request->headers, line);
      explicit_bzero (line, strlen (line));
    }
  for (guint i = 0; wish->headers && wish->headers[i]; i++)
    request->headers = add_header (request->headers, wish->headers[i]);
  if (request->body)
    set_body (request, easy, wish);
  SET (CURLOPT_HTTPHEADER, request->headers);
  return easy;
}

#undef SET

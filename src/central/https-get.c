/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <curl/curl.h>

#include "base/error.h"
#include "central/https-get.h"

#define CONNECT_SECONDS 20L
#define TOTAL_SECONDS 180L
#define STALL_SECONDS 30L
#define STALL_RATE 100L /* bytes a second */

struct _PlazaHttps
{
  CURL *handle;
  char *ca;
};

typedef struct
{
  GByteArray *bytes;
  gsize max;
  gboolean too_large;
} Body;

static size_t
take_bytes (char *data, size_t size, size_t n, void *user)
{
  Body *body = user;

  if (body->bytes->len + size * n > body->max)
    {
      body->too_large = TRUE;
      return 0;
    }
  g_byte_array_append (body->bytes, (const guint8 *) data, (guint) (size * n));
  return size * n;
}

PlazaHttps *
plaza_https_new (const char *ca, GError **error)
{
  PlazaHttps *self = g_new0 (PlazaHttps, 1);

  self->ca = g_strdup (ca);
  self->handle = curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init () : NULL;
  if (self->handle != NULL)
    return self;
  plaza_throw (error, PLAZA_ERROR_FAILED, "libcurl does not start");
  plaza_https_free (self);
  return NULL;
}

void
plaza_https_free (PlazaHttps *self)
{
  curl_easy_cleanup (self->handle);
  g_free (self->ca);
  g_free (self);
}

static void
set_up (PlazaHttps *self, const char *url, Body *body, char *message)
{
  CURL *handle = self->handle;

  curl_easy_reset (handle);
  curl_easy_setopt (handle, CURLOPT_URL, url);
  curl_easy_setopt (handle, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt (handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt (handle, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt (handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt (handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (self->ca != NULL)
    {
      curl_easy_setopt (handle, CURLOPT_CAINFO, self->ca);
      curl_easy_setopt (handle, CURLOPT_CAPATH, NULL);
    }
  curl_easy_setopt (handle, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
  curl_easy_setopt (handle, CURLOPT_TIMEOUT, TOTAL_SECONDS);
  curl_easy_setopt (handle, CURLOPT_LOW_SPEED_LIMIT, STALL_RATE);
  curl_easy_setopt (handle, CURLOPT_LOW_SPEED_TIME, STALL_SECONDS);
  curl_easy_setopt (handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt (handle, CURLOPT_USERAGENT, "plaza-central");
  curl_easy_setopt (handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (handle, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt (handle, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt (handle, CURLOPT_WRITEDATA, body);
}

GBytes *
plaza_https_get (PlazaHttps *self, const char *url, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Body body = { bytes, max_bytes, FALSE };
  char message[CURL_ERROR_SIZE] = "";
  long status = 0;
  CURLcode code;

  if (!g_str_has_prefix (url, "https://"))
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is no https address"), url);
      return NULL;
    }
  set_up (self, url, &body, message);
  code = curl_easy_perform (self->handle);
  curl_easy_getinfo (self->handle, CURLINFO_RESPONSE_CODE, &status);
  if (body.too_large)
    plaza_throw_words (error, PLAZA_ERROR_LIMIT, _ ("%s: the answer is larger than it may be"),
                       url);
  else if (code != CURLE_OK)
    plaza_throw_about (error, PLAZA_ERROR_OFFLINE, "%s: %s", url,
                       message[0] != '\0' ? message : curl_easy_strerror (code));
  else if (status != 200)
    plaza_throw_words (error, PLAZA_ERROR_REFUSED, _ ("%s: the server answered %ld"), url, status);
  else
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  return NULL;
}

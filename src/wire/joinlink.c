/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/joinlink.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/json.h"
#include "base/random.h"
#include "seal/hash.h"

#define SCHEME "plaza"
#define MAX_TEXT 16384
#define MAX_URL 300

gboolean
plaza_server_url_check (const char *url, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  if (strlen (url) > MAX_URL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "url: too long");
  uri = g_uri_parse (url, G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (uri == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "url: not an address");
  if (strcmp (g_uri_get_scheme (uri), "https") != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "url: only https");
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return plaza_throw (error, PLAZA_ERROR_INVALID, "url: no host");
  if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL ||
      g_uri_get_fragment (uri) != NULL || *g_uri_get_path (uri) != '\0')
    return plaza_throw (error, PLAZA_ERROR_INVALID, "url: more than a host and a port");
  return TRUE;
}

char *
plaza_join_code_new (void)
{
  guint8 bytes[PLAZA_JOIN_CODE_SIZE];

  plaza_random_fill (bytes, sizeof bytes);
  return plaza_base32_encode_checked (bytes, sizeof bytes);
}

char *
plaza_join_code_normalise (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_base32_decode_checked (text, PLAZA_JOIN_CODE_SIZE, error);

  if (bytes == NULL)
    {
      g_prefix_error (error, "code: ");
      return NULL;
    }
  return plaza_base32_encode_checked (g_bytes_get_data (bytes, NULL), PLAZA_JOIN_CODE_SIZE);
}

static char *
normalise_fingerprint (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_base32_decode (text, PLAZA_HASH_SIZE, error);

  if (bytes == NULL)
    {
      g_prefix_error (error, "fingerprint: ");
      return NULL;
    }
  return plaza_base32_encode (g_bytes_get_data (bytes, NULL), PLAZA_HASH_SIZE);
}

/* One DER sequence and nothing behind it; the TLS library judges the rest. */
static gboolean
is_der (GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (length < 4 || data[0] != 0x30)
    return FALSE;
  if (data[1] < 0x80)
    return length == 2u + data[1];
  if (data[1] == 0x81)
    return length == 3u + data[2];
  return data[1] == 0x82 && length == 4u + (guint) (data[2] << 8 | data[3]);
}

void
plaza_join_link_free (PlazaJoinLink *link)
{
  g_free (link->url);
  g_clear_pointer (&link->ca, g_bytes_unref);
  g_free (link->fingerprint);
  g_free (link->code);
  g_free (link);
}

PlazaJoinLink *
plaza_join_link_new (const char *url, GBytes *ca, const char *fingerprint, const char *code)
{
  PlazaJoinLink *link = g_new0 (PlazaJoinLink, 1);

  link->url = g_strdup (url);
  link->ca = ca != NULL ? g_bytes_ref (ca) : NULL;
  link->fingerprint = g_strdup (fingerprint);
  link->code = g_strdup (code);
  return link;
}

/* Checks the four texts of a link or a join file; @ca may be NULL. */
static PlazaJoinLink *
from_parts (
    const char *url, const char *ca, const char *fingerprint, const char *code, GError **error)
{
  g_autoptr (PlazaJoinLink) link = g_new0 (PlazaJoinLink, 1);

  if (url == NULL || fingerprint == NULL || code == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "%s: missing",
                   url == NULL           ? "url"
                   : fingerprint == NULL ? "fingerprint"
                                         : "code");
      return NULL;
    }
  if (!plaza_server_url_check (url, error) ||
      (link->fingerprint = normalise_fingerprint (fingerprint, error)) == NULL ||
      (link->code = plaza_join_code_normalise (code, error)) == NULL)
    return NULL;
  link->url = g_strdup (url);
  if (ca == NULL)
    return g_steal_pointer (&link);
  link->ca = plaza_base64url_decode (ca, 0, error);
  if (link->ca == NULL || !is_der (link->ca))
    {
      if (link->ca != NULL)
        plaza_throw (error, PLAZA_ERROR_INVALID, "not a certificate");
      g_prefix_error (error, "ca: ");
      return NULL;
    }
  return g_steal_pointer (&link);
}

static PlazaJoinLink *
parse_uri (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED_QUERY, error);
  g_autoptr (GHashTable) query = NULL;
  GHashTableIter iter;
  gpointer name;

  if (uri == NULL)
    return NULL;
  if (g_strcmp0 (g_uri_get_host (uri), "join") != 0 || g_uri_get_query (uri) == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Not a join link");
      return NULL;
    }
  query = g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, error);
  if (query == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, query);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (strlen (name) != 1 || strchr ("uafc", *(char *) name) == NULL)
      {
        plaza_throw (error, PLAZA_ERROR_INVALID, "A join link with a part that nobody knows");
        return NULL;
      }
  return from_parts (g_hash_table_lookup (query, "u"), g_hash_table_lookup (query, "a"),
                     g_hash_table_lookup (query, "f"), g_hash_table_lookup (query, "c"), error);
}

static PlazaJoinLink *
parse_file (const char *text, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = MAX_TEXT, .max_depth = 1, .max_values = 8 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (JsonObject) object = plaza_json_parse_object (bytes, &limits, error);
  const char *url, *ca, *fingerprint, *code;

  if (object == NULL ||
      !plaza_json_only (object, error, "ca", "code", "fingerprint", "url", NULL) ||
      !plaza_json_find_string (object, "url", MAX_URL, &url, error) ||
      !plaza_json_find_string (object, "ca", MAX_TEXT, &ca, error) ||
      !plaza_json_find_string (object, "fingerprint", 100, &fingerprint, error) ||
      !plaza_json_find_string (object, "code", 100, &code, error))
    return NULL;
  return from_parts (url, ca, fingerprint, code, error);
}

PlazaJoinLink *
plaza_join_link_parse (const char *text, GError **error)
{
  g_autofree char *plain = g_strstrip (g_strdup (text));
  g_autofree char *code = NULL;
  g_autofree char *scheme = NULL;

  if (strlen (plain) > MAX_TEXT)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "The join link is too long");
      return NULL;
    }
  if (*plain == '{')
    return parse_file (plain, error);
  scheme = g_uri_parse_scheme (plain);
  if (scheme != NULL && g_ascii_strcasecmp (scheme, SCHEME) == 0)
    return parse_uri (plain, error);
  if (scheme != NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Not a join link");
      return NULL;
    }
  code = plaza_join_code_normalise (plain, error);
  return code != NULL ? plaza_join_link_new (NULL, NULL, NULL, code) : NULL;
}

char *
plaza_join_link_to_uri (const PlazaJoinLink *link)
{
  GString *out = g_string_new (SCHEME "://join?u=");

  g_string_append_uri_escaped (out, link->url, NULL, FALSE);
  if (link->ca != NULL)
    {
      gsize length;
      const guint8 *data = g_bytes_get_data (link->ca, &length);
      g_autofree char *ca = plaza_base64url_encode (data, length);

      g_string_append_printf (out, "&a=%s", ca);
    }
  g_string_append_printf (out, "&f=%s&c=", link->fingerprint);
  g_string_append_uri_escaped (out, link->code, NULL, FALSE);
  return g_string_free (out, FALSE);
}

GBytes *
plaza_join_link_to_file (const PlazaJoinLink *link)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "url", link->url);
  if (link->ca != NULL)
    {
      gsize length;
      const guint8 *data = g_bytes_get_data (link->ca, &length);
      g_autofree char *ca = plaza_base64url_encode (data, length);

      json_object_set_string_member (object, "ca", ca);
    }
  json_object_set_string_member (object, "fingerprint", link->fingerprint);
  json_object_set_string_member (object, "code", link->code);
  return plaza_json_write_object (object);
}

char *
plaza_join_link_ca_pem (const PlazaJoinLink *link)
{
  gsize length;
  const guint8 *data;
  g_autofree char *base64 = NULL;
  GString *out;

  if (link->ca == NULL)
    return NULL;
  data = g_bytes_get_data (link->ca, &length);
  base64 = g_base64_encode (data, length);
  out = g_string_new ("-----BEGIN CERTIFICATE-----\n");
  for (gsize i = 0, n = strlen (base64); i < n; i += 64)
    {
      g_string_append_len (out, base64 + i, (gssize) MIN (n - i, 64));
      g_string_append_c (out, '\n');
    }
  g_string_append (out, "-----END CERTIFICATE-----\n");
  return g_string_free (out, FALSE);
}

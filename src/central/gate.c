/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "central/gate.h"
#include "wire/envelope.h"

const PlazaRouteInfo plaza_routes[PLAZA_N_ROUTES] = {
  [PLAZA_ROUTE_HEALTH] = { "/healthz", "GET", FALSE, 0, NULL },
  [PLAZA_ROUTE_READY] = { "/readyz", "GET", FALSE, 0, NULL },
  [PLAZA_ROUTE_CAMPAIGN] = { "/v1/campaign/", "GET", FALSE, 0, NULL },
  [PLAZA_ROUTE_PROBE] = { "/v1/probe", "GET", TRUE, 0, NULL },
  [PLAZA_ROUTE_ENROL] = { "/v1/enrol", "POST", FALSE, 64 * 1024, "application/json" },
  [PLAZA_ROUTE_ENVELOPES] = { "/v1/envelopes", "POST", TRUE, PLAZA_ENVELOPE_MAX_BYTES,
                              "application/vnd.plaza.envelope" },
};

typedef struct
{
  gsize bytes;
  guint hosts;
  guint lengths;
  gboolean transfer_encoding;
  gboolean malformed;
  const char *length;
  const char *type;
  const char *authorization;
} Fields;

static gboolean
is_token_text (const char *name)
{
  if (name[0] == '\0')
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      return FALSE;
  return TRUE;
}

static enum MHD_Result
read_field (void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
  Fields *fields = data;

  (void) kind;
  if (value == NULL)
    value = "";
  fields->bytes += strlen (name) + strlen (value) + 4;
  if (!is_token_text (name))
    fields->malformed = TRUE;
  else if (g_ascii_strcasecmp (name, "Host") == 0)
    fields->hosts++;
  else if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    fields->transfer_encoding = TRUE;
  else if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    {
      fields->lengths++;
      fields->length = value;
    }
  else if (g_ascii_strcasecmp (name, "Content-Type") == 0)
    fields->type = value;
  else if (g_ascii_strcasecmp (name, "Authorization") == 0)
    fields->authorization = value;
  return MHD_YES;
}

static gboolean
read_length (const char *text, gsize *out)
{
  gsize value = 0;
  gsize digits = strlen (text);

  if (digits == 0 || digits > 15)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      value = value * 10 + (gsize) (*p - '0');
    }
  *out = value;
  return TRUE;
}

static gboolean
is_type (const char *field, const char *wanted)
{
  gsize length = strlen (wanted);

  return field != NULL && g_ascii_strncasecmp (field, wanted, length) == 0 &&
         (field[length] == '\0' || field[length] == ';' || field[length] == ' ');
}

static PlazaResult
find_route (const char *method, const char *url, PlazaGateVerdict *out)
{
  if (strcmp (method, "GET") != 0 && strcmp (method, "POST") != 0)
    return PLAZA_RESULT_METHOD;
  for (guint i = 0; i < PLAZA_N_ROUTES; i++)
    {
      const PlazaRouteInfo *info = plaza_routes + i;
      gsize length = strlen (info->path);
      gboolean open_ended = info->path[length - 1] == '/';

      if (open_ended ? !g_str_has_prefix (url, info->path) : strcmp (url, info->path) != 0)
        continue;
      out->route = (PlazaRoute) i;
      out->rest = url + length;
      return strcmp (method, info->method) == 0 ? PLAZA_RESULT_OK : PLAZA_RESULT_METHOD;
    }
  return PLAZA_RESULT_NOT_FOUND;
}

PlazaResult
plaza_gate_check (struct MHD_Connection *connection,
                  const char *method,
                  const char *url,
                  PlazaGateVerdict *out)
{
  Fields fields = { 0 };
  const PlazaRouteInfo *info;
  PlazaResult result;

  memset (out, 0, sizeof *out);
  MHD_get_connection_values (connection, MHD_HEADER_KIND, read_field, &fields);
  if (fields.bytes > PLAZA_GATE_MAX_HEADERS)
    return PLAZA_RESULT_HEADERS;
  if (fields.malformed || fields.hosts != 1 || fields.lengths > 1 || fields.transfer_encoding ||
      (fields.lengths == 1 && !read_length (fields.length, &out->body_length)))
    return PLAZA_RESULT_BAD_REQUEST;
  result = find_route (method, url, out);
  if (result != PLAZA_RESULT_OK)
    return result;

  info = plaza_routes + out->route;
  if (info->max_body == 0 ? out->body_length > 0 : out->body_length == 0)
    return PLAZA_RESULT_BAD_REQUEST;
  if (out->body_length > info->max_body)
    return PLAZA_RESULT_TOO_LARGE;
  if (info->body_type != NULL && !is_type (fields.type, info->body_type))
    return PLAZA_RESULT_MEDIA_TYPE;
  if (fields.authorization != NULL &&
      g_ascii_strncasecmp (fields.authorization, "Bearer ", strlen ("Bearer ")) == 0)
    out->token = fields.authorization + strlen ("Bearer ");
  return PLAZA_RESULT_OK;
}

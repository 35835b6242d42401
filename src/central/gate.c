/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "central/gate.h"

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

gboolean
plaza_gate_number (const char *text, guint64 *out)
{
  guint64 value = 0;
  gsize digits = strlen (text);

  if (digits == 0 || digits > 15)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      value = value * 10 + (guint64) (*p - '0');
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

PlazaResult
plaza_gate_check (struct MHD_Connection *connection,
                  const char *method,
                  const char *url,
                  PlazaGateVerdict *out)
{
  Fields fields = { 0 };
  guint64 length = 0;
  PlazaResult result;

  memset (out, 0, sizeof *out);
  MHD_get_connection_values (connection, MHD_HEADER_KIND, read_field, &fields);
  if (fields.bytes > PLAZA_GATE_MAX_HEADERS)
    return PLAZA_RESULT_HEADERS;
  if (fields.malformed || fields.hosts != 1 || fields.lengths > 1 || fields.transfer_encoding ||
      (fields.lengths == 1 && !plaza_gate_number (fields.length, &length)))
    return PLAZA_RESULT_BAD_REQUEST;
  out->body_length = length;
  result = plaza_route_find (method, url, &out->route, &out->parameter);
  if (result != PLAZA_RESULT_OK)
    return result;

  if (out->route->body_type == NULL ? length > 0 : length == 0)
    return PLAZA_RESULT_BAD_REQUEST;
  if (length > out->route->max_body)
    return PLAZA_RESULT_TOO_LARGE;
  if (out->route->body_type != NULL && !is_type (fields.type, out->route->body_type))
    return PLAZA_RESULT_MEDIA_TYPE;
  if (fields.authorization != NULL &&
      g_ascii_strncasecmp (fields.authorization, "Bearer ", strlen ("Bearer ")) == 0)
    out->token = fields.authorization + strlen ("Bearer ");
  return PLAZA_RESULT_OK;
}

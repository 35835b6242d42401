/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "central/gate.h"

/* Fields that mean something here and may therefore stand once only. */
enum
{
  HOST,
  LENGTH,
  TYPE,
  AUTHORIZATION,
  UPLOAD_OFFSET,
  UPLOAD_LENGTH,
  CONTENT_DIGEST,
  RANGE,
  IF_RANGE,
  N_SINGLE
};

static const char *const singles[N_SINGLE] = {
  [HOST] = "Host",
  [LENGTH] = "Content-Length",
  [TYPE] = "Content-Type",
  [AUTHORIZATION] = "Authorization",
  [UPLOAD_OFFSET] = "Upload-Offset",
  [UPLOAD_LENGTH] = "Upload-Length",
  [CONTENT_DIGEST] = "Content-Digest",
  [RANGE] = "Range",
  [IF_RANGE] = "If-Range",
};

typedef struct
{
  gsize bytes;
  gboolean malformed;
  const char *single[N_SINGLE];
  const char *end; /* of the field before, in libmicrohttpd's buffer */
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

static gboolean
is_value_text (const char *value)
{
  for (const char *p = value; *p != '\0'; p++)
    if ((g_ascii_iscntrl (*p) && *p != '\t'))
      return FALSE;
  return TRUE;
}

/*
 * libmicrohttpd before 0.9.77 joins folded lines, drops what stands behind a NUL and skips lines
 * without a name, and says nothing of it. But it parses where it reads: a value lies behind its
 * name's colon and blanks, the next name behind the end of the line. What lies elsewhere was made
 * up of several lines.
 */
static gboolean
is_in_place (const Fields *fields, const char *name, const char *value)
{
#if MHD_VERSION < 0x00097701
  const char *p = name + strlen (name) + 1;

  if (fields->end != NULL && (name <= fields->end || name - fields->end > (int) strlen ("\r\n")))
    return FALSE;
  while (p != value && (*p == ' ' || *p == '\t'))
    p++;
  return p == value;
#else
  return TRUE;
#endif
}

static enum MHD_Result
read_field (void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
  Fields *fields = data;

  if (value == NULL || !is_token_text (name) || !is_value_text (value) ||
      !is_in_place (fields, name, value) || g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    {
      fields->malformed = TRUE;
      return MHD_NO;
    }
  fields->bytes += strlen (name) + strlen (value) + strlen (": \r\n");
  fields->end = value + strlen (value);
  for (guint i = 0; i < N_SINGLE; i++)
    if (g_ascii_strcasecmp (name, singles[i]) == 0)
      {
        fields->malformed = fields->malformed || fields->single[i] != NULL;
        fields->single[i] = value;
      }
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
  if (fields.malformed || fields.single[HOST] == NULL ||
      (fields.single[LENGTH] != NULL && !plaza_gate_number (fields.single[LENGTH], &length)))
    return PLAZA_RESULT_BAD_REQUEST;
  out->body_length = length;
  result = plaza_route_find (method, url, &out->route, &out->parameter);
  if (result != PLAZA_RESULT_OK)
    return result;

  if (out->route->body_type == NULL ? length > 0 : length == 0)
    return PLAZA_RESULT_BAD_REQUEST;
  if (length > out->route->max_body)
    return PLAZA_RESULT_TOO_LARGE;
  if (out->route->body_type != NULL && !is_type (fields.single[TYPE], out->route->body_type))
    return PLAZA_RESULT_MEDIA_TYPE;
  if (fields.single[AUTHORIZATION] != NULL &&
      g_ascii_strncasecmp (fields.single[AUTHORIZATION], "Bearer ", strlen ("Bearer ")) == 0)
    out->token = fields.single[AUTHORIZATION] + strlen ("Bearer ");
  return PLAZA_RESULT_OK;
}

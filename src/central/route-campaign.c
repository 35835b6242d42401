/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "central/request.h"

#define TYPE_CAMPAIGN "application/vnd.plaza.campaign"

static char *
make_etag (GBytes *package)
{
  g_autofree char *text = NULL;
  PlazaHash hash;

  plaza_hash_bytes (package, &hash);
  text = plaza_hash_to_string (&hash);
  return g_strconcat ("\"", text, "\"", NULL);
}

/* Whether the laptop has this very package, as If-None-Match says it. */
static gboolean
is_known (const char *field, const char *etag)
{
  g_auto (GStrv) tags = NULL;

  if (field == NULL)
    return FALSE;
  tags = g_strsplit (field, ",", 100);
  for (guint i = 0; tags[i] != NULL; i++)
    {
      const char *tag = g_strstrip (tags[i]);

      if (strcmp (tag, "*") == 0 ||
          strcmp (g_str_has_prefix (tag, "W/") ? tag + 2 : tag, etag) == 0)
        return TRUE;
    }
  return FALSE;
}

typedef enum
{
  RANGE_NONE, /* none, or one that we may answer with the whole */
  RANGE_PART,
  RANGE_BEYOND,
} RangeKind;

/* One range of bytes: "bytes=5-9", "bytes=5-", "bytes=-5". */
static RangeKind
read_range (const char *field, gsize size, guint64 *from, guint64 *n)
{
  g_auto (GStrv) ends = NULL;
  guint64 last = size - 1;

  if (field == NULL || !g_str_has_prefix (field, "bytes="))
    return RANGE_NONE;
  ends = g_strsplit (field + strlen ("bytes="), "-", 0);
  if (g_strv_length (ends) != 2)
    return RANGE_NONE;
  if (ends[0][0] == '\0')
    {
      if (!plaza_gate_number (ends[1], n))
        return RANGE_NONE;
      *n = MIN (*n, size);
      *from = size - *n;
      return *n > 0 ? RANGE_PART : RANGE_BEYOND;
    }
  if (!plaza_gate_number (ends[0], from) ||
      (ends[1][0] != '\0' && (!plaza_gate_number (ends[1], &last) || last < *from)))
    return RANGE_NONE;
  if (*from >= size)
    return RANGE_BEYOND;
  *n = MIN (last, size - 1) - *from + 1;
  return RANGE_PART;
}

static void
answer_part (PlazaRequest *self, GBytes *package, guint64 from, guint64 n)
{
  g_autofree char *where =
      g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GSIZE_FORMAT, from,
                       from + n - 1, g_bytes_get_size (package));

  plaza_request_add_header (self, "Content-Range", where);
  self->status = 206;
  plaza_request_answer (self, g_bytes_new_from_bytes (package, from, n), TYPE_CAMPAIGN);
}

static void
answer_package (PlazaRequest *self, GBytes *package)
{
  g_autofree char *etag = make_etag (package);
  const char *if_range = plaza_request_header (self, "If-Range");
  gsize size = g_bytes_get_size (package);
  guint64 from = 0, n = 0;
  RangeKind kind = RANGE_NONE;

  plaza_request_add_header (self, "ETag", etag);
  plaza_request_add_header (self, "Accept-Ranges", "bytes");
  if (is_known (plaza_request_header (self, "If-None-Match"), etag))
    {
      self->status = 304;
      plaza_request_answer (self, g_bytes_new_static ("", 0), NULL);
      return;
    }
  /* the rest of a package that was replaced meanwhile is no use: then it comes whole */
  if (if_range == NULL || strcmp (if_range, etag) == 0)
    kind = read_range (plaza_request_header (self, "Range"), size, &from, &n);
  if (kind == RANGE_PART)
    answer_part (self, package, from, n);
  else if (kind == RANGE_BEYOND)
    {
      g_autofree char *where = g_strdup_printf ("bytes */%" G_GSIZE_FORMAT, size);

      plaza_request_add_header (self, "Content-Range", where);
      plaza_request_refuse (self, PLAZA_RESULT_RANGE);
    }
  else
    plaza_request_answer (self, g_bytes_ref (package), TYPE_CAMPAIGN);
}

static void
answer_campaign (PlazaRequest *self, PlazaStorage *reader)
{
  g_autoptr (PlazaCampaign) campaign =
      plaza_central_find_campaign (self->serving->central, self->parameter);

  if (campaign == NULL)
    plaza_request_refuse (self, PLAZA_RESULT_NOT_FOUND);
  else
    answer_package (self, plaza_campaign_package (campaign));
}

/* GET /v1/campaign/{fingerprint}: the signed package, or the part of it that is missing. */
const PlazaRouteWork plaza_route_campaign = { .read = answer_campaign };

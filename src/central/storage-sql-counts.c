/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "central/storage-sql-rows.h"

void
plaza_response_count_clear (PlazaResponseCount *count)
{
  g_free (count->campaign);
  g_free (count->session);
  g_free (count->outcome);
  memset (count, 0, sizeof *count);
}

void
plaza_envelope_count_clear (PlazaEnvelopeCount *count)
{
  g_free (count->campaign);
  memset (count, 0, sizeof *count);
}

/* A listing: each row is read into a record that lives while it is shown. */
typedef struct
{
  PlazaStorageRowFunc func;
  gpointer data;
} Listing;

static gboolean
show_code (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  const Listing *listing = data;
  g_auto (PlazaJoinCode) code = { 0 };

  return plaza_sql_read_code (columns, &code, error) && listing->func (&code, listing->data, error);
}

static gboolean
show_response_count (const PlazaSqlValue *c, gpointer data, GError **error)
{
  const Listing *listing = data;
  g_auto (PlazaResponseCount) count = {
    .campaign = g_strndup (c[0].data, c[0].length),
    .session = g_strndup (c[1].data, c[1].length),
    .outcome = g_strndup (c[2].data, c[2].length),
    .conflict = c[3].number != 0,
    .voided = c[4].number != 0,
    .withdrawal = (PlazaWithdrawal) c[5].number,
    .late = c[6].number != 0,
    .count = (guint64) c[7].number,
  };

  return listing->func (&count, listing->data, error);
}

static gboolean
show_envelope_count (const PlazaSqlValue *c, gpointer data, GError **error)
{
  const Listing *listing = data;
  g_auto (PlazaEnvelopeCount) count = {
    .campaign = g_strndup (c[0].data, c[0].length),
    .quarantined = c[1].number != 0,
    .envelopes = (guint64) c[2].number,
    .entries = (guint64) c[3].number,
    .newest = c[4].number,
  };

  return listing->func (&count, listing->data, error);
}

static gboolean
each_code (PlazaStorage *self, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  Listing listing = { func, data };

  return RUN_PLAIN (self, EACH_CODE, show_code, &listing, error);
}

static gboolean
expire_codes (PlazaStorage *self, const char *person, gint64 time, guint64 *n, GError **error)
{
  return RUN (self, EXPIRE_CODES, NULL, NULL, n, error, TEXT (person), INT (time));
}

static gboolean
each_response_count (PlazaStorage *self, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  Listing listing = { func, data };

  return RUN_PLAIN (self, COUNT_RESPONSES, show_response_count, &listing, error);
}

static gboolean
each_envelope_count (PlazaStorage *self, PlazaStorageRowFunc func, gpointer data, GError **error)
{
  Listing listing = { func, data };

  return RUN_PLAIN (self, COUNT_ENVELOPES, show_envelope_count, &listing, error);
}

static gboolean
read_number (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  guint64 *out = data;

  *out = (guint64) columns[0].number;
  return TRUE;
}

static gboolean
count_quarantined (PlazaStorage *self, guint64 *count, GError **error)
{
  *count = 0;
  return RUN_PLAIN (self, COUNT_QUARANTINED, read_number, count, error);
}

void
plaza_sql_fill_counts (PlazaStorageTable *table)
{
  table->each_code = each_code;
  table->expire_codes = expire_codes;
  table->each_response_count = each_response_count;
  table->each_envelope_count = each_envelope_count;
  table->count_quarantined = count_quarantined;
}

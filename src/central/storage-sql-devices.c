/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/storage-sql-rows.h"

/* Tokens */

static gboolean
find_device_by_token (PlazaStorage *self,
                      const PlazaHash *token_hash,
                      PlazaDevice *out,
                      gboolean *found,
                      GError **error)
{
  FIND (self, FIND_DEVICE_BY_TOKEN, plaza_sql_read_device, out, found, error, HASH (token_hash));
}

static gboolean
set_token (PlazaStorage *self,
           const char *device,
           const PlazaHash *token_hash,
           gint64 expires,
           GError **error)
{
  return RUN (self, SET_TOKEN, NULL, NULL, NULL, error, TEXT (device), HASH (token_hash),
              INT (expires));
}

static gboolean
set_next_token (PlazaStorage *self,
                const char *device,
                const PlazaHash *token_hash,
                gint64 expires,
                GError **error)
{
  return RUN (self, SET_NEXT_TOKEN, NULL, NULL, NULL, error, TEXT (device), HASH (token_hash),
              INT (expires));
}

static gboolean
promote_token (PlazaStorage *self, const char *device, const PlazaHash *token_hash, GError **error)
{
  return RUN (self, PROMOTE_TOKEN, NULL, NULL, NULL, error, TEXT (device), HASH (token_hash));
}

static gboolean
note_device (PlazaStorage *self, const char *device, gint64 time, GError **error)
{
  return RUN (self, NOTE_DEVICE, NULL, NULL, NULL, error, TEXT (device), INT (time));
}

/* Revocation */

static gboolean
revoke_device (PlazaStorage *self, const char *device, gint64 time, gboolean *found, GError **error)
{
  guint64 changed = 0;

  if (!RUN (self, REVOKE_DEVICE, NULL, NULL, &changed, error, TEXT (device), INT (time)))
    return FALSE;
  *found = changed > 0;
  return TRUE;
}

static gboolean
put_revocation_reason (PlazaStorage *self, const char *device, const char *reason, GError **error)
{
  return RUN (self, PUT_REVOCATION_REASON, NULL, NULL, NULL, error, TEXT (device), TEXT (reason));
}

/* Listings */

DEFINE_EACH_ROW (facts, PlazaDeviceFacts, plaza_sql_read_device_facts, plaza_device_facts_clear)
DEFINE_EACH_ROW (gap, PlazaGap, plaza_sql_read_gap, plaza_gap_clear)

static gboolean
each_device_facts (PlazaStorage *self,
                   const char *campaign,
                   const char *organisation,
                   PlazaStorageRowFunc func,
                   gpointer data,
                   GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_DEVICE_FACTS, each_facts_row, &each, NULL, error, TEXT (campaign),
              TEXT (organisation != NULL ? organisation : ""), INT (organisation == NULL));
}

static gboolean
each_gap (PlazaStorage *self,
          const char *campaign,
          PlazaStorageRowFunc func,
          gpointer data,
          GError **error)
{
  PlazaSqlEach each = { func, data };

  return RUN (self, EACH_GAP, each_gap_row, &each, NULL, error, TEXT (campaign));
}

void
plaza_sql_fill_devices (PlazaStorageTable *table)
{
  table->find_device_by_token = find_device_by_token;
  table->set_token = set_token;
  table->set_next_token = set_next_token;
  table->promote_token = promote_token;
  table->note_device = note_device;
  table->revoke_device = revoke_device;
  table->put_revocation_reason = put_revocation_reason;
  table->each_device_facts = each_device_facts;
  table->each_gap = each_gap;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/store-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/vault.h"

gboolean
plaza_store_count (
    PlazaDatabase *db, const char *name, gint64 step, gint64 *out_value, GError **error)
{
  gint64 value;

  if (!plaza_database_get_int (db, 0, &value, error,
                               "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) "
                               "DO UPDATE SET value = value + excluded.value RETURNING value",
                               "ti", name, step))
    return FALSE;
  if (out_value != NULL)
    *out_value = value;
  return TRUE;
}

static GBytes *
value_place (PlazaStore *self, const char *name)
{
  return plaza_vault_place ("value", plaza_profile_get_id (plaza_store_get_profile (self)), name,
                            NULL);
}

GBytes *
plaza_store_find_value (PlazaDatabase *db, const char *name, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;

  rows =
      plaza_database_query (db, error, "SELECT sealed FROM sealed_value WHERE name = ?", "t", name);
  return rows != NULL && plaza_rows_next (rows, error) ? plaza_rows_bytes (rows, 0) : NULL;
}

GBytes *
plaza_store_open_value (PlazaStore *self, const char *name, GBytes *sealed, GError **error)
{
  g_autoptr (GBytes) place = value_place (self, name);

  return plaza_vault_open (plaza_store_get_values_key (self), sealed, place, error);
}

GBytes *
plaza_store_read_value (PlazaStore *self, PlazaDatabase *db, const char *name, GError **error)
{
  g_autofree char *backup_name = g_strconcat (name, ".backup", NULL);
  g_autoptr (GBytes) sealed = plaza_store_find_value (db, name, error);
  g_autoptr (GBytes) backup = NULL;
  g_autoptr (GError) local = NULL;
  GBytes *plain;

  if (sealed == NULL)
    return NULL;
  plain = plaza_store_open_value (self, name, sealed, &local);
  if (plain != NULL)
    return plain;
  /* After a repair the backup's copy stands beside it. */
  backup = plaza_store_find_value (db, backup_name, NULL);
  if (backup != NULL)
    return plaza_store_open_value (self, name, backup, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
plaza_store_write_value (
    PlazaStore *self, PlazaDatabase *db, const char *name, GBytes *plain, GError **error)
{
  g_autoptr (GBytes) place = value_place (self, name);
  g_autoptr (GBytes) sealed = plaza_vault_seal (plaza_store_get_values_key (self), plain, place);

  return plaza_database_run (db, error,
                             "INSERT INTO sealed_value (name, sealed) VALUES (?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
                             "tb", name, sealed) &&
         plaza_database_run (db, error, "DELETE FROM sealed_value WHERE name = ? || '.backup'", "t",
                             name);
}

gboolean
plaza_store_add_entry (PlazaStore *self,
                       PlazaDatabase *db,
                       PlazaEntry *entry,
                       gint64 response,
                       const PlazaSecret *key,
                       GError **error)
{
  g_autoptr (GBytes) place = plaza_vault_place ("entry", entry->id, NULL);
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) wrapped = NULL;
  g_autofree char *hash = plaza_hash_to_string (&entry->hash);

  sealed = plaza_vault_seal (key ? key : plaza_store_get_values_key (self), entry->payload, place);
  if (key != NULL)
    wrapped = plaza_key_wrap (plaza_store_get_wrapping_key (self), key, place);
  return plaza_database_run (db, error,
                             "INSERT INTO entry (kind, id, response, created_ms, hash) "
                             "VALUES (?, ?, nullif (?, 0), ?, ?)",
                             "itiit", (gint64) entry->kind, entry->id, response,
                             plaza_clock_now_ms (), hash) &&
         plaza_database_run (db, error,
                             "INSERT INTO content (number, key, sealed) VALUES (?, ?, ?)", "ibb",
                             plaza_database_last_id (db), wrapped, sealed);
}

PlazaEntry *
plaza_store_open_entry (
    PlazaStore *self, PlazaRows *rows, int column, guint64 sequence, GError **error)
{
  PlazaEntryKind kind = plaza_rows_int (rows, column);
  const char *id = plaza_rows_text (rows, column + 1);
  g_autoptr (GBytes) place = plaza_vault_place ("entry", id, NULL);
  g_autoptr (GBytes) wrapped = plaza_rows_bytes (rows, column + 2);
  g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, column + 3);
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (PlazaSecret) key = NULL;

  if (sealed == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the content is not kept here any more");
      return NULL;
    }
  if (wrapped != NULL)
    {
      key = plaza_key_unwrap (plaza_store_get_wrapping_key (self), wrapped, place, error);
      if (key == NULL)
        return NULL;
    }
  payload = plaza_vault_open (key ? key : plaza_store_get_values_key (self), sealed, place, error);
  return payload ? plaza_entry_new_stored (kind, id, sequence, payload, error) : NULL;
}

#define SETTLE \
  "UPDATE response SET (state, delivered_ms) = " \
  "(SELECT CASE WHEN count (*) = 0 THEN 0 WHEN sum (e.state = 4) > 0 THEN 4 " \
  "ELSE min (e.state) END, " \
  "CASE WHEN min (e.state) = 3 AND max (e.state) = 3 THEN max (e.delivered_ms) END " \
  "FROM entry AS e WHERE e.response = response.number) "

gboolean
plaza_store_settle_state (PlazaDatabase *db, gint64 response, GError **error)
{
  return plaza_database_run (db, error, SETTLE "WHERE number = ?", "i", response);
}

gboolean
plaza_store_settle_envelope (PlazaDatabase *db, gint64 envelope, GError **error)
{
  return plaza_database_run (
      db, error, SETTLE "WHERE number IN (SELECT response FROM entry WHERE envelope = ?)", "i",
      envelope);
}

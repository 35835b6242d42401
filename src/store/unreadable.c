/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/unreadable-private.h"

#include "base/error.h"
#include "base/file.h"
#include "store/contact-pool.h"
#include "store/draft.h"
#include "store/outbox-private.h"
#include "store/vault.h"
#include "wire/envelope.h"

guint
plaza_unreadable_total (const PlazaUnreadable *self)
{
  return self->pools + self->values + self->sessions + self->responses + self->drafts +
         self->entries + self->envelopes;
}

gboolean
plaza_unreadable_is_damage (const GError *error)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_INVALID) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
}

/* Values */

static gboolean
is_set_aside (const char *name)
{
  return strstr (name, PLAZA_UNREADABLE_MARK) != NULL;
}

static gboolean
is_pool (const char *name)
{
  return strcmp (name, PLAZA_CONTACT_POOL) == 0 ||
         g_str_has_prefix (name, PLAZA_CONTACT_POOL PLAZA_UNREADABLE_MARK);
}

/* What a repair put beside a value counts for it, but not for the pool: that may have been sent. */
static gboolean
value_opens (PlazaStore *store, PlazaDatabase *db, const char *name, GBytes *sealed)
{
  g_autoptr (GBytes) plain = plaza_store_open_value (store, name, sealed, NULL);

  if (plain == NULL && !is_pool (name))
    plain = plaza_store_read_value (store, db, name, NULL);
  return plain != NULL;
}

/* The names of values that do not open: set aside before, or not yet. */
static GPtrArray *
list_values (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (
      db, error, "SELECT name, sealed FROM sealed_value WHERE name NOT LIKE '%.backup'", "");
  if (rows == NULL)
    return NULL;
  while (plaza_rows_next (rows, &local))
    {
      const char *name = plaza_rows_text (rows, 0);
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 1);

      if (is_set_aside (name) || !value_opens (store, db, name, sealed))
        g_ptr_array_add (names, g_strdup (name));
    }
  if (local == NULL)
    return g_steal_pointer (&names);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
plaza_unreadable_knows_key (PlazaStore *store, PlazaDatabase *db)
{
  g_autoptr (PlazaRows) rows =
      plaza_database_query (db, NULL, "SELECT name, sealed FROM sealed_value", "");
  gboolean opens = FALSE;

  while (!opens && rows != NULL && plaza_rows_next (rows, NULL))
    {
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 1);

      opens = sealed != NULL && value_opens (store, db, plaza_rows_text (rows, 0), sealed);
    }
  return opens;
}

gboolean
plaza_unreadable_set_aside (PlazaDatabase *db, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) sealed = plaza_store_find_value (db, name, &local);
  g_autofree char *hash_text = NULL;
  g_autofree char *aside = NULL;
  PlazaHash hash;

  if (sealed == NULL)
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      return local == NULL;
    }
  plaza_hash_bytes (sealed, &hash);
  hash_text = plaza_hash_to_string (&hash);
  aside = g_strdup_printf ("%s" PLAZA_UNREADABLE_MARK "%.16s", name, hash_text);
  g_warning ("%s cannot be read and is set aside", name);
  return plaza_database_run (db, error,
                             "INSERT OR IGNORE INTO sealed_value (name, sealed) VALUES (?, ?)",
                             "tb", aside, sealed) &&
         plaza_database_run (db, error, "DELETE FROM sealed_value WHERE name = ?", "t", name);
}

static gboolean
settle_values (PlazaStore *store, PlazaDatabase *db, GPtrArray *names, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (is_set_aside (name))
        continue;
      if (!plaza_unreadable_set_aside (db, name, error) ||
          (is_pool (name) && !plaza_contact_pool_recall (store, db, error)))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_unreadable_settle_values (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  g_autoptr (GPtrArray) names = list_values (store, db, error);
  guint fresh = 0;

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    fresh += !is_set_aside (g_ptr_array_index (names, i));
  if (fresh == 0)
    return TRUE;
  if (!plaza_database_begin (db, error))
    return FALSE;
  if (settle_values (store, db, names, error))
    return plaza_database_commit (db, error);
  plaza_database_rollback (db);
  return FALSE;
}

/* Looking */

typedef struct
{
  PlazaStore *store;
  PlazaDatabase *db;
  PlazaUnreadable *out;
} Survey;

static gboolean
look_at_values (Survey *self, GError **error)
{
  g_autoptr (GPtrArray) names = list_values (self->store, self->db, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    *(is_pool (g_ptr_array_index (names, i)) ? &self->out->pools : &self->out->values) += 1;
  return names != NULL;
}

/* Rows of an id and what is sealed under the profile's key. */
static gboolean
look_at_rows (Survey *self, const char *sql, const char *kind, guint *out, GError **error)
{
  g_autoptr (PlazaRows) rows = plaza_database_query (self->db, error, sql, "");
  GError *local = NULL;

  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autoptr (GBytes) place = plaza_vault_place (kind, plaza_rows_text (rows, 0), NULL);
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 1);
      g_autoptr (GBytes) plain =
          plaza_vault_open (plaza_store_get_values_key (self->store), sealed, place, NULL);

      *out += plain == NULL;
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
look_at_drafts (Survey *self, GError **error)
{
  g_autoptr (PlazaRows) rows = plaza_database_query (
      self->db, error, "SELECT r.id FROM draft AS d JOIN response AS r ON r.number = d.response",
      "");
  GError *local = NULL;
  gboolean whole;

  if (rows == NULL)
    return FALSE;
  while (local == NULL && plaza_rows_next (rows, &local))
    if (plaza_draft_check (self->store, self->db, plaza_rows_text (rows, 0), &whole, &local))
      self->out->drafts += !whole;
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
look_at_entries (Survey *self, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  gint64 found = 0;
  GError *local = NULL;

  if (!plaza_database_get_int (
          self->db, 0, &found, error,
          "SELECT count (*) FROM entry WHERE state = 4 AND problem = 'unreadable'", ""))
    return FALSE;
  self->out->entries = (guint) found;
  rows = plaza_database_query (self->db, error,
                               "SELECT e.kind, e.id, c.key, c.sealed FROM entry AS e LEFT JOIN "
                               "content AS c ON c.number = e.number WHERE e.state = 1",
                               "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      g_autoptr (PlazaEntry) entry = plaza_store_open_entry (self->store, rows, 0, 1, NULL);

      self->out->entries += entry == NULL;
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

static gboolean
look_at_envelopes (Survey *self, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (
      self->db, error,
      "SELECT id, bytes FROM envelope WHERE bytes IS NOT NULL AND (state = 2 OR (state = 4 AND "
      "contacts = 1 AND problem = '" PLAZA_OUTBOX_UNREADABLE "'))",
      "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      const char *id = plaza_rows_text (rows, 0);
      g_autoptr (GBytes) bytes = plaza_rows_bytes (rows, 1);
      g_autoptr (GBytes) whole = plaza_outbox_whole (self->store, id, bytes);

      self->out->envelopes += whole == NULL;
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

gboolean
plaza_unreadable_survey (PlazaStore *store, PlazaDatabase *db, PlazaUnreadable *out, GError **error)
{
  Survey self = { store, db, out };

  *out = (PlazaUnreadable){ 0 };
  return look_at_values (&self, error) &&
         look_at_rows (&self, "SELECT id, sealed FROM session", "session", &out->sessions, error) &&
         look_at_rows (&self, "SELECT id, summary FROM response", "response", &out->responses,
                       error) &&
         look_at_rows (&self, "SELECT id, sealed FROM replica_revision", "replica", &out->replicas,
                       error) &&
         look_at_drafts (&self, error) && look_at_entries (&self, error) &&
         look_at_envelopes (&self, error);
}

static gboolean
survey_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  return plaza_unreadable_survey (store, db, data, error);
}

gboolean
plaza_unreadable_look (PlazaStore *store, PlazaUnreadable *out, GError **error)
{
  return plaza_store_call (store, PLAZA_STORE_READ, survey_job, out, error);
}

void
plaza_unreadable_look_async (PlazaStore *store, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (store, NULL, callback, user_data);
  PlazaUnreadable *found = g_new0 (PlazaUnreadable, 1);

  g_task_set_source_tag (task, plaza_unreadable_look_async);
  g_task_set_task_data (task, found, g_free);
  plaza_store_queue (store, PLAZA_STORE_READ, survey_job, found, task);
}

gboolean
plaza_unreadable_look_finish (GAsyncResult *result, PlazaUnreadable *out, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *out = *(PlazaUnreadable *) g_task_get_task_data (G_TASK (result));
  return TRUE;
}

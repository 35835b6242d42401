/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/contact-pool.h"

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "store/safe-copy-private.h"
#include "store/unreadable-private.h"

#define POOL PLAZA_CONTACT_POOL
/* Contacts ever taken, how many the central was told of, those that wait (id, payload), filler. */
#define POOL_TYPE "(tta(say)ay)"
/* Five contacts of the usual size fit. The margin is for the filler's and the padding's own bytes.
 */
#define POOL_BLOCK 12288u
#define POOL_MARGIN 128u

typedef struct
{
  guint64 ever;
  guint64 told;
  GPtrArray *contacts; /* PlazaEntry */
} Pool;

static void
pool_clear (Pool *pool)
{
  g_clear_pointer (&pool->contacts, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pool, pool_clear)

static gboolean
pool_parse (Pool *out, GBytes *plain, GError **error)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariantIter) iter = NULL;
  const char *id;
  GVariant *payload;

  out->contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  if (plain == NULL)
    return TRUE;
  /* sealed by this profile: to look at every byte again would cost more than all the rest */
  value = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (POOL_TYPE), plain, TRUE));
  g_variant_get (value, "(tta(say)@ay)", &out->ever, &out->told, &iter, NULL);
  while (g_variant_iter_loop (iter, "(&s@ay)", &id, &payload))
    {
      g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (payload);
      PlazaEntry *entry = plaza_entry_new_stored (PLAZA_ENTRY_CONTACT, id, 0, bytes, error);

      if (entry == NULL)
        {
          g_variant_unref (payload);
          return FALSE;
        }
      g_ptr_array_add (out->contacts, entry);
    }
  return TRUE;
}

/* The pool of @db, which may be a copy. @out_damaged: it is there and does not open. What a repair
 * put beside it is left alone: what that has may have been delivered since. */
static gboolean
pool_read (PlazaStore *store, PlazaDatabase *db, Pool *out, gboolean *out_damaged, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) sealed = plaza_store_find_value (db, POOL, &local);
  g_autoptr (GBytes) plain = NULL;

  if (sealed != NULL)
    plain = plaza_store_open_value (store, POOL, sealed, &local);
  *out_damaged = plaza_unreadable_is_damage (local);
  if (local == NULL || *out_damaged)
    return pool_parse (out, plain, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* For looking: a pool that cannot be read has nothing that could be counted or sent;
 * plaza_unreadable_look() tells of it. */
static gboolean
pool_look (PlazaStore *store, PlazaDatabase *db, Pool *out, GError **error)
{
  gboolean damaged;

  return pool_read (store, db, out, &damaged, error);
}

/* For writing: a pool that cannot be read is set aside, and a new one takes later contacts. */
static gboolean
pool_take (PlazaStore *store, PlazaDatabase *db, Pool *out, GError **error)
{
  gboolean damaged;

  return pool_read (store, db, out, &damaged, error) &&
         (!damaged || (plaza_unreadable_set_aside (db, POOL, error) &&
                       plaza_contact_pool_recall (store, db, error) &&
                       (pool_clear (out), pool_read (store, db, out, &damaged, error))));
}

static GVariant *
bytes_variant (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
pool_serialise (const Pool *pool, gsize filler)
{
  GVariantBuilder builder;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (filler), filler);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(say)"));
  for (guint i = 0; i < pool->contacts->len; i++)
    {
      PlazaEntry *entry = g_ptr_array_index (pool->contacts, i);

      g_variant_builder_add (&builder, "(s@ay)", entry->id, bytes_variant (entry->payload));
    }
  return g_variant_ref_sink (
      g_variant_new ("(tta(say)@ay)", pool->ever, pool->told, &builder, bytes_variant (bytes)));
}

static gboolean
pool_write (PlazaStore *store, PlazaDatabase *db, const Pool *pool, GError **error)
{
  g_autoptr (GVariant) bare = pool_serialise (pool, 0);
  g_autoptr (GVariant) padded = NULL;
  g_autoptr (GBytes) plain = NULL;
  gsize used = g_variant_get_size (bare) + POOL_MARGIN;
  gsize blocks = (used + POOL_BLOCK - 1) / POOL_BLOCK;

  padded = pool_serialise (pool, blocks * POOL_BLOCK - used);
  plain = g_variant_get_data_as_bytes (padded);
  return plaza_store_write_value (store, db, POOL, plain, error);
}

static guint
random_below (guint limit)
{
  guint64 value;

  plaza_random_fill (&value, sizeof value);
  return value % limit;
}

gboolean
plaza_contact_pool_rewrite (PlazaStore *store,
                            PlazaDatabase *db,
                            PlazaEntry *contact,
                            GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_take (store, db, &pool, error))
    return FALSE;
  if (contact != NULL)
    {
      pool.ever++;
      g_ptr_array_insert (pool.contacts, (int) random_below (pool.contacts->len + 1),
                          plaza_entry_ref (contact));
    }
  return pool_write (store, db, &pool, error);
}

gboolean
plaza_contact_pool_count (
    PlazaStore *store, PlazaDatabase *db, guint *out, gboolean *out_untold, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_look (store, db, &pool, error))
    return FALSE;
  *out = pool.contacts->len;
  if (out_untold != NULL)
    *out_untold = pool.ever > pool.told;
  return TRUE;
}

GPtrArray *
plaza_contact_pool_take (PlazaStore *store, PlazaDatabase *db, guint limit, GError **error)
{
  g_auto (Pool) pool = { 0 };
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);

  if (!pool_take (store, db, &pool, error))
    return NULL;
  while (taken->len < limit && pool.contacts->len > 0)
    g_ptr_array_add (taken, g_ptr_array_steal_index (pool.contacts, pool.contacts->len - 1));
  return pool_write (store, db, &pool, error) ? g_steal_pointer (&taken) : NULL;
}

gboolean
plaza_contact_pool_ever (PlazaStore *store, PlazaDatabase *db, guint64 *out, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_look (store, db, &pool, error))
    return FALSE;
  *out = pool.ever;
  return TRUE;
}

gboolean
plaza_contact_pool_tell (PlazaStore *store, PlazaDatabase *db, guint64 *out_ever, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_take (store, db, &pool, error))
    return FALSE;
  *out_ever = pool.told = pool.ever;
  return pool_write (store, db, &pool, error);
}

gboolean
plaza_contact_pool_list (PlazaStore *store, PlazaDatabase *db, GPtrArray *out, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_look (store, db, &pool, error))
    return FALSE;
  for (guint i = 0; i < pool.contacts->len; i++)
    g_ptr_array_add (out, g_strdup (((PlazaEntry *) g_ptr_array_index (pool.contacts, i))->id));
  return TRUE;
}

gboolean
plaza_contact_pool_forget (
    PlazaStore *store, PlazaDatabase *db, GHashTable *left, guint64 told, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_take (store, db, &pool, error))
    return FALSE;
  for (guint i = pool.contacts->len; i > 0; i--)
    {
      const PlazaEntry *contact = g_ptr_array_index (pool.contacts, i - 1);

      if (g_hash_table_contains (left, contact->id))
        g_ptr_array_remove_index (pool.contacts, i - 1);
    }
  pool.told = MAX (pool.told, MIN (told, pool.ever));
  return pool_write (store, db, &pool, error);
}

/* An older copy of the pool */

/* Contacts leave a pool only for an envelope, so as long as the copy knows every envelope of
 * contacts there is, none of those in its pool has left. */
static gboolean
copy_is_safe (PlazaDatabase *db, PlazaDatabase *copy)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) error = NULL;

  rows = plaza_database_query (db, &error, "SELECT id FROM envelope WHERE contacts = 1", "");
  while (rows != NULL && plaza_rows_next (rows, &error))
    {
      gint64 known;

      if (!plaza_database_get_int (copy, 0, &known, &error,
                                   "SELECT count (*) FROM envelope WHERE id = ?", "t",
                                   plaza_rows_text (rows, 0)) ||
          known == 0)
        return FALSE;
    }
  return error == NULL;
}

/* Keeps the pool of the copy at @path in @best when it is safe and has more. */
static void
try_copy (PlazaStore *store, PlazaDatabase *db, const char *path, Pool *best)
{
  g_autoptr (PlazaDatabase) copy = plaza_database_open_copy (path, NULL);
  g_auto (Pool) pool = { 0 };
  gboolean damaged;

  if (copy == NULL || !pool_read (store, copy, &pool, &damaged, NULL) || damaged ||
      pool.ever <= best->ever || !copy_is_safe (db, copy))
    return;
  pool_clear (best);
  *best = pool;
  pool.contacts = NULL;
}

static void
try_backups (PlazaStore *store, PlazaDatabase *db, Pool *best)
{
  g_autofree char *folder = g_build_filename (plaza_store_get_folder (store), "backups", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".db", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      try_copy (store, db, path, best);
    }
}

static void
try_safe_copy (PlazaStore *store, PlazaDatabase *db, Pool *best)
{
  g_autofree char *path = plaza_safe_copy_find (store, db);

  if (path != NULL)
    try_copy (store, db, path, best);
}

gboolean
plaza_contact_pool_recall (PlazaStore *store, PlazaDatabase *db, GError **error)
{
  g_auto (Pool) pool = { 0 };
  gint64 sent;

  try_backups (store, db, &pool);
  try_safe_copy (store, db, &pool);
  if (pool.contacts != NULL)
    {
      g_warning ("%u contacts come from a copy of the pool", pool.contacts->len);
      return pool_write (store, db, &pool, error);
    }
  /* Of the number ever taken what is known is that these were sent. */
  if (!plaza_database_get_int (
          db, 0, &sent, error,
          "SELECT coalesce (sum (entries), 0) FROM envelope WHERE contacts = 1", ""))
    return FALSE;
  pool.ever = (guint64) sent;
  pool.contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  return pool_write (store, db, &pool, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/contact-pool.h"

#include "base/error.h"
#include "base/random.h"

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
pool_read (PlazaStore *store, PlazaDatabase *db, Pool *out, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) plain = plaza_store_read_value (store, db, "contact-pool", &local);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariantIter) iter = NULL;
  const char *id;
  GVariant *payload;

  out->contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  /* Contacts that a damaged store lost must not keep later ones from being taken. */
  if (g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE))
    {
      g_warning ("the pool of contacts cannot be read and is begun anew");
      return TRUE;
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
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
  return plaza_store_write_value (store, db, "contact-pool", plain, error);
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

  if (!pool_read (store, db, &pool, error))
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

  if (!pool_read (store, db, &pool, error))
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

  if (!pool_read (store, db, &pool, error))
    return NULL;
  while (taken->len < limit && pool.contacts->len > 0)
    g_ptr_array_add (taken, g_ptr_array_steal_index (pool.contacts, pool.contacts->len - 1));
  return pool_write (store, db, &pool, error) ? g_steal_pointer (&taken) : NULL;
}

gboolean
plaza_contact_pool_ever (PlazaStore *store, PlazaDatabase *db, guint64 *out, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_read (store, db, &pool, error))
    return FALSE;
  *out = pool.ever;
  return TRUE;
}

gboolean
plaza_contact_pool_tell (PlazaStore *store, PlazaDatabase *db, guint64 *out_ever, GError **error)
{
  g_auto (Pool) pool = { 0 };

  if (!pool_read (store, db, &pool, error))
    return FALSE;
  *out_ever = pool.told = pool.ever;
  return pool_write (store, db, &pool, error);
}

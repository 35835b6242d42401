/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/kept.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/store-private.h"

typedef struct
{
  char *name;
  GBytes *bytes;
} Kept;

static void
kept_clear (Kept *self)
{
  g_free (self->name);
  g_clear_pointer (&self->bytes, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Kept, kept_clear)

static char *
value_name (const char *name)
{
  return g_strconcat ("kept-", name, NULL);
}

static gboolean
write_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  const Kept *kept = data;

  return plaza_store_write_value (store, db, kept->name, kept->bytes, error);
}

gboolean
plaza_kept_write (PlazaStore *store, const char *name, GBytes *bytes, GError **error)
{
  g_auto (Kept) kept = { .name = value_name (name) };
  gint64 now = GINT64_TO_LE (plaza_clock_now_ms ());
  GByteArray *whole = g_byte_array_new ();

  g_byte_array_append (whole, (const guint8 *) &now, sizeof now);
  g_byte_array_append (whole, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  kept.bytes = g_byte_array_free_to_bytes (whole);
  return plaza_store_call (store, PLAZA_STORE_WRITE, write_job, &kept, error);
}

static gboolean
read_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Kept *kept = data;
  g_autoptr (GError) local = NULL;

  kept->bytes = plaza_store_read_value (store, db, kept->name, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GBytes *
plaza_kept_read (PlazaStore *store, const char *name, gint64 *out_ms, GError **error)
{
  g_auto (Kept) kept = { .name = value_name (name) };
  gint64 then;

  if (!plaza_store_call (store, PLAZA_STORE_READ, read_job, &kept, error) || kept.bytes == NULL)
    return NULL;
  if (g_bytes_get_size (kept.bytes) < sizeof then)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "what was kept is cut");
      return NULL;
    }
  memcpy (&then, g_bytes_get_data (kept.bytes, NULL), sizeof then);
  *out_ms = GINT64_FROM_LE (then);
  return g_bytes_new_from_bytes (kept.bytes, sizeof then,
                                 g_bytes_get_size (kept.bytes) - sizeof then);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "base/error.h"
#include "central/central-resources.h"
#include "central/storage-sql-rows.h"

#define SQL_RESOURCES "/org/gobabiertomx/Plaza/sql"

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
migration_row (const PlazaSqlValue *columns, gpointer data, GError **error)
{
  GArray *hashes = data; /* of the migrations the database has seen */
  PlazaHash hash;

  if (!COLUMN_HASH (columns + 1, &hash, error))
    return FALSE;
  if ((guint64) columns[0].number != hashes->len + 1)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("the list of migrations has a gap"));
  g_array_append_val (hashes, hash);
  return TRUE;
}

static gboolean
run_migration (PlazaSql *self, guint number, const char *name, GBytes *script, GError **error)
{
  PlazaHash hash;

  plaza_hash_bytes (script, &hash);
  if (self->exec (self, g_bytes_get_data (script, NULL), error) &&
      RUN (self, PUT_MIGRATION, NULL, NULL, NULL, error, INT (number), TEXT (name), HASH (&hash)))
    return TRUE;
  g_prefix_error (error, "migration %s: ", name);
  return FALSE;
}

/* The names of this version's migrations in their order. */
static GStrv
list_migrations (PlazaStorage *storage, GError **error)
{
  g_autofree char *folder = g_strdup_printf (SQL_RESOURCES "/central-%s/", storage->table->name);
  GStrv names = g_resource_enumerate_children (plaza_central_get_resource (), folder,
                                               G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (names != NULL)
    qsort (names, g_strv_length (names), sizeof *names, compare_names);
  return names;
}

static GBytes *
load_migration (PlazaStorage *storage, const char *name, GError **error)
{
  g_autofree char *path =
      g_strdup_printf (SQL_RESOURCES "/central-%s/%s", storage->table->name, name);

  return g_resource_lookup_data (plaza_central_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE,
                                 error);
}

/*
 * What the database has seen, compared with @names: the hashes, or NULL with PLAZA_ERROR_NEWER when
 * there are more than we know and PLAZA_ERROR_CORRUPT when one is not what we know under its name.
 */
static GArray *
read_seen (PlazaStorage *storage, GStrv names, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  g_autoptr (GArray) hashes = g_array_new (FALSE, FALSE, sizeof (PlazaHash));

  if (!RUN_PLAIN (self, EACH_MIGRATION, migration_row, hashes, error))
    return NULL;
  if (hashes->len > g_strv_length (names))
    {
      plaza_throw_words (error, PLAZA_ERROR_NEWER,
                         _ ("the database was made by a newer plaza-central"));
      return NULL;
    }
  for (guint i = 0; i < hashes->len; i++)
    {
      g_autoptr (GBytes) script = load_migration (storage, names[i], error);
      PlazaHash hash;

      if (script == NULL)
        return NULL;
      plaza_hash_bytes (script, &hash);
      if (!plaza_hash_equal (&hash, &g_array_index (hashes, PlazaHash, i)))
        {
          plaza_throw_words (error, PLAZA_ERROR_CORRUPT,
                             _ ("the database was made with another migration %s"), names[i]);
          return NULL;
        }
    }
  return g_steal_pointer (&hashes);
}

gboolean
plaza_sql_probe (PlazaStorage *storage, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  g_auto (GStrv) names = list_migrations (storage, error);
  g_autoptr (GArray) hashes = NULL;

  if (names == NULL ||
      !self->run (self, PLAZA_SQL_PROBE_MIGRATION, NULL, 0, NULL, NULL, NULL, error) ||
      (hashes = read_seen (storage, names, error)) == NULL)
    return FALSE;
  return hashes->len == g_strv_length (names) ||
         plaza_throw_words (error, PLAZA_ERROR_NEWER,
                            _ ("the database has another version's schema"));
}

gboolean
plaza_sql_pending (PlazaStorage *storage, GStrv *pending, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  g_auto (GStrv) names = list_migrations (storage, error);
  g_autoptr (GArray) hashes = NULL;

  if (names == NULL || !storage->table->begin (storage, error))
    return FALSE;
  if (self->exec (self, self->migration_table, error))
    hashes = read_seen (storage, names, error);
  storage->table->rollback (storage);
  if (hashes == NULL)
    return FALSE;
  *pending = g_strdupv (names + hashes->len);
  return TRUE;
}

gboolean
plaza_sql_migrate (PlazaStorage *storage, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  g_auto (GStrv) names = list_migrations (storage, error);
  g_autoptr (GArray) hashes = NULL;

  if (names == NULL || !storage->table->begin (storage, error))
    return FALSE;
  if (!self->exec (self, self->migration_table, error) ||
      (hashes = read_seen (storage, names, error)) == NULL)
    goto failed;
  for (guint i = hashes->len; names[i] != NULL; i++)
    {
      g_autoptr (GBytes) script = load_migration (storage, names[i], error);

      if (script == NULL || !run_migration (self, i + 1, names[i], script, error))
        goto failed;
    }
  return storage->table->commit (storage, error);

failed:
  storage->table->rollback (storage);
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

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
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the list of migrations has a gap");
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

gboolean
plaza_sql_probe (PlazaStorage *storage, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  g_autofree char *folder = g_strdup_printf (SQL_RESOURCES "/central-%s/", storage->table->name);
  g_auto (GStrv) names = g_resource_enumerate_children (plaza_central_get_resource (), folder,
                                                        G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (GArray) hashes = g_array_new (FALSE, FALSE, sizeof (PlazaHash));

  if (names == NULL ||
      !self->run (self, PLAZA_SQL_PROBE_MIGRATION, NULL, 0, NULL, NULL, NULL, error) ||
      !RUN_PLAIN (self, EACH_MIGRATION, migration_row, hashes, error))
    return FALSE;
  return hashes->len == g_strv_length (names) ||
         plaza_throw (error, PLAZA_ERROR_NEWER, "the database has another version's schema");
}

gboolean
plaza_sql_migrate (PlazaStorage *storage, GError **error)
{
  PlazaSql *self = (PlazaSql *) storage;
  GResource *resource = plaza_central_get_resource ();
  g_autofree char *folder = g_strdup_printf (SQL_RESOURCES "/central-%s/", storage->table->name);
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, folder, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (GArray) hashes = g_array_new (FALSE, FALSE, sizeof (PlazaHash));
  guint known;

  if (names == NULL)
    return FALSE;
  known = g_strv_length (names);
  qsort (names, known, sizeof *names, compare_names);
  if (!storage->table->begin (storage, error))
    return FALSE;
  if (!self->exec (self, self->migration_table, error) ||
      !RUN_PLAIN (self, EACH_MIGRATION, migration_row, hashes, error))
    goto failed;
  if (hashes->len > known)
    {
      plaza_throw (error, PLAZA_ERROR_NEWER, "the database was made by a newer plaza-central");
      goto failed;
    }
  for (guint i = 0; i < known; i++)
    {
      g_autofree char *path = g_strconcat (folder, names[i], NULL);
      g_autoptr (GBytes) script =
          g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

      if (script == NULL ||
          (i >= hashes->len && !run_migration (self, i + 1, names[i], script, error)))
        goto failed;
    }
  return storage->table->commit (storage, error);

failed:
  storage->table->rollback (storage);
  return FALSE;
}

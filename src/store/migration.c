/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/migration.h"

#include <gio/gio.h>
#include <stdlib.h>

#include "base/error.h"
#include "plaza-store-sql.h"
#include "store/backup.h"

#define SQL_FOLDER "/org/gobabiertomx/Plaza/sql/laptop"

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

/* The steps' names in order: NNN-what.sql, numbered from 001 without gaps. */
static GStrv
list_steps (void)
{
  GResource *resource = plaza_store_sql_get_resource ();
  GStrv names = g_resource_enumerate_children (resource, SQL_FOLDER, 0, NULL);

  g_assert (names != NULL);
  qsort (names, g_strv_length (names), sizeof (char *), compare_names);
  return names;
}

guint
plaza_migration_latest (void)
{
  g_auto (GStrv) names = list_steps ();

  return g_strv_length (names);
}

static gboolean
run_step (PlazaDatabase *db, guint version, const char *name, GError **error)
{
  g_autofree char *path = g_strconcat (SQL_FOLDER "/", name, NULL);
  g_autofree char *pragma = g_strdup_printf ("PRAGMA user_version = %u", version);
  g_autoptr (GBytes) sql = NULL;

  sql = g_resource_lookup_data (plaza_store_sql_get_resource (), path, 0, error);
  if (sql == NULL || !plaza_database_begin (db, error))
    return FALSE;
  if (plaza_database_exec (db, g_bytes_get_data (sql, NULL), error) &&
      plaza_database_exec (db, pragma, error))
    return plaza_database_commit (db, error);
  plaza_database_rollback (db);
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

gboolean
plaza_migration_run (PlazaDatabase *db, const char *backup_path, GError **error)
{
  g_auto (GStrv) names = list_steps ();
  guint latest = g_strv_length (names);
  gint64 version;

  if (!plaza_database_get_int (db, 0, &version, error, "PRAGMA user_version", ""))
    return FALSE;
  if (version > latest)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "the store has schema %d, this program knows %u",
                        (int) version, latest);
  if (version > 0 && version < latest &&
      !plaza_database_copy (db, backup_path, PLAZA_BACKUP_STRIP, error))
    return FALSE;
  for (guint i = (guint) version; i < latest; i++)
    if (!run_step (db, i + 1, names[i], error))
      return FALSE;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/backup.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

#define PREFIX "plaza-"
#define SUFFIX ".db"

/* Names are "plaza-<ms since 1970, 15 digits>.db", so they sort by age. */
static gint64
name_time (const char *name)
{
  return g_str_has_prefix (name, PREFIX) ? g_ascii_strtoll (name + strlen (PREFIX), NULL, 10) : 0;
}

/* The backups' names, oldest first; empty when there is no folder. */
static GPtrArray *
list_backups (const char *folder)
{
  g_auto (GStrv) names = plaza_dir_list (folder, SUFFIX, NULL);
  GPtrArray *backups = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (name_time (names[i]) > 0)
      g_ptr_array_add (backups, g_strdup (names[i]));
  return backups;
}

gint64
plaza_backup_newest (const char *folder)
{
  g_autoptr (GPtrArray) backups = list_backups (folder);

  return backups->len > 0 ? name_time (g_ptr_array_index (backups, backups->len - 1)) : 0;
}

gboolean
plaza_backup_is_due (const char *folder)
{
  gint64 age = plaza_clock_now_ms () - plaza_backup_newest (folder);

  /* A clock that was set back counts as due too. */
  return age < 0 || age >= PLAZA_BACKUP_INTERVAL_MS;
}

gboolean
plaza_backup_make (PlazaDatabase *db, const char *folder, gboolean only, GError **error)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  guint keep = only ? 0 : PLAZA_BACKUP_KEEP - 1;
  gint64 now = plaza_clock_now_ms ();

  if (!plaza_dir_make (folder, error))
    return FALSE;
  backups = list_backups (folder);
  now = MAX (now, plaza_backup_newest (folder) + 1);
  name = g_strdup_printf (PREFIX "%015" G_GINT64_FORMAT SUFFIX, now);
  path = g_build_filename (folder, name, NULL);
  if (!plaza_database_copy (db, path, PLAZA_BACKUP_STRIP, error))
    return FALSE;
  for (guint i = 0; i + keep < backups->len; i++)
    {
      g_autofree char *old = g_build_filename (folder, g_ptr_array_index (backups, i), NULL);

      if (!plaza_file_remove (old, error))
        return FALSE;
    }
  if (only)
    {
      g_autofree char *before = g_build_filename (folder, "before-migration.db", NULL);

      return plaza_file_remove (before, error);
    }
  return TRUE;
}

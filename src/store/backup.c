/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/backup.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/replica.h"

#define PREFIX "plaza-"
#define SUFFIX ".db"
#define SLACK_MS 1000
/* In the names of copies that were never finished, and of their logs. */
#define UNFINISHED ".db.part"

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

static gint64
newest_backup (const char *folder)
{
  g_autoptr (GPtrArray) backups = list_backups (folder);

  return backups->len > 0 ? name_time (g_ptr_array_index (backups, backups->len - 1)) : 0;
}

/* Every file that holds what the store once held: backups and damaged stores put aside. */
static GPtrArray *
list_copies (const char *folder)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  g_auto (GStrv) backups = plaza_dir_list (folder, SUFFIX, NULL);
  g_auto (GStrv) beside = plaza_dir_list (parent, "", NULL);
  GPtrArray *copies = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; backups != NULL && backups[i] != NULL; i++)
    g_ptr_array_add (copies, g_build_filename (folder, backups[i], NULL));
  for (guint i = 0; beside != NULL && beside[i] != NULL; i++)
    if (g_str_has_prefix (beside[i], PLAZA_BACKUP_DAMAGED))
      g_ptr_array_add (copies, g_build_filename (parent, beside[i], NULL));
  return copies;
}

/* What a power cut left of copies; nothing reads it, and it holds what they would have held. */
static GPtrArray *
list_unfinished (const char *folder)
{
  g_auto (GStrv) names = plaza_dir_list (folder, "", NULL);
  GPtrArray *unfinished = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (strstr (names[i], UNFINISHED) != NULL)
      g_ptr_array_add (unfinished, g_build_filename (folder, names[i], NULL));
  return unfinished;
}

gboolean
plaza_backup_is_due (const char *folder)
{
  gint64 age = plaza_clock_now_ms () - newest_backup (folder);

  /* A clock that was set back counts as due too; copies of one millisecond run a little ahead. */
  return age < -SLACK_MS || age >= PLAZA_BACKUP_INTERVAL_MS;
}

/* What cannot be read counts as holding it. */
static gboolean
copy_holds (const char *path, const char *response)
{
  g_autoptr (PlazaDatabase) copy = plaza_database_open_copy (path, NULL);
  gint64 found;

  return copy == NULL ||
         !plaza_database_get_int (copy, 0, &found, NULL,
                                  "SELECT count (*) FROM response WHERE id = ?", "t", response) ||
         found > 0;
}

gboolean
plaza_backup_holds (const char *folder, const char *response)
{
  g_autoptr (GPtrArray) copies = list_copies (folder);
  g_autoptr (GPtrArray) unfinished = list_unfinished (folder);

  if (unfinished->len > 0)
    return TRUE;
  for (guint i = 0; i < copies->len; i++)
    if (copy_holds (g_ptr_array_index (copies, i), response))
      return TRUE;
  return FALSE;
}

static gboolean
remove_copies (GPtrArray *copies, GError **error)
{
  for (guint i = 0; i < copies->len; i++)
    if (!plaza_file_remove (g_ptr_array_index (copies, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
remove_oldest (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) backups = list_backups (folder);

  for (guint i = 0; i + PLAZA_BACKUP_KEEP < backups->len; i++)
    {
      g_autofree char *old = g_build_filename (folder, g_ptr_array_index (backups, i), NULL);

      if (!plaza_file_remove (old, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_backup_make (PlazaDatabase *db, const char *folder, gboolean only, GError **error)
{
  g_autoptr (GPtrArray) copies = NULL;
  g_autoptr (GPtrArray) unfinished = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  gint64 now;

  if (!plaza_dir_make (folder, error))
    return FALSE;
  unfinished = list_unfinished (folder);
  copies = list_copies (folder);
  now = MAX (plaza_clock_now_ms (), newest_backup (folder) + 1);
  name = g_strdup_printf (PREFIX "%015" G_GINT64_FORMAT SUFFIX, now);
  path = g_build_filename (folder, name, NULL);
  return remove_copies (unfinished, error) &&
         plaza_database_copy (db, path, PLAZA_BACKUP_STRIP "; " PLAZA_REPLICA_EMPTY, error) &&
         (only ? remove_copies (copies, error) : remove_oldest (folder, error));
}

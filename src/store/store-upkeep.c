/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/store-worker-private.h"

#include "base/file.h"
#include "store/backup.h"
#include "store/safe-copy-private.h"

/* Backups, and that what was destroyed is in none of them: the worker's care between two jobs. */

char *
plaza_store_backup_folder (PlazaStore *self)
{
  return g_build_filename (self->folder, "backups", NULL);
}

static gboolean
make_backup (PlazaStore *self, gboolean only)
{
  g_autofree char *folder = plaza_store_backup_folder (self);
  g_autoptr (GError) error = NULL;

  if (plaza_backup_make (self->db, folder, only, &error))
    self->dirty = FALSE;
  else
    g_warning ("no backup was made: %s", error->message);
  return error == NULL;
}

static gboolean
backups_hold (PlazaStore *self, const char *folder)
{
  for (guint i = 0; i < self->shredded_responses->len; i++)
    {
      const char *response = g_ptr_array_index (self->shredded_responses, i);

      if (strcmp (response, PLAZA_SHRED_ALL) == 0 || plaza_backup_holds (folder, response))
        return TRUE;
    }
  return FALSE;
}

static gboolean
forget_note_of_shredding (PlazaStore *self)
{
  g_autoptr (GError) error = NULL;

  if (plaza_database_run (self->db, &error, "DELETE FROM counter WHERE name = ?", "t",
                          PLAZA_COUNTER_SHREDDING))
    return TRUE;
  g_warning ("the note of what was destroyed stays: %s", error->message);
  return FALSE;
}

/* Something was destroyed, and then the power failed or the disk was full. */
gboolean
plaza_store_recall_shredding (PlazaStore *self, GError **error)
{
  gint64 noted;

  if (!plaza_database_get_int (self->db, 0, &noted, error,
                               "SELECT value FROM counter WHERE name = ?", "t",
                               PLAZA_COUNTER_SHREDDING))
    return FALSE;
  self->shredded = noted != 0;
  if (self->shredded)
    g_ptr_array_add (self->shredded_responses, g_strdup (PLAZA_SHRED_ALL));
  return TRUE;
}

/* A copy on its way to a stick, or of one that was cut; whoever is writing it has it open. */
void
plaza_store_remove_aside (PlazaStore *self)
{
  g_autofree char *aside = g_build_filename (self->folder, PLAZA_SAFE_COPY_ASIDE, NULL);
  g_autofree char *part = g_strconcat (aside, ".part", NULL);
  g_autoptr (GError) error = NULL;

  if (!plaza_file_remove (aside, &error) || !plaza_file_remove (part, &error))
    g_warning ("a copy stays: %s", error->message);
}

/* What was destroyed must not live on in the log or in an older copy. What the disk refuses now is
 * done after the next job. */
void
plaza_store_finish_shredding (PlazaStore *self)
{
  g_autofree char *folder = plaza_store_backup_folder (self);
  g_autoptr (GError) error = NULL;

  if (!plaza_database_checkpoint (self->db, &error))
    {
      g_warning ("the log could not be emptied: %s", error->message);
      return;
    }
  plaza_store_remove_aside (self);
  if (self->shredded_responses->len > 0 &&
      ((backups_hold (self, folder) && !make_backup (self, TRUE)) ||
       !forget_note_of_shredding (self)))
    return;
  self->shredded = FALSE;
  g_ptr_array_set_size (self->shredded_responses, 0);
}

void
plaza_store_look_for_backup (PlazaStore *self)
{
  g_autofree char *folder = plaza_store_backup_folder (self);

  self->looked = g_get_monotonic_time ();
  if (self->dirty && plaza_backup_is_due (folder))
    make_backup (self, FALSE);
}

void
plaza_store_shred (PlazaStore *self, const char *response)
{
  g_autoptr (GError) error = NULL;

  self->shredded = TRUE;
  if (response == NULL)
    return;
  g_ptr_array_add (self->shredded_responses, g_strdup (response));
  if (!plaza_store_count (self->db, PLAZA_COUNTER_SHREDDING, 1, NULL, &error))
    g_warning ("what is destroyed could not be noted: %s", error->message);
}

static gboolean
backup_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  g_autofree char *folder = plaza_store_backup_folder (self);

  return plaza_backup_make (db, folder, FALSE, error);
}

gboolean
plaza_store_backup (PlazaStore *self, GError **error)
{
  return plaza_store_call (self, PLAZA_STORE_PLAIN, backup_job, NULL, error);
}

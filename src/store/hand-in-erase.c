/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/hand-in-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/uuid.h"
#include "store/carried-private.h"
#include "store/journal.h"
#include "store/profile-private.h"
#include "store/steps.h"

/* In a profile's folder: from here on it is none. */
#define MARK "handed-in"
#define SUFFIX ".handed-in"

static char *
mark_path (const char *folder)
{
  return g_build_filename (folder, MARK, NULL);
}

gboolean
plaza_hand_in_is_erasing (const char *folder)
{
  g_autofree char *mark = mark_path (folder);

  return g_file_test (mark, G_FILE_TEST_EXISTS);
}

static gboolean
set_mark (const char *folder, GError **error)
{
  g_autofree char *mark = mark_path (folder);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  return plaza_file_write (mark, nothing, error);
}

/* secure_delete is on: what goes is overwritten in the file, and then in its log. */
static gboolean
empty_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  return plaza_database_exec (db,
                              "BEGIN IMMEDIATE; DELETE FROM event; DELETE FROM draft;"
                              "DELETE FROM content; DELETE FROM entry; DELETE FROM envelope;"
                              "DELETE FROM response; DELETE FROM session;"
                              "DELETE FROM replica_revision;"
                              "DELETE FROM replica_response; DELETE FROM replica_progress;"
                              "DELETE FROM sealed_value; COMMIT",
                              error) &&
         plaza_database_checkpoint (db, error);
}

static gboolean
is_empty (const char *data_root)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (data_root, NULL);

  return profiles != NULL && profiles->len == 0;
}

static gboolean
remove_files (const char *folder, GError **error)
{
  g_auto (GStrv) names = plaza_dir_list (folder, "", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (!plaza_file_remove (path, error))
        return FALSE;
    }
  g_rmdir (folder);
  return TRUE;
}

/* Whoever was last leaves no consultation behind; an envelope of others that is not delivered stays
 * with the package that delivers it. */
static gboolean
remove_campaigns (const char *data_root, GError **error)
{
  g_autofree char *campaigns = g_build_filename (data_root, "campaigns", NULL);
  g_autofree char *carried = g_build_filename (data_root, "carried", NULL);
  g_autoptr (GPtrArray) items = plaza_outbox_list (data_root, NULL, error);
  g_auto (GStrv) fingerprints = plaza_carried_campaigns (data_root, NULL);
  static const char *const folders[] = { PLAZA_CARRIED_ENVELOPES, PLAZA_CARRIED_RECEIPTS,
                                         PLAZA_CARRIED_REGISTRATIONS, PLAZA_CARRIED_RESCUED };

  if (items == NULL || items->len > 0)
    return items != NULL;
  for (guint i = 0; fingerprints[i] != NULL; i++)
    {
      g_autofree char *owner = g_build_filename (carried, fingerprints[i], NULL);

      for (guint j = 0; j < G_N_ELEMENTS (folders); j++)
        {
          g_autofree char *folder = plaza_carried_folder (data_root, fingerprints[i], folders[j]);

          if (!remove_files (folder, error))
            return FALSE;
        }
      g_rmdir (owner);
    }
  g_rmdir (carried);
  return remove_files (campaigns, error);
}

/* What follows the mark needs no key; it may be begun again at any point. */
static gboolean
remove_profile (const char *data_root, const char *folder, GError **error)
{
  g_autofree char *aside =
      g_str_has_suffix (folder, SUFFIX) ? g_strdup (folder) : g_strconcat (folder, SUFFIX, NULL);
  g_autofree char *id = g_path_get_basename (aside);

  *strchr (id, '.') = '\0';
  if (strcmp (aside, folder) != 0 && g_rename (folder, aside) != 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "setting the profile aside: %s",
                        g_strerror (errno));
  plaza_step ("hand-in-renamed");
  if (!plaza_profile_destroy_keys (aside, error))
    return FALSE;
  plaza_step ("hand-in-keys");
  /* The folder last: while it is there, plaza_hand_in_clean() knows that there is more to do. */
  if (is_empty (data_root) && !remove_campaigns (data_root, error))
    return FALSE;
  plaza_step ("hand-in-campaigns");
  if (!plaza_journal_add (data_root, "handed-in", error, "profile", id, NULL) ||
      !plaza_profile_remove_folder (aside, error))
    return FALSE;
  plaza_step ("hand-in-removed");
  return TRUE;
}

gboolean
plaza_hand_in_erase (PlazaProfile *profile, GError **error)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *folder = g_strdup (plaza_profile_get_folder (profile));
  g_auto (PlazaHandInState) state = { 0 };

  if (store == NULL)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  if (!plaza_hand_in_look (store, &state, error))
    return FALSE;
  if (!plaza_hand_in_state_is_complete (&state))
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "not everything has a receipt");
  if (!set_mark (folder, error))
    return FALSE;
  plaza_step ("hand-in-marked");
  if (!plaza_store_call (store, PLAZA_STORE_PLAIN, empty_job, NULL, error))
    return FALSE;
  plaza_step ("hand-in-emptied");
  if (!plaza_profile_lock (profile, error))
    return FALSE;
  plaza_step ("hand-in-locked");
  return remove_profile (plaza_profile_get_data_root (profile), folder, error);
}

static gboolean
is_left_over (const char *profiles, const char *name)
{
  g_autofree char *folder = g_build_filename (profiles, name, NULL);
  g_autofree char *id = g_strndup (name, PLAZA_UUID_TEXT_SIZE - 1);

  if (!plaza_uuid_is_valid (id))
    return FALSE;
  return g_str_has_suffix (name, SUFFIX) ||
         (strlen (name) == PLAZA_UUID_TEXT_SIZE - 1 && plaza_hand_in_is_erasing (folder));
}

void
plaza_hand_in_clean (const char *data_root)
{
  g_autofree char *profiles = g_build_filename (data_root, "profiles", NULL);
  g_autoptr (GDir) dir = g_dir_open (profiles, 0, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_left_over (profiles, name))
      g_ptr_array_add (found, g_build_filename (profiles, name, NULL));
  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!remove_profile (data_root, g_ptr_array_index (found, i), &error))
        g_warning ("a handed-in profile is not erased yet: %s", error->message);
    }
}

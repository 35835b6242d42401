/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"

/* A profile's folder holds files and folders of files, and nothing deeper. */
#define DEPTH 2

static gboolean
remove_tree (GFile *folder, int depth, GError **error)
{
  g_autoptr (GFileEnumerator) names = g_file_enumerate_children (
      folder, G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
      G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, error);
  GFileInfo *info;
  GFile *child;

  if (names == NULL)
    return FALSE;
  for (;;)
    {
      if (!g_file_enumerator_iterate (names, &info, &child, NULL, error))
        return FALSE;
      if (info == NULL)
        return g_file_delete (folder, NULL, error);
      if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY && depth > 1)
        {
          if (!remove_tree (child, depth - 1, error))
            return FALSE;
        }
      else if (!g_file_delete (child, NULL, error))
        return FALSE;
    }
}

/* Best effort: a disk may keep older bytes elsewhere. */
static void
overwrite (const char *path)
{
  guint8 noise[4096];
  GStatBuf info;
  int fd;

  if (g_lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return;
  fd = g_open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return;
  for (off_t at = 0; at < info.st_size; at += (off_t) sizeof noise)
    {
      plaza_random_fill (noise, sizeof noise);
      if (pwrite (fd, noise, MIN (sizeof noise, (gsize) (info.st_size - at)), at) < 0)
        break;
    }
  if (fsync (fd) != 0)
    g_warning ("overwriting a key: %s", g_strerror (errno));
  close (fd);
}

/* Without the keyfile nothing in the folder opens any more, so it goes first. */
static gboolean
destroy_keys (const char *folder, GError **error)
{
  g_auto (GStrv) names = plaza_dir_list (folder, "", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (!g_str_has_prefix (names[i], "profile.key") && !g_str_has_prefix (names[i], "recovery."))
        continue;
      overwrite (path);
      if (!plaza_file_remove (path, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_profile_destroy_keys (const char *folder, GError **error)
{
  g_autofree char *backups = g_build_filename (folder, "backups", NULL);

  return destroy_keys (folder, error) && destroy_keys (backups, error);
}

gboolean
plaza_profile_remove_tree (const char *folder, int depth, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);

  return remove_tree (file, depth, error);
}

gboolean
plaza_profile_remove_folder (const char *folder, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);

  return plaza_profile_destroy_keys (folder, error) && remove_tree (file, DEPTH, error);
}

gboolean
plaza_profile_discard (PlazaProfile *self, GError **error)
{
  g_autofree char *aside = g_strconcat (plaza_profile_get_folder (self), ".discarded", NULL);

  if (!plaza_profile_is_unlocked (self))
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  if (plaza_profile_get_enrolment (self) != NULL)
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "the profile is enrolled");
  if (!plaza_profile_lock (self, error))
    return FALSE;
  /* Under another name it is no profile any more, whatever happens to the rest. */
  if (g_rename (plaza_profile_get_folder (self), aside) != 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "setting the profile aside: %s",
                        g_strerror (errno));
  return plaza_profile_remove_folder (aside, error);
}

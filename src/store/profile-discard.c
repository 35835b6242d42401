/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile.h"

#include <glib/gstdio.h>
#include <errno.h>

#include "base/error.h"

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

gboolean
plaza_profile_discard (PlazaProfile *self, GError **error)
{
  g_autofree char *aside = g_strconcat (plaza_profile_get_folder (self), ".discarded", NULL);
  g_autoptr (GFile) folder = g_file_new_for_path (aside);

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
  return remove_tree (folder, DEPTH, error);
}

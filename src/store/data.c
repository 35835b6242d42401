/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/data.h"

#include "base/file.h"

char *
plaza_data_root (void)
{
  const char *path = g_getenv ("PLAZA_DATA_DIR");

  if (path != NULL && *path != '\0')
    return g_canonicalize_filename (path, NULL);
  return g_build_filename (g_get_user_data_dir (), "plaza", NULL);
}

static char *
package_path (const char *data_root, const char *fingerprint)
{
  g_autofree char *name = g_strconcat (fingerprint, ".plzcmp", NULL);

  return g_build_filename (data_root, "campaigns", name, NULL);
}

gboolean
plaza_data_save_campaign (const char *data_root, PlazaCampaign *campaign, GError **error)
{
  g_autofree char *path = package_path (data_root, campaign->fingerprint);
  g_autofree char *folder = g_path_get_dirname (path);

  return plaza_dir_make (folder, error) &&
         plaza_file_write (path, plaza_campaign_package (campaign), error);
}

PlazaCampaign *
plaza_data_load_campaign (const char *data_root, const char *fingerprint, GError **error)
{
  g_autofree char *path = package_path (data_root, fingerprint);

  return plaza_campaign_load (path, fingerprint, error);
}

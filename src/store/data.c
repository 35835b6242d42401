/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/data.h"

#include "base/file.h"
#include "seal/hash.h"

char *
plaza_data_root (void)
{
  const char *path = g_getenv ("PLAZA_DATA_DIR");

  if (path != NULL && *path != '\0')
    return g_canonicalize_filename (path, NULL);
  return g_build_filename (g_get_user_data_dir (), "plaza", NULL);
}

static char *
package_path (const char *data_root, const char *fingerprint, const char *mark)
{
  g_autofree char *name = g_strconcat (fingerprint, mark, ".plzcmp", NULL);

  return g_build_filename (data_root, "campaigns", name, NULL);
}

/* A package that the new one replaces stays, for responses begun on its questionnaires. */
static gboolean
keep_earlier (const char *data_root, const char *path, PlazaCampaign *campaign, GError **error)
{
  g_autoptr (PlazaCampaign) earlier = plaza_campaign_load (path, campaign->fingerprint, NULL);
  g_autofree char *hash_text = NULL;
  g_autofree char *mark = NULL;
  g_autofree char *kept = NULL;
  PlazaHash hash;

  if (earlier == NULL ||
      g_bytes_equal (plaza_campaign_package (earlier), plaza_campaign_package (campaign)))
    return TRUE;
  plaza_hash_bytes (plaza_campaign_package (earlier), &hash);
  hash_text = plaza_hash_to_string (&hash);
  mark = g_strdup_printf ("-%.16s", hash_text);
  kept = package_path (data_root, campaign->fingerprint, mark);
  return plaza_file_write (kept, plaza_campaign_package (earlier), error);
}

gboolean
plaza_data_save_campaign (const char *data_root, PlazaCampaign *campaign, GError **error)
{
  g_autofree char *path = package_path (data_root, campaign->fingerprint, "");
  g_autofree char *folder = g_path_get_dirname (path);

  return plaza_dir_make (folder, error) && keep_earlier (data_root, path, campaign, error) &&
         plaza_file_write (path, plaza_campaign_package (campaign), error);
}

PlazaCampaign *
plaza_data_load_campaign (const char *data_root, const char *fingerprint, GError **error)
{
  g_autofree char *path = package_path (data_root, fingerprint, "");

  return plaza_campaign_load (path, fingerprint, error);
}

GPtrArray *
plaza_data_list_earlier (const char *data_root, const char *fingerprint)
{
  GPtrArray *packages = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_campaign_unref);
  g_autofree char *folder = g_build_filename (data_root, "campaigns", NULL);
  g_autofree char *prefix = g_strconcat (fingerprint, "-", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".plzcmp", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autoptr (GError) error = NULL;
      PlazaCampaign *campaign;

      if (!g_str_has_prefix (names[i], prefix))
        continue;
      campaign = plaza_campaign_load (path, fingerprint, &error);
      if (campaign != NULL)
        g_ptr_array_add (packages, campaign);
      else
        g_warning ("an earlier campaign package is left out: %s", error->message);
    }
  return packages;
}

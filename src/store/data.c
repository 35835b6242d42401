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
package_path (const char *data_root, const char *fingerprint, const char *mark, const char *end)
{
  g_autofree char *name = g_strconcat (fingerprint, mark, ".plzcmp", end, NULL);

  return g_build_filename (data_root, "campaigns", name, NULL);
}

static char *
current_path (const char *data_root, const char *fingerprint)
{
  return package_path (data_root, fingerprint, "", "");
}

static char *
previous_path (const char *data_root, const char *fingerprint)
{
  return package_path (data_root, fingerprint, "", ".previous");
}

/* Whether every questionnaire of @earlier is in @campaign too. */
static gboolean
has_all_forms (PlazaCampaign *campaign, PlazaCampaign *earlier)
{
  for (guint i = 0; i < earlier->questionnaires->len; i++)
    {
      const PlazaCampaignQuestionnaire *form = g_ptr_array_index (earlier->questionnaires, i);

      if (plaza_campaign_questionnaire (campaign, form->form_id, form->version) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* A package that the new one replaces stays when it has questionnaires that the new one has not:
 * responses may have been begun on them. Whole, so that its signature is checked again. */
static gboolean
keep_earlier (const char *data_root,
              PlazaCampaign *earlier,
              PlazaCampaign *campaign,
              GError **error)
{
  g_autofree char *hash_text = NULL;
  g_autofree char *mark = NULL;
  g_autofree char *kept = NULL;
  PlazaHash hash;

  if (has_all_forms (campaign, earlier))
    return TRUE;
  plaza_hash_bytes (plaza_campaign_package (earlier), &hash);
  hash_text = plaza_hash_to_string (&hash);
  mark = g_strdup_printf ("-%.16s", hash_text);
  kept = package_path (data_root, campaign->fingerprint, mark, "");
  return plaza_file_write (kept, plaza_campaign_package (earlier), error);
}

/* Two copies on disk, since a laptop without a connection cannot fetch another: the package, and
 * beside it the one before, or the same when there was none. */
static gboolean
replace (const char *data_root, PlazaCampaign *current, PlazaCampaign *campaign, GError **error)
{
  g_autofree char *path = current_path (data_root, campaign->fingerprint);
  g_autofree char *previous = previous_path (data_root, campaign->fingerprint);
  g_autofree char *folder = g_path_get_dirname (path);
  GBytes *beside = plaza_campaign_package (current != NULL ? current : campaign);

  return plaza_dir_make (folder, error) &&
         (current == NULL || keep_earlier (data_root, current, campaign, error)) &&
         plaza_file_write (previous, beside, error) &&
         plaza_file_write (path, plaza_campaign_package (campaign), error);
}

/* One package at a time, whichever thread brings it. */
static GMutex taking;

static gboolean
take (const char *data_root, PlazaCampaign *campaign, PlazaCampaignTaken *out, GError **error)
{
  g_autofree char *path = current_path (data_root, campaign->fingerprint);
  gboolean damaged;
  g_autoptr (PlazaCampaign) current =
      plaza_data_find_campaign (data_root, campaign->fingerprint, &damaged, NULL);
  gboolean same = current != NULL && g_bytes_equal (plaza_campaign_package (current),
                                                    plaza_campaign_package (campaign));

  *out = same ? PLAZA_CAMPAIGN_SAME : PLAZA_CAMPAIGN_TAKEN;
  if (same && damaged)
    return plaza_file_write (path, plaza_campaign_package (campaign), error);
  if (same)
    return TRUE;
  if (current != NULL && campaign->serial <= current->serial)
    {
      *out = PLAZA_CAMPAIGN_OLDER;
      return TRUE;
    }
  return replace (data_root, current, campaign, error);
}

gboolean
plaza_data_save_campaign (const char *data_root, PlazaCampaign *campaign, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&taking);
  PlazaCampaignTaken taken;

  return take (data_root, campaign, &taken, error);
}

gboolean
plaza_campaign_take (const char *data_root,
                     const char *fingerprint,
                     GBytes *package,
                     PlazaCampaignTaken *out,
                     GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&taking);
  g_autoptr (PlazaCampaign) campaign = plaza_campaign_parse (package, fingerprint, error);
  g_autofree char *path = NULL;
  g_autofree char *previous = NULL;

  if (campaign == NULL)
    return FALSE;
  path = current_path (data_root, campaign->fingerprint);
  previous = previous_path (data_root, campaign->fingerprint);
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (previous, G_FILE_TEST_EXISTS))
    {
      *out = PLAZA_CAMPAIGN_FOREIGN;
      return TRUE;
    }
  return take (data_root, campaign, out, error);
}

PlazaCampaign *
plaza_data_find_campaign (const char *data_root,
                          const char *fingerprint,
                          gboolean *out_damaged,
                          GError **error)
{
  g_autofree char *path = current_path (data_root, fingerprint);
  g_autofree char *previous = previous_path (data_root, fingerprint);
  g_autoptr (GError) why = NULL;
  PlazaCampaign *campaign = plaza_campaign_load (path, fingerprint, &why);

  if (out_damaged != NULL)
    *out_damaged = campaign == NULL;
  if (campaign != NULL)
    return campaign;
  campaign = plaza_campaign_load (previous, fingerprint, NULL);
  if (campaign != NULL)
    g_warning ("the campaign package is read from its copy: %s", why->message);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return campaign;
}

PlazaCampaign *
plaza_data_load_campaign (const char *data_root, const char *fingerprint, GError **error)
{
  return plaza_data_find_campaign (data_root, fingerprint, NULL, error);
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

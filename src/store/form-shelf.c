/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/form-shelf.h"

#include "base/error.h"
#include "store/data.h"

struct _PlazaFormShelf
{
  char *data_root;
  PlazaCampaign *campaign;
  GMutex lock;
  GHashTable *forms; /* "id\nversion" → PlazaForm */
};

PlazaFormShelf *
plaza_form_shelf_new (const char *data_root, PlazaCampaign *campaign)
{
  PlazaFormShelf *self = g_new0 (PlazaFormShelf, 1);

  self->data_root = g_strdup (data_root);
  self->campaign = plaza_campaign_ref (campaign);
  self->forms =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) plaza_form_unref);
  g_mutex_init (&self->lock);
  return self;
}

void
plaza_form_shelf_free (PlazaFormShelf *self)
{
  g_free (self->data_root);
  plaza_campaign_unref (self->campaign);
  g_hash_table_unref (self->forms);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static PlazaForm *
load_form (PlazaCampaign *campaign, const PlazaCampaignQuestionnaire *questionnaire, GError **error)
{
  g_autoptr (PlazaMedia) media = plaza_media_new ();
  g_autoptr (GBytes) xml = plaza_campaign_file (campaign, questionnaire->file, error);

  if (xml == NULL)
    return NULL;
  for (guint i = 0; questionnaire->media != NULL && questionnaire->media[i] != NULL; i++)
    {
      g_autoptr (GBytes) bytes = NULL;

      bytes = plaza_campaign_file (campaign, questionnaire->media[i], error);
      if (bytes == NULL)
        return NULL;
      plaza_media_add (media, questionnaire->media[i], bytes);
    }
  return plaza_form_new (xml, media, NULL, error);
}

void
plaza_form_shelf_set_campaign (PlazaFormShelf *self, PlazaCampaign *campaign)
{
  g_autoptr (PlazaCampaign) earlier = NULL;

  g_mutex_lock (&self->lock);
  earlier = self->campaign;
  self->campaign = plaza_campaign_ref (campaign);
  g_mutex_unlock (&self->lock);
}

static PlazaCampaign *
ref_campaign (PlazaFormShelf *self)
{
  PlazaCampaign *campaign;

  g_mutex_lock (&self->lock);
  campaign = plaza_campaign_ref (self->campaign);
  g_mutex_unlock (&self->lock);
  return campaign;
}

/* A questionnaire of the campaign as it is, or of an earlier package of it: what was begun on a
 * version goes on with it. @campaign: (inout) (transfer full) */
static const PlazaCampaignQuestionnaire *
find_questionnaire (PlazaFormShelf *self,
                    const char *form_id,
                    const char *version,
                    PlazaCampaign **campaign)
{
  const PlazaCampaignQuestionnaire *found;
  g_autoptr (GPtrArray) earlier = NULL;

  if (form_id == NULL)
    return g_ptr_array_index ((*campaign)->questionnaires, 0);
  found = plaza_campaign_questionnaire (*campaign, form_id, version);
  if (found != NULL)
    return found;
  earlier = plaza_data_list_earlier (self->data_root, (*campaign)->fingerprint);
  for (guint i = 0; i < earlier->len; i++)
    {
      PlazaCampaign *package = g_ptr_array_index (earlier, i);

      found = plaza_campaign_questionnaire (package, form_id, version);
      if (found == NULL)
        continue;
      plaza_campaign_unref (*campaign);
      *campaign = plaza_campaign_ref (package);
      return found;
    }
  return NULL;
}

PlazaForm *
plaza_form_shelf_get (PlazaFormShelf *self,
                      const char *form_id,
                      const char *version,
                      PlazaCampaign **out_campaign,
                      GError **error)
{
  g_autoptr (PlazaCampaign) campaign = ref_campaign (self);
  const PlazaCampaignQuestionnaire *questionnaire;
  g_autofree char *key = NULL;
  PlazaForm *form;

  questionnaire = find_questionnaire (self, form_id, version, &campaign);
  if (questionnaire == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the campaign has no questionnaire %s version %s",
                   form_id, version ? version : "any");
      return NULL;
    }
  key = g_strconcat (questionnaire->form_id, "\n", questionnaire->version, NULL);
  g_mutex_lock (&self->lock);
  form = g_hash_table_lookup (self->forms, key);
  if (form == NULL)
    {
      form = load_form (campaign, questionnaire, error);
      if (form != NULL)
        g_hash_table_insert (self->forms, g_steal_pointer (&key), form);
    }
  if (form != NULL)
    plaza_form_ref (form);
  g_mutex_unlock (&self->lock);
  if (form != NULL && out_campaign != NULL)
    *out_campaign = g_steal_pointer (&campaign);
  return form;
}

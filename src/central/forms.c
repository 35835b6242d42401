/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "central/forms.h"

struct _PlazaForms
{
  PlazaCentral *central;
  GHashTable *loaded; /* "id version" → PlazaForm */
};

PlazaForms *
plaza_forms_new (PlazaCentral *central)
{
  PlazaForms *self = g_new0 (PlazaForms, 1);

  self->central = central;
  self->loaded =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) plaza_form_unref);
  return self;
}

void
plaza_forms_free (PlazaForms *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->loaded);
  g_free (self);
}

PlazaForm *
plaza_forms_load (PlazaCampaign *campaign,
                  const PlazaCampaignQuestionnaire *questionnaire,
                  GError **error)
{
  g_autoptr (GBytes) xml = plaza_campaign_file (campaign, questionnaire->file, error);
  g_autoptr (PlazaMedia) media = plaza_media_new ();

  if (xml == NULL)
    return NULL;
  for (guint i = 0; questionnaire->media != NULL && questionnaire->media[i] != NULL; i++)
    {
      g_autoptr (GBytes) bytes = plaza_campaign_file (campaign, questionnaire->media[i], error);

      if (bytes == NULL)
        return NULL;
      plaza_media_add (media, questionnaire->media[i], bytes);
    }
  return plaza_form_new (xml, media, NULL, error);
}

/* @out: (out): NULL when no package has it, or when it does not load, which sets @error. */
static gboolean
load_from (
    GPtrArray *campaigns, const char *id, const char *version, PlazaForm **out, GError **error)
{
  for (guint i = 0; i < campaigns->len; i++)
    {
      PlazaCampaign *campaign = g_ptr_array_index (campaigns, i);
      const PlazaCampaignQuestionnaire *questionnaire =
          plaza_campaign_questionnaire (campaign, id, version);

      if (questionnaire == NULL)
        continue;
      *out = plaza_forms_load (campaign, questionnaire, error);
      return TRUE;
    }
  return FALSE;
}

static PlazaForm *
load (PlazaForms *self, const char *id, const char *version, GError **error)
{
  g_autoptr (GPtrArray) campaigns = plaza_central_campaigns (self->central);
  g_autoptr (GPtrArray) replaced = NULL;
  PlazaForm *form = NULL;

  if (load_from (campaigns, id, version, &form, error))
    return form;
  replaced = plaza_central_replaced (self->central);
  if (load_from (replaced, id, version, &form, error))
    return form;
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "no campaign here has this form and version");
  return NULL;
}

PlazaForm *
plaza_forms_find (PlazaForms *self, const char *id, const char *version, GError **error)
{
  g_autofree char *key = g_strconcat (id, " ", version, NULL);
  PlazaForm *form = g_hash_table_lookup (self->loaded, key);

  if (form == NULL)
    {
      form = load (self, id, version, error);
      if (form == NULL)
        return NULL;
      g_hash_table_insert (self->loaded, g_steal_pointer (&key), form);
    }
  return plaza_form_ref (form);
}

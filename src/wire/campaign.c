/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/campaign.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "seal/hash.h"
#include "wire/bytes.h"
#include "wire/campaign-private.h"

static void
questionnaire_free (gpointer data)
{
  PlazaCampaignQuestionnaire *questionnaire = data;

  g_free (questionnaire->form_id);
  g_free (questionnaire->version);
  g_free (questionnaire->file);
  g_strfreev (questionnaire->media);
  g_free (questionnaire);
}

static void
catalogue_free (gpointer data)
{
  PlazaCampaignCatalogue *catalogue = data;

  g_free (catalogue->id);
  g_free (catalogue->file);
  g_free (catalogue->version);
  g_free (catalogue->code);
  g_free (catalogue->name);
  g_free (catalogue->label);
  g_free (catalogue->parent);
  g_free (catalogue);
}

static void
organisation_free (gpointer data)
{
  PlazaCampaignOrganisation *organisation = data;

  g_free (organisation->id);
  g_free (organisation->name);
  g_free (organisation);
}

static void
outcome_free (gpointer data)
{
  PlazaCampaignOutcome *outcome = data;

  g_free (outcome->outcome);
  g_free (outcome->xpath);
  g_free (outcome);
}

static void
campaign_clear (gpointer data)
{
  PlazaCampaignPackage *self = data;
  PlazaCampaign *campaign = &self->public;

  g_free (campaign->id);
  g_free (campaign->fingerprint);
  g_free (campaign->title);
  g_free (campaign->server_url);
  g_free (campaign->server_ca);
  g_strfreev (campaign->server_pins);
  g_strfreev (campaign->revoked);
  g_free (campaign->asking_ends);
  g_free (campaign->keying_ends);
  g_free (campaign->notice_version);
  g_free (campaign->dictionary);
  g_ptr_array_unref (campaign->questionnaires);
  g_ptr_array_unref (campaign->catalogues);
  g_ptr_array_unref (campaign->organisations);
  g_ptr_array_unref (campaign->outcomes);
  g_hash_table_unref (self->places);
  g_ptr_array_unref (self->names);
  g_bytes_unref (self->package);
}

PlazaCampaign *
plaza_campaign_ref (PlazaCampaign *campaign)
{
  return g_atomic_rc_box_acquire (campaign);
}

void
plaza_campaign_unref (PlazaCampaign *campaign)
{
  g_atomic_rc_box_release_full (campaign, campaign_clear);
}

gboolean
plaza_campaign_name_is_safe (const char *name)
{
  gsize length = strlen (name);

  return length >= 1 && length <= 100 && name[0] != '.' &&
         strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
             length;
}

static PlazaCampaignPackage *
campaign_alloc (GBytes *package)
{
  PlazaCampaignPackage *self = g_atomic_rc_box_new0 (PlazaCampaignPackage);
  PlazaCampaign *campaign = &self->public;

  self->package = g_bytes_ref (package);
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->names = g_ptr_array_new_with_free_func (g_free);
  campaign->questionnaires = g_ptr_array_new_with_free_func (questionnaire_free);
  campaign->catalogues = g_ptr_array_new_with_free_func (catalogue_free);
  campaign->organisations = g_ptr_array_new_with_free_func (organisation_free);
  campaign->outcomes = g_ptr_array_new_with_free_func (outcome_free);
  return self;
}

static gboolean
check_fingerprint (const char *wanted, const char *found, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *canonical = NULL;

  if (wanted == NULL)
    return TRUE;
  bytes = plaza_base32_decode (wanted, PLAZA_HASH_SIZE, error);
  if (bytes == NULL)
    {
      g_prefix_error (error, "Fingerprint: ");
      return FALSE;
    }
  canonical = plaza_base32_encode (g_bytes_get_data (bytes, NULL), PLAZA_HASH_SIZE);
  if (strcmp (canonical, found) != 0)
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE,
                        "The package is of another campaign than was expected");
  return TRUE;
}

PlazaCampaign *
plaza_campaign_parse (GBytes *package, const char *fingerprint, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = 1u << 20,
                                          .max_depth = 6,
                                          .max_values = 20000 };
  g_autoptr (PlazaCampaign) campaign = NULL;
  PlazaReader reader = { 0 };
  PlazaPublicKey signer;
  PlazaHash hash;
  guint32 length;
  gsize signed_length;
  g_autofree char *found = NULL;
  g_autoptr (GBytes) json = NULL;
  g_autoptr (JsonObject) manifest = NULL;

  reader.data = g_bytes_get_data (package, &reader.length);
  if (reader.length > PLAZA_CAMPAIGN_MAX_BYTES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "The campaign package is too large");
      return NULL;
    }
  if (reader.length < PLAZA_CAMPAIGN_HEAD_SIZE + PLAZA_SIGNATURE_SIZE ||
      memcmp (reader.data, PLAZA_CAMPAIGN_MAGIC, PLAZA_CAMPAIGN_MAGIC_STEM) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Not a whole campaign package");
      return NULL;
    }
  if (memcmp (reader.data, PLAZA_CAMPAIGN_MAGIC, PLAZA_CAMPAIGN_MAGIC_SIZE) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_NEWER, "The campaign package is of a newer version");
      return NULL;
    }

  reader.at = PLAZA_CAMPAIGN_MAGIC_SIZE;
  memcpy (signer.bytes, plaza_reader_take (&reader, sizeof signer.bytes), sizeof signer.bytes);
  found = plaza_public_key_fingerprint (&signer);
  signed_length = reader.length - PLAZA_SIGNATURE_SIZE;
  plaza_hash_data (reader.data, signed_length, &hash);
  if (!check_fingerprint (fingerprint, found, error) ||
      !plaza_sign_verify (&signer, hash.bytes, PLAZA_HASH_SIZE, reader.data + signed_length, error))
    {
      g_prefix_error (error, "Campaign package: ");
      return NULL;
    }

  if (!plaza_reader_u32 (&reader, &length) || length > signed_length - reader.at)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Campaign package: the manifest is cut");
      return NULL;
    }
  json = g_bytes_new_from_bytes (package, reader.at, length);
  manifest = plaza_json_parse_object (json, &limits, error);
  campaign = &campaign_alloc (package)->public;
  campaign->fingerprint = g_steal_pointer (&found);
  if (manifest == NULL ||
      !plaza_campaign_read_manifest ((PlazaCampaignPackage *) campaign, manifest, &signer,
                                     reader.at + length, signed_length, error))
    {
      g_prefix_error (error, "Campaign manifest: ");
      return NULL;
    }
  return g_steal_pointer (&campaign);
}

PlazaCampaign *
plaza_campaign_load (const char *path, const char *fingerprint, GError **error)
{
  g_autoptr (GBytes) package = plaza_file_read (path, PLAZA_CAMPAIGN_MAX_BYTES, error);

  return package != NULL ? plaza_campaign_parse (package, fingerprint, error) : NULL;
}

GBytes *
plaza_campaign_package (PlazaCampaign *campaign)
{
  return ((PlazaCampaignPackage *) campaign)->package;
}

GBytes *
plaza_campaign_manifest (PlazaCampaign *campaign)
{
  GBytes *package = plaza_campaign_package (campaign);
  PlazaReader reader = { .at = PLAZA_CAMPAIGN_HEAD_SIZE - 4 };
  guint32 length = 0;

  reader.data = g_bytes_get_data (package, &reader.length);
  plaza_reader_u32 (&reader, &length);
  return g_bytes_new_from_bytes (package, reader.at, length);
}

GBytes *
plaza_campaign_file (PlazaCampaign *campaign, const char *name, GError **error)
{
  PlazaCampaignPackage *self = (PlazaCampaignPackage *) campaign;
  const PlazaCampaignPlace *place = g_hash_table_lookup (self->places, name);

  if (place == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "The campaign has no file %s", name);
      return NULL;
    }
  return g_bytes_new_from_bytes (self->package, place->begin, place->length);
}

GStrv
plaza_campaign_file_names (PlazaCampaign *campaign)
{
  PlazaCampaignPackage *self = (PlazaCampaignPackage *) campaign;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->names->len; i++)
    g_strv_builder_add (builder, self->names->pdata[i]);
  return g_strv_builder_end (builder);
}

const PlazaCampaignQuestionnaire *
plaza_campaign_questionnaire (PlazaCampaign *campaign, const char *form_id, const char *version)
{
  for (guint i = 0; i < campaign->questionnaires->len; i++)
    {
      const PlazaCampaignQuestionnaire *questionnaire = campaign->questionnaires->pdata[i];

      if (strcmp (questionnaire->form_id, form_id) == 0 &&
          (version == NULL || strcmp (questionnaire->version, version) == 0))
        return questionnaire;
    }
  return NULL;
}

GPtrArray *
plaza_campaign_current (PlazaCampaign *campaign)
{
  GPtrArray *current = g_ptr_array_new ();

  for (guint i = 0; i < campaign->questionnaires->len; i++)
    {
      PlazaCampaignQuestionnaire *questionnaire = campaign->questionnaires->pdata[i];

      if (plaza_campaign_questionnaire (campaign, questionnaire->form_id, NULL) == questionnaire)
        g_ptr_array_add (current, questionnaire);
    }
  return current;
}

PlazaCatalogue *
plaza_campaign_catalogue (PlazaCampaign *campaign, const char *id, GError **error)
{
  for (guint i = 0; i < campaign->catalogues->len; i++)
    {
      const PlazaCampaignCatalogue *catalogue = campaign->catalogues->pdata[i];
      const PlazaCatalogueColumns columns = { catalogue->code, catalogue->name, catalogue->label,
                                              catalogue->parent };
      g_autoptr (GBytes) csv = NULL;

      if (strcmp (catalogue->id, id) != 0)
        continue;
      csv = plaza_campaign_file (campaign, catalogue->file, error);
      return csv != NULL ? plaza_catalogue_new (id, csv, &columns, error) : NULL;
    }
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "The campaign has no catalogue %s", id);
  return NULL;
}

GBytes *
plaza_campaign_dictionary (PlazaCampaign *campaign)
{
  return campaign->dictionary != NULL ? plaza_campaign_file (campaign, campaign->dictionary, NULL)
                                      : NULL;
}

gboolean
plaza_campaign_is_revoked (PlazaCampaign *campaign, const char *device)
{
  return device != NULL && g_strv_contains ((const char *const *) campaign->revoked, device);
}

const PlazaCampaignOrganisation *
plaza_campaign_organisation (PlazaCampaign *campaign, const char *id)
{
  for (guint i = 0; i < campaign->organisations->len; i++)
    {
      const PlazaCampaignOrganisation *organisation = campaign->organisations->pdata[i];

      if (strcmp (organisation->id, id) == 0)
        return organisation;
    }
  return NULL;
}

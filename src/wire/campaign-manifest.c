/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/uuid.h"
#include "seal/hash.h"
#include "wire/campaign-private.h"
#include "wire/header.h"
#include "wire/joinlink.h"

#define MAX_ITEMS 500
#define MAX_XPATH 4096
#define MAX_REVOKED 10000
#define MAX_PINS 4
#define PIN_BYTES 32

/* Copies a string member that must not be blank. */
static gboolean
take_name (JsonObject *object, const char *name, gsize max, char **out, GError **error)
{
  const char *text = plaza_json_get_string (object, name, max, error);

  if (text == NULL)
    return FALSE;
  if (plaza_text_is_blank (text))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s is empty", name);
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
take_optional (JsonObject *object, const char *name, gsize max, char **out, GError **error)
{
  const char *text;

  if (!plaza_json_find_string (object, name, max, &text, error))
    return FALSE;
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
take_date (JsonObject *object, const char *name, char **out, GError **error)
{
  if (!take_optional (object, name, 10, out, error))
    return FALSE;
  if (*out != NULL && !plaza_clock_is_date (*out))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s is not a date", name);
  return TRUE;
}

/* A member that names a file of the package. */
static gboolean
take_file (
    PlazaCampaignPackage *self, JsonObject *object, const char *name, char **out, GError **error)
{
  if (!take_optional (object, name, 100, out, error))
    return FALSE;
  if (*out != NULL && !g_hash_table_contains (self->places, *out))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s is not in the package", name);
  return TRUE;
}

static gboolean
take_key (JsonObject *object, const char *name, PlazaPublicKey *out, GError **error)
{
  const char *text = plaza_json_get_string (object, name, 43, error);

  if (text == NULL)
    return FALSE;
  if (plaza_public_key_parse (text, out, error))
    return TRUE;
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

static gboolean
read_keys (PlazaCampaignPackage *self,
           JsonObject *manifest,
           const PlazaPublicKey *signer,
           GError **error)
{
  PlazaCampaign *campaign = &self->public;
  JsonObject *keys = plaza_json_get_object (manifest, "keys", error);
  JsonArray *signing;
  g_auto (GStrv) texts = NULL;

  if (keys == NULL ||
      !plaza_json_only (keys, error, "campaign", "central_sign", "central_seal", "custody",
                        "recovery", NULL) ||
      !take_key (keys, "campaign", &campaign->key_campaign, error) ||
      !take_key (keys, "central_seal", &campaign->key_central_seal, error) ||
      !take_key (keys, "custody", &campaign->key_custody, error) ||
      !take_key (keys, "recovery", &campaign->key_recovery, error) ||
      (signing = plaza_json_get_array (keys, "central_sign", 2, error)) == NULL ||
      (texts = plaza_json_array_strings (signing, 43, error)) == NULL)
    return FALSE;
  if (g_strv_length (texts) != 2)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "central_sign holds a current and a spare key");
  if (!plaza_public_key_equal (&campaign->key_campaign, signer))
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "keys.campaign is not the key that signed");
  return plaza_public_key_parse (texts[0], &campaign->key_central_sign, error) &&
         plaza_public_key_parse (texts[1], &campaign->key_central_sign_spare, error);
}

/* An optional list of strings, empty when it is absent. */
static gboolean
take_list (
    JsonObject *object, const char *name, guint max, gsize max_chars, GStrv *out, GError **error)
{
  JsonArray *array;

  if (!plaza_json_find_array (object, name, max, &array, error))
    return FALSE;
  *out = array != NULL ? plaza_json_array_strings (array, max_chars, error) : g_new0 (char *, 1);
  return *out != NULL;
}

/* libcurl takes a pin as it is written here: one spelling only. */
static gboolean
is_pin (const char *text)
{
  g_autofree guint8 *bytes = NULL;
  g_autofree char *again = NULL;
  gsize length;

  if (strlen (text) != 44)
    return FALSE;
  bytes = g_base64_decode (text, &length);
  again = length == PIN_BYTES ? g_base64_encode (bytes, length) : NULL;
  return g_strcmp0 (again, text) == 0;
}

static gboolean
read_server (PlazaCampaignPackage *self, JsonObject *manifest, GError **error)
{
  PlazaCampaign *campaign = &self->public;
  JsonObject *server = plaza_json_get_object (manifest, "server", error);

  if (server == NULL || !plaza_json_only (server, error, "ca", "pins", "url", NULL) ||
      !take_name (server, "url", 300, &campaign->server_url, error) ||
      !plaza_server_url_check (campaign->server_url, error) ||
      !take_optional (server, "ca", 20000, &campaign->server_ca, error) ||
      !take_list (server, "pins", MAX_PINS, 44, &campaign->server_pins, error))
    return FALSE;
  for (guint i = 0; campaign->server_pins[i] != NULL; i++)
    if (!is_pin (campaign->server_pins[i]))
      return plaza_throw (error, PLAZA_ERROR_INVALID, "server: a pin is no SHA-256 in base64");
  return TRUE;
}

static gboolean
read_revoked (PlazaCampaignPackage *self, JsonObject *manifest, GError **error)
{
  PlazaCampaign *campaign = &self->public;

  if (!take_list (manifest, "revoked", MAX_REVOKED, 36, &campaign->revoked, error))
    return FALSE;
  for (guint i = 0; campaign->revoked[i] != NULL; i++)
    if (!plaza_uuid_is_valid (campaign->revoked[i]))
      return plaza_throw (error, PLAZA_ERROR_INVALID, "revoked: not a UUID");
  return TRUE;
}

static gboolean
read_questionnaire (PlazaCampaignPackage *self, JsonObject *object, GError **error)
{
  PlazaCampaignQuestionnaire *questionnaire = g_new0 (PlazaCampaignQuestionnaire, 1);
  JsonArray *media;

  g_ptr_array_add (self->public.questionnaires, questionnaire);
  if (!plaza_json_only (object, error, "file", "form_id", "media", "version", NULL) ||
      !take_name (object, "form_id", 200, &questionnaire->form_id, error) ||
      !take_optional (object, "version", 100, &questionnaire->version, error) ||
      !take_file (self, object, "file", &questionnaire->file, error) ||
      !plaza_json_find_array (object, "media", MAX_ITEMS, &media, error))
    return FALSE;
  if (questionnaire->file == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "file is missing");
  if (questionnaire->version == NULL)
    questionnaire->version = g_strdup ("");
  questionnaire->media =
      media != NULL ? plaza_json_array_strings (media, 100, error) : g_new0 (char *, 1);
  if (questionnaire->media == NULL)
    return FALSE;
  for (guint i = 0; questionnaire->media[i] != NULL; i++)
    if (!g_hash_table_contains (self->places, questionnaire->media[i]))
      return plaza_throw (error, PLAZA_ERROR_INVALID, "A media file is not in the package");
  return TRUE;
}

static gboolean
read_catalogue (PlazaCampaignPackage *self, JsonObject *object, GError **error)
{
  PlazaCampaignCatalogue *catalogue = g_new0 (PlazaCampaignCatalogue, 1);
  JsonObject *columns;

  g_ptr_array_add (self->public.catalogues, catalogue);
  if (!plaza_json_only (object, error, "columns", "file", "id", "version", NULL) ||
      !take_name (object, "id", 100, &catalogue->id, error) ||
      !take_file (self, object, "file", &catalogue->file, error) ||
      !take_name (object, "version", 100, &catalogue->version, error) ||
      !plaza_json_find_object (object, "columns", &columns, error))
    return FALSE;
  if (catalogue->file == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "file is missing");
  return columns == NULL ||
         (plaza_json_only (columns, error, "code", "label", "name", "parent", NULL) &&
          take_optional (columns, "code", 100, &catalogue->code, error) &&
          take_optional (columns, "name", 100, &catalogue->name, error) &&
          take_optional (columns, "label", 100, &catalogue->label, error) &&
          take_optional (columns, "parent", 100, &catalogue->parent, error));
}

static gboolean
read_organisation (PlazaCampaignPackage *self, JsonObject *object, GError **error)
{
  PlazaCampaignOrganisation *organisation = g_new0 (PlazaCampaignOrganisation, 1);

  g_ptr_array_add (self->public.organisations, organisation);
  return plaza_json_only (object, error, "id", "name", NULL) &&
         take_name (object, "id", 100, &organisation->id, error) &&
         take_name (object, "name", 200, &organisation->name, error);
}

static gboolean
read_each (PlazaCampaignPackage *self,
           JsonObject *manifest,
           const char *name,
           gboolean (*read) (PlazaCampaignPackage *, JsonObject *, GError **),
           GError **error)
{
  JsonArray *array = plaza_json_get_array (manifest, name, MAX_ITEMS, error);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "%s: not an object", name);
      if (!read (self, json_node_get_object (node), error))
        {
          g_prefix_error (error, "%s: ", name);
          return FALSE;
        }
    }
  return array != NULL;
}

/* In the order in which an interview tries them: the narrower reason first. */
static gboolean
read_outcomes (PlazaCampaignPackage *self, JsonObject *manifest, GError **error)
{
  static const PlazaOutcome order[] = { PLAZA_OUTCOME_UNDER_AGE,
                                        PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN,
                                        PLAZA_OUTCOME_REFUSED };
  JsonObject *outcomes;

  if (!plaza_json_find_object (manifest, "outcomes", &outcomes, error))
    return FALSE;
  if (outcomes == NULL)
    return TRUE;
  if (!plaza_json_only (outcomes, error, plaza_outcome_name (order[0]),
                        plaza_outcome_name (order[1]), plaza_outcome_name (order[2]), NULL))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      const char *name = plaza_outcome_name (order[i]);
      const char *xpath;
      PlazaCampaignOutcome *outcome;

      if (!plaza_json_find_string (outcomes, name, MAX_XPATH, &xpath, error))
        return FALSE;
      if (xpath == NULL)
        continue;
      outcome = g_new0 (PlazaCampaignOutcome, 1);
      outcome->outcome = g_strdup (name);
      outcome->xpath = g_strdup (xpath);
      g_ptr_array_add (self->public.outcomes, outcome);
    }
  return TRUE;
}

/* Finds the files, which begin at @begin of the package, and checks that they are what is stated.
 */
static gboolean
read_files (
    PlazaCampaignPackage *self, JsonObject *manifest, gsize begin, gsize end, GError **error)
{
  JsonArray *files = plaza_json_get_array (manifest, "files", MAX_ITEMS, error);
  const guint8 *data = g_bytes_get_data (self->package, NULL);

  for (guint i = 0; files != NULL && i < json_array_get_length (files); i++)
    {
      JsonNode *node = json_array_get_element (files, i);
      JsonObject *file;
      const char *name, *hash_text;
      gint64 size;
      PlazaHash stated, found;
      PlazaCampaignPlace *place;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "files: not an object");
      file = json_node_get_object (node);
      if (!plaza_json_only (file, error, "hash", "name", "size", NULL) ||
          (name = plaza_json_get_string (file, "name", 100, error)) == NULL ||
          !plaza_json_get_int (file, "size", 0, PLAZA_CAMPAIGN_MAX_BYTES, &size, error) ||
          (hash_text = plaza_json_get_string (file, "hash", 64, error)) == NULL ||
          !plaza_hash_parse (hash_text, &stated, error))
        return FALSE;
      if (!plaza_campaign_name_is_safe (name) || g_hash_table_contains (self->places, name))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "files: a name that is not allowed");
      if ((gsize) size > end - begin)
        return plaza_throw (error, PLAZA_ERROR_INVALID, "files: larger than the package");
      plaza_hash_data (data + begin, (gsize) size, &found);
      if (!plaza_hash_equal (&stated, &found))
        return plaza_throw (error, PLAZA_ERROR_INVALID, "files: %s is not what is stated", name);

      place = g_new (PlazaCampaignPlace, 1);
      *place = (PlazaCampaignPlace){ begin, (gsize) size };
      g_ptr_array_add (self->names, g_strdup (name));
      g_hash_table_insert (self->places, g_strdup (name), place);
      begin += (gsize) size;
    }
  if (files != NULL && begin != end)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Something after the last file");
  return files != NULL;
}

gboolean
plaza_campaign_read_manifest (PlazaCampaignPackage *self,
                              JsonObject *manifest,
                              const PlazaPublicKey *signer,
                              gsize begin,
                              gsize end,
                              GError **error)
{
  PlazaCampaign *campaign = &self->public;
  gint64 format, idle, retention;

  if (!plaza_json_get_int (manifest, "format", 1, G_MAXINT64, &format, error))
    return FALSE;
  if (format != 1)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "The campaign is of a newer format");
  if (!plaza_json_only (manifest, error, "asking_ends", "catalogues", "dictionary", "files",
                        "format", "id", "idle_lock_minutes", "keying_ends", "keys",
                        "notice_version", "organisations", "outcomes", "practice", "questionnaires",
                        "retention_days", "revoked", "serial", "server", "title", NULL) ||
      !read_files (self, manifest, begin, end, error) ||
      !take_name (manifest, "id", 36, &campaign->id, error) ||
      !take_name (manifest, "title", 300, &campaign->title, error) ||
      !plaza_json_get_boolean (manifest, "practice", &campaign->practice, error) ||
      !read_server (self, manifest, error) || !read_keys (self, manifest, signer, error) ||
      !read_each (self, manifest, "questionnaires", read_questionnaire, error) ||
      !read_each (self, manifest, "catalogues", read_catalogue, error) ||
      !read_each (self, manifest, "organisations", read_organisation, error) ||
      !read_outcomes (self, manifest, error) || !read_revoked (self, manifest, error) ||
      !plaza_json_find_int (manifest, "serial", 0, G_MAXINT64, 0, &campaign->serial, error) ||
      !plaza_json_find_int (manifest, "idle_lock_minutes", 1, 240, 15, &idle, error) ||
      !plaza_json_find_int (manifest, "retention_days", 0, 3650, 7, &retention, error) ||
      !take_date (manifest, "asking_ends", &campaign->asking_ends, error) ||
      !take_date (manifest, "keying_ends", &campaign->keying_ends, error) ||
      !take_name (manifest, "notice_version", 100, &campaign->notice_version, error) ||
      !take_file (self, manifest, "dictionary", &campaign->dictionary, error))
    return FALSE;
  if (!plaza_uuid_is_valid (campaign->id))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "id is not a UUID");
  if (campaign->questionnaires->len == 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "No questionnaire");
  campaign->idle_lock_minutes = (guint) idle;
  campaign->retention_days = (guint) retention;
  return TRUE;
}

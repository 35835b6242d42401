/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/uuid.h"
#include "central/package-private.h"
#include "central/samples.h"
#include "wire/envelope.h"

#define N_SAMPLES 200

/* Keys */

gboolean
plaza_package_new_keys (const char *directory, GError **error)
{
  g_autofree char *campaign_path = g_build_filename (directory, PLAZA_PACKAGE_CAMPAIGN_KEY, NULL);
  g_autofree char *custody_path = g_build_filename (directory, PLAZA_PACKAGE_CUSTODY_KEY, NULL);
  g_autofree char *recovery_path = g_build_filename (directory, PLAZA_PACKAGE_RECOVERY_KEY, NULL);
  g_autoptr (PlazaSecret) campaign = NULL;
  g_autoptr (PlazaSecret) custody = NULL;
  g_autoptr (PlazaSecret) recovery = NULL;
  PlazaPublicKey unused;

  plaza_sign_keypair (&unused, &campaign);
  plaza_sealbox_keypair (&unused, &custody);
  plaza_sealbox_keypair (&unused, &recovery);
  return plaza_dir_make (directory, error) &&
         plaza_central_secret_save (campaign_path, campaign, error) &&
         plaza_central_secret_save (custody_path, custody, error) &&
         plaza_central_secret_save (recovery_path, recovery, error);
}

static char *
public_half (const char *directory, const char *name, gsize length, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (PlazaSecret) secret = plaza_central_secret_load (path, length, error);
  PlazaPublicKey key;

  if (secret == NULL || !(length == 64 ? plaza_sign_public (secret, &key, error)
                                       : plaza_sealbox_public (secret, &key, error)))
    return NULL;
  return plaza_public_key_to_string (&key);
}

static JsonObject *
describe_keys (PlazaCentral *central, const char *directory, char **fingerprint, GError **error)
{
  g_autofree char *campaign = public_half (directory, PLAZA_PACKAGE_CAMPAIGN_KEY, 64, error);
  g_autofree char *custody =
      campaign != NULL ? public_half (directory, PLAZA_PACKAGE_CUSTODY_KEY, 32, error) : NULL;
  g_autofree char *recovery =
      custody != NULL ? public_half (directory, PLAZA_PACKAGE_RECOVERY_KEY, 32, error) : NULL;
  g_autofree char *sign = plaza_public_key_to_string (&central->sign_public);
  g_autofree char *spare = plaza_public_key_to_string (&central->sign_spare_public);
  g_autofree char *seal = plaza_public_key_to_string (&central->seal_public);
  PlazaPublicKey key;
  JsonObject *keys;
  JsonArray *signing;

  if (recovery == NULL || !plaza_public_key_parse (campaign, &key, error))
    return NULL;
  *fingerprint = plaza_public_key_fingerprint (&key);
  signing = json_array_new ();
  json_array_add_string_element (signing, sign);
  json_array_add_string_element (signing, spare);
  keys = json_object_new ();
  json_object_set_string_member (keys, "campaign", campaign);
  json_object_set_array_member (keys, "central_sign", signing);
  json_object_set_string_member (keys, "central_seal", seal);
  json_object_set_string_member (keys, "custody", custody);
  json_object_set_string_member (keys, "recovery", recovery);
  return keys;
}

/* Files */

gboolean
plaza_package_write_file (const char *out, const char *name, GBytes *bytes, GError **error)
{
  g_autofree char *path = g_build_filename (out, "files", name, NULL);

  return plaza_file_write (path, bytes, error);
}

GStrv
plaza_package_find_media (GBytes *form)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("jr://[a-z-]+/([A-Za-z0-9._-]+)", G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gsize length;
  const char *text = g_bytes_get_data (form, &length);

  g_regex_match_full (regex, text, (gssize) length, 0, 0, &match, NULL);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      char *name = g_match_info_fetch (match, 1);

      if (!g_hash_table_contains (seen, name))
        g_strv_builder_add (names, name);
      g_hash_table_add (seen, name);
    }
  return g_strv_builder_end (names);
}

static gboolean
copy_media (const PlazaPackageSources *sources, const char *out, char **names, GError **error)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path =
          g_build_filename (sources->media != NULL ? sources->media : ".", names[i], NULL);
      g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_PACKAGE_MAX_FILE, error);

      if (bytes == NULL || !plaza_package_write_file (out, names[i], bytes, error))
        return FALSE;
    }
  return TRUE;
}

/* The manifest */

/* Code lists that the programs look for by id, and their columns in our own layout. */
static const struct
{
  const char *file, *id, *code, *name, *label, *parent;
} catalogues[] = {
  { "estados.csv", "states", "cve_ent", "nom_ent", NULL, NULL },
  { "municipios.csv", "municipalities", "cvegeo", "nom_mun", "etiqueta", "cve_ent" },
  { "lenguas_indigenas.csv", "languages", "num", "agrupacion", NULL, NULL },
};

JsonArray *
plaza_package_describe_catalogues (char **media, const char *version)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (catalogues); i++)
    {
      JsonObject *object, *columns;

      if (!g_strv_contains ((const char *const *) media, catalogues[i].file))
        continue;
      object = json_object_new ();
      columns = json_object_new ();
      json_object_set_string_member (object, "id", catalogues[i].id);
      json_object_set_string_member (object, "file", catalogues[i].file);
      json_object_set_string_member (object, "version", version);
      json_object_set_string_member (columns, "code", catalogues[i].code);
      json_object_set_string_member (columns, "name", catalogues[i].name);
      if (catalogues[i].label != NULL)
        json_object_set_string_member (columns, "label", catalogues[i].label);
      if (catalogues[i].parent != NULL)
        json_object_set_string_member (columns, "parent", catalogues[i].parent);
      json_object_set_object_member (object, "columns", columns);
      json_array_add_object_element (array, object);
    }
  return array;
}

JsonArray *
plaza_package_describe_organisations (const char *const *organisations)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; organisations != NULL && organisations[i] != NULL; i++)
    {
      const char *equals = strchr (organisations[i], '=');
      g_autofree char *id = equals != NULL
                                ? g_strndup (organisations[i], (gsize) (equals - organisations[i]))
                                : g_strdup (organisations[i]);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "id", id);
      json_object_set_string_member (object, "name", equals != NULL ? equals + 1 : id);
      json_array_add_object_element (array, object);
    }
  return array;
}

JsonObject *
plaza_package_describe_form (PlazaForm *form, const char *file, char **media)
{
  JsonArray *names = json_array_new ();
  JsonObject *object = json_object_new ();

  for (guint i = 0; media[i] != NULL; i++)
    json_array_add_string_element (names, media[i]);
  json_object_set_string_member (object, "form_id", plaza_form_get_id (form));
  json_object_set_string_member (object, "version", plaza_form_get_version (form));
  json_object_set_string_member (object, "file", file);
  json_object_set_array_member (object, "media", names);
  return object;
}

static JsonObject *
describe (PlazaCentral *central,
          const PlazaPackageSources *sources,
          PlazaForm *form,
          const char *file,
          char **media,
          JsonObject *keys)
{
  JsonObject *manifest = json_object_new ();
  JsonObject *server = json_object_new ();
  JsonObject *outcomes = json_object_new ();
  JsonArray *forms = json_array_new ();
  g_autofree char *id = plaza_uuid_random ();

  json_object_set_int_member (manifest, "format", 1);
  json_object_set_int_member (manifest, "serial", sources->serial > 0 ? sources->serial : 1);
  json_object_set_string_member (manifest, "id", id);
  json_object_set_string_member (
      manifest, "title", sources->title != NULL ? sources->title : plaza_form_get_title (form));
  json_object_set_boolean_member (manifest, "practice", central->practice);
  json_object_set_string_member (server, "url", central->url);
  json_object_set_string_member (server, "ca", central->ca_pem);
  json_object_set_object_member (manifest, "server", server);
  json_object_set_object_member (manifest, "keys", keys);
  json_array_add_object_element (forms, plaza_package_describe_form (form, file, media));
  json_object_set_array_member (manifest, "questionnaires", forms);
  json_object_set_array_member (
      manifest, "catalogues",
      plaza_package_describe_catalogues (media, plaza_form_get_version (form)));
  json_object_set_array_member (manifest, "organisations",
                                plaza_package_describe_organisations (sources->organisations));
  json_object_set_int_member (manifest, "idle_lock_minutes", 15);
  json_object_set_null_member (manifest, "asking_ends");
  json_object_set_null_member (manifest, "keying_ends");
  json_object_set_int_member (manifest, "retention_days", 7);
  json_object_set_string_member (manifest, "notice_version", plaza_form_get_version (form));
  json_object_set_null_member (manifest, "dictionary");
  json_object_set_object_member (manifest, "outcomes", outcomes);
  return manifest;
}

void
plaza_package_override (JsonObject *settings, const char *name, JsonNode *value, gpointer manifest)
{
  json_object_set_member (manifest, name, json_node_copy (value));
}

gboolean
plaza_package_train (PlazaForm *form, const char *fingerprint, const char *out, GError **error)
{
  g_autoptr (GPtrArray) samples = plaza_samples_make (form, fingerprint, N_SAMPLES, error);
  g_autoptr (GBytes) dictionary =
      samples != NULL ? plaza_envelope_train_dictionary (samples, error) : NULL;

  return dictionary != NULL &&
         plaza_package_write_file (out, PLAZA_PACKAGE_DICTIONARY, dictionary, error);
}

gboolean
plaza_package_build (PlazaCentral *central,
                     const PlazaPackageSources *sources,
                     const char *out,
                     char **out_warning,
                     GError **error)
{
  g_autoptr (GBytes) xml = plaza_file_read (sources->form, PLAZA_PACKAGE_MAX_FILE, error);
  g_autoptr (PlazaMedia) media =
      plaza_media_new_for_directory (sources->media != NULL ? sources->media : ".");
  g_autoptr (PlazaForm) form = NULL;
  g_autoptr (JsonObject) manifest = NULL;
  g_autoptr (GBytes) manifest_bytes = NULL;
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *file = g_path_get_basename (sources->form);
  g_autofree char *files = g_build_filename (out, "files", NULL);
  g_autofree char *manifest_path = g_build_filename (out, "manifest.json", NULL);
  g_autofree char *fingerprint = NULL;
  JsonObject *keys;

  if (xml == NULL || (form = plaza_form_new (xml, media, NULL, error)) == NULL)
    {
      plaza_error_name_subject (error, sources->form);
      return FALSE;
    }
  if (g_file_test (out, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS,
                              _ ("%s is there already: name another place"), out);
  keys = describe_keys (central, sources->keys, &fingerprint, error);
  if (keys == NULL)
    return FALSE;
  names = plaza_package_find_media (xml);
  manifest = describe (central, sources, form, file, names, keys);
  if (sources->settings != NULL)
    json_object_foreach_member (sources->settings, plaza_package_override, manifest);
  if (!plaza_dir_make (files, error) || !plaza_package_write_file (out, file, xml, error) ||
      !copy_media (sources, out, names, error))
    return FALSE;
  if (plaza_package_train (form, fingerprint, out, &local))
    json_object_set_string_member (manifest, "dictionary", PLAZA_PACKAGE_DICTIONARY);
  else
    *out_warning = g_strdup (local->message);
  manifest_bytes = plaza_json_write_object (manifest);
  return plaza_file_write (manifest_path, manifest_bytes, error);
}

GBytes *
plaza_package_sign (const char *unsigned_campaign, const char *key, GError **error)
{
  g_autoptr (PlazaSecret) secret = plaza_central_secret_load (key, 64, error);
  g_autoptr (PlazaCampaignBuilder) builder = plaza_campaign_builder_new ();
  g_autofree char *manifest_path = g_build_filename (unsigned_campaign, "manifest.json", NULL);
  g_autofree char *files = g_build_filename (unsigned_campaign, "files", NULL);
  g_autoptr (GBytes) manifest =
      secret != NULL ? plaza_file_read (manifest_path, PLAZA_PACKAGE_MAX_FILE, error) : NULL;
  g_auto (GStrv) names = manifest != NULL ? plaza_dir_list (files, "", error) : NULL;

  if (names == NULL || !plaza_campaign_builder_set_manifest (builder, manifest, error))
    return NULL;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (files, names[i], NULL);
      g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_PACKAGE_MAX_FILE, error);

      if (bytes == NULL || !plaza_campaign_builder_add_file (builder, names[i], bytes, error))
        return NULL;
    }
  return plaza_campaign_builder_sign (builder, secret, error);
}

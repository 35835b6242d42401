/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/file.h"
#include "central/authority.h"
#include "central/central.h"
#include "wire/envelope.h"
#include "wire/joinlink.h"

#define GROUP "central"
#define CERTIFICATE_DAYS 3650
#define MAX_CONFIG_BYTES (64 * 1024)
#define MAX_DICTIONARY_BYTES (1024 * 1024)

/* Reads a file that nobody else may see. */
static GBytes *
read_private (const char *path, GError **error)
{
  struct stat status;

  if (lstat (path, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID,
                         _ ("%s may be read by others: set its mode to 0600"), path);
      return NULL;
    }
  return plaza_file_read (path, MAX_CONFIG_BYTES, error);
}

static char *
read_private_text (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = read_private (path, error);
  gsize length;
  const char *data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  return g_strndup (data, length);
}

PlazaSecret *
plaza_central_secret_load (const char *path, gsize length, GError **error)
{
  char *text = read_private_text (path, error);
  g_autoptr (GBytes) bytes = NULL;

  if (text == NULL)
    return NULL;
  bytes = plaza_base64url_decode (g_strstrip (text), length, error);
  plaza_secret_wipe_string (text);
  if (bytes == NULL)
    {
      plaza_error_name_subject (error, path);
      return NULL;
    }
  return plaza_secret_new_copy (g_bytes_get_data (bytes, NULL), length);
}

gboolean
plaza_central_secret_save (const char *path, const PlazaSecret *secret, GError **error)
{
  char *text = plaza_base64url_encode (plaza_secret_bytes (secret), plaza_secret_length (secret));
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  gboolean done = plaza_file_write_new (path, bytes, error);

  plaza_secret_wipe_string (text);
  return done;
}

static gboolean
create_sign_key (const char *directory, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (PlazaSecret) secret = NULL;
  PlazaPublicKey key;

  plaza_sign_keypair (&key, &secret);
  return plaza_central_secret_save (path, secret, error);
}

static gboolean
create_keys (const char *directory, GError **error)
{
  g_autofree char *seal_path = g_build_filename (directory, "central-seal.key", NULL);
  g_autofree char *codes_path = g_build_filename (directory, "codes.key", NULL);
  g_autoptr (PlazaSecret) seal = NULL;
  g_autoptr (PlazaSecret) codes = plaza_secret_new_key ();
  PlazaPublicKey key;

  plaza_sealbox_keypair (&key, &seal);
  return plaza_dir_make (directory, error) &&
         create_sign_key (directory, "central-sign.key", error) &&
         create_sign_key (directory, "central-sign-spare.key", error) &&
         plaza_central_secret_save (seal_path, seal, error) &&
         plaza_central_secret_save (codes_path, codes, error);
}

static gboolean
create_database (const char *directory, const char *database, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_storage_open (database, directory, TRUE, error);

  if (storage == NULL || !storage->table->migrate (storage, error))
    {
      return FALSE;
    }
  return TRUE;
}

gboolean
plaza_central_create (
    const char *where, const char *url, const char *database, gboolean practice, GError **error)
{
  g_autofree char *directory = g_canonicalize_filename (where, NULL);
  g_autofree char *config_path = g_build_filename (directory, "central.conf", NULL);
  g_autofree char *keys = g_build_filename (directory, "keys", NULL);
  g_autofree char *tls = g_build_filename (directory, "tls", NULL);
  g_autofree char *campaigns = g_build_filename (directory, "campaigns", NULL);
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GKeyFile) config = g_key_file_new ();
  g_autoptr (GBytes) config_bytes = NULL;
  gsize length;
  char *text;

  if (g_file_test (config_path, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS, _ ("there is a central in %s already"),
                              directory);
  if (!plaza_server_url_check (url, NULL) ||
      (uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL)) == NULL)
    return plaza_throw_words (
        error, PLAZA_ERROR_INVALID,
        _ ("%s is no address for laptops: it begins with https:// and names a "
           "computer, and a port when it is not 443"),
        url);

  g_key_file_set_string (config, GROUP, "url", url);
  g_key_file_set_string (config, GROUP, "database", database);
  g_key_file_set_boolean (config, GROUP, "practice", practice);
  g_key_file_set_integer (config, GROUP, "connections-per-address", 512);
  g_key_file_set_integer (config, GROUP, "disk-floor-mib", 256);
  g_key_file_set_integer (config, GROUP, "enrol-tries", 10);
  g_key_file_set_integer (config, GROUP, "token-days", 90);
  g_key_file_set_integer (config, GROUP, "registration-days", 90);
  g_key_file_set_integer (config, GROUP, "uploads-mib", 2048);
  text = g_key_file_to_data (config, &length, NULL);
  config_bytes = g_bytes_new_take (text, length);

  /* the configuration last: where it is, everything else is */
  return plaza_dir_make (directory, error) && create_keys (keys, error) &&
         plaza_authority_create (tls, g_uri_get_host (uri), CERTIFICATE_DAYS, error) &&
         plaza_dir_make (campaigns, error) && create_database (directory, database, error) &&
         plaza_file_write (config_path, config_bytes, error);
}

/* Opening */

static gboolean
get_number (
    GKeyFile *config, const char *key, guint fallback, guint max, guint *out, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint64 value;

  *out = fallback;
  if (!g_key_file_has_key (config, GROUP, key, NULL))
    return TRUE;
  value = g_key_file_get_uint64 (config, GROUP, key, &local);
  if (local != NULL || value > max)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                              _ ("central.conf: %s is no number up to %u"), key, max);
  *out = (guint) value;
  return TRUE;
}

static gboolean
load_config (PlazaCentral *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, "central.conf", NULL);
  char *text = read_private_text (path, error);
  g_autoptr (GKeyFile) config = g_key_file_new ();
  gboolean read;

  if (text == NULL)
    return FALSE;
  read = g_key_file_load_from_data (config, text, strlen (text), G_KEY_FILE_NONE, error);
  plaza_secret_wipe_string (text); /* a PostgreSQL URI may hold a password */
  if (!read)
    {
      plaza_error_name_subject (error, path);
      return FALSE;
    }
  self->url = g_key_file_get_string (config, GROUP, "url", error);
  if (self->url == NULL || !plaza_server_url_check (self->url, error))
    return FALSE;
  self->database = g_key_file_get_string (config, GROUP, "database", error);
  if (self->database == NULL)
    return FALSE;
  self->practice = g_key_file_get_boolean (config, GROUP, "practice", NULL);
  return get_number (config, "connections-per-address", 512, 65536, &self->per_address, error) &&
         get_number (config, "disk-floor-mib", 256, 1u << 30, &self->disk_floor_mib, error) &&
         get_number (config, "enrol-tries", 10, 1000000, &self->enrol_tries, error) &&
         get_number (config, "token-days", 90, 3650, &self->token_days, error) &&
         get_number (config, "registration-days", 90, 3650, &self->late_days, error) &&
         get_number (config, "uploads-mib", 2048, 1u << 20, &self->uploads_mib, error);
}

static gboolean
load_sign_key (
    PlazaCentral *self, const char *name, PlazaSecret **secret, PlazaPublicKey *key, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, "keys", name, NULL);

  *secret = plaza_central_secret_load (path, 64, error);
  return *secret != NULL && plaza_sign_public (*secret, key, error);
}

static gboolean
load_keys (PlazaCentral *self, GError **error)
{
  g_autofree char *seal_path = g_build_filename (self->directory, "keys", "central-seal.key", NULL);
  g_autofree char *codes_path = g_build_filename (self->directory, "keys", "codes.key", NULL);
  g_autoptr (PlazaSecret) spare = NULL; /* only its public half is needed here */

  if (!load_sign_key (self, "central-sign.key", &self->sign, &self->sign_public, error) ||
      !load_sign_key (self, "central-sign-spare.key", &spare, &self->sign_spare_public, error))
    return FALSE;
  self->seal = plaza_central_secret_load (seal_path, 32, error);
  if (self->seal == NULL || !plaza_sealbox_public (self->seal, &self->seal_public, error))
    return FALSE;
  self->codes = plaza_central_secret_load (codes_path, 32, error);
  return self->codes != NULL;
}

static gboolean
load_tls (PlazaCentral *self, GError **error)
{
  g_autofree char *ca = g_build_filename (self->directory, "tls", "ca.pem", NULL);
  g_autofree char *pem = g_build_filename (self->directory, "tls", "server.pem", NULL);
  g_autofree char *key = g_build_filename (self->directory, "tls", "server.key", NULL);

  self->ca_pem = read_private_text (ca, error);
  self->server_pem = self->ca_pem != NULL ? read_private_text (pem, error) : NULL;
  self->server_key = self->server_pem != NULL ? read_private_text (key, error) : NULL;
  return self->server_key != NULL;
}

static GPtrArray *
load_campaigns (PlazaCentral *self, GError **error)
{
  g_autoptr (GPtrArray) campaigns =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_campaign_unref);
  g_autofree char *directory = g_build_filename (self->directory, "campaigns", NULL);
  g_auto (GStrv) names = plaza_dir_list (directory, ".plzcmp", error);

  if (names == NULL)
    return NULL;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (directory, names[i], NULL);
      g_autofree char *fingerprint = g_strndup (names[i], strlen (names[i]) - strlen (".plzcmp"));
      PlazaCampaign *campaign = plaza_campaign_load (path, fingerprint, error);

      if (campaign == NULL)
        {
          plaza_error_name_subject (error, path);
          return NULL;
        }
      g_ptr_array_add (campaigns, campaign);
    }
  return g_steal_pointer (&campaigns);
}

gboolean
plaza_central_reload (PlazaCentral *self, GError **error)
{
  GPtrArray *campaigns = load_campaigns (self, error);
  GPtrArray *older;

  if (campaigns == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  older = self->campaigns;
  self->campaigns = campaigns;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&older, g_ptr_array_unref);
  return TRUE;
}

PlazaCentral *
plaza_central_open (const char *directory, GError **error)
{
  g_autoptr (PlazaCentral) self = g_new0 (PlazaCentral, 1);

  self->directory = g_canonicalize_filename (directory, NULL);
  g_mutex_init (&self->lock);
  if (load_config (self, error) && load_keys (self, error) && load_tls (self, error) &&
      plaza_central_reload (self, error))
    return g_steal_pointer (&self);
  return NULL;
}

void
plaza_central_close (PlazaCentral *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->sign, plaza_secret_unref);
  g_clear_pointer (&self->seal, plaza_secret_unref);
  g_clear_pointer (&self->codes, plaza_secret_unref);
  plaza_secret_wipe_string (self->server_key);
  plaza_secret_wipe_string (self->database);
  g_free (self->server_pem);
  g_free (self->ca_pem);
  g_free (self->url);
  g_free (self->directory);
  g_clear_pointer (&self->campaigns, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

PlazaStorage *
plaza_central_storage (PlazaCentral *self, gboolean writable, GError **error)
{
  return plaza_storage_open (self->database, self->directory, writable, error);
}

PlazaCampaign *
plaza_central_find_campaign (PlazaCentral *self, const char *fingerprint)
{
  g_autoptr (GBytes) wanted = plaza_base32_decode (fingerprint, PLAZA_HASH_SIZE, NULL);
  g_autofree char *spelled = NULL;
  PlazaCampaign *found = NULL;

  if (wanted == NULL)
    return NULL;
  spelled = plaza_base32_encode (g_bytes_get_data (wanted, NULL), PLAZA_HASH_SIZE);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->campaigns->len && found == NULL; i++)
    {
      PlazaCampaign *campaign = g_ptr_array_index (self->campaigns, i);

      if (strcmp (campaign->fingerprint, spelled) == 0)
        found = plaza_campaign_ref (campaign);
    }
  g_mutex_unlock (&self->lock);
  return found;
}

GPtrArray *
plaza_central_campaigns (PlazaCentral *self)
{
  GPtrArray *campaigns;

  /* the list is replaced, never changed */
  g_mutex_lock (&self->lock);
  campaigns = g_ptr_array_ref (self->campaigns);
  g_mutex_unlock (&self->lock);
  return campaigns;
}

static char *
dictionary_path (PlazaCentral *self, const guint8 id[PLAZA_KEY_ID_SIZE])
{
  g_autofree char *text = plaza_base32_encode (id, PLAZA_KEY_ID_SIZE);
  g_autofree char *name = g_strconcat (text, ".zdict", NULL);

  return g_build_filename (self->directory, "dictionaries", name, NULL);
}

GBytes *
plaza_central_dictionary (PlazaCentral *self, const guint8 id[PLAZA_KEY_ID_SIZE], GError **error)
{
  g_autofree char *path = dictionary_path (self, id);

  return plaza_file_read (path, MAX_DICTIONARY_BYTES, error);
}

static gboolean
save_dictionary (PlazaCentral *self, PlazaCampaign *campaign, GError **error)
{
  g_autoptr (GBytes) dictionary = plaza_campaign_dictionary (campaign);
  g_autofree char *path = NULL;
  g_autofree char *directory = NULL;
  guint8 id[PLAZA_KEY_ID_SIZE];

  if (dictionary == NULL)
    return TRUE;
  plaza_dictionary_id (dictionary, id);
  path = dictionary_path (self, id);
  directory = g_path_get_dirname (path);
  return plaza_dir_make (directory, error) && plaza_file_write (path, dictionary, error);
}

GPtrArray *
plaza_central_replaced (PlazaCentral *self)
{
  GPtrArray *packages = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_campaign_unref);
  g_autofree char *directory = g_build_filename (self->directory, "replaced", NULL);
  g_auto (GStrv) names = plaza_dir_list (directory, ".plzcmp", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (directory, names[i], NULL);
      g_autoptr (GError) error = NULL;
      PlazaCampaign *campaign = plaza_campaign_load (path, NULL, &error);

      if (campaign != NULL)
        g_ptr_array_add (packages, campaign);
      else
        g_warning ("a replaced package is left out: %s: %s", path, error->message);
    }
  return packages;
}

/* The package that @campaign takes the place of stays under another name. */
static gboolean
replace (PlazaCentral *self, PlazaCampaign *before, PlazaCampaign *campaign, GError **error)
{
  g_autofree char *directory = g_build_filename (self->directory, "replaced", NULL);
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;

  if (campaign->serial <= before->serial)
    return plaza_throw_words (
        error, PLAZA_ERROR_REFUSED,
        _ ("package %ld of the campaign is not newer than %ld, which is here: build "
           "it --from that one"),
        (long) campaign->serial, (long) before->serial);
  name = g_strdup_printf ("%s-%" G_GINT64_FORMAT ".plzcmp", before->fingerprint, before->serial);
  path = g_build_filename (directory, name, NULL);
  return plaza_dir_make (directory, error) &&
         plaza_file_write (path, plaza_campaign_package (before), error);
}

gboolean
plaza_central_install (PlazaCentral *self, GBytes *package, GError **error)
{
  g_autoptr (PlazaCampaign) campaign = plaza_campaign_parse (package, NULL, error);
  g_autoptr (PlazaCampaign) before = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;

  if (campaign == NULL)
    return FALSE;
  if (campaign->practice != self->practice)
    return plaza_throw_words (error, PLAZA_ERROR_REFUSED,
                              campaign->practice
                                  ? _ ("a practice campaign belongs in a practice central")
                                  : _ ("a practice central takes practice campaigns only"));
  if (!plaza_public_key_equal (&campaign->key_central_seal, &self->seal_public) ||
      !plaza_public_key_equal (&campaign->key_central_sign, &self->sign_public))
    return plaza_throw_words (
        error, PLAZA_ERROR_REFUSED,
        _ ("the campaign was made for another central: its keys are not this one's"));
  before = plaza_central_find_campaign (self, campaign->fingerprint);
  if (before != NULL && g_bytes_equal (plaza_campaign_package (before), package))
    return TRUE;
  if (before != NULL && !replace (self, before, campaign, error))
    return FALSE;
  name = g_strconcat (campaign->fingerprint, ".plzcmp", NULL);
  path = g_build_filename (self->directory, "campaigns", name, NULL);
  return save_dictionary (self, campaign, error) && plaza_file_write (path, package, error) &&
         plaza_central_reload (self, error);
}

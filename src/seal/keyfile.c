/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/keyfile.h"

#include <sodium.h>
#include <string.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uuid.h"
#include "seal/aead.h"
#include "seal/hash.h"
#include "seal/passphrase.h"
#include "seal/sealbox.h"

#define MAGIC "PLZKEY01"
#define MAGIC_STEM 6 /* what a newer format keeps */
#define MAGIC_SIZE 8
#define KEY_SIZE 32
#define SALT_SIZE crypto_pwhash_SALTBYTES
#define RECOVERY_SIZE (KEY_SIZE + PLAZA_SEALBOX_OVERHEAD)
#define WRAPPED_SIZE (KEY_SIZE + PLAZA_AEAD_OVERHEAD)
#define FIXED_SIZE (MAGIC_SIZE + 4 + RECOVERY_SIZE + WRAPPED_SIZE + PLAZA_HASH_SIZE)
#define MAX_HEADER 4096
#define MAX_NAME 200

/* A file may ask for so much and not less: a lowered cost would make guessing cheap. */
#define MAX_OPS 10u
#define MAX_MEMORY (1u << 30)

struct _PlazaKeyfile
{
  gatomicrefcount refs;
  char *profile_id;
  char *display_name;
  char *campaign;
  gint64 created_ms;
  gint64 ops;
  gint64 memory;
  guint8 salt[SALT_SIZE];
  GBytes *bound;    /* magic to the recovery copy: the additional data of the wrapped key */
  GBytes *recovery; /* the profile key sealed to the recovery key */
  GBytes *wrapped;  /* nonce and the profile key sealed under the passphrase's key */
};

PlazaKeyfile *
plaza_keyfile_ref (PlazaKeyfile *keyfile)
{
  g_atomic_ref_count_inc (&keyfile->refs);
  return keyfile;
}

void
plaza_keyfile_unref (PlazaKeyfile *keyfile)
{
  if (!g_atomic_ref_count_dec (&keyfile->refs))
    return;
  g_free (keyfile->profile_id);
  g_free (keyfile->display_name);
  g_free (keyfile->campaign);
  g_clear_pointer (&keyfile->bound, g_bytes_unref);
  g_clear_pointer (&keyfile->recovery, g_bytes_unref);
  g_clear_pointer (&keyfile->wrapped, g_bytes_unref);
  g_free (keyfile);
}

static PlazaKeyfile *
keyfile_alloc (void)
{
  PlazaKeyfile *keyfile = g_new0 (PlazaKeyfile, 1);

  g_atomic_ref_count_init (&keyfile->refs);
  return keyfile;
}

static gboolean
check_identity (const PlazaKeyfile *keyfile, GError **error)
{
  g_autoptr (GBytes) fingerprint = NULL;

  if (!plaza_uuid_is_valid (keyfile->profile_id))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Keyfile: the profile is not a UUID");
  if (plaza_text_is_blank (keyfile->display_name) ||
      plaza_text_length (keyfile->display_name) > MAX_NAME)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Keyfile: the name is empty or too long");
  fingerprint = plaza_base32_decode (keyfile->campaign, PLAZA_HASH_SIZE, error);
  if (fingerprint == NULL)
    {
      g_prefix_error (error, "Keyfile: the campaign: ");
      return FALSE;
    }
  return TRUE;
}

/* The bytes that are authenticated with the wrapped key: magic ‖ length ‖ header ‖ recovery copy.
 */
static GBytes *
make_bound (const PlazaKeyfile *keyfile)
{
  g_autoptr (JsonObject) header = json_object_new ();
  g_autoptr (GBytes) json = NULL;
  g_autofree char *salt = plaza_base64url_encode (keyfile->salt, SALT_SIZE);
  GByteArray *bound = g_byte_array_new ();
  guint32 length;

  json_object_set_string_member (header, "campaign", keyfile->campaign);
  json_object_set_int_member (header, "created", keyfile->created_ms);
  json_object_set_string_member (header, "kdf", "argon2id13");
  json_object_set_int_member (header, "memory", keyfile->memory);
  json_object_set_string_member (header, "name", keyfile->display_name);
  json_object_set_int_member (header, "ops", keyfile->ops);
  json_object_set_string_member (header, "profile", keyfile->profile_id);
  json_object_set_string_member (header, "salt", salt);
  json = plaza_json_write_object (header);

  length = GUINT32_TO_LE ((guint32) g_bytes_get_size (json));
  g_byte_array_append (bound, (const guint8 *) MAGIC, MAGIC_SIZE);
  g_byte_array_append (bound, (const guint8 *) &length, sizeof length);
  g_byte_array_append (bound, g_bytes_get_data (json, NULL), (guint) g_bytes_get_size (json));
  g_byte_array_append (bound, g_bytes_get_data (keyfile->recovery, NULL), RECOVERY_SIZE);
  return g_byte_array_free_to_bytes (bound);
}

/* The key that the passphrase makes, over its whole NFC form. */
static PlazaSecret *
derive (const PlazaKeyfile *keyfile, const char *passphrase, GError **error)
{
  g_autoptr (PlazaSecret) key = plaza_secret_new (KEY_SIZE);
  char *nfc = plaza_text_nfc (passphrase);
  int failed;

  if (nfc == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_PASSPHRASE, "The passphrase is not text");
      return NULL;
    }
  failed = crypto_pwhash (plaza_secret_bytes (key), KEY_SIZE, nfc, strlen (nfc), keyfile->salt,
                          (unsigned long long) keyfile->ops, (size_t) keyfile->memory,
                          crypto_pwhash_ALG_ARGON2ID13);
  plaza_secret_wipe_string (nfc);
  if (failed)
    {
      plaza_throw (error, PLAZA_ERROR_FAILED, "Not enough memory to try the passphrase");
      return NULL;
    }
  return g_steal_pointer (&key);
}

/* Completes @keyfile, which holds its identity and recovery copy, with @key under @passphrase. */
static gboolean
wrap (PlazaKeyfile *keyfile, const PlazaSecret *key, const char *passphrase, GError **error)
{
  const char *context[] = { keyfile->display_name, NULL };
  g_autoptr (PlazaSecret) wrapping = NULL;

  if (!plaza_passphrase_check (passphrase, context, error))
    return FALSE;
  keyfile->ops = PLAZA_KEYFILE_OPS;
  keyfile->memory = PLAZA_KEYFILE_MEMORY;
  randombytes_buf (keyfile->salt, SALT_SIZE);
  wrapping = derive (keyfile, passphrase, error);
  if (wrapping == NULL)
    return FALSE;
  keyfile->bound = make_bound (keyfile);
  keyfile->wrapped = plaza_key_wrap (wrapping, key, keyfile->bound);
  return TRUE;
}

PlazaKeyfile *
plaza_keyfile_new (const char *profile_id,
                   const char *display_name,
                   const char *campaign,
                   const PlazaPublicKey *recovery,
                   const char *passphrase,
                   PlazaSecret **out_key,
                   GError **error)
{
  g_autoptr (PlazaKeyfile) keyfile = keyfile_alloc ();
  g_autoptr (PlazaSecret) key = plaza_secret_new_key ();
  g_autoptr (GBytes) plain = g_bytes_new_static (plaza_secret_bytes (key), KEY_SIZE);

  keyfile->profile_id = g_strdup (profile_id);
  keyfile->display_name = g_strdup (display_name);
  keyfile->campaign = g_strdup (campaign);
  keyfile->created_ms = plaza_clock_now_ms ();
  if (!check_identity (keyfile, error))
    return NULL;
  keyfile->recovery = plaza_sealbox_seal (recovery, plain, error);
  if (keyfile->recovery == NULL || !wrap (keyfile, key, passphrase, error))
    return NULL;
  *out_key = g_steal_pointer (&key);
  return g_steal_pointer (&keyfile);
}

GBytes *
plaza_keyfile_to_bytes (PlazaKeyfile *keyfile)
{
  GByteArray *bytes = g_byte_array_new ();
  PlazaHash check;

  g_byte_array_append (bytes, g_bytes_get_data (keyfile->bound, NULL),
                       (guint) g_bytes_get_size (keyfile->bound));
  g_byte_array_append (bytes, g_bytes_get_data (keyfile->wrapped, NULL), WRAPPED_SIZE);
  plaza_hash_data (bytes->data, bytes->len, &check);
  g_byte_array_append (bytes, check.bytes, PLAZA_HASH_SIZE);
  return g_byte_array_free_to_bytes (bytes);
}

static gboolean
parse_header (PlazaKeyfile *keyfile, GBytes *json, GError **error)
{
  g_autoptr (JsonObject) header = plaza_json_parse_object (json, NULL, error);
  g_autoptr (GBytes) salt = NULL;
  const char *profile, *name, *campaign, *salt_text, *kdf;

  if (header == NULL ||
      !plaza_json_only (header, error, "campaign", "created", "kdf", "memory", "name", "ops",
                        "profile", "salt", NULL) ||
      (profile = plaza_json_get_string (header, "profile", 36, error)) == NULL ||
      (name = plaza_json_get_string (header, "name", MAX_NAME, error)) == NULL ||
      (campaign = plaza_json_get_string (header, "campaign", 64, error)) == NULL ||
      (kdf = plaza_json_get_string (header, "kdf", 20, error)) == NULL ||
      (salt_text = plaza_json_get_string (header, "salt", 32, error)) == NULL ||
      !plaza_json_get_int (header, "created", G_MININT64, G_MAXINT64, &keyfile->created_ms,
                           error) ||
      !plaza_json_get_int (header, "ops", PLAZA_KEYFILE_OPS, MAX_OPS, &keyfile->ops, error) ||
      !plaza_json_get_int (header, "memory", PLAZA_KEYFILE_MEMORY, MAX_MEMORY, &keyfile->memory,
                           error))
    return FALSE;
  if (strcmp (kdf, "argon2id13") != 0)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "Keyfile: unknown key derivation");
  salt = plaza_base64url_decode (salt_text, SALT_SIZE, error);
  if (salt == NULL)
    return FALSE;
  memcpy (keyfile->salt, g_bytes_get_data (salt, NULL), SALT_SIZE);
  keyfile->profile_id = g_strdup (profile);
  keyfile->display_name = g_strdup (name);
  keyfile->campaign = g_strdup (campaign);
  return check_identity (keyfile, error);
}

PlazaKeyfile *
plaza_keyfile_parse (GBytes *bytes, GError **error)
{
  g_autoptr (PlazaKeyfile) keyfile = keyfile_alloc ();
  g_autoptr (GBytes) json = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint32 length;
  PlazaHash check;

  if (size < FIXED_SIZE || size > FIXED_SIZE + MAX_HEADER || memcmp (data, MAGIC, MAGIC_STEM) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "Not a whole keyfile");
      return NULL;
    }
  plaza_hash_data (data, size - PLAZA_HASH_SIZE, &check);
  if (memcmp (check.bytes, data + size - PLAZA_HASH_SIZE, PLAZA_HASH_SIZE) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "The keyfile is damaged");
      return NULL;
    }
  if (memcmp (data, MAGIC, MAGIC_SIZE) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_NEWER, "The keyfile is of a newer version");
      return NULL;
    }
  memcpy (&length, data + MAGIC_SIZE, sizeof length);
  length = GUINT32_FROM_LE (length);
  if (length != size - FIXED_SIZE)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "The keyfile's header has another length");
      return NULL;
    }

  json = g_bytes_new_from_bytes (bytes, MAGIC_SIZE + 4, length);
  if (!parse_header (keyfile, json, error))
    {
      g_prefix_error (error, "Keyfile: ");
      return NULL;
    }
  keyfile->bound = g_bytes_new_from_bytes (bytes, 0, MAGIC_SIZE + 4 + length + RECOVERY_SIZE);
  keyfile->recovery = g_bytes_new_from_bytes (bytes, MAGIC_SIZE + 4 + length, RECOVERY_SIZE);
  keyfile->wrapped =
      g_bytes_new_from_bytes (bytes, MAGIC_SIZE + 4 + length + RECOVERY_SIZE, WRAPPED_SIZE);
  return g_steal_pointer (&keyfile);
}

PlazaKeyfile *
plaza_keyfile_load (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, FIXED_SIZE + MAX_HEADER, error);

  return bytes != NULL ? plaza_keyfile_parse (bytes, error) : NULL;
}

gboolean
plaza_keyfile_save (PlazaKeyfile *keyfile, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_keyfile_to_bytes (keyfile);

  return plaza_file_write (path, bytes, error);
}

PlazaSecret *
plaza_keyfile_unlock (PlazaKeyfile *keyfile, const char *passphrase, GError **error)
{
  g_autoptr (PlazaSecret) wrapping = derive (keyfile, passphrase, error);
  PlazaSecret *key;

  if (wrapping == NULL)
    return NULL;
  key = plaza_key_unwrap (wrapping, keyfile->wrapped, keyfile->bound, NULL);
  if (key == NULL)
    plaza_throw (error, PLAZA_ERROR_PASSPHRASE, "The passphrase does not fit");
  return key;
}

PlazaSecret *
plaza_keyfile_recover (PlazaKeyfile *keyfile, const PlazaSecret *recovery, GError **error)
{
  g_autoptr (GBytes) plain = plaza_sealbox_open (recovery, keyfile->recovery, error);

  if (plain == NULL)
    {
      g_prefix_error (error, "Recovery: ");
      return NULL;
    }
  return plaza_secret_new_copy (g_bytes_get_data (plain, NULL), KEY_SIZE);
}

PlazaKeyfile *
plaza_keyfile_rewrap (PlazaKeyfile *keyfile,
                      const PlazaSecret *key,
                      const char *new_passphrase,
                      GError **error)
{
  g_autoptr (PlazaKeyfile) changed = keyfile_alloc ();

  changed->profile_id = g_strdup (keyfile->profile_id);
  changed->display_name = g_strdup (keyfile->display_name);
  changed->campaign = g_strdup (keyfile->campaign);
  changed->created_ms = keyfile->created_ms;
  changed->recovery = g_bytes_ref (keyfile->recovery);
  if (!wrap (changed, key, new_passphrase, error))
    return NULL;
  return g_steal_pointer (&changed);
}

PlazaKeyfile *
plaza_keyfile_change (PlazaKeyfile *keyfile,
                      const char *old_passphrase,
                      const char *new_passphrase,
                      GError **error)
{
  g_autoptr (PlazaSecret) key = plaza_keyfile_unlock (keyfile, old_passphrase, error);

  return key != NULL ? plaza_keyfile_rewrap (keyfile, key, new_passphrase, error) : NULL;
}

const char *
plaza_keyfile_profile_id (PlazaKeyfile *keyfile)
{
  return keyfile->profile_id;
}

const char *
plaza_keyfile_display_name (PlazaKeyfile *keyfile)
{
  return keyfile->display_name;
}

const char *
plaza_keyfile_campaign (PlazaKeyfile *keyfile)
{
  return keyfile->campaign;
}

GBytes *
plaza_keyfile_recovery_copy (PlazaKeyfile *keyfile)
{
  return keyfile->recovery;
}

gint64
plaza_keyfile_created_ms (PlazaKeyfile *keyfile)
{
  return keyfile->created_ms;
}

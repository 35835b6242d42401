/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/registration.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/json.h"
#include "base/uuid.h"
#include "seal/hash.h"
#include "seal/sealbox.h"
#include "wire/bytes.h"
#include "wire/joinlink.h"
#include "wire/record.h"

#define MAGIC "PLZREG01"
#define MAGIC_STEM 6
#define MAGIC_SIZE 8
#define UUID_SIZE 16
#define BOX_SIZE (PLAZA_SEALBOX_BLOCK + PLAZA_SEALBOX_OVERHEAD)
#define SIGNED_SIZE (PLAZA_REGISTRATION_SIZE - PLAZA_SIGNATURE_SIZE)

G_STATIC_ASSERT (SIGNED_SIZE == MAGIC_SIZE + PLAZA_HASH_SIZE + UUID_SIZE + 32 + BOX_SIZE);

/* The strings of the sealed part. */
static const PlazaField fields[] = {
  { "person", G_STRUCT_OFFSET (PlazaRegistration, person), PLAZA_FIELD_NAME, 100, FALSE },
};

void
plaza_registration_clear (PlazaRegistration *registration)
{
  plaza_fields_clear (fields, G_N_ELEMENTS (fields), registration);
  g_clear_pointer (&registration->campaign, g_free);
  g_clear_pointer (&registration->device, g_free);
  if (registration->code != NULL)
    explicit_bzero (registration->code, strlen (registration->code));
  g_clear_pointer (&registration->code, g_free);
  registration->joined_ms = 0;
}

static GBytes *
write_box (const PlazaRegistration *registration, const PlazaPublicKey *key, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *key_text = plaza_public_key_to_string (key);
  g_autofree char *code = plaza_join_code_normalise (registration->code, error);

  if (code == NULL ||
      !plaza_fields_write (fields, G_N_ELEMENTS (fields), registration, object, error))
    return NULL;
  if (registration->joined_ms < 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "joined before 1970");
      return NULL;
    }
  json_object_set_string_member (object, "code", code);
  json_object_set_string_member (object, "device", registration->device);
  json_object_set_string_member (object, "device_key", key_text);
  json_object_set_int_member (object, "joined", registration->joined_ms);
  return plaza_json_write_object (object);
}

GBytes *
plaza_registration_make (const PlazaRegistration *registration,
                         const PlazaPublicKey *central_seal,
                         const PlazaSecret *device_secret,
                         GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_sized_new (PLAZA_REGISTRATION_SIZE);
  g_autoptr (GBytes) campaign = NULL;
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) box = NULL;
  guint8 device[UUID_SIZE];
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaPublicKey key;
  PlazaHash hash;

  campaign = plaza_base32_decode (registration->campaign, PLAZA_HASH_SIZE, error);
  if (campaign == NULL || !plaza_uuid_parse (registration->device, device, error) ||
      !plaza_sign_public (device_secret, &key, error) ||
      (plain = write_box (registration, &key, error)) == NULL ||
      (box = plaza_sealbox_seal_padded (central_seal, plain, error)) == NULL)
    {
      g_prefix_error (error, "Registration: ");
      return NULL;
    }
  g_byte_array_append (out, (const guint8 *) MAGIC, MAGIC_SIZE);
  plaza_append_bytes (out, campaign);
  g_byte_array_append (out, device, sizeof device);
  g_byte_array_append (out, key.bytes, sizeof key.bytes);
  plaza_append_bytes (out, box);
  g_assert (out->len == SIGNED_SIZE);
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (device_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

gboolean
plaza_registration_check (GBytes *bytes, PlazaRegistration *out, GError **error)
{
  PlazaReader reader = { 0 };
  const guint8 *magic, *campaign, *device;
  PlazaPublicKey key;
  PlazaHash hash;

  reader.data = g_bytes_get_data (bytes, &reader.length);
  magic = plaza_reader_take (&reader, MAGIC_SIZE);
  if (magic == NULL || memcmp (magic, MAGIC, MAGIC_STEM) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a registration");
  if (memcmp (magic, MAGIC, MAGIC_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "The registration is of a newer version");
  if (reader.length != PLAZA_REGISTRATION_SIZE)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a whole registration");
  campaign = plaza_reader_take (&reader, PLAZA_HASH_SIZE);
  device = plaza_reader_take (&reader, UUID_SIZE);
  memcpy (key.bytes, plaza_reader_take (&reader, sizeof key.bytes), sizeof key.bytes);
  plaza_hash_data (reader.data, SIGNED_SIZE, &hash);
  if (!plaza_sign_verify (&key, hash.bytes, PLAZA_HASH_SIZE, reader.data + SIGNED_SIZE, error))
    {
      g_prefix_error (error, "Registration: ");
      return FALSE;
    }
  *out = (PlazaRegistration){ .campaign = plaza_base32_encode (campaign, PLAZA_HASH_SIZE),
                              .device = plaza_uuid_format (device),
                              .device_key = key };
  return TRUE;
}

static gboolean
read_box (GBytes *plain, PlazaRegistration *registration, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = PLAZA_SEALBOX_BLOCK,
                                          .max_depth = 1,
                                          .max_values = 8 };
  static const char *const others[] = { "code", "device", "device_key", "joined", NULL };
  g_autoptr (JsonObject) object = plaza_json_parse_object (plain, &limits, error);
  const char *code, *device, *key_text;
  PlazaPublicKey key;

  if (object == NULL || !plaza_fields_only (fields, G_N_ELEMENTS (fields), object, others, error) ||
      !plaza_fields_read (fields, G_N_ELEMENTS (fields), object, registration, error) ||
      !plaza_json_get_int (object, "joined", 0, G_MAXINT64, &registration->joined_ms, error) ||
      (code = plaza_json_get_string (object, "code", 64, error)) == NULL ||
      (device = plaza_json_get_string (object, "device", 36, error)) == NULL ||
      (key_text = plaza_json_get_string (object, "device_key", 43, error)) == NULL ||
      !plaza_public_key_parse (key_text, &key, error))
    return FALSE;
  if (strcmp (device, registration->device) != 0 ||
      !plaza_public_key_equal (&key, &registration->device_key))
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the sealed part is another device's");
  registration->code = plaza_join_code_normalise (code, error);
  return registration->code != NULL;
}

gboolean
plaza_registration_open (GBytes *bytes,
                         const PlazaSecret *central_seal_secret,
                         PlazaRegistration *out,
                         GError **error)
{
  g_auto (PlazaRegistration) registration = { 0 };
  g_autoptr (GBytes) box = NULL;
  g_autoptr (GBytes) plain = NULL;

  if (!plaza_registration_check (bytes, &registration, error))
    return FALSE;
  box = g_bytes_new_from_bytes (bytes, SIGNED_SIZE - BOX_SIZE, BOX_SIZE);
  plain = plaza_sealbox_open_padded (central_seal_secret, box, error);
  if (plain == NULL || !read_box (plain, &registration, error))
    {
      g_prefix_error (error, "Registration: ");
      return FALSE;
    }
  *out = registration;
  registration = (PlazaRegistration){ 0 };
  return TRUE;
}

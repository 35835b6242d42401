/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/token.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/json.h"
#include "base/uuid.h"
#include "seal/hash.h"
#include "wire/record.h"

#define MAGIC "PLZTOK01"
#define MAGIC_SIZE 8
#define SIGNED_SIZE (MAGIC_SIZE + PLAZA_HASH_SIZE + 16 + PLAZA_CHALLENGE_SIZE)

static const PlazaJsonLimits limits = { .max_bytes = PLAZA_TOKEN_MAX_BYTES,
                                        .max_depth = 1,
                                        .max_values = 8 };

static void
set_base64url (JsonObject *object, const char *name, const void *data, gsize length)
{
  g_autofree char *text = plaza_base64url_encode (data, length);

  json_object_set_string_member (object, name, text);
}

static GBytes *
get_base64url (JsonObject *object, const char *name, gsize length, GError **error)
{
  const char *text = plaza_json_get_string (object, name, 200, error);

  return text != NULL ? plaza_base64url_decode (text, length, error) : NULL;
}

/* Challenge */

GBytes *
plaza_challenge_to_json (GBytes *challenge)
{
  g_autoptr (JsonObject) object = json_object_new ();

  set_base64url (object, "challenge", g_bytes_get_data (challenge, NULL),
                 g_bytes_get_size (challenge));
  return plaza_json_write_object (object);
}

GBytes *
plaza_challenge_parse (GBytes *json, GError **error)
{
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  GBytes *challenge = NULL;

  if (object != NULL && plaza_json_only (object, error, "challenge", NULL))
    challenge = get_base64url (object, "challenge", PLAZA_CHALLENGE_SIZE, error);
  if (challenge == NULL)
    g_prefix_error (error, "Challenge: ");
  return challenge;
}

/* Request */

static gboolean
fill_signed (const char *fingerprint,
             const char *device,
             GBytes *challenge,
             guint8 out[SIGNED_SIZE],
             GError **error)
{
  g_autoptr (GBytes) campaign = plaza_base32_decode (fingerprint, PLAZA_HASH_SIZE, error);

  if (campaign == NULL || !plaza_uuid_parse (device, out + MAGIC_SIZE + PLAZA_HASH_SIZE, error))
    return FALSE;
  if (g_bytes_get_size (challenge) != PLAZA_CHALLENGE_SIZE)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "A challenge of another length");
  memcpy (out, MAGIC, MAGIC_SIZE);
  memcpy (out + MAGIC_SIZE, g_bytes_get_data (campaign, NULL), PLAZA_HASH_SIZE);
  memcpy (out + SIGNED_SIZE - PLAZA_CHALLENGE_SIZE, g_bytes_get_data (challenge, NULL),
          PLAZA_CHALLENGE_SIZE);
  return TRUE;
}

gboolean
plaza_token_request_sign (PlazaTokenRequest *out,
                          const char *fingerprint,
                          const char *device,
                          GBytes *challenge,
                          const PlazaSecret *device_secret,
                          GError **error)
{
  guint8 bytes[SIGNED_SIZE];

  if (!fill_signed (fingerprint, device, challenge, bytes, error))
    return FALSE;
  plaza_sign (device_secret, bytes, sizeof bytes, out->signature);
  out->device = g_strdup (device);
  out->challenge = g_bytes_ref (challenge);
  return TRUE;
}

gboolean
plaza_token_request_verify (const PlazaTokenRequest *request,
                            const char *fingerprint,
                            const PlazaPublicKey *device_key,
                            GError **error)
{
  guint8 bytes[SIGNED_SIZE];

  return fill_signed (fingerprint, request->device, request->challenge, bytes, error) &&
         plaza_sign_verify (device_key, bytes, sizeof bytes, request->signature, error);
}

GBytes *
plaza_token_request_to_json (const PlazaTokenRequest *request)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "device", request->device);
  set_base64url (object, "challenge", g_bytes_get_data (request->challenge, NULL),
                 g_bytes_get_size (request->challenge));
  set_base64url (object, "signature", request->signature, sizeof request->signature);
  return plaza_json_write_object (object);
}

gboolean
plaza_token_request_parse (GBytes *json, PlazaTokenRequest *out, GError **error)
{
  static const PlazaField field = { "device", G_STRUCT_OFFSET (PlazaTokenRequest, device),
                                    PLAZA_FIELD_UUID, 0, FALSE };
  static const char *const others[] = { "challenge", "signature", NULL };
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  g_auto (PlazaTokenRequest) request = { 0 };
  g_autoptr (GBytes) signature = NULL;

  if (object == NULL || !plaza_fields_only (&field, 1, object, others, error) ||
      !plaza_fields_read (&field, 1, object, &request, error) ||
      (request.challenge = get_base64url (object, "challenge", PLAZA_CHALLENGE_SIZE, error)) ==
          NULL ||
      (signature = get_base64url (object, "signature", PLAZA_SIGNATURE_SIZE, error)) == NULL)
    {
      g_prefix_error (error, "Token request: ");
      return FALSE;
    }
  memcpy (request.signature, g_bytes_get_data (signature, NULL), sizeof request.signature);
  *out = request;
  request = (PlazaTokenRequest){ 0 };
  return TRUE;
}

void
plaza_token_request_clear (PlazaTokenRequest *request)
{
  g_clear_pointer (&request->device, g_free);
  g_clear_pointer (&request->challenge, g_bytes_unref);
}

/* Grant */

static const PlazaField fields[] = {
  { "token", G_STRUCT_OFFSET (PlazaTokenGrant, token), PLAZA_FIELD_NAME, 120, FALSE },
  { "expires", G_STRUCT_OFFSET (PlazaTokenGrant, expires), PLAZA_FIELD_TIME, 0, FALSE },
  { "batch", G_STRUCT_OFFSET (PlazaTokenGrant, batch), PLAZA_FIELD_NAME, 4, TRUE },
};

GBytes *
plaza_token_grant_to_json (const PlazaTokenGrant *grant)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GError) error = NULL;

  /* made by the server itself: a field out of its form is a bug there */
  if (!plaza_fields_write (fields, G_N_ELEMENTS (fields), grant, object, &error))
    g_critical ("Token: %s", error->message);
  return plaza_json_write_object (object);
}

gboolean
plaza_token_grant_parse (GBytes *json, PlazaTokenGrant *out, GError **error)
{
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  g_auto (PlazaTokenGrant) grant = { 0 };

  if (object == NULL || !plaza_fields_only (fields, G_N_ELEMENTS (fields), object, NULL, error) ||
      !plaza_fields_read (fields, G_N_ELEMENTS (fields), object, &grant, error))
    {
      g_prefix_error (error, "Token: ");
      return FALSE;
    }
  *out = grant;
  grant = (PlazaTokenGrant){ 0 };
  return TRUE;
}

void
plaza_token_grant_clear (PlazaTokenGrant *grant)
{
  g_clear_pointer (&grant->token, plaza_secret_wipe_string);
  g_clear_pointer (&grant->expires, g_free);
  g_clear_pointer (&grant->batch, g_free);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "seal/hash.h"
#include "seal/sealbox.h"
#include "wire/invitation.h"
#include "wire/registration.h"

/*
 * What joining without a connection reads. By the first byte of the input: 'i' a file called a list
 * of invitations, 's' the number and items of a list that the central signed, 'r' a file called a
 * registration, 'b' the sealed part of a registration that its device signed, where "@KEY@" stands
 * for the device's key.
 */

#define DEVICE "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

static const guint8 device_bytes[16] = { 0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3,
                                         0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f };

typedef struct
{
  PlazaPublicKey sign, seal;
  PlazaSecret *sign_secret, *seal_secret;
} Keys;

static const Keys *
get_keys (void)
{
  static Keys keys;

  if (keys.sign_secret == NULL)
    {
      const guint8 seed[32] = { 1 };

      keys.sign_secret = plaza_secret_new (64);
      keys.seal_secret = plaza_secret_new (32);
      crypto_sign_seed_keypair (keys.sign.bytes, plaza_secret_bytes (keys.sign_secret), seed);
      crypto_box_seed_keypair (keys.seal.bytes, plaza_secret_bytes (keys.seal_secret), seed);
    }
  return &keys;
}

static void
append_signature (GByteArray *out)
{
  guint8 signature[64];
  PlazaHash hash;

  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (get_keys ()->sign_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
}

static void
try_list (GBytes *bytes, gboolean may_be_good)
{
  PlazaCampaign campaign = { 0 };
  g_autoptr (PlazaInvitations) list = NULL;
  g_autoptr (PlazaInvitations) again = NULL;
  g_autoptr (PlazaInvitationsBuilder) builder = NULL;
  g_autoptr (GBytes) written = NULL;

  campaign.key_campaign = campaign.key_central_sign = get_keys ()->sign;
  campaign.key_central_sign_spare = get_keys ()->seal;
  list = plaza_invitations_parse (bytes, &campaign, NULL);
  if (list == NULL)
    return;
  if (!may_be_good)
    fuzz_fail ("a list of invitations was forged");
  builder = plaza_invitations_builder_new (&campaign);
  if (!plaza_invitations_builder_add_list (builder, list, NULL))
    fuzz_fail ("a list that was read does not fit into one");
  written = plaza_invitations_builder_sign (builder, get_keys ()->sign_secret, NULL);
  if (written == NULL || !g_bytes_equal (written, bytes))
    fuzz_fail ("a list is another one when written again");
}

static void
try_signed_list (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  guint8 id[PLAZA_KEY_ID_SIZE];
  PlazaHash hash;

  plaza_hash_data (get_keys ()->sign.bytes, 32, &hash);
  plaza_public_key_id (&get_keys ()->sign, id);
  g_byte_array_append (out, (const guint8 *) "PLZINV01", 8);
  g_byte_array_append (out, hash.bytes, PLAZA_HASH_SIZE);
  g_byte_array_append (out, id, sizeof id);
  g_byte_array_append (out, data, (guint) size);
  append_signature (out);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  try_list (bytes, TRUE);
}

static void
try_box (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GString) text = g_string_new_len ((const char *) data, (gssize) MIN (size, 1900));
  g_autofree char *key = plaza_public_key_to_string (&get_keys ()->sign);
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) box = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (PlazaRegistration) registration = { 0 };
  const guint8 campaign[32] = { 7 };

  g_string_replace (text, "@KEY@", key, 2);
  plain = g_bytes_new (text->str, text->len);
  box = plaza_sealbox_seal_padded (&get_keys ()->seal, plain, NULL);
  g_byte_array_append (out, (const guint8 *) "PLZREG01", 8);
  g_byte_array_append (out, campaign, sizeof campaign);
  g_byte_array_append (out, device_bytes, sizeof device_bytes);
  g_byte_array_append (out, get_keys ()->sign.bytes, 32);
  g_byte_array_append (out, g_bytes_get_data (box, NULL), (guint) g_bytes_get_size (box));
  append_signature (out);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  if (!plaza_registration_open (bytes, get_keys ()->seal_secret, &registration, NULL))
    return;
  if (strcmp (registration.device, DEVICE) != 0 || registration.code == NULL ||
      registration.person == NULL || registration.joined_ms < 0)
    fuzz_fail ("a registration with a part missing was opened");
  /* It makes another one that opens. */
  g_clear_pointer (&bytes, g_bytes_unref);
  bytes =
      plaza_registration_make (&registration, &get_keys ()->seal, get_keys ()->sign_secret, NULL);
  if (bytes == NULL)
    fuzz_fail ("a registration that was read cannot be made");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_auto (PlazaRegistration) registration = { 0 };

  if (size < 2)
    return 0;
  plaza_seal_init ();
  switch (data[0])
    {
    case 'i':
      bytes = g_bytes_new (data + 1, size - 1);
      try_list (bytes, FALSE);
      break;
    case 's':
      try_signed_list (data + 1, size - 1);
      break;
    case 'r':
      bytes = g_bytes_new (data + 1, size - 1);
      if (plaza_registration_check (bytes, &registration, NULL))
        fuzz_fail ("a registration was forged");
      break;
    default:
      try_box (data + 1, size - 1);
    }
  return 0;
}

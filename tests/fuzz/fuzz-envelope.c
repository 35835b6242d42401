/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>
#include <zstd.h>

#include "fuzz.h"
#include "wire/envelope.h"
#include "wire/receipt.h"

/*
 * A signature stops a fuzzer at once, so the first byte chooses how deep the rest begins: the bytes
 * of an envelope and of a receipt, what a device that went bad sealed and signed (compressed or
 * not), or one entry's payload.
 */

#define HEAD_SIZE (8 + 32 + 16 + 16 + 16 + 80 + 24)

typedef struct
{
  PlazaPublicKey device, central;
  PlazaSecret *device_secret, *central_secret;
} Keys;

static const Keys *
get_keys (void)
{
  static Keys keys;

  if (keys.device_secret == NULL)
    {
      const guint8 seed[32] = { 1 };

      keys.device_secret = plaza_secret_new (64);
      keys.central_secret = plaza_secret_new (32);
      crypto_sign_seed_keypair (keys.device.bytes, plaza_secret_bytes (keys.device_secret), seed);
      crypto_box_seed_keypair (keys.central.bytes, plaza_secret_bytes (keys.central_secret), seed);
    }
  return &keys;
}

static void
open_envelope (GBytes *envelope)
{
  const Keys *keys = get_keys ();
  PlazaEnvelopeInfo info;
  g_autoptr (GPtrArray) entries =
      plaza_envelope_open (envelope, &keys->device, keys->central_secret, NULL, &info, NULL);

  if (entries != NULL && entries->len == 0)
    fuzz_fail ("an envelope of nothing was opened");
}

static GBytes *
seal_content (const guint8 *packed, gsize length)
{
  const Keys *keys = get_keys ();
  GByteArray *out = g_byte_array_new ();
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 key[32], head[HEAD_SIZE] = { 0 }, chunk[65536 + 17], signature[64];
  PlazaHash hash;
  gsize at = 0;

  crypto_secretstream_xchacha20poly1305_keygen (key);
  memcpy (head, "PLZENV01", 8);
  plaza_public_key_id (&keys->central, head + 56);
  if (crypto_box_seal (head + 88, key, sizeof key, keys->central.bytes) != 0)
    fuzz_fail ("cannot seal");
  crypto_secretstream_xchacha20poly1305_init_push (&state, head + 168, key);
  g_byte_array_append (out, head, sizeof head);
  do
    {
      gsize n = MIN (length - at, 65536);

      crypto_secretstream_xchacha20poly1305_push (
          &state, chunk, NULL, packed + at, n, out->data, HEAD_SIZE,
          at + n == length ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
      g_byte_array_append (out, chunk, (guint) n + 17);
      at += n;
    }
  while (at < length);
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (keys->device_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (out);
}

static void
try_payload (const guint8 *data, gsize size)
{
  static const char id[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  PlazaEntryKind kind = (PlazaEntryKind) data[0];
  g_autoptr (GBytes) payload = g_bytes_new (data + 1, size - 1);
  guint64 sequence = plaza_entry_kind_is_contact (kind) ? 0 : 1;
  g_autoptr (PlazaEntry) entry =
      plaza_entry_new (kind, kind == PLAZA_ENTRY_REVISION ? NULL : id, sequence, payload, NULL);
  g_autoptr (PlazaEntry) again = NULL;

  if (entry == NULL)
    return;
  again = plaza_entry_new (kind, entry->id, sequence, entry->payload, NULL);
  if (again == NULL || !plaza_hash_equal (&entry->hash, &again->hash))
    fuzz_fail ("an entry is another one when read again");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = NULL;

  if (size < 2)
    return 0;
  plaza_seal_init ();
  switch (data[0])
    {
    case 'r':
      {
        PlazaHash envelope = { { 0 } };

        bytes = g_bytes_new (data + 1, size - 1);
        open_envelope (bytes);
        g_clear_pointer (&bytes, g_bytes_unref);
        bytes = g_bytes_new (data + 1, size - 1);
        if (plaza_receipt_verify (bytes, &envelope, 0, &get_keys ()->device, NULL, NULL) != NULL)
          fuzz_fail ("a receipt was forged");
        break;
      }
    case 'z':
      bytes = seal_content (data + 1, size - 1);
      open_envelope (bytes);
      break;
    case 'p':
      {
        gsize bound = ZSTD_compressBound (size - 1);
        g_autofree guint8 *packed = g_malloc (bound);
        gsize n = ZSTD_compress (packed, bound, data + 1, size - 1, 1);

        bytes = seal_content (packed, n);
        open_envelope (bytes);
        break;
      }
    default:
      try_payload (data + 1, size - 1);
    }
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>

#include "fuzz.h"
#include "wire/feed.h"

/* The input is a page whose signature a hostile central made well: the head's variable part and the
 * frame; signed here, so that what comes after the signature is reached. */

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static PlazaPublicKey key;
  static PlazaSecret *secret;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (PlazaFeedPage) page = NULL;
  const PlazaFeedCursor asked = { { 0 } };
  const guint8 zero[128] = { 0 };
  PlazaHash campaign = { { 0 } }, hash;
  guint8 id[PLAZA_KEY_ID_SIZE], signature[PLAZA_SIGNATURE_SIZE];

  plaza_seal_init ();
  if (secret == NULL)
    {
      const guint8 seed[32] = { 1 };

      secret = plaza_secret_new (64);
      crypto_sign_seed_keypair (key.bytes, plaza_secret_bytes (secret), seed);
    }
  plaza_public_key_id (&key, id);
  g_byte_array_append (out, (const guint8 *) "PLZFED01", 8);
  g_byte_array_append (out, id, sizeof id);
  g_byte_array_append (out, zero, 32 + 16 + 24);
  if (size < 25)
    return 0;
  g_byte_array_append (out, data, (guint) size);
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  page = plaza_feed_page_verify (bytes, &campaign, "", &asked, &key, NULL, NULL);
  for (guint i = 0; page != NULL && i < page->items->len; i++)
    {
      const PlazaFeedItem *item = page->items->pdata[i];

      if (item->response[0] == '\0' || item->marks == NULL || item->payload == NULL)
        fuzz_fail ("an item without what every item has");
    }
  return 0;
}

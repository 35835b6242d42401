/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "seal/hash.h"
#include "wire/campaign.h"
#include "wire/joinlink.h"

/*
 * The input is what a campaign's owner could sign: a manifest, a line feed, the content of its
 * files.
 * "@KEY@" in it stands for the campaign's key. An input that begins with 'j' is a join link
 * instead.
 */

static PlazaCampaign *
parse_signed (const guint8 *manifest, gsize manifest_length, const guint8 *files, gsize length)
{
  static PlazaPublicKey key;
  static PlazaSecret *secret;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GString) text = g_string_new_len ((const char *) manifest, (gssize) manifest_length);
  g_autofree char *key_text = NULL;
  g_autoptr (GBytes) package = NULL;
  guint8 signature[64];
  PlazaHash hash;
  guint32 le;

  if (secret == NULL)
    {
      const guint8 seed[32] = { 1 };

      secret = plaza_secret_new (64);
      crypto_sign_seed_keypair (key.bytes, plaza_secret_bytes (secret), seed);
    }
  key_text = plaza_public_key_to_string (&key);
  g_string_replace (text, "@KEY@", key_text, 20);
  le = GUINT32_TO_LE ((guint32) text->len);
  g_byte_array_append (out, (const guint8 *) "PLZCMP01", 8);
  g_byte_array_append (out, key.bytes, 32);
  g_byte_array_append (out, (const guint8 *) &le, 4);
  g_byte_array_append (out, (const guint8 *) text->str, (guint) text->len);
  if (length > 0)
    g_byte_array_append (out, files, (guint) length);
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  package = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  return plaza_campaign_parse (package, NULL, NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const guint8 *end = size > 0 ? memchr (data, '\n', size) : NULL;
  gsize manifest = end != NULL ? (gsize) (end - data) : size;
  g_autoptr (PlazaCampaign) campaign = NULL;

  plaza_seal_init ();
  if (size > 0 && data[0] == 'j')
    {
      g_autofree char *text = g_strndup ((const char *) data + 1, size - 1);
      g_autoptr (PlazaJoinLink) link = plaza_join_link_parse (text, NULL);

      if (link != NULL && link->code == NULL)
        fuzz_fail ("a join link without a code");
      return 0;
    }
  campaign = parse_signed (data, manifest, end != NULL ? end + 1 : NULL,
                           end != NULL ? size - manifest - 1 : 0);
  if (campaign != NULL)
    {
      g_auto (GStrv) names = plaza_campaign_file_names (campaign);

      for (guint i = 0; names[i] != NULL; i++)
        {
          g_autoptr (GBytes) file = plaza_campaign_file (campaign, names[i], NULL);

          if (file == NULL)
            fuzz_fail ("a file that the package lists is not there");
        }
      for (guint i = 0; i < campaign->catalogues->len; i++)
        {
          const PlazaCampaignCatalogue *catalogue = campaign->catalogues->pdata[i];
          g_autoptr (GError) error = NULL;
          g_autoptr (PlazaCatalogue) loaded =
              plaza_campaign_catalogue (campaign, catalogue->id, &error);

          if ((loaded == NULL) == (error == NULL))
            fuzz_fail ("a catalogue is neither loaded nor refused");
        }
    }
  return 0;
}

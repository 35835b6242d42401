/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "seal/hash.h"
#include "seal/recovery.h"
#include "seal/sealbox.h"

/*
 * A check stops a fuzzer at once, so the first byte chooses: bytes as they came, bytes whose check
 * is made right, or lines of text.
 */

static PlazaSecret *
get_recovery (void)
{
  static PlazaSecret *secret;

  if (secret == NULL)
    {
      const guint8 seed[32] = { 7 };
      guint8 ignored[32];

      secret = plaza_secret_new (32);
      crypto_box_seed_keypair (ignored, plaza_secret_bytes (secret), seed);
    }
  return secret;
}

static void
try_bytes (GBytes *bytes)
{
  PlazaRecoveryRequest parsed;
  g_autoptr (GBytes) answer = plaza_recovery_answer_new (bytes, get_recovery (), NULL);
  g_autoptr (PlazaSecret) key = NULL;

  if (plaza_recovery_request_parse (bytes, &parsed, NULL))
    {
      g_autofree char *text = plaza_recovery_to_text (bytes);
      g_autoptr (GBytes) again = plaza_recovery_from_text (text, NULL, NULL);

      if (again == NULL || !g_bytes_equal (again, bytes))
        fuzz_fail ("a request is another one when read again");
    }
  key = plaza_recovery_answer_open (bytes, bytes, get_recovery (), NULL);
  if (key != NULL)
    fuzz_fail ("an answer names itself");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *copy = NULL;
  g_autofree char *text = NULL;
  guint line;

  if (size < 1)
    return 0;
  plaza_seal_init ();
  switch (data[0])
    {
    case 't':
      text = g_strndup ((const char *) data + 1, size - 1);
      bytes = plaza_recovery_from_text (text, &line, NULL);
      if (bytes != NULL)
        try_bytes (bytes);
      return 0;
    case 'c':
      if (size > 9)
        {
          PlazaHash hash;

          copy = g_memdup2 (data + 1, size - 1);
          plaza_hash_data (copy, size - 9, &hash);
          memcpy (copy + size - 9, hash.bytes, 8);
          bytes = g_bytes_new (copy, size - 1);
          try_bytes (bytes);
        }
      return 0;
    default:
      bytes = g_bytes_new (data + 1, size - 1);
      try_bytes (bytes);
    }
  return 0;
}

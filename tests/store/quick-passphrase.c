/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>

/* A passphrase costs a moment and 64 MiB on purpose; where laptops are opened ten thousand times
 * that is most of the work and shows nothing. Linked in, it stands before libsodium's. */
int
crypto_pwhash (unsigned char *const out,
               unsigned long long out_length,
               const char *const passphrase,
               unsigned long long length,
               const unsigned char *const salt,
               unsigned long long operations,
               size_t memory,
               int algorithm)
{
  crypto_generichash_state state;

  (void) operations;
  (void) memory;
  (void) algorithm;
  return crypto_generichash_init (&state, salt, crypto_pwhash_SALTBYTES, (size_t) out_length) +
         crypto_generichash_update (&state, (const unsigned char *) passphrase, length) +
         crypto_generichash_final (&state, out, (size_t) out_length);
}

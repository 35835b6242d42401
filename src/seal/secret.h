/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * plaza_seal_init: readies libsodium; every function of this floor calls it, any thread may.
 */
void plaza_seal_init (void);

/**
 * PlazaSecret: bytes that must not leak: locked in memory, between guard pages, zeroed when the
 * last reference goes. Immutable once filled; reference counted, threads may share it.
 */
typedef struct _PlazaSecret PlazaSecret;

/** plaza_secret_new: @length zero bytes, to be filled through plaza_secret_bytes(). */
PlazaSecret *plaza_secret_new (gsize length);
/** plaza_secret_new_random: @length random bytes; 32 of them are a key. */
PlazaSecret *plaza_secret_new_random (gsize length);
/** plaza_secret_new_copy: copies; zero @data yourself. */
PlazaSecret *plaza_secret_new_copy (const void *data, gsize length);
/** plaza_secret_new_key: a new 32-byte symmetric key (a profile's, an interview's, a contact's). */
PlazaSecret *plaza_secret_new_key (void);

PlazaSecret *plaza_secret_ref (PlazaSecret *secret);
void plaza_secret_unref (PlazaSecret *secret);

/** plaza_secret_bytes: Returns: (transfer none): the bytes themselves. */
guint8 *plaza_secret_bytes (const PlazaSecret *secret);
gsize plaza_secret_length (const PlazaSecret *secret);
/** plaza_secret_equal: in constant time. */
gboolean plaza_secret_equal (const PlazaSecret *a, const PlazaSecret *b);

/** plaza_secret_wipe_string: zeroes and frees a C string that held a secret; NULL is fine. */
void plaza_secret_wipe_string (char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaSecret, plaza_secret_unref)

G_END_DECLS

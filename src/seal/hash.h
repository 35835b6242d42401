/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/secret.h"

G_BEGIN_DECLS

#define PLAZA_HASH_SIZE 32

/** PlazaHash: a BLAKE2b-256 value; its text is 64 lower-case hexadecimal digits. */
typedef struct
{
  guint8 bytes[PLAZA_HASH_SIZE];
} PlazaHash;

void plaza_hash_data (const void *data, gsize length, PlazaHash *out);
void plaza_hash_bytes (GBytes *bytes, PlazaHash *out);

/** PlazaHashPart: one piece of what plaza_hash_parts() hashes. */
typedef struct
{
  const void *data;
  gsize length;
} PlazaHashPart;

/** plaza_hash_parts: the hash over @n_parts pieces put end to end. */
void plaza_hash_parts (const PlazaHashPart *parts, gsize n_parts, PlazaHash *out);

/** plaza_hash_keyed: BLAKE2b-256 with a key, for what must not be found by trying (join codes). */
void plaza_hash_keyed (const PlazaSecret *key, const void *data, gsize length, PlazaHash *out);

/** plaza_hash_equal: in constant time. */
gboolean plaza_hash_equal (const PlazaHash *a, const PlazaHash *b);

/** plaza_hash_to_string: Returns: (transfer full). */
char *plaza_hash_to_string (const PlazaHash *hash);
/** plaza_hash_parse: 64 lower-case hexadecimal digits, else PLAZA_ERROR_INVALID. */
gboolean plaza_hash_parse (const char *text, PlazaHash *out, GError **error);

G_END_DECLS

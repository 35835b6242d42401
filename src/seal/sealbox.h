/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/sign.h"

G_BEGIN_DECLS

/** Bytes that a sealed box adds. */
#define PLAZA_SEALBOX_OVERHEAD 48
/** Contacts are padded to multiples of this. */
#define PLAZA_SEALBOX_BLOCK 2048

/** plaza_sealbox_keypair: a new X25519 pair (central, custody, recovery). */
void plaza_sealbox_keypair (PlazaPublicKey *public_key, PlazaSecret **secret);

/** plaza_sealbox_public: the public half of a 32-byte X25519 secret. */
gboolean
plaza_sealbox_public (const PlazaSecret *secret, PlazaPublicKey *public_key, GError **error);

/** plaza_sealbox_seal: anyone can seal to @recipient, only its secret opens; the sender stays
 * unnamed. */
GBytes *plaza_sealbox_seal (const PlazaPublicKey *recipient, GBytes *plain, GError **error);
GBytes *plaza_sealbox_open (const PlazaSecret *secret, GBytes *sealed, GError **error);

/** plaza_sealbox_seal_padded: as plaza_sealbox_seal() after padding to multiples of 2 KiB
 * (contacts). */
GBytes *plaza_sealbox_seal_padded (const PlazaPublicKey *recipient, GBytes *plain, GError **error);
GBytes *plaza_sealbox_open_padded (const PlazaSecret *secret, GBytes *sealed, GError **error);

G_END_DECLS

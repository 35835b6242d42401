/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/aead.h"

G_BEGIN_DECLS

/**
 * The one place where the store seals and opens what a person typed. @place says which value of
 * which row it is and is authenticated with it, so that a sealed value moved elsewhere does not
 * open. With PLAZA_TEST_UNSEALED (a copy of this floor for one test, never installed) the values
 * stay clear, so that the scan for clear text is seen to find some.
 */

/** plaza_vault_place: the parts of a place's name, NULL-terminated. (transfer full) */
GBytes *plaza_vault_place (const char *kind, ...) G_GNUC_NULL_TERMINATED;

/** plaza_vault_seal: pads, then seals. (transfer full) */
GBytes *plaza_vault_seal (const PlazaSecret *key, GBytes *plain, GBytes *place);

/** plaza_vault_open: (transfer full): or NULL with PLAZA_ERROR_SIGNATURE. */
GBytes *plaza_vault_open (const PlazaSecret *key, GBytes *sealed, GBytes *place, GError **error);

/** plaza_vault_seal_variant: the serialised @value (floating is taken). */
GBytes *plaza_vault_seal_variant (const PlazaSecret *key, GVariant *value, GBytes *place);

/** plaza_vault_open_variant: (transfer full): of exactly that @type. */
GVariant *plaza_vault_open_variant (
    const PlazaSecret *key, GBytes *sealed, const char *type, GBytes *place, GError **error);

G_END_DECLS

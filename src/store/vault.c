/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/vault.h"

#include "base/error.h"

GBytes *
plaza_vault_place (const char *kind, ...)
{
  GByteArray *name = g_byte_array_new ();
  const char *part = kind;
  va_list args;

  /* The NUL behind each part keeps "a", "bc" apart from "ab", "c". */
  va_start (args, kind);
  for (; part != NULL; part = va_arg (args, const char *))
    g_byte_array_append (name, (const guint8 *) part, strlen (part) + 1);
  va_end (args);
  return g_byte_array_free_to_bytes (name);
}

#ifdef PLAZA_TEST_UNSEALED

GBytes *
plaza_vault_seal (const PlazaSecret *key, GBytes *plain, GBytes *place)
{
  return g_bytes_ref (plain);
}

GBytes *
plaza_vault_open (const PlazaSecret *key, GBytes *sealed, GBytes *place, GError **error)
{
  return g_bytes_ref (sealed);
}

#else

GBytes *
plaza_vault_seal (const PlazaSecret *key, GBytes *plain, GBytes *place)
{
  return plaza_aead_seal_padded (key, plain, place);
}

GBytes *
plaza_vault_open (const PlazaSecret *key, GBytes *sealed, GBytes *place, GError **error)
{
  return plaza_aead_open_padded (key, sealed, place, error);
}

#endif

GBytes *
plaza_vault_seal_variant (const PlazaSecret *key, GVariant *value, GBytes *place)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (value);
  g_autoptr (GBytes) plain = g_variant_get_data_as_bytes (held);

  return plaza_vault_seal (key, plain, place);
}

GVariant *
plaza_vault_open_variant (
    const PlazaSecret *key, GBytes *sealed, const char *type, GBytes *place, GError **error)
{
  g_autoptr (GBytes) plain = plaza_vault_open (key, sealed, place, error);
  g_autoptr (GVariant) value = NULL;

  if (plain == NULL)
    return NULL;
  value = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), plain, FALSE));
  if (g_variant_is_normal_form (value))
    return g_steal_pointer (&value);
  plaza_throw (error, PLAZA_ERROR_CORRUPT, "a stored value is malformed");
  return NULL;
}

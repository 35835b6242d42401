/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/summary.h"

#include "store/vault.h"

#define SUMMARY_TYPE "(ssss)"

void
plaza_summary_clear (PlazaSummary *summary)
{
  g_clear_pointer (&summary->folio, g_free);
  g_clear_pointer (&summary->mode, g_free);
  g_clear_pointer (&summary->form_id, g_free);
  g_clear_pointer (&summary->form_version, g_free);
}

GBytes *
plaza_summary_seal (PlazaStore *store, const char *response, const PlazaSummary *summary)
{
  g_autoptr (GBytes) place = plaza_vault_place ("response", response, NULL);

  return plaza_vault_seal_variant (plaza_store_get_values_key (store),
                                   g_variant_new (SUMMARY_TYPE, summary->folio, summary->mode,
                                                  summary->form_id, summary->form_version),
                                   place);
}

gboolean
plaza_summary_open (
    PlazaStore *store, const char *response, GBytes *sealed, PlazaSummary *out, GError **error)
{
  g_autoptr (GBytes) place = plaza_vault_place ("response", response, NULL);
  g_autoptr (GVariant) value = NULL;

  value = plaza_vault_open_variant (plaza_store_get_values_key (store), sealed, SUMMARY_TYPE, place,
                                    error);
  if (value == NULL)
    {
      g_prefix_error (error, "the summary of response %s: ", response);
      return FALSE;
    }
  g_variant_get (value, SUMMARY_TYPE, &out->folio, &out->mode, &out->form_id, &out->form_version);
  return TRUE;
}

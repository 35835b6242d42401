/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/late.h"

#include "base/clock.h"
#include "store/response-list.h"
#include "store/session.h"

/* The day on which a session's people answered; sessions are opened once each. */
static const char *
session_date (PlazaStore *store, GHashTable *dates, const char *id, GError **error)
{
  char *date = g_hash_table_lookup (dates, id);
  g_autoptr (PlazaSession) session = NULL;

  if (date != NULL)
    return date;
  session = plaza_session_load (store, id, error);
  if (session == NULL)
    return NULL;
  date = g_strdup (plaza_session_get_fields (session)->date);
  g_hash_table_insert (dates, g_strdup (id), date);
  return date;
}

/* Dates are YYYY-MM-DD: their order is that of their bytes. */
static gboolean
is_after (const char *date, const char *end)
{
  return end != NULL && strcmp (date, end) > 0;
}

gboolean
plaza_store_count_late (PlazaStore *store, guint *out, GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  g_autoptr (GHashTable) dates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (PlazaResponseList) responses = plaza_response_list_new (store, 0, error);
  guint n = responses != NULL ? g_list_model_get_n_items (G_LIST_MODEL (responses)) : 0;

  *out = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PlazaResponse) response = g_list_model_get_item (G_LIST_MODEL (responses), i);
      g_autofree char *keyed = NULL;
      const char *date;

      if (plaza_response_get_state (response) == PLAZA_RESPONSE_DRAFT ||
          plaza_response_get_voided (response))
        continue;
      date = session_date (store, dates, plaza_response_get_session (response), error);
      if (date == NULL)
        return FALSE;
      if (strcmp (plaza_response_get_mode (response), "keyed") == 0)
        keyed = plaza_clock_date (plaza_response_get_ended_ms (response));
      if (is_after (date, campaign->asking_ends) ||
          (keyed != NULL && is_after (keyed, campaign->keying_ends)))
        (*out)++;
    }
  return responses != NULL;
}

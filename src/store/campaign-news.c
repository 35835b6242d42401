/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/campaign-news.h"

#include "store/store-private.h"

#define NOTE "campaign-told"

/* The note: two lines, what is asked and until when. */

static char *
describe_questionnaires (PlazaCampaign *campaign)
{
  g_autoptr (GPtrArray) current = plaza_campaign_current (campaign);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < current->len; i++)
    {
      const PlazaCampaignQuestionnaire *form = g_ptr_array_index (current, i);

      g_string_append_printf (out, "%s %s;", form->form_id, form->version);
    }
  return g_string_free (out, FALSE);
}

static char *
describe_dates (PlazaCampaign *campaign)
{
  return g_strdup_printf ("%s %s", campaign->asking_ends ? campaign->asking_ends : "-",
                          campaign->keying_ends ? campaign->keying_ends : "-");
}

static GBytes *
describe (PlazaCampaign *campaign)
{
  g_autofree char *questionnaires = describe_questionnaires (campaign);
  g_autofree char *dates = describe_dates (campaign);
  char *text = g_strconcat (questionnaires, "\n", dates, NULL);

  return g_bytes_new_take (text, strlen (text));
}

static gboolean
read_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  GBytes **out = data;
  g_autoptr (GError) local = NULL;

  *out = plaza_store_read_value (store, db, NOTE, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
write_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  return plaza_store_write_value (store, db, NOTE, data, error);
}

gboolean
plaza_store_settle_news (PlazaStore *store, GError **error)
{
  g_autoptr (GBytes) note = describe (plaza_store_get_campaign (store));

  return plaza_store_call (store, PLAZA_STORE_WRITE, write_job, note, error);
}

gboolean
plaza_store_get_news (PlazaStore *store, PlazaNews *out, GError **error)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (store);
  g_autofree char *questionnaires = describe_questionnaires (campaign);
  g_autofree char *dates = describe_dates (campaign);
  g_autoptr (GBytes) note = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  *out = PLAZA_NEWS_NONE;
  if (!plaza_store_call (store, PLAZA_STORE_READ, read_job, &note, error))
    return FALSE;
  if (note == NULL)
    return plaza_store_settle_news (store, error);
  text = g_strndup (g_bytes_get_data (note, NULL), g_bytes_get_size (note));
  lines = g_strsplit (text, "\n", 2);
  if (g_strcmp0 (lines[0], questionnaires) != 0)
    *out |= PLAZA_NEWS_QUESTIONNAIRES;
  if (lines[0] == NULL || g_strcmp0 (lines[1], dates) != 0)
    *out |= PLAZA_NEWS_DATES;
  return TRUE;
}

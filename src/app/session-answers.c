/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/session-answers.h"

#include <stdio.h>

#include "base/clock.h"

void
plaza_session_answers_clear (PlazaSessionAnswers *answers)
{
  g_free (answers->organisation);
  g_free (answers->team);
  g_free (answers->facilitator);
  g_free (answers->state);
  g_free (answers->municipality);
  g_free (answers->place);
  g_free (answers->date);
  g_free (answers->language);
  g_free (answers->mode);
}

PlazaSessionFields
plaza_session_answers_to_fields (const PlazaSessionAnswers *answers,
                                 const PlazaSessionFields *before)
{
  PlazaSessionFields fields = { .organisation = answers->organisation,
                                .team = answers->team,
                                .facilitator = answers->facilitator,
                                .state = answers->state,
                                .municipality = answers->municipality,
                                .place = answers->place,
                                .date = answers->date,
                                .language = answers->language,
                                .mode = answers->mode,
                                .attendance = answers->attendance,
                                .host_contact = before != NULL ? before->host_contact : NULL };

  return fields;
}

char *
plaza_session_parse_date (const char *text)
{
  int a, b, c, length = 0;
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autofree char *date = NULL;

  g_strdelimit (trimmed, "/. ", '-');
  if (sscanf (trimmed, "%4d-%2d-%4d%n", &a, &b, &c, &length) != 3 ||
      (gsize) length != strlen (trimmed) || a < 0 || b < 0 || c < 0)
    return NULL;
  if (a >= 1000)
    date = g_strdup_printf ("%04d-%02d-%02d", a, b, c);
  else if (c >= 1000)
    date = g_strdup_printf ("%04d-%02d-%02d", c, b, a);
  else
    return NULL;
  return plaza_clock_is_date (date) ? g_steal_pointer (&date) : NULL;
}

char *
plaza_session_format_date (const char *iso_date)
{
  return g_strdup_printf ("%.2s/%.2s/%.4s", iso_date + 8, iso_date + 5, iso_date);
}

char *
plaza_session_language_code (const char *language)
{
  const char *open = strrchr (language, '(');
  const char *close = open != NULL ? strchr (open, ')') : NULL;

  return close != NULL ? g_strndup (open + 1, close - open - 1) : g_strdup (language);
}

static void
append_csv_cell (GString *csv, const char *text, char end)
{
  g_auto (GStrv) parts = g_strsplit (text, "\"", -1);
  g_autofree char *quoted = g_strjoinv ("\"\"", parts);

  g_string_append_printf (csv, "\"%s\"%c", quoted, end);
}

PlazaCatalogue *
plaza_session_organisations (PlazaCampaign *campaign)
{
  g_autoptr (GString) csv = g_string_new ("code,name\n");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  PlazaCatalogue *catalogue;

  if (campaign->organisations->len == 0)
    return NULL;
  for (guint i = 0; i < campaign->organisations->len; i++)
    {
      const PlazaCampaignOrganisation *organisation =
          g_ptr_array_index (campaign->organisations, i);

      append_csv_cell (csv, organisation->id, ',');
      append_csv_cell (csv, organisation->name, '\n');
    }
  bytes = g_bytes_new (csv->str, csv->len);
  catalogue = plaza_catalogue_new ("organisations", bytes, NULL, &error);
  if (catalogue == NULL)
    g_warning ("Organisations of the campaign: %s", error->message);
  return catalogue;
}

char *
plaza_session_name_of (PlazaCatalogue *catalogue, const char *code)
{
  const PlazaCatalogueRow *row =
      catalogue != NULL && code != NULL ? plaza_catalogue_lookup (catalogue, code) : NULL;

  return g_strdup (row != NULL ? row->label : code != NULL ? code : "");
}

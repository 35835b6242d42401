/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "central/tally.h"

static const char *const kinds[] = {
  "completed", "partial",          "refused", "minor-without-guardian", "under-age", "withdrawn",
  "void",      "withdrawal-asked", "late",
};

typedef struct
{
  guint64 counts[G_N_ELEMENTS (kinds)];
  guint revision; /* 0: the session itself did not come */
  char *cells[9]; /* date, state, municipality, place, organisation, team, facilitator, language,
                     mode */
  gint64 attendance;
} Session;

typedef struct
{
  guint64 last;
  GString *missing;
} Sequence;

struct _PlazaTally
{
  GTree *sessions;       /* id → Session, in order */
  GHashTable *withdrawn; /* response */
  GHashTable *sequences; /* device → Sequence */
};

static void
session_free (gpointer data)
{
  Session *session = data;

  for (guint i = 0; i < G_N_ELEMENTS (session->cells); i++)
    g_free (session->cells[i]);
  g_free (session);
}

static void
sequence_free (gpointer data)
{
  Sequence *sequence = data;

  g_string_free (sequence->missing, TRUE);
  g_free (sequence);
}

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

PlazaTally *
plaza_tally_new (void)
{
  PlazaTally *self = g_new0 (PlazaTally, 1);

  self->sessions = g_tree_new_full (compare_ids, NULL, g_free, session_free);
  self->withdrawn = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sequences = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, sequence_free);
  return self;
}

void
plaza_tally_free (PlazaTally *self)
{
  if (self == NULL)
    return;
  g_tree_unref (self->sessions);
  g_hash_table_unref (self->withdrawn);
  g_hash_table_unref (self->sequences);
  g_free (self);
}

static Session *
find_session (PlazaTally *self, const char *id)
{
  Session *session = g_tree_lookup (self->sessions, id);

  if (session == NULL)
    {
      session = g_new0 (Session, 1);
      session->attendance = -1;
      g_tree_insert (self->sessions, g_strdup (id), session);
    }
  return session;
}

void
plaza_tally_add (PlazaTally *self, const char *session, const char *what)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i], what) == 0)
      find_session (self, session)->counts[i]++;
}

void
plaza_tally_note_withdrawn (PlazaTally *self, const char *response)
{
  g_hash_table_add (self->withdrawn, g_strdup (response));
}

gboolean
plaza_tally_is_withdrawn (PlazaTally *self, const char *response)
{
  return g_hash_table_contains (self->withdrawn, response);
}

void
plaza_tally_set_session (PlazaTally *self, const PlazaSessionState *state)
{
  Session *session = find_session (self, state->session);
  const char *cells[] = { state->date,        state->state,        state->municipality,
                          state->place,       state->organisation, state->team,
                          state->facilitator, state->language,     state->mode };

  G_STATIC_ASSERT (G_N_ELEMENTS (cells) == G_N_ELEMENTS (session->cells));
  if (state->revision <= session->revision)
    return;
  session->revision = state->revision;
  session->attendance = state->attendance;
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_free (session->cells[i]);
      session->cells[i] = g_strdup (cells[i]);
    }
}

typedef struct
{
  PlazaCsvWriter *outcomes;
  PlazaCsvWriter *sessions;
  guint64 n;
  GError **error;
  gboolean done;
} Write;

static gboolean
write_session (gpointer key, gpointer value, gpointer data)
{
  Write *write = data;
  const Session *session = value;

  write->n++;
  plaza_csv_writer_add (write->sessions, key);
  for (guint i = 0; i < G_N_ELEMENTS (session->cells); i++)
    plaza_csv_writer_add (write->sessions, session->cells[i]);
  if (session->attendance >= 0)
    plaza_csv_writer_add_number (write->sessions, session->attendance);
  else
    plaza_csv_writer_add (write->sessions, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && write->done; i++)
    {
      plaza_csv_writer_add_number (write->sessions, (gint64) session->counts[i]);
      if (session->counts[i] == 0)
        continue;
      plaza_csv_writer_add (write->outcomes, key);
      plaza_csv_writer_add (write->outcomes, kinds[i]);
      plaza_csv_writer_add_number (write->outcomes, (gint64) session->counts[i]);
      write->done = plaza_csv_writer_end_row (write->outcomes, write->error);
    }
  write->done = write->done && plaza_csv_writer_end_row (write->sessions, write->error);
  return !write->done;
}

gboolean
plaza_tally_write (PlazaTally *self,
                   PlazaCsvWriter *outcomes,
                   PlazaCsvWriter *sessions,
                   guint64 *n_sessions,
                   GError **error)
{
  static const char *const columns[] = { "session",  "date",         "state",     "municipality",
                                         "place",    "organisation", "team",      "facilitator",
                                         "language", "mode",         "attendance" };
  Write write = { outcomes, sessions, 0, error, TRUE };

  plaza_csv_writer_add (outcomes, "session");
  plaza_csv_writer_add (outcomes, "outcome");
  plaza_csv_writer_add (outcomes, "count");
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    plaza_csv_writer_add (sessions, columns[i]);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    plaza_csv_writer_add (sessions, kinds[i]);
  if (!plaza_csv_writer_end_row (outcomes, error) || !plaza_csv_writer_end_row (sessions, error))
    return FALSE;
  g_tree_foreach (self->sessions, write_session, &write);
  *n_sessions = write.n;
  return write.done;
}

void
plaza_tally_add_sequence (PlazaTally *self, const char *device, guint64 number)
{
  Sequence *sequence = g_hash_table_lookup (self->sequences, device);

  if (sequence == NULL)
    {
      sequence = g_new0 (Sequence, 1);
      sequence->missing = g_string_new (NULL);
      g_hash_table_insert (self->sequences, g_strdup (device), sequence);
    }
  if (number > sequence->last + 1)
    {
      g_string_append_printf (sequence->missing, "%s%" G_GUINT64_FORMAT,
                              sequence->missing->len > 0 ? " " : "", sequence->last + 1);
      if (number > sequence->last + 2)
        g_string_append_printf (sequence->missing, "-%" G_GUINT64_FORMAT, number - 1);
    }
  sequence->last = number;
}

char *
plaza_tally_missing (PlazaTally *self, const char *device, guint64 *last)
{
  const Sequence *sequence = g_hash_table_lookup (self->sequences, device);

  *last = sequence != NULL ? sequence->last : 0;
  return g_strdup (sequence != NULL ? sequence->missing->str : "");
}

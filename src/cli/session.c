/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/day-words.h"
#include "base/error.h"
#include "store/session.h"

/* The fields as the command line gives them: NULL where it does not say. */
typedef struct
{
  char *organisation;
  char *team;
  char *facilitator;
  char *state;
  char *municipality;
  char *place;
  char *date;
  char *language;
  char *mode;
  gint64 attendance;
} Given;

static void
given_clear (Given *self)
{
  g_free (self->organisation);
  g_free (self->team);
  g_free (self->facilitator);
  g_free (self->state);
  g_free (self->municipality);
  g_free (self->place);
  g_free (self->date);
  g_free (self->language);
  g_free (self->mode);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Given, given_clear)

static void
apply (const Given *given, PlazaSessionFields *fields)
{
  const struct
  {
    const char *from;
    const char **to;
  } strings[] = {
    { given->organisation, &fields->organisation },
    { given->team, &fields->team },
    { given->facilitator, &fields->facilitator },
    { given->state, &fields->state },
    { given->municipality, &fields->municipality },
    { given->place, &fields->place },
    { given->date, &fields->date },
    { given->language, &fields->language },
    { given->mode, &fields->mode },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    if (strings[i].from)
      *strings[i].to = strings[i].from;
  if (given->attendance >= 0)
    fields->attendance = given->attendance;
}

static gboolean
add_session (JsonBuilder *builder, PlazaSession *session, GError **error)
{
  const PlazaSessionFields *fields = plaza_session_get_fields (session);
  PlazaTally tally;
  const char *const members[][2] = {
    { "id", plaza_session_get_id (session) },
    { "organisation", fields->organisation },
    { "team", fields->team },
    { "facilitator", fields->facilitator },
    { "state", fields->state },
    { "municipality", fields->municipality },
    { "place", fields->place },
    { "date", fields->date },
    { "language", fields->language },
    { "mode", fields->mode },
  };

  if (!plaza_session_get_tally (session, &tally, error))
    return FALSE;
  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    json_builder_add_string_value (plaza_cli_member (builder, members[i][0]), members[i][1]);
  json_builder_add_boolean_value (plaza_cli_member (builder, "open"),
                                  plaza_session_is_open (session));
  plaza_cli_member (builder, "attendance");
  if (fields->attendance >= 0)
    json_builder_add_int_value (builder, fields->attendance);
  else
    json_builder_add_null_value (builder);
  json_builder_begin_object (plaza_cli_member (builder, "outcomes"));
  for (int i = 0; i < PLAZA_N_OUTCOMES; i++)
    json_builder_add_int_value (plaza_cli_member (builder, plaza_outcome_name ((PlazaOutcome) i)),
                                tally.outcomes[i]);
  json_builder_end_object (builder);
  json_builder_add_int_value (plaza_cli_member (builder, "drafts"), tally.drafts);
  json_builder_add_int_value (plaza_cli_member (builder, "voided"), tally.voided);
  json_builder_end_object (builder);
  return TRUE;
}

static gboolean
print_session (PlazaSession *session, GError **error)
{
  const PlazaSessionFields *fields = plaza_session_get_fields (session);
  PlazaTally tally;
  guint ended = 0;

  if (!plaza_session_get_tally (session, &tally, error))
    return FALSE;
  for (int i = 0; i < PLAZA_N_OUTCOMES; i++)
    ended += tally.outcomes[i];
  g_autofree char *day = plaza_day_words (fields->date);
  g_print ("%s  %s  %s %s %s  ", plaza_session_get_id (session), day, fields->state,
           fields->municipality, fields->place);
  g_print (_ ("%u ended, %u completed%s\n"), ended, tally.outcomes[PLAZA_OUTCOME_COMPLETED],
           plaza_session_is_open (session) ? _ (", open") : "");
  return TRUE;
}

static gboolean
show_sessions (
    PlazaCli *cli, PlazaSession *const *sessions, guint n, gboolean array, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (array)
    json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    if (!(cli->json ? add_session (builder, sessions[i], error)
                    : print_session (sessions[i], error)))
      return FALSE;
  if (array)
    json_builder_end_array (builder);
  if (cli->json)
    plaza_cli_emit (json_builder_get_root (builder));
  return TRUE;
}

static PlazaSession *
find_session (PlazaStore *store, const char *id, GError **error)
{
  if (id)
    return plaza_session_load (store, id, error);

  g_autoptr (GError) inner = NULL;
  PlazaSession *session = plaza_session_current (store, &inner);
  if (inner)
    g_propagate_error (error, g_steal_pointer (&inner));
  else if (!session)
    plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, "%s",
                       _ ("No field session is open; “plazactl session start” begins one"));
  return session;
}

static gboolean
correct (PlazaCli *cli, PlazaSession *session, const Given *given, GError **error)
{
  PlazaSessionFields fields = *plaza_session_get_fields (session);
  g_autoptr (GPtrArray) changes = NULL;
  static const char *const kinds[] = { "revision", "draft", "session", "away" };

  apply (given, &fields);
  if (!plaza_session_correct (session, &fields, &changes, error))
    return FALSE;
  if (!cli->json)
    {
      g_print (_ ("Corrected; responses that changed: %u\n"), changes->len);
      return TRUE;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "id"), plaza_session_get_id (session));
  json_builder_begin_array (plaza_cli_member (builder, "changes"));
  for (guint i = 0; i < changes->len; i++)
    {
      const PlazaSessionChange *change = changes->pdata[i];
      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "kind"), kinds[change->kind]);
      json_builder_add_string_value (plaza_cli_member (builder, "response"), change->response);
      json_builder_add_string_value (plaza_cli_member (builder, "folio"), change->folio);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
  return TRUE;
}

static gboolean
run (PlazaCli *cli,
     PlazaStore *store,
     const char *verb,
     const char *id,
     const Given *given,
     GError **error)
{
  g_autoptr (PlazaSession) session = NULL;

  if (g_str_equal (verb, "list"))
    {
      g_autoptr (GPtrArray) sessions = plaza_session_list (store, error);
      return sessions && show_sessions (cli, (PlazaSession *const *) sessions->pdata, sessions->len,
                                        TRUE, error);
    }
  if (g_str_equal (verb, "start"))
    {
      PlazaSessionFields fields = { .attendance = -1 };
      apply (given, &fields);
      session = plaza_session_create (store, &fields, error);
    }
  else
    session = find_session (store, id, error);
  if (!session)
    return FALSE;
  if (g_str_equal (verb, "correct"))
    return correct (cli, session, given, error);
  if (g_str_equal (verb, "close") && !plaza_session_close (session, given->attendance, error))
    return FALSE;
  if (g_str_equal (verb, "reopen") && !plaza_session_reopen (session, error))
    return FALSE;
  return show_sessions (cli, &session, 1, FALSE, error);
}

int
plaza_command_session (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("session");
  g_auto (Given) given = { .attendance = -1 };
  g_autoptr (GError) error = NULL;
  static const char *const verbs[] = {
    "start", "list", "show", "correct", "close", "reopen", NULL
  };
  const GOptionEntry entries[] = {
    { "organisation", 0, 0, G_OPTION_ARG_STRING, &given.organisation,
      N_ ("Organisation, by its id in the campaign"), N_ ("ID") },
    { "team", 0, 0, G_OPTION_ARG_STRING, &given.team, N_ ("Team"), N_ ("TEXT") },
    { "facilitator", 0, 0, G_OPTION_ARG_STRING, &given.facilitator, N_ ("Facilitator"),
      N_ ("TEXT") },
    { "state", 0, 0, G_OPTION_ARG_STRING, &given.state, N_ ("State, two digits"), N_ ("CODE") },
    { "municipality", 0, 0, G_OPTION_ARG_STRING, &given.municipality,
      N_ ("Municipality, five digits"), N_ ("CODE") },
    { "place", 0, 0, G_OPTION_ARG_STRING, &given.place,
      N_ ("Locality, or a municipality that is not on the list"), N_ ("TEXT") },
    { "date", 0, 0, G_OPTION_ARG_STRING, &given.date, N_ ("Day of the session; today if not given"),
      N_ ("YYYY-MM-DD") },
    { "language", 0, 0, G_OPTION_ARG_STRING, &given.language, N_ ("Language used"), N_ ("CODE") },
    { "mode", 0, 0, G_OPTION_ARG_STRING, &given.mode, N_ ("interview, self or keyed"),
      N_ ("MODE") },
    { "attendance", 0, 0, G_OPTION_ARG_INT64, &given.attendance, N_ ("People who came"),
      N_ ("NUMBER") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, N_ ("start|list|show|correct|close|reopen [ID]"), entries, &argc,
                        &argv))
    return PLAZA_EXIT_USAGE;
  if (argc < 2 || argc > 3 || !g_strv_contains (verbs, argv[1]))
    return plaza_cli_usage (&cli, "%s", _ ("say start, list, show, correct, close or reopen"));
  g_autoptr (PlazaProfile) profile = plaza_cli_open (&cli, &error);
  if (!profile)
    return plaza_cli_fail (&cli, error);
  int status = PLAZA_EXIT_OK;
  if (!run (&cli, plaza_profile_get_store (profile), argv[1], argv[2], &given, &error))
    status = plaza_cli_fail (&cli, error);
  return plaza_cli_close (&cli, profile, status);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/folio.h"
#include "base/json.h"
#include "cli/line-reader.h"
#include "cli/record.h"
#include "cli/session-facts.h"
#include "store/capture.h"
#include "store/fill.h"

/* A line is taken whole or refused whole. Whether it can be taken is found out on an interview that
 * nobody keeps; only then is a response begun, so that a refused line leaves nothing behind and may
 * be corrected and given again. */

static const PlazaJsonLimits limits = { .max_bytes = PLAZA_LINE_MAX_BYTES,
                                        .max_depth = 8,
                                        .max_values = 20000 };

typedef struct
{
  guint line;
  char *ref; /* NULL when it is about the whole line */
  char *reason;
} Refusal;

typedef struct
{
  guint line;
  char *response;
  char *folio;
  PlazaOutcome outcome;
} Taken;

typedef struct
{
  PlazaCli *cli;
  PlazaStore *store;
  PlazaForm *form;
  const char *language;
  gboolean fixed_session; /* given by --session */
  PlazaSession *session;
  GPtrArray *sessions; /* every PlazaSession of the profile */
  GArray *refusals;    /* Refusal */
  GArray *taken;       /* Taken */
  guint outcomes[PLAZA_N_OUTCOMES];
  guint line;
} Run;

static void
refusal_clear (gpointer data)
{
  Refusal *refusal = data;

  g_free (refusal->ref);
  g_free (refusal->reason);
}

static void
taken_clear (gpointer data)
{
  Taken *taken = data;

  g_free (taken->response);
  g_free (taken->folio);
}

static void
refuse (Run *run, const char *ref, const char *reason)
{
  Refusal refusal = { run->line, g_strdup (ref), g_strdup (reason) };

  g_array_append_val (run->refusals, refusal);
  if (!run->cli->json)
    g_printerr (_ ("line %u: %s%s%s\n"), run->line, ref ? ref : "", ref ? ": " : "", reason);
}

static void
refuse_for (Run *run, const char *ref, const GError *error)
{
  refuse (run, ref,
          run->cli->json || run->cli->verbose ? error->message : plaza_cli_error_words (error));
}

/* What belongs to this computer and not to the line: going on would only repeat it. */
static gboolean
is_fatal (const GError *error)
{
  return !(error->domain == PLAZA_ERROR &&
           (error->code == PLAZA_ERROR_INVALID || error->code == PLAZA_ERROR_REFUSED ||
            error->code == PLAZA_ERROR_LIMIT || error->code == PLAZA_ERROR_UNSUPPORTED));
}

/* Sessions */

/* Whether the record goes to the session that there is: the one given, or one with the same facts,
 * or the open one when the record says nothing. */
static gboolean
fits_session (Run *run, const PlazaSessionFacts *facts)
{
  if (run->fixed_session)
    return TRUE;
  return run->session && plaza_session_is_open (run->session) &&
         (!facts->stated ||
          plaza_session_facts_fit (facts, plaza_session_get_fields (run->session)));
}

/* One that has these facts already, or a new one. */
static gboolean
open_session (Run *run, const PlazaSessionFacts *facts, GError **error)
{
  if (fits_session (run, facts))
    return TRUE;
  g_clear_object (&run->session);
  for (guint i = 0; i < run->sessions->len; i++)
    if (plaza_session_facts_fit (facts, plaza_session_get_fields (run->sessions->pdata[i])))
      {
        run->session = g_object_ref (run->sessions->pdata[i]);
        return plaza_session_reopen (run->session, error);
      }
  run->session = plaza_session_create (run->store, &facts->fields, error);
  if (run->session)
    g_ptr_array_add (run->sessions, g_object_ref (run->session));
  return run->session != NULL;
}

/* The trial */

static int
outcome_of (gpointer user_data, PlazaInterview *interview)
{
  Run *run = user_data;
  PlazaCampaign *campaign = plaza_store_get_campaign (run->store);

  for (guint i = 0; i < campaign->outcomes->len; i++)
    {
      const PlazaCampaignOutcome *rule = campaign->outcomes->pdata[i];
      gboolean due = FALSE;
      PlazaOutcome outcome;
      if (plaza_interview_test (interview, rule->xpath, &due, NULL) && due &&
          plaza_outcome_parse (rule->outcome, &outcome, NULL))
        return (int) outcome;
    }
  return -1;
}

typedef struct
{
  Run *run;
  PlazaInterview *interview;
  PlazaCapture *capture;
} Filling;

static gboolean
trial_set (PlazaField *field, const char *value, gpointer user_data, GError **error)
{
  return plaza_interview_set_answer (((Filling *) user_data)->interview, field, value, error);
}

static PlazaField *
trial_add (PlazaField *repeat, gpointer user_data, GError **error)
{
  return plaza_interview_add_instance (((Filling *) user_data)->interview, repeat, error);
}

static int
trial_outcome (gpointer user_data)
{
  Filling *filling = user_data;

  return outcome_of (filling->run, filling->interview);
}

/* What a started response has filled in, from the same place. */
static gboolean
fill_in (PlazaInterview *interview,
         const PlazaSessionFields *session,
         const char *mode,
         GError **error)
{
  g_autofree char *folio = plaza_folio_make ("00", "00", 1, error);
  g_autoptr (GPtrArray) fills = NULL;

  if (!folio)
    return FALSE;
  fills = plaza_fill_list (interview, "", session, folio, mode);
  for (guint i = 0; i < fills->len; i++)
    {
      const PlazaFill *fill = fills->pdata[i];
      if (!plaza_interview_set_value (interview, fill->field, fill->value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
name_missing (Run *run, GPtrArray *missing)
{
  g_autoptr (GString) refs = g_string_new (NULL);

  for (guint i = 0; i < missing->len; i++)
    {
      const PlazaMissing *item = missing->pdata[i];
      g_autofree char *ref = plaza_field_dup_ref (item->field);
      g_string_append_printf (refs, "%s%s (%s)", refs->len > 0 ? ", " : "", ref,
                              plaza_record_validity_words (item->validity));
    }
  if (refs->len == 0)
    return FALSE;
  g_autofree char *reason = g_strdup_printf (_ ("cannot be finished: %s"), refs->str);
  refuse (run, NULL, reason);
  return TRUE;
}

/* FALSE after refusing the line; @error only for what is fatal. */
static gboolean
try_record (Run *run,
            JsonObject *record,
            const PlazaSessionFields *session,
            const char *mode,
            gboolean keep_folio,
            GError **error)
{
  const PlazaInterviewContext context = { .language = run->language };
  g_autoptr (PlazaInterview) interview = plaza_interview_new (run->form, &context, error);
  g_autoptr (GError) reason = NULL;

  if (!interview)
    return FALSE;
  Filling filling = { .run = run, .interview = interview };
  PlazaRecordTarget target = { .interview = interview,
                               .set = trial_set,
                               .add = trial_add,
                               .outcome = trial_outcome,
                               .user_data = &filling,
                               .keep_folio = keep_folio };

  if (!fill_in (interview, session, mode, error))
    return FALSE;
  gboolean ok = plaza_record_fill (record, &target, &reason);
  g_autofree char *ref = target.ref;
  if (!ok)
    {
      refuse_for (run, ref, reason);
      return FALSE;
    }
  if (outcome_of (run, interview) >= 0)
    return TRUE;
  g_autoptr (GPtrArray) missing = plaza_interview_get_missing (interview, PLAZA_SCOPE_ALL);
  return !name_missing (run, missing);
}

/* The response */

static gboolean
capture_set (PlazaField *field, const char *value, gpointer user_data, GError **error)
{
  return plaza_capture_set_answer (((Filling *) user_data)->capture, field, value, error);
}

static PlazaField *
capture_add (PlazaField *repeat, gpointer user_data, GError **error)
{
  return plaza_capture_add_instance (((Filling *) user_data)->capture, repeat, error);
}

static int
capture_outcome (gpointer user_data)
{
  return plaza_capture_get_outcome_due (((Filling *) user_data)->capture);
}

static gboolean
take_record (Run *run, JsonObject *record, const char *mode, gboolean keep_folio, GError **error)
{
  g_autoptr (PlazaCapture) capture = plaza_capture_start (
      run->store, run->session, plaza_form_get_id (run->form), mode, run->language, error);
  g_auto (PlazaEnding) ending = { 0 };

  if (!capture)
    return FALSE;
  Filling filling = { .run = run, .capture = capture };
  PlazaRecordTarget target = { .interview = plaza_capture_get_interview (capture),
                               .set = capture_set,
                               .add = capture_add,
                               .outcome = capture_outcome,
                               .user_data = &filling,
                               .keep_folio = keep_folio };

  gboolean ok = plaza_record_fill (record, &target, error);
  g_free (target.ref);
  if (!ok)
    return FALSE;
  int due = plaza_capture_get_outcome_due (capture);
  if (!(due >= 0 ? plaza_capture_end (capture, (PlazaOutcome) due, &ending, error)
                 : plaza_capture_finish (capture, &ending, error)))
    return FALSE;

  Taken taken = { run->line, g_strdup (plaza_capture_get_response (capture)),
                  g_strdup (ending.folio), ending.outcome };
  g_array_append_val (run->taken, taken);
  run->outcomes[ending.outcome]++;
  return TRUE;
}

/* TRUE to go on with the next line. */
static gboolean
respond_line (Run *run, GBytes *line, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (JsonObject) record = plaza_json_parse_object (line, &limits, &reason);
  g_autofree char *ref = NULL;
  g_auto (PlazaSessionFacts) facts = { 0 };

  if (!record || !plaza_record_check (record, run->form, &ref, &reason))
    {
      refuse_for (run, ref, reason);
      return TRUE;
    }
  plaza_session_facts_read (&facts, record, run->form);
  if (facts.strange_mode)
    {
      refuse (run, NULL, _ ("nobody knows this way of answering"));
      return TRUE;
    }
  if (!facts.stated && !fits_session (run, &facts))
    {
      refuse (run, NULL, _ ("the line names no field session and none is open"));
      return TRUE;
    }

  const PlazaSessionFields *session =
      fits_session (run, &facts) ? plaza_session_get_fields (run->session) : &facts.fields;
  const char *mode = facts.mode ? facts.mode : session->mode;
  gboolean keep_folio = g_str_equal (mode, PLAZA_MODE_KEYED);
  if (!try_record (run, record, session, mode, keep_folio, &reason))
    {
      if (reason)
        refuse_for (run, NULL, reason);
      return TRUE;
    }
  if (open_session (run, &facts, &reason) && take_record (run, record, mode, keep_folio, &reason))
    return TRUE;
  if (is_fatal (reason))
    {
      g_autofree char *line_words = g_strdup_printf (_ ("line %u"), run->line);

      plaza_error_name_subject (&reason, line_words);
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  refuse_for (run, NULL, reason);
  return TRUE;
}

static gboolean
respond_all (Run *run, PlazaLineReader *reader, GError **error)
{
  PlazaCliProgress progress;
  gboolean ok = TRUE;

  plaza_cli_progress_init (&progress);
  for (;;)
    {
      g_autoptr (GBytes) line = NULL;
      PlazaLine got = plaza_line_reader_next (reader, &line, error);

      if (got == PLAZA_LINE_END || got == PLAZA_LINE_ERROR)
        {
          ok = ok && got == PLAZA_LINE_END;
          break;
        }
      run->line++;
      if (got == PLAZA_LINE_TOO_LONG)
        refuse (run, NULL, _ ("the line is longer than a mebibyte"));
      else if (got == PLAZA_LINE_TEXT && !(ok = respond_line (run, line, error)))
        break;
      g_autofree char *message = g_strdup_printf (_ ("line %u"), run->line);
      plaza_cli_progress_show (&progress, message, plaza_line_reader_get_fraction (reader));
    }
  plaza_cli_progress_end (&progress);
  return ok;
}

static void
report_json (Run *run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_add_int_value (plaza_cli_member (builder, "lines"), run->line);
  json_builder_add_int_value (plaza_cli_member (builder, "taken"), run->taken->len);
  json_builder_begin_object (plaza_cli_member (builder, "outcomes"));
  for (int i = 0; i < PLAZA_N_OUTCOMES; i++)
    json_builder_add_int_value (plaza_cli_member (builder, plaza_outcome_name ((PlazaOutcome) i)),
                                run->outcomes[i]);
  json_builder_end_object (builder);
  json_builder_begin_array (plaza_cli_member (builder, "refused"));
  for (guint i = 0; i < run->refusals->len; i++)
    {
      const Refusal *refusal = &g_array_index (run->refusals, Refusal, i);
      json_builder_begin_object (builder);
      json_builder_add_int_value (plaza_cli_member (builder, "line"), refusal->line);
      plaza_cli_member (builder, "ref");
      if (refusal->ref)
        json_builder_add_string_value (builder, refusal->ref);
      else
        json_builder_add_null_value (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "reason"), refusal->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_begin_array (plaza_cli_member (builder, "responses"));
  for (guint i = 0; i < run->taken->len; i++)
    {
      const Taken *taken = &g_array_index (run->taken, Taken, i);
      json_builder_begin_object (builder);
      json_builder_add_int_value (plaza_cli_member (builder, "line"), taken->line);
      json_builder_add_string_value (plaza_cli_member (builder, "response"), taken->response);
      json_builder_add_string_value (plaza_cli_member (builder, "folio"),
                                     taken->folio ? taken->folio : "");
      json_builder_add_string_value (plaza_cli_member (builder, "outcome"),
                                     plaza_outcome_name (taken->outcome));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

static int
report (Run *run)
{
  if (run->cli->json)
    report_json (run);
  else
    {
      g_print (_ ("Lines: %u. Taken: %u. Refused: %u.\n"), run->line, run->taken->len,
               run->refusals->len);
      for (int i = 0; i < PLAZA_N_OUTCOMES; i++)
        if (run->outcomes[i])
          g_print ("  %s: %u\n", plaza_cli_outcome_word (plaza_outcome_name ((PlazaOutcome) i)),
                   run->outcomes[i]);
    }
  return run->refusals->len > 0 ? PLAZA_EXIT_LINES : PLAZA_EXIT_OK;
}

static gboolean
respond (
    Run *run, PlazaLineReader *reader, const char *form_id, const char *session_id, GError **error)
{
  g_autoptr (GError) inner = NULL;

  run->form = plaza_store_get_form (run->store, form_id, NULL, error);
  if (!run->form)
    return FALSE;
  if (session_id && !g_str_equal (session_id, "current"))
    run->session = plaza_session_load (run->store, session_id, &inner);
  else
    run->session = plaza_session_current (run->store, &inner);
  if (inner)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  run->sessions = plaza_session_list (run->store, error);
  if (!run->sessions)
    return FALSE;
  run->fixed_session = session_id != NULL;
  if (session_id && !run->session)
    return plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, "%s",
                              _ ("No field session is open; “plazactl session start” begins one"));
  return respond_all (run, reader, error);
}

int
plaza_command_respond (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("respond");
  g_autofree char *from = NULL;
  g_autofree char *session = NULL;
  g_autofree char *form = NULL;
  g_autofree char *language = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &from,
      N_ ("Responses, one JSON object a line; - for standard input"), N_ ("FILE") },
    { "session", 0, 0, G_OPTION_ARG_STRING, &session,
      N_ ("Field session for all of them: its id, or current"), N_ ("ID") },
    { "form", 0, 0, G_OPTION_ARG_STRING, &form, N_ ("Questionnaire, when there are several"),
      N_ ("ID") },
    { "language", 0, 0, G_OPTION_ARG_STRING, &language, N_ ("Language of the texts"),
      N_ ("LANGUAGE") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 1 || !from)
    return plaza_cli_usage (&cli, "%s", _ ("say where the responses are with --from FILE"));
  g_autoptr (PlazaLineReader) reader = plaza_line_reader_new (from, &error);
  if (!reader)
    return plaza_cli_fail (&cli, error);
  g_autoptr (PlazaProfile) profile = plaza_cli_open (&cli, &error);
  if (!profile)
    return plaza_cli_fail (&cli, error);

  Run run = { .cli = &cli,
              .store = plaza_profile_get_store (profile),
              .language = language,
              .refusals = g_array_new (FALSE, FALSE, sizeof (Refusal)),
              .taken = g_array_new (FALSE, FALSE, sizeof (Taken)) };
  g_array_set_clear_func (run.refusals, refusal_clear);
  g_array_set_clear_func (run.taken, taken_clear);
  /* What was taken before something failed is reported all the same. */
  gboolean ok = respond (&run, reader, form, session, &error);
  int status = report (&run);
  if (!ok)
    {
      cli.json = FALSE;
      status = plaza_cli_fail (&cli, error);
    }
  g_clear_object (&run.session);
  g_clear_pointer (&run.sessions, g_ptr_array_unref);
  g_clear_pointer (&run.form, plaza_form_unref);
  g_array_unref (run.refusals);
  g_array_unref (run.taken);
  return plaza_cli_close (&cli, profile, status);
}

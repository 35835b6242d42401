/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/uuid.h"
#include "store/response-list.h"

typedef struct
{
  gboolean xml;
  char *state;
  char *reason;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->state);
  g_free (self->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_time (JsonBuilder *builder, const char *name, gint64 ms)
{
  plaza_cli_member (builder, name);
  if (ms > 0)
    {
      g_autofree char *text = plaza_clock_format (ms);
      json_builder_add_string_value (builder, text);
    }
  else
    json_builder_add_null_value (builder);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  plaza_cli_member (builder, name);
  if (text)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static const char *
outcome_name (PlazaResponse *response)
{
  int outcome = plaza_response_get_outcome (response);

  return outcome < 0 ? NULL : plaza_outcome_name ((PlazaOutcome) outcome);
}

/* The members of a response, inside an object that the caller opened. */
static void
add_members (JsonBuilder *builder, PlazaResponse *response)
{
  add_text (builder, "id", plaza_response_get_id (response));
  add_text (builder, "folio", plaza_response_get_folio (response));
  add_text (builder, "mode", plaza_response_get_mode (response));
  add_text (builder, "session", plaza_response_get_session (response));
  add_text (builder, "state", plaza_response_state_name (plaza_response_get_state (response)));
  add_text (builder, "outcome", outcome_name (response));
  add_time (builder, "started", plaza_response_get_started_ms (response));
  add_time (builder, "ended", plaza_response_get_ended_ms (response));
  add_time (builder, "delivered", plaza_response_get_delivered_ms (response));
  json_builder_add_boolean_value (plaza_cli_member (builder, "voided"),
                                  plaza_response_get_voided (response));
  json_builder_add_boolean_value (plaza_cli_member (builder, "purged"),
                                  plaza_response_get_purged (response));
  add_text (builder, "problem", plaza_response_get_problem (response));
}

static void
print_line (PlazaResponse *response)
{
  const char *folio = plaza_response_get_folio (response);
  const char *outcome = outcome_name (response);

  g_print ("%s  %-15s  %s  %s%s\n", plaza_response_get_id (response), folio ? folio : "-",
           plaza_cli_word (plaza_response_state_name (plaza_response_get_state (response))),
           outcome ? plaza_cli_outcome_word (outcome) : "",
           plaza_response_get_voided (response) ? _ (" (void)") : "");
}

static gboolean
list (PlazaCli *cli, PlazaStore *store, const Options *options, GError **error)
{
  g_autoptr (PlazaResponseList) responses = plaza_response_list_new (store, 0, error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!responses)
    return FALSE;
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (responses)); i++)
    {
      g_autoptr (PlazaResponse) response = g_list_model_get_item (G_LIST_MODEL (responses), i);
      const char *state = plaza_response_state_name (plaza_response_get_state (response));

      if (options->state && !g_str_equal (options->state, state))
        continue;
      if (!cli->json)
        {
          print_line (response);
          continue;
        }
      json_builder_begin_object (builder);
      add_members (builder, response);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (cli->json)
    plaza_cli_emit (json_builder_get_root (builder));
  return TRUE;
}

static PlazaResponse *
find (PlazaStore *store, const char *name, GError **error)
{
  if (plaza_uuid_is_valid (name))
    return plaza_response_load (store, name, error);
  return plaza_response_find (store, name, error);
}

static gboolean
write_all (GBytes *bytes, GError **error)
{
  gsize left;
  const char *data = g_bytes_get_data (bytes, &left);

  while (left > 0)
    {
      gssize written = write (STDOUT_FILENO, data, left);
      if (written < 0)
        return plaza_throw (error, PLAZA_ERROR_FAILED, "writing the response");
      data += written;
      left -= (gsize) written;
    }
  return TRUE;
}

/* With --xml the exact submission, byte by byte, and nothing else. */
static gboolean
show (PlazaCli *cli, PlazaStore *store, const char *name, const Options *options, GError **error)
{
  g_autoptr (PlazaResponse) response = find (store, name, error);
  g_autoptr (PlazaRevision) revision = NULL;
  g_autoptr (GError) none = NULL;

  if (!response)
    return FALSE;
  revision = plaza_response_read (store, plaza_response_get_id (response), &none);
  if (!revision && (options->xml || !g_error_matches (none, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND)))
    {
      g_propagate_error (error, g_steal_pointer (&none));
      return FALSE;
    }
  if (options->xml)
    return write_all (revision->xml, error);

  gsize length = 0;
  const char *xml = revision ? g_bytes_get_data (revision->xml, &length) : NULL;
  g_autofree char *text = xml ? g_strndup (xml, length) : NULL;
  if (!cli->json)
    {
      print_line (response);
      if (text)
        g_print ("%s\n", text);
      return TRUE;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_members (builder, response);
  if (revision)
    {
      g_autofree char *hash = plaza_hash_to_string (&revision->hash);
      add_text (builder, "revision", revision->header.revision);
      add_text (builder, "parent", revision->header.parent);
      add_text (builder, "hash", hash);
    }
  add_text (builder, "xml", text);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
  return TRUE;
}

static gboolean
change (PlazaCli *cli,
        PlazaStore *store,
        const char *verb,
        const char *name,
        const Options *options,
        GError **error)
{
  g_autoptr (PlazaResponse) response = NULL;
  gboolean here = TRUE;

  if (g_str_equal (verb, "withdraw") && !plaza_uuid_is_valid (name))
    {
      if (!plaza_response_withdraw_folio (store, name, &here, error))
        return FALSE;
    }
  else
    {
      response = find (store, name, error);
      if (!response)
        return FALSE;
      const char *id = plaza_response_get_id (response);
      if (!(g_str_equal (verb, "void") ? plaza_response_void (store, id, options->reason, error)
                                       : plaza_response_withdraw (store, id, error)))
        return FALSE;
    }
  if (!cli->json)
    {
      g_print ("%s\n", here ? _ ("Done; the central is told with the next delivery.")
                            : _ ("It is not on this computer; the central is told."));
      return TRUE;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_add_boolean_value (plaza_cli_member (builder, "here"), here);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
  return TRUE;
}

int
plaza_command_response (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("response");
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  static const char *const verbs[] = { "list", "show", "void", "withdraw", NULL };
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_STRING, &options.state,
      N_ ("list: only draft, waiting, packed, delivered or refused"), N_ ("STATE") },
    { "xml", 0, 0, G_OPTION_ARG_NONE, &options.xml, N_ ("show: the exact submission alone"), NULL },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason,
      N_ ("void: test, duplicate, mistake, or your words"), N_ ("REASON") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, N_ ("list | show FOLIO|ID… | void|withdraw FOLIO|ID"), entries, &argc,
                        &argv))
    return PLAZA_EXIT_USAGE;
  if (argc < 2 || !g_strv_contains (verbs, argv[1]) ||
      (g_str_equal (argv[1], "list")   ? argc != 2
       : g_str_equal (argv[1], "show") ? argc < 3
                                       : argc != 3))
    return plaza_cli_usage (&cli, "%s",
                            _ ("say list, or show, void or withdraw with a folio or id"));
  if (g_str_equal (argv[1], "void") && !options.reason)
    return plaza_cli_usage (&cli, "%s", _ ("void needs --reason"));
  g_autoptr (PlazaProfile) profile = plaza_cli_open (&cli, &error);
  if (!profile)
    return plaza_cli_fail (&cli, error);
  PlazaStore *store = plaza_profile_get_store (profile);
  gboolean ok = TRUE;
  if (g_str_equal (argv[1], "list"))
    ok = list (&cli, store, &options, &error);
  else if (g_str_equal (argv[1], "show"))
    for (int i = 2; ok && i < argc; i++)
      {
        ok = show (&cli, store, argv[i], &options, &error);
        plaza_error_name_subject (&error, argv[i]);
      }
  else
    {
      ok = change (&cli, store, argv[1], argv[2], &options, &error);
      plaza_error_name_subject (&error, argv[2]);
    }
  int status = ok ? PLAZA_EXIT_OK : plaza_cli_fail (&cli, error);
  return plaza_cli_close (&cli, profile, status);
}

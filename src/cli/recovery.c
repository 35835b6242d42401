/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "base/file.h"
#include "store/recovery.h"

#define MAX_BYTES 4096u

typedef struct
{
  char *out;
  char *recovery_key;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->out);
  g_free (self->recovery_key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* A file of bytes, or of the lines that were read aloud. */
static GBytes *
read_message (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_BYTES, error);
  g_autofree char *text = NULL;
  gsize size;
  const char *data;

  GBytes *message;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  if (size >= 3 && memcmp (data, "PLZ", 3) == 0)
    return g_steal_pointer (&bytes);
  text = g_strndup (data, size);
  message = plaza_recovery_from_text (text, NULL, error);
  if (message == NULL)
    plaza_error_name_subject (error, path);
  return message;
}

static int
show (PlazaCli *cli, GBytes *message, const char *code, const char *out)
{
  g_autofree char *text = plaza_recovery_to_text (message);
  g_autoptr (GError) error = NULL;

  if (out != NULL && !plaza_file_write (out, message, &error))
    return plaza_cli_fail (cli, error);
  if (cli->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_add_string_value (plaza_cli_member (builder, "code"), code);
      json_builder_add_string_value (plaza_cli_member (builder, "text"), text);
      json_builder_end_object (builder);
      plaza_cli_emit (json_builder_get_root (builder));
      return PLAZA_EXIT_OK;
    }
  g_print ("%s\n\n", text);
  /* Translators: a short code that two people compare by voice */
  g_print (_ ("Both screens must show the same code: %s\n"), code);
  return PLAZA_EXIT_OK;
}

static int
ask (PlazaCli *cli, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = plaza_cli_find_profile (cli, &error);
  g_autoptr (GBytes) request = profile != NULL ? plaza_recovery_ask (profile, &error) : NULL;
  g_autofree char *code = NULL;

  if (request == NULL)
    return plaza_cli_fail (cli, error);
  code = plaza_recovery_code (request);
  return show (cli, request, code, options->out);
}

static int
answer (PlazaCli *cli, const Options *options, const char *path)
{
  g_autofree char *root = plaza_data_root ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (PlazaSecret) recovery = NULL;
  g_autofree char *code = NULL;

  if (options->recovery_key == NULL)
    return plaza_cli_usage (cli, "%s", _ ("--recovery-key is needed to answer"));
  request = read_message (path, &error);
  if (request != NULL)
    recovery = plaza_recovery_key_load (options->recovery_key, NULL, &error);
  if (recovery != NULL)
    message = plaza_recovery_give (root, request, recovery, &error);
  if (message == NULL)
    return plaza_cli_fail (cli, error);
  code = plaza_recovery_code (request);
  return show (cli, message, code, options->out);
}

static int
finish (PlazaCli *cli, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = plaza_cli_find_profile (cli, &error);
  g_autoptr (GBytes) message = profile != NULL ? read_message (path, &error) : NULL;
  char *passphrase;
  gboolean ok;

  if (message == NULL)
    return plaza_cli_fail (cli, error);
  if (!plaza_recovery_check (profile, message, &error))
    {
      if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
        {
          g_clear_error (&error);
          plaza_throw_words (&error, PLAZA_ERROR_NOT_FOUND, "%s",
                             _ ("This profile waits for no answer: begin with “plazactl recovery "
                                "ask”"));
        }
      return plaza_cli_fail (cli, error);
    }
  passphrase = plaza_cli_passphrase (cli, TRUE, &error);
  if (passphrase == NULL)
    return plaza_cli_fail (cli, error);
  ok = plaza_recovery_finish (profile, message, passphrase, &error) &&
       plaza_profile_unlock (profile, passphrase, &error);
  plaza_secret_wipe_string (passphrase);
  if (!ok)
    return plaza_cli_fail (cli, error);
  if (!cli->json)
    g_print ("%s\n", _ ("The profile has its new passphrase, and its key was exchanged."));
  return plaza_cli_close (cli, profile, PLAZA_EXIT_OK);
}

static int
forget (PlazaCli *cli)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = plaza_cli_find_profile (cli, &error);

  if (profile == NULL || !plaza_recovery_forget (profile, &error))
    return plaza_cli_fail (cli, error);
  return PLAZA_EXIT_OK;
}

int
plaza_command_recovery (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("recovery");
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
      N_ ("Write the request or the answer to this file too"), N_ ("FILE") },
    { "recovery-key", 0, 0, G_OPTION_ARG_FILENAME, &options.recovery_key,
      N_ ("The campaign's recovery key"), N_ ("FILE") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, N_ ("ask | answer REQUEST | finish ANSWER | forget"), entries, &argc,
                        &argv))
    return PLAZA_EXIT_USAGE;
  if (argc == 2 && g_str_equal (argv[1], "ask"))
    return ask (&cli, &options);
  if (argc == 3 && g_str_equal (argv[1], "answer"))
    return answer (&cli, &options, argv[2]);
  if (argc == 3 && g_str_equal (argv[1], "finish"))
    return finish (&cli, argv[2]);
  if (argc == 2 && g_str_equal (argv[1], "forget"))
    return forget (&cli);
  return plaza_cli_usage (&cli, "%s",
                          _ ("say ask, answer and a file, finish and a file, or forget"));
}

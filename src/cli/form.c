/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

/* plazactl form check | play | xpath: what the author of a questionnaire needs. */

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/form-play.h"
#include "form/interview.h"
#include "form/xpath.h"

#define MAX_FORM (64u * 1024 * 1024)

/* The files a form names: in the folders given, else beside the form. */
static PlazaMedia *
open_media (const char *path, char **folders)
{
  PlazaMedia *media = plaza_media_new ();

  for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
    plaza_media_add_directory (media, folders[i]);
  g_autofree char *beside = g_path_get_dirname (path);
  if (folders == NULL)
    plaza_media_add_directory (media, beside);
  return media;
}

static PlazaForm *
load (const char *path, char **folders, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_FORM, error);
  g_autoptr (PlazaMedia) media = open_media (path, folders);
  PlazaForm *form = bytes != NULL ? plaza_form_new (bytes, media, NULL, error) : NULL;

  if (form == NULL)
    plaza_error_name_subject (error, path);
  return form;
}

static int
check (PlazaCli *cli, const char *path, char **folders)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form = load (path, folders, &error);
  g_autoptr (PlazaInterview) interview =
      form != NULL ? plaza_interview_new (form, NULL, &error) : NULL;
  guint questions = 0;

  if (interview == NULL)
    return plaza_cli_fail (cli, error);
  for (guint i = 0; i < plaza_form_get_n_nodes (form); i++)
    questions += plaza_model_node_get_control (plaza_form_get_node (form, i)) != PLAZA_CONTROL_NONE;
  const GError *problem = plaza_interview_get_problem (interview);
  if (problem != NULL)
    return plaza_cli_fail (cli, problem);
  const char *const *languages = plaza_form_get_languages (form);
  const char *const *warnings = plaza_form_get_warnings (form);
  if (!cli->json)
    {
      g_autofree char *list = g_strjoinv (", ", (char **) languages);
      g_print ("%s\n%s %s · %s\n", plaza_form_get_title (form), plaza_form_get_id (form),
               plaza_form_get_version (form), list);
      g_print (ngettext ("%u question\n", "%u questions\n", questions), questions);
      for (guint i = 0; warnings[i] != NULL; i++)
        g_printerr (_ ("Without effect: %s\n"), warnings[i]);
      return PLAZA_EXIT_OK;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "id"), plaza_form_get_id (form));
  json_builder_add_string_value (plaza_cli_member (builder, "version"),
                                 plaza_form_get_version (form));
  json_builder_add_string_value (plaza_cli_member (builder, "title"), plaza_form_get_title (form));
  json_builder_begin_array (plaza_cli_member (builder, "languages"));
  for (guint i = 0; languages[i] != NULL; i++)
    json_builder_add_string_value (builder, languages[i]);
  json_builder_end_array (builder);
  json_builder_begin_array (plaza_cli_member (builder, "warnings"));
  for (guint i = 0; warnings[i] != NULL; i++)
    json_builder_add_string_value (builder, warnings[i]);
  json_builder_end_array (builder);
  json_builder_add_int_value (plaza_cli_member (builder, "nodes"), plaza_form_get_n_nodes (form));
  json_builder_add_int_value (plaza_cli_member (builder, "questions"), questions);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
  return PLAZA_EXIT_OK;
}

static int
play (PlazaCli *cli, const char *path, char **folders, const char *language, const char *submission)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form = load (path, folders, &error);
  g_autoptr (GBytes) xml = NULL;
  PlazaInterviewContext context = { .language = language };

  if (form == NULL)
    return plaza_cli_fail (cli, error);
  if (language != NULL && plaza_form_find_language (form, language) == NULL)
    {
      plaza_throw_words (&error, PLAZA_ERROR_NOT_FOUND, _ ("The form has no language “%s”"),
                         language);
      return plaza_cli_fail (cli, error);
    }
  if (submission != NULL && (xml = plaza_file_read (submission, MAX_FORM, &error)) == NULL)
    return plaza_cli_fail (cli, error);
  g_autoptr (PlazaInterview) interview =
      xml != NULL ? plaza_interview_new_from_submission (form, xml, TRUE, &context, &error)
                  : plaza_interview_new (form, &context, &error);
  if (interview == NULL || !plaza_form_play (interview, &error))
    return plaza_cli_fail (cli, error);
  return PLAZA_EXIT_OK;
}

static int
xpath (PlazaCli *cli, const char *path, const char *expression, const char *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_FORM, &error);
  gsize length = 0;

  if (bytes == NULL)
    return plaza_cli_fail (cli, error);
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text =
      plaza_xpath_describe (data != NULL ? data : "", (gssize) length, expression, context, &error);
  if (text == NULL)
    return plaza_cli_fail (cli, error);
  g_print ("%s", text);
  return PLAZA_EXIT_OK;
}

int
plaza_command_form (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("form");
  g_auto (GStrv) folders = NULL;
  g_autofree char *language = NULL;
  g_autofree char *submission = NULL;
  g_autofree char *context = NULL;
  const GOptionEntry entries[] = {
    { "media", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &folders,
      N_ ("Where the form's files are (may be repeated; else beside the form)"), N_ ("DIR") },
    { "language", 0, 0, G_OPTION_ARG_STRING, &language, N_ ("Language of the texts"),
      N_ ("LANGUAGE") },
    { "submission", 0, 0, G_OPTION_ARG_FILENAME, &submission,
      N_ ("Start from this submission, as a correction"), N_ ("FILE") },
    { "context", 0, 0, G_OPTION_ARG_STRING, &context, N_ ("Where an expression is evaluated"),
      N_ ("REF") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, N_ ("check FORM | play FORM | xpath DOCUMENT EXPRESSION"), entries,
                        &argc, &argv))
    return PLAZA_EXIT_USAGE;
  /* Whoever writes a questionnaire needs the line and the element, in whatever language. */
  cli.verbose = TRUE;
  const char *what = argc > 1 ? argv[1] : "";
  if (argc == 3 && g_str_equal (what, "check"))
    return check (&cli, argv[2], folders);
  if (argc == 3 && g_str_equal (what, "play"))
    return play (&cli, argv[2], folders, language, submission);
  if (argc == 4 && g_str_equal (what, "xpath"))
    return xpath (&cli, argv[2], argv[3], context);
  return plaza_cli_usage (&cli, "%s", _ ("say “check”, “play” or “xpath”, and the file"));
}

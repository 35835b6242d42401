/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/file.h"
#include "seal/secret.h"
#include "store/joining.h"
#include "sync/join.h"

#define MAX_JOIN_FILE (64 * 1024)
#define MAX_CODE_FILE 1024
/* 80 bits, five a sign, and the check. */
#define CODE_SIGNS (PLAZA_JOIN_CODE_SIZE * 8u / 5 + 1)

/* Groups of a code, as the slip shows it. */
#define GROUP 4u

/* Which part of a mistyped code to compare with the slip. (transfer full) */
static char *
words_for_code (const char *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text, "- \t\r\n", -1);
  guint signs = 0;
  guint part = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (*parts[i] == '\0')
        continue;
      part++;
      for (const char *p = parts[i]; *p != '\0'; p = g_utf8_next_char (p), signs++)
        if (!g_ascii_isalnum (*p) && strchr ("*~$=", *p) == NULL)
          return g_strdup_printf (_ ("No code has the sign “%.*s”. Compare part %u of it with the "
                                     "slip"),
                                  (int) (g_utf8_next_char (p) - p), p,
                                  MAX (part, signs / GROUP + 1));
    }
  if (signs != CODE_SIGNS)
    return g_strdup_printf (
        _ ("The code of a slip has %u signs and this one has %u. Compare it with "
           "the slip, part by part"),
        CODE_SIGNS, signs);
  return g_strdup (_ ("This is not the code of the slip: its last sign is a check, and it does not "
                      "fit the others. Compare it part by part; one sign was changed, or two were "
                      "swapped"));
}

static PlazaJoinLink *
read_code (const char *code, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (code, -1);
  PlazaJoinLink *link = plaza_join_link_parse (valid, NULL);
  g_autofree char *words = NULL;

  if (link != NULL)
    return link;
  words = words_for_code (valid);
  plaza_throw_words (error, PLAZA_ERROR_INVALID, "%s", words);
  return NULL;
}

/* What came by mail may be cut. */
static PlazaJoinLink *
read_whole (const char *text, const char *from, GError **error)
{
  PlazaJoinLink *link = plaza_join_link_parse (text, error);

  if (link != NULL || !g_error_matches (*error, PLAZA_ERROR, PLAZA_ERROR_INVALID))
    return link;
  g_debug ("%s", (*error)->message);
  g_clear_error (error);
  if (from == NULL)
    plaza_throw_words (error, PLAZA_ERROR_INVALID, "%s",
                       _ ("The join link is not whole: copy all of it from the invitation"));
  else
    plaza_throw_words (
        error, PLAZA_ERROR_INVALID,
        _ ("%s is no join file, or not a whole one: copy it again, or use the code of "
           "the slip"),
        from);
  return NULL;
}

/* A join file, or one that has nothing but a code. */
static PlazaJoinLink *
read_link_file (const char *path, gsize max_bytes, gboolean is_code, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, max_bytes, error);
  if (!bytes)
    return NULL;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_strndup (data, length);
  PlazaJoinLink *link = is_code ? read_code (text, error) : read_whole (text, path, error);
  explicit_bzero (text, length);
  return link;
}

static PlazaJoinLink *
read_link (const char *argument, const char *code, const char *code_file, GError **error)
{
  if (code)
    return read_code (code, error);
  if (code_file)
    return read_link_file (code_file, MAX_CODE_FILE, TRUE, error);
  if (g_str_has_prefix (argument, "plaza:"))
    return read_whole (argument, NULL, error);
  return read_link_file (argument, MAX_JOIN_FILE, FALSE, error);
}

/* What to say where the error alone says too little. */
static const char *
words_for_verdict (PlazaJoinKitVerdict verdict)
{
  switch (verdict)
    {
    case PLAZA_JOIN_KIT_NO_FOLDER:
      return _ ("The folder cannot be opened.");
    case PLAZA_JOIN_KIT_NO_PACKAGE:
      return _ ("There is no campaign in this folder.");
    case PLAZA_JOIN_KIT_DAMAGED:
      return _ ("The campaign or its invitations in this folder are damaged: copy them again.");
    case PLAZA_JOIN_KIT_FOREIGN:
      return _ ("The folder has another campaign than the invitation is for.");
    case PLAZA_JOIN_KIT_NO_INVITATIONS:
      return _ ("The folder has the campaign but no invitations for it.");
    case PLAZA_JOIN_KIT_CODE_UNKNOWN:
      return _ ("The invitations in this folder do not have this code.");
    case PLAZA_JOIN_KIT_CODE_EXPIRED:
      return _ ("The time of this code is over, by this computer's date. Ask for a new one.");
    case PLAZA_JOIN_KIT_CODE_HERE:
      return _ ("Another profile of this computer joined with this code. Ask for one of your own.");
    case PLAZA_JOIN_KIT_GOOD:
    default:
      return NULL;
    }
}

static const char *
words_for_error (PlazaJoin *join, const GError *error)
{
  const char *words = words_for_verdict (plaza_join_get_verdict (join));

  if (words == NULL && g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) &&
      plaza_error_get_words (error) == NULL)
    return _ (
        "The central database does not take this code: it is unknown, out of date or was used "
        "on another laptop. Ask your coordination for a new one.");
  return words;
}

/* A package that lies beside its invitations is as good as their folder. */
static char *
kit_folder (const char *package)
{
  g_autofree char *folder = NULL;
  g_auto (GStrv) lists = NULL;

  if (!package || g_file_test (package, G_FILE_TEST_IS_DIR))
    return g_strdup (package);
  folder = g_path_get_dirname (package);
  lists = plaza_dir_list (folder, PLAZA_JOIN_KIT_INVITATIONS, NULL);
  return lists && *lists ? g_steal_pointer (&folder) : NULL;
}

static void
report (PlazaCli *cli, PlazaProfile *profile)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (profile);
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (profile);

  if (!cli->json)
    {
      g_autofree char *fingerprint = plaza_base32_group (campaign->fingerprint, 4);
      g_print (_ ("Joined “%s” as “%s”.\n"), campaign->title, plaza_profile_get_name (profile));
      if (campaign->practice)
        g_print ("%s\n", _ ("This is practice: nothing in it counts."));
      g_print (_ ("Campaign: %s\nFolios of this computer: %s\n"), fingerprint, enrolment->batch);
      if (plaza_profile_get_registration_state (profile, NULL) != PLAZA_REGISTERED)
        g_print ("%s\n", _ ("Registered at the central: not yet. That happens by itself with the "
                            "first delivery, by network or USB."));
      return;
    }
  const char *const members[][2] = {
    { "profile", plaza_profile_get_id (profile) },
    { "name", plaza_profile_get_name (profile) },
    { "campaign", campaign->fingerprint },
    { "title", campaign->title },
    { "device", enrolment->device },
    { "batch", enrolment->batch },
    { "organisation", enrolment->organisation },
    { "person", enrolment->person },
    { "role", enrolment->role },
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    json_builder_add_string_value (plaza_cli_member (builder, members[i][0]), members[i][1]);
  json_builder_add_boolean_value (plaza_cli_member (builder, "practice"), campaign->practice);
  json_builder_add_boolean_value (plaza_cli_member (builder, "registered"),
                                  plaza_profile_get_registration_state (profile, NULL) ==
                                      PLAZA_REGISTERED);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

/* What failed may be this computer's date and not the network. */
static void
tell_clock (PlazaJoin *join, GError **error)
{
  gboolean doubt = FALSE;

  g_object_get (join, "clock-doubt", &doubt, NULL);
  if (!doubt)
    return;
  PlazaError code =
      (*error)->domain == PLAZA_ERROR ? (PlazaError) (*error)->code : PLAZA_ERROR_PORTAL;
  g_clear_error (error);
  plaza_throw_words (error, code, "%s",
                     _ ("Check the date of this computer: it does not fit the central's"));
}

static PlazaProfile *
run_join (PlazaCli *cli, PlazaJoin *join, const char *name, GError **error)
{
  g_autoptr (GAsyncResult) prepared = NULL;
  g_autoptr (GAsyncResult) joined = NULL;

  plaza_join_prepare_async (join, NULL, plaza_cli_done, &prepared);
  plaza_cli_wait (&prepared);
  if (!plaza_join_prepare_finish (join, prepared, error))
    {
      tell_clock (join, error);
      return NULL;
    }
  if (!cli->json)
    {
      PlazaCampaign *campaign = plaza_join_get_campaign (join);
      const PlazaInvitation *invitation = plaza_join_get_invitation (join);
      g_autofree char *fingerprint = plaza_base32_group (campaign->fingerprint, 4);

      g_print (_ ("Campaign: %s\n"), campaign->title);
      if (invitation)
        g_print (_ ("Invitation for: %s\nCompare with your slip: %s\n"), invitation->person,
                 fingerprint);
    }

  char *passphrase = plaza_cli_passphrase (cli, TRUE, error);
  if (!passphrase)
    return NULL;
  plaza_join_run_async (join, name, passphrase, NULL, plaza_cli_done, &joined);
  plaza_secret_wipe_string (passphrase);
  plaza_cli_wait (&joined);
  return plaza_join_run_finish (join, joined, error);
}

int
plaza_command_join (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("join");
  g_autofree char *code = NULL;
  g_autofree char *code_file = NULL;
  g_autofree char *package_file = NULL;
  g_autofree char *name = NULL;
  g_autofree char *root = plaza_data_root ();
  g_autoptr (GBytes) package = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "code", 0, 0, G_OPTION_ARG_STRING, &code, N_ ("The code alone, with --package"),
      N_ ("CODE") },
    { "code-file", 0, 0, G_OPTION_ARG_FILENAME, &code_file,
      N_ ("As --code, the first line of a file"), N_ ("FILE") },
    { "package", 0, 0, G_OPTION_ARG_FILENAME, &package_file,
      N_ ("A campaign package brought by hand, or a folder with it and its invitations: joins "
          "without a connection"),
      N_ ("FILE|DIR") },
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, N_ ("Name of the new profile"), N_ ("NAME") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, _ ("LINK|FILE"), entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (code && code_file)
    return plaza_cli_usage (&cli, "%s", _ ("give --code or --code-file, not both"));
  if (code || code_file ? argc != 1 || !package_file : argc != 2)
    return plaza_cli_usage (
        &cli, "%s", _ ("give a join link or file, or --code CODE with --package FILE or DIR"));

  g_autofree char *folder = kit_folder (package_file);
  if (package_file && !folder)
    {
      package = plaza_file_read (package_file, PLAZA_CAMPAIGN_MAX_BYTES, &error);
      if (!package)
        return plaza_cli_fail (&cli, error);
    }
  g_autoptr (PlazaJoinLink) link = read_link (argv[1], code, code_file, &error);
  if (!link)
    return plaza_cli_fail (&cli, error);
  g_autoptr (PlazaJoin) join = plaza_join_new (root, link, package);
  plaza_join_set_folder (join, folder);
  g_autoptr (PlazaProfile) profile =
      run_join (&cli, join, name ? name : g_get_user_name (), &error);
  if (!profile)
    {
      const char *words = words_for_error (join, error);
      PlazaError code_of = error->domain == PLAZA_ERROR ? (PlazaError) error->code : 0;

      if (words)
        {
          g_clear_error (&error);
          plaza_throw_words (&error, code_of, "%s", words);
        }
      return plaza_cli_fail (&cli, error);
    }
  report (&cli, profile);
  return plaza_cli_close (&cli, profile, PLAZA_EXIT_OK);
}

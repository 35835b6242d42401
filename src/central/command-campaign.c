/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "central/command.h"
#include "central/package-renew.h"

#define MAX_SETTINGS (1024 * 1024)

typedef struct
{
  char *form;
  char *media;
  char *title;
  char *settings;
  char *keys;
  char *new_keys;
  char *key;
  char *out;
  char *from;
  char *asking_ends;
  char *keying_ends;
  char **organisations;
  char **revoke;
  gint64 serial;
  gboolean practice;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->form);
  g_free (options->media);
  g_free (options->title);
  g_free (options->settings);
  g_free (options->keys);
  g_free (options->new_keys);
  g_free (options->key);
  g_free (options->out);
  g_free (options->from);
  g_free (options->asking_ends);
  g_free (options->keying_ends);
  g_strfreev (options->organisations);
  g_strfreev (options->revoke);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
read_settings (const char *path, JsonObject **out, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (path == NULL)
    return TRUE;
  bytes = plaza_file_read (path, MAX_SETTINGS, error);
  *out = bytes != NULL ? plaza_json_parse_object (bytes, NULL, error) : NULL;
  if (*out == NULL)
    plaza_error_name_subject (error, path);
  return *out != NULL;
}

static void
tell_unsigned (PlazaCentralCli *cli, const Options *options, gboolean has_dictionary)
{
  JsonObject *object;

  if (!cli->json)
    {
      g_print (_ ("The unsigned campaign is in %s. Read its manifest.json before signing.\n"),
               options->out);
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "unsigned", options->out);
  json_object_set_boolean_member (object, "dictionary", has_dictionary);
  plaza_central_cli_emit (object);
}

/* A newer package of a campaign. It needs no central: whoever has the campaign key signs it. */
static gboolean
renew (PlazaCentralCli *cli, const Options *options, GError **error)
{
  g_autoptr (JsonObject) settings = NULL;
  g_autofree char *warning = NULL;
  PlazaPackageRenewal renewal = {
    .from = options->from,
    .serial = options->serial,
    .form = options->form,
    .media = options->media,
    .asking_ends = options->asking_ends,
    .keying_ends = options->keying_ends,
    .revoke = (const char *const *) options->revoke,
    .organisations = (const char *const *) options->organisations,
  };

  if (!read_settings (options->settings, &settings, error))
    return FALSE;
  renewal.settings = settings;
  if (!plaza_package_renew (&renewal, options->out, &warning, error))
    return FALSE;
  if (warning != NULL)
    g_printerr ("%s\n", warning);
  tell_unsigned (cli, options, TRUE);
  return TRUE;
}

static gboolean
build (PlazaCentralCli *cli, const Options *options, GError **error)
{
  g_autoptr (PlazaCentral) central = plaza_central_cli_open (cli, error);
  g_autoptr (JsonObject) settings = NULL;
  g_autofree char *warning = NULL;
  PlazaPackageSources sources = {
    .form = options->form,
    .media = options->media,
    .keys = options->new_keys != NULL ? options->new_keys : options->keys,
    .title = options->title,
    .organisations = (const char *const *) options->organisations,
    .serial = options->serial,
  };

  if (central == NULL || !read_settings (options->settings, &settings, error))
    return FALSE;
  sources.settings = settings;
  if (options->practice != central->practice)
    return plaza_throw_words (error, PLAZA_ERROR_REFUSED,
                              options->practice
                                  ? _ ("a practice campaign belongs in a practice central")
                                  : _ ("this is a practice central: say --practice"));
  if (options->new_keys != NULL && !plaza_package_new_keys (options->new_keys, error))
    return FALSE;
  if (!plaza_package_build (central, &sources, options->out, &warning, error))
    return FALSE;
  if (options->new_keys != NULL)
    {
      g_printerr (
          _ ("New keys are in %s. Take them off the server: the custody key opens contact "
             "details, the recovery key opens lost laptops, the campaign key speaks for the "
             "campaign."),
          options->new_keys);
      g_printerr ("\n");
    }
  if (warning != NULL)
    g_printerr (_ ("No compression dictionary: %s\n"), warning);
  tell_unsigned (cli, options, warning == NULL);
  return TRUE;
}

static void
tell_campaign (PlazaCentralCli *cli, const PlazaCampaign *campaign)
{
  JsonObject *object;

  if (!cli->json)
    {
      g_print ("%s  %s%s\n", campaign->fingerprint, campaign->title,
               campaign->practice ? _ ("  (practice)") : "");
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "fingerprint", campaign->fingerprint);
  json_object_set_string_member (object, "title", campaign->title);
  json_object_set_boolean_member (object, "practice", campaign->practice);
  json_object_set_int_member (object, "serial", campaign->serial);
  plaza_central_cli_emit (object);
}

static gboolean
install_bytes (PlazaCentralCli *cli, GBytes *package, GError **error)
{
  g_autoptr (PlazaCentral) central = plaza_central_cli_open (cli, error);
  g_autoptr (PlazaCampaign) campaign = NULL;

  if (central == NULL || !plaza_central_install (central, package, error) ||
      (campaign = plaza_campaign_parse (package, NULL, error)) == NULL)
    return FALSE;
  tell_campaign (cli, campaign);
  return TRUE;
}

static gboolean
sign (PlazaCentralCli *cli, const Options *options, const char *source, GError **error)
{
  g_autoptr (GBytes) package = plaza_package_sign (source, options->key, error);
  g_autoptr (PlazaCampaign) campaign = NULL;

  if (package == NULL || (options->out != NULL && !plaza_file_write (options->out, package, error)))
    return FALSE;
  if (options->out == NULL)
    return install_bytes (cli, package, error);
  campaign = plaza_campaign_parse (package, NULL, error);
  if (campaign == NULL)
    return FALSE;
  tell_campaign (cli, campaign);
  return TRUE;
}

static gboolean
install (PlazaCentralCli *cli, const char *path, GError **error)
{
  g_autoptr (GBytes) package = plaza_file_read (path, PLAZA_CAMPAIGN_MAX_BYTES, error);

  return package != NULL && install_bytes (cli, package, error);
}

static gboolean
list (PlazaCentralCli *cli, GError **error)
{
  g_autoptr (PlazaCentral) central = plaza_central_cli_open (cli, error);
  g_autoptr (GPtrArray) campaigns = central != NULL ? plaza_central_campaigns (central) : NULL;

  for (guint i = 0; campaigns != NULL && i < campaigns->len; i++)
    tell_campaign (cli, g_ptr_array_index (campaigns, i));
  return central != NULL;
}

/* What of that which is given for build does not go together, or NULL. */
static const char *
find_build_trouble (const Options *options)
{
  if (options->out == NULL)
    return _ ("build needs --out: the folder to make");
  if (options->from != NULL)
    return options->keys == NULL && options->new_keys == NULL && options->title == NULL
               ? NULL
               : _ ("with --from the campaign keeps its keys and its title: leave out --keys, "
                    "--new-keys and --title");
  if (options->asking_ends != NULL || options->keying_ends != NULL || options->revoke != NULL)
    return _ ("--asking-ends, --keying-ends and --revoke change a package: name it with --from");
  if (options->form == NULL)
    return _ ("build needs --form, or --from for a newer package of a campaign");
  return (options->keys == NULL) != (options->new_keys == NULL)
             ? NULL
             : _ ("a new campaign needs either --new-keys or --keys");
}

int
plaza_central_command_campaign (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  const char *what;
  gboolean done;
  const GOptionEntry entries[] = {
    { "form", 0, 0, G_OPTION_ARG_FILENAME, &options.form, N_ ("build: the XForm"), N_ ("FILE") },
    { "media", 0, 0, G_OPTION_ARG_FILENAME, &options.media,
      N_ ("build: folder of the files the form names"), N_ ("DIR") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &options.title, N_ ("build: instead of the form's title"),
      N_ ("TEXT") },
    { "organisation", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.organisations,
      N_ ("build: one that takes part; may be given several times"), N_ ("ID=NAME") },
    { "practice", 0, 0, G_OPTION_ARG_NONE, &options.practice, N_ ("build: a practice campaign"),
      NULL },
    { "settings", 0, 0, G_OPTION_ARG_FILENAME, &options.settings,
      N_ ("build: JSON with further members of the manifest"), N_ ("FILE") },
    { "new-keys", 0, 0, G_OPTION_ARG_FILENAME, &options.new_keys,
      N_ ("build: make the campaign, custody and recovery keys here"), N_ ("DIR") },
    { "keys", 0, 0, G_OPTION_ARG_FILENAME, &options.keys, N_ ("build: use the keys that are here"),
      N_ ("DIR") },
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &options.from,
      N_ ("build: a newer package of the campaign of this one; only what is given changes"),
      N_ ("PACKAGE") },
    { "serial", 0, 0, G_OPTION_ARG_INT64, &options.serial,
      N_ ("build: number of the package (default: one more than the one before)"), "N" },
    { "revoke", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.revoke,
      N_ ("build --from: take a device out of use; may be given several times"), N_ ("DEVICE") },
    { "asking-ends", 0, 0, G_OPTION_ARG_STRING, &options.asking_ends,
      N_ ("build --from: last day of asking; empty for none"), N_ ("DATE") },
    { "keying-ends", 0, 0, G_OPTION_ARG_STRING, &options.keying_ends,
      N_ ("build --from: last day of keying sheets; empty for none"), N_ ("DATE") },
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &options.key, N_ ("sign: the campaign key"),
      N_ ("FILE") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
      N_ ("build: the folder to make; sign: the package to write instead of taking it in"),
      N_ ("PATH") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("build | sign UNSIGNED | install PACKAGE | list"),
                                entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  what = argc > 1 ? argv[1] : "";
  if (strcmp (what, "build") == 0)
    {
      const char *trouble = argc != 2 || options.serial < 0 ? _ ("nothing more is expected")
                                                            : find_build_trouble (&options);

      if (trouble != NULL)
        return plaza_central_cli_usage (trouble);
      done = options.from != NULL ? renew (&cli, &options, &error) : build (&cli, &options, &error);
    }
  else if (strcmp (what, "sign") == 0)
    {
      if (argc != 3 || options.key == NULL)
        return plaza_central_cli_usage (_ ("sign needs the unsigned campaign and --key"));
      done = sign (&cli, &options, argv[2], &error);
    }
  else if (strcmp (what, "install") == 0 && argc == 3)
    done = install (&cli, argv[2], &error);
  else if (strcmp (what, "list") == 0 && argc == 2)
    done = list (&cli, &error);
  else
    return plaza_central_cli_usage (
        _ ("campaign needs build, sign UNSIGNED, install PACKAGE or list"));
  return done ? PLAZA_CENTRAL_EXIT_OK : plaza_central_cli_fail (&cli, error);
}

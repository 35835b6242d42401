/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "cli/bulk.h"
#include "cli/unreadable.h"
#include "store/recovery.h"
#include "store/rescue.h"

typedef struct
{
  char *recovery_key;
  char *new_passphrase;
  char *save_to;
  gboolean to_data_root;
  gboolean deliver;
  gboolean end_drafts;
  gboolean bring;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->recovery_key);
  g_free (self->new_passphrase);
  g_free (self->save_to);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_count (JsonBuilder *builder, const char *name, guint value)
{
  json_builder_add_int_value (plaza_cli_member (builder, name), value);
}

static void
add_flag (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_add_boolean_value (plaza_cli_member (builder, name), value);
}

static void
add_profile (JsonBuilder *builder, const PlazaRescueProfile *profile)
{
  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "path"), profile->path);
  json_builder_add_string_value (plaza_cli_member (builder, "id"), profile->id);
  json_builder_add_string_value (plaza_cli_member (builder, "name"), profile->name);
  add_flag (builder, "keyfile", profile->has_keyfile);
  add_flag (builder, "database", profile->has_database);
  add_flag (builder, "repaired", profile->repaired);
  add_flag (builder, "opened", profile->opened);
  add_flag (builder, "brought", profile->brought);
  add_count (builder, "drafts", profile->drafts);
  add_count (builder, "ended", profile->ended);
  add_count (builder, "unsealed", profile->unsealed);
  add_count (builder, "contacts", profile->contacts);
  add_count (builder, "sealed", profile->sealed);
  plaza_cli_member (builder, "unreadable");
  plaza_cli_unreadable_add (builder, &profile->unreadable);
  json_builder_begin_array (plaza_cli_member (builder, "folios"));
  for (guint i = 0; i < profile->folios->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (profile->folios, i));
  json_builder_end_array (builder);
  plaza_cli_member (builder, "problem");
  if (profile->problem != NULL)
    json_builder_add_string_value (builder, profile->problem);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
}

static const char *
words_for_problem (const PlazaRescueProfile *profile)
{
  switch (profile->problem_code)
    {
    case PLAZA_ERROR_NOT_FOUND:
      return _ ("this computer does not know its consultation: join it here, or name the folder "
                "above, which has “campaigns” in it");
    case PLAZA_ERROR_PASSPHRASE:
      return _ ("the key given is not the recovery key of its consultation");
    case PLAZA_ERROR_EXISTS:
      return _ ("it is a profile of this computer already");
    default:
      return profile->problem;
    }
}

static void
print_profile (const PlazaRescueProfile *profile)
{
  g_print ("\n%s\n", *profile->name != '\0' ? profile->name : profile->path);
  if (profile->repaired)
    g_print (_ ("  The database was damaged; rows still readable: %u, from a copy: %u.\n"),
             profile->repair.rows_kept, profile->repair.rows_restored);
  if (profile->repair.pools_lost > 0)
    g_print (_ ("  Lists of contacts that are lost or cannot be read: %u.\n"),
             profile->repair.pools_lost);
  if (!profile->has_database)
    g_print ("%s\n", _ ("  Nothing could be read of its database."));
  if (profile->sealed > 0)
    g_print (_ ("  Envelopes made of what waited: %u.\n"), profile->sealed);
  if (profile->unsealed > 0 && !profile->brought)
    g_print (_ ("  Waiting without an envelope: %u; the recovery key takes them along.\n"),
             profile->unsealed);
  if (profile->contacts > 0 && !profile->brought)
    g_print (
        _ ("  Contacts may be here too; only the recovery key tells, and takes them along.\n"));
  plaza_cli_unreadable_print (&profile->unreadable);
  if (profile->drafts > 0)
    g_print (_ ("  Unfinished interviews: %u, ended as partial now: %u.\n"), profile->drafts,
             profile->ended);
  for (guint i = 0; i < profile->folios->len; i++)
    g_print ("    %s\n", (const char *) g_ptr_array_index (profile->folios, i));
  if (profile->brought)
    g_print ("%s\n", _ ("  It is a profile of this computer now."));
  if (profile->problem != NULL)
    g_print (_ ("  Not more, because: %s\n"), words_for_problem (profile));
}

static void
report (PlazaCli *cli, const PlazaRescueReport *rescue)
{
  if (!cli->json)
    {
      g_print (_ ("Sealed envelopes found: %u = taken along %u + here already %u + delivered "
                  "before %u + of no use %u\n"),
               rescue->found, rescue->taken, rescue->here, rescue->delivered, rescue->refused);
      if (rescue->foreign > 0)
        g_print (_ ("Of a consultation that this computer does not know: %u. They are not lost: "
                    "join that consultation here, or rescue them where it is known.\n"),
                 rescue->foreign);
      for (guint i = 0; i < rescue->profiles->len; i++)
        print_profile (g_ptr_array_index (rescue->profiles, i));
      return;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_count (builder, "found", rescue->found);
  add_count (builder, "taken", rescue->taken);
  add_count (builder, "here", rescue->here);
  add_count (builder, "delivered", rescue->delivered);
  add_count (builder, "refused", rescue->refused);
  add_count (builder, "foreign", rescue->foreign);
  add_count (builder, "receipts", rescue->receipts);
  add_count (builder, "registrations", rescue->registrations);
  json_builder_begin_array (plaza_cli_member (builder, "profiles"));
  for (guint i = 0; i < rescue->profiles->len; i++)
    add_profile (builder, g_ptr_array_index (rescue->profiles, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

/* Something was found that could not be saved whole. */
static gboolean
is_partial (const PlazaRescueReport *rescue)
{
  gboolean partial = rescue->refused > 0;

  for (guint i = 0; i < rescue->profiles->len; i++)
    {
      const PlazaRescueProfile *profile = g_ptr_array_index (rescue->profiles, i);

      partial = partial || profile->problem != NULL || !profile->has_database ||
                profile->repair.pools_lost > 0 ||
                plaza_unreadable_total (&profile->unreadable) > 0 ||
                (!profile->brought && (profile->unsealed > 0 || profile->drafts > profile->ended));
    }
  return partial;
}

static int
carry_on (PlazaCli *cli, const char *root, const Options *options)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaStick) stick = NULL;
  g_autoptr (GError) error = NULL;

  if (options->save_to != NULL)
    {
      stick = plaza_stick_new (root, NULL);
      return plaza_cli_stick_save (stick, options->save_to, &error)
                 ? PLAZA_EXIT_OK
                 : plaza_cli_stick_trouble (cli, stick, error);
    }
  profile = plaza_cli_open (cli, &error);
  if (profile == NULL)
    return plaza_cli_fail (cli, error);
  if (plaza_cli_deliver (profile, FALSE, 0, &error))
    return plaza_cli_close (cli, profile, PLAZA_EXIT_OK);
  return plaza_cli_close (cli, profile, plaza_cli_fail (cli, error));
}

static int
run (PlazaCli *cli, const char *from, const Options *options, PlazaRescueOptions *how)
{
  g_autofree char *root = plaza_data_root ();
  g_auto (PlazaRescueReport) rescue = { 0 };
  g_autoptr (GError) error = NULL;
  int status = PLAZA_EXIT_OK;

  if (!plaza_rescue_run (root, from, how, &rescue, &error))
    {
      plaza_error_name_subject (&error, from);
      return plaza_cli_fail (cli, error);
    }
  report (cli, &rescue);
  if (options->save_to != NULL || options->deliver)
    status = carry_on (cli, root, options);
  return status == PLAZA_EXIT_OK && is_partial (&rescue) ? PLAZA_EXIT_PARTLY : status;
}

static char *
read_new_passphrase (PlazaCli *cli, const Options *options, GError **error)
{
  PlazaCli fresh = { .command = cli->command, .passphrase_file = options->new_passphrase };

  return plaza_cli_passphrase (&fresh, TRUE, error);
}

int
plaza_command_rescue (int argc, char **argv)
{
  g_auto (PlazaCli) cli = PLAZA_CLI_INIT ("rescue");
  g_auto (Options) options = { 0 };
  g_autoptr (PlazaSecret) recovery = NULL;
  g_autoptr (GError) error = NULL;
  PlazaRescueOptions how = { 0 };
  char *passphrase = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "recovery-key", 0, 0, G_OPTION_ARG_FILENAME, &options.recovery_key,
      N_ ("Open what is not sealed yet with the campaign's recovery key"), N_ ("FILE") },
    { "end-drafts", 0, 0, G_OPTION_ARG_NONE, &options.end_drafts,
      N_ ("End unfinished interviews as partial and take them along"), NULL },
    { "bring-profile", 0, 0, G_OPTION_ARG_NONE, &options.bring,
      N_ ("Bring the profile here under a new passphrase, unfinished interviews and all"), NULL },
    { "new-passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options.new_passphrase,
      N_ ("Read that passphrase from this file instead of asking"), N_ ("FILE") },
    { "to-data-root", 0, 0, G_OPTION_ARG_NONE, &options.to_data_root,
      N_ ("Keep the envelopes on this computer until it delivers (so it does by itself)"), NULL },
    { "save-to", 0, 0, G_OPTION_ARG_FILENAME, &options.save_to,
      N_ ("Then save what is carried to this folder"), N_ ("FOLDER") },
    { "deliver", 0, 0, G_OPTION_ARG_NONE, &options.deliver,
      N_ ("Then deliver with a profile of this computer"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_cli_parse (&cli, N_ ("FOLDER|FILE"), entries, &argc, &argv))
    return PLAZA_EXIT_USAGE;
  if (argc != 2 || (options.bring && options.end_drafts) ||
      (options.to_data_root + options.deliver + (options.save_to != NULL) > 1))
    return plaza_cli_usage (&cli, "%s", _ ("say one folder, and one thing to do with it"));
  if ((options.bring || options.end_drafts) && options.recovery_key == NULL)
    return plaza_cli_usage (&cli, "%s", _ ("unfinished interviews open with --recovery-key only"));
  if (options.recovery_key != NULL)
    {
      recovery = plaza_recovery_key_load (options.recovery_key, NULL, &error);
      if (recovery == NULL)
        return plaza_cli_fail (&cli, error);
    }
  if (options.bring)
    {
      passphrase = read_new_passphrase (&cli, &options, &error);
      if (passphrase == NULL)
        return plaza_cli_fail (&cli, error);
    }
  how.recovery = recovery;
  how.passphrase = passphrase;
  how.drafts = options.bring        ? PLAZA_RESCUE_BRING_PROFILE
               : options.end_drafts ? PLAZA_RESCUE_END_DRAFTS
                                    : PLAZA_RESCUE_LIST_DRAFTS;
  status = run (&cli, argv[1], &options, &how);
  plaza_secret_wipe_string (passphrase);
  return status;
}

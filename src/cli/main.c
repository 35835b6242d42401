/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include <glib/gi18n.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/i18n.h"
#include "cli/command.h"
#include "store/data.h"
#include "store/hand-in.h"

static const PlazaCommand commands[] = {
  { "form", N_ ("check|play FORM · xpath DOCUMENT EXPRESSION"),
    N_ ("Checks and tries out a questionnaire, or an expression on a document"),
    plaza_command_form },
  { "join", N_ ("LINK|FILE"), N_ ("Join a campaign: makes a profile on this computer"),
    plaza_command_join },
  { "status", "", N_ ("What waits, what is delivered"), plaza_command_status },
  { "session", N_ ("start|list|show|correct|close|reopen [ID]"),
    N_ ("Field sessions: one team, one place, one day"), plaza_command_session },
  { "respond", N_ ("--from FILE"), N_ ("Answer the questionnaire from a file of responses"),
    plaza_command_respond },
  { "response", N_ ("list | show FOLIO|ID… | void|withdraw FOLIO|ID"),
    N_ ("The responses on this computer"), plaza_command_response },
  { "deliver", N_ ("[--from FOLDER…]"),
    N_ ("Take what waits to the central, or the envelopes of folders"), plaza_command_deliver },
  { "usb", N_ ("save|read FOLDER"),
    N_ ("Take envelopes and receipts from laptop to laptop by hand"), plaza_command_usb },
  { "pull", "", N_ ("Read what the central collected, for coordinators"), plaza_command_pull },
  { "backup", N_ ("[--to FOLDER | --off]"),
    N_ ("A sealed copy of this profile outside the computer"), plaza_command_backup },
  { "hand-in", "", N_ ("Deliver everything, then erase this profile with a proof"),
    plaza_command_hand_in },
  { "rescue", N_ ("FOLDER|FILE"), N_ ("Save what a broken computer or a copy still has"),
    plaza_command_rescue },
  { "recovery", N_ ("ask | answer REQUEST | finish ANSWER | forget"),
    N_ ("A forgotten passphrase, with the help of whoever has the recovery key"),
    plaza_command_recovery },
  { "profile", "list | repair", N_ ("The profiles on this computer"), plaza_command_profile },
  { NULL, NULL, NULL, NULL },
};

static void
print_help (void)
{
  g_print ("%s\n\n", _ ("Usage: plazactl COMMAND [OPTION…]"));
  for (gsize i = 0; commands[i].name; i++)
    g_print ("  plazactl %s %s\n      %s\n", commands[i].name,
             *commands[i].arguments != '\0' ? _ (commands[i].arguments) : "",
             _ (commands[i].summary));
  g_print ("\n%s\n", _ ("plazactl COMMAND --help says the rest; plazactl --version the version."));
}

int
main (int argc, char **argv)
{
  const struct rlimit none = { 0, 0 };
  g_autofree char *root = NULL;

  /* A core file would hold keys and answers. */
  umask (077);
  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_DUMPABLE, 0);
  plaza_i18n_init (GETTEXT_PACKAGE, PLAZA_LOCALEDIR);

  if (argc < 2 || g_str_equal (argv[1], "help") || g_str_equal (argv[1], "--help") ||
      g_str_equal (argv[1], "-h"))
    {
      print_help ();
      return argc < 2 ? PLAZA_EXIT_USAGE : PLAZA_EXIT_OK;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("plazactl %s\n", PLAZA_VERSION);
      return PLAZA_EXIT_OK;
    }
  /* A laptop that was switched off while it was handed in ends that first. */
  root = plaza_data_root ();
  plaza_hand_in_clean (root);
  for (gsize i = 0; commands[i].name; i++)
    if (g_str_equal (argv[1], commands[i].name))
      return commands[i].run (argc - 1, argv + 1);

  g_printerr (_ ("plazactl: there is no command “%s”\n"), argv[1]);
  print_help ();
  return PLAZA_EXIT_USAGE;
}

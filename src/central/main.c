/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/i18n.h"
#include "central/command.h"
#include "seal/secret.h"

static const PlazaCentralCommand commands[] = {
  { "init", N_ ("DIR"), N_ ("make a central: keys, certificates, database"),
    plaza_central_command_init },
  { "campaign", "build|sign|install|list", N_ ("make, sign and take in a campaign"),
    plaza_central_command_campaign },
  { "serve", "", N_ ("receive from laptops"), plaza_central_command_serve },
  { "enrol", N_ ("--person NAME"), N_ ("make single-use codes to join with"),
    plaza_central_command_enrol },
  { "people", "list|revoke", N_ ("show who has a laptop or a code, revoke a person"),
    plaza_central_command_people },
  { "device", "list|revoke|accept", N_ ("show laptops, revoke a lost one, accept what it sent"),
    plaza_central_command_device },
  { "withdraw", N_ ("FOLIO|RESPONSE"), N_ ("destroy what a person takes back"),
    plaza_central_command_withdraw },
  { "contact", N_ ("delete NUMBER|accept|open EXPORT"),
    N_ ("destroy a person's contact details, accept held ones, open them with the custody key"),
    plaza_central_command_contact },
  { "catalogue", N_ ("import FILE|update"),
    N_ ("make the catalogues of an official file or of INEGI's service"),
    plaza_central_command_catalogue },
  { "export", N_ ("DIR"), N_ ("write out what the central holds"), plaza_central_command_export },
  { "status", "", N_ ("count what arrived and what is missing"), plaza_central_command_status },
  { "verify", "", N_ ("check the audit log and everything it vouches for"),
    plaza_central_command_verify },
  { "backup", N_ ("DIR|key FILE"), N_ ("write a sealed backup, or make the key that opens them"),
    plaza_central_command_backup },
  { "restore", N_ ("BACKUP --key FILE --out DIR"), N_ ("make a central of a backup"),
    plaza_central_command_restore },
  { "migrate", "", N_ ("bring the database to this version's schema"),
    plaza_central_command_migrate },
};

static void
print_help (void)
{
  g_print ("%s\n\n", _ ("Usage: plaza-central COMMAND [OPTION…] [ARGUMENT…]"));
  g_print ("%s\n\n", _ ("The central database of a Plaza consultation."));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %-26s %s\n", commands[i].name,
             *commands[i].arguments != '\0' ? _ (commands[i].arguments) : "",
             _ (commands[i].summary));
  g_print ("\n%s\n", _ ("plaza-central COMMAND --help says more; so does plaza-central(1)."));
}

int
main (int argc, char **argv)
{
  struct rlimit none = { 0, 0 };

  plaza_i18n_init (GETTEXT_PACKAGE, PLAZA_LOCALEDIR);

  /* whatever it writes is its own, and no core file shows its keys */
  umask (077);
  setrlimit (RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* the leak check at its end looks at the process from outside */
  prctl (PR_SET_DUMPABLE, 0);
#endif
  signal (SIGPIPE, SIG_IGN);
  plaza_seal_init ();

  if (argc < 2 || strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 ||
      strcmp (argv[1], "help") == 0)
    {
      print_help ();
      return argc < 2 ? PLAZA_CENTRAL_EXIT_USAGE : PLAZA_CENTRAL_EXIT_OK;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("plaza-central %s\n", PLAZA_VERSION);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      {
        g_autofree char *name = g_strdup_printf ("plaza-central %s", commands[i].name);

        g_set_prgname (name);
        return commands[i].run (argc - 1, argv + 1);
      }
  g_printerr ("plaza-central: ");
  g_printerr (_ ("there is no command “%s”; see plaza-central --help"), argv[1]);
  g_printerr ("\n");
  return PLAZA_CENTRAL_EXIT_USAGE;
}

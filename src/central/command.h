/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "central/central.h"

G_BEGIN_DECLS

/* Exit codes of plaza-central; documented in plaza-central(1), so they never change. */
typedef enum
{
  PLAZA_CENTRAL_EXIT_OK = 0,
  PLAZA_CENTRAL_EXIT_FAILED = 1,  /* anything without a number of its own */
  PLAZA_CENTRAL_EXIT_USAGE = 2,   /* the command line is wrong */
  PLAZA_CENTRAL_EXIT_BUSY = 3,    /* another server or writer, or the database does not answer */
  PLAZA_CENTRAL_EXIT_REFUSED = 4, /* a rule says no: practice and real, keys, existing files */
  PLAZA_CENTRAL_EXIT_CORRUPT = 5, /* verify found something; the first bad row is named */
} PlazaCentralExit;

/**
 * PlazaCentralCommand: one subcommand. @run gets the arguments from its own name on and returns a
 * PlazaCentralExit.
 */
typedef struct
{
  const char *name;
  const char *arguments; /* for the usage line */
  const char *summary;   /* N_() */
  int (*run) (int argc, char **argv);
} PlazaCentralCommand;

int plaza_central_command_backup (int argc, char **argv);
int plaza_central_command_campaign (int argc, char **argv);
int plaza_central_command_catalogue (int argc, char **argv);
int plaza_central_command_contact (int argc, char **argv);
int plaza_central_command_device (int argc, char **argv);
int plaza_central_command_enrol (int argc, char **argv);
int plaza_central_command_export (int argc, char **argv);
int plaza_central_command_init (int argc, char **argv);
int plaza_central_command_migrate (int argc, char **argv);
int plaza_central_command_people (int argc, char **argv);
int plaza_central_command_restore (int argc, char **argv);
int plaza_central_command_serve (int argc, char **argv);
int plaza_central_command_status (int argc, char **argv);
int plaza_central_command_verify (int argc, char **argv);
int plaza_central_command_withdraw (int argc, char **argv);

/** PlazaCentralCli: what every subcommand understands: --json, --verbose, --central DIR. */
typedef struct
{
  gboolean json;
  gboolean verbose;
  char *directory; /* --central, else $PLAZA_CENTRAL_DIR, else "." */
} PlazaCentralCli;

void plaza_central_cli_clear (PlazaCentralCli *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaCentralCli, plaza_central_cli_clear)

/**
 * plaza_central_cli_parse: takes the common options and @entries (nullable) out of @argv; what
 * remains stays, from 1 on. @usage describes that, N_(). FALSE after saying what is wrong: the
 * caller returns PLAZA_CENTRAL_EXIT_USAGE.
 */
gboolean plaza_central_cli_parse (
    PlazaCentralCli *self, const char *usage, const GOptionEntry *entries, int *argc, char ***argv);

/** plaza_central_cli_usage: says @message on standard error. Returns: PLAZA_CENTRAL_EXIT_USAGE. */
int plaza_central_cli_usage (const char *message);

/**
 * plaza_central_cli_fail: says @error (transfer none) in words for people on standard error, the
 * chain of causes only with --verbose; with --json as {"error":{"code","message","detail"}} on
 * standard output. Returns: the exit code for it.
 */
int plaza_central_cli_fail (PlazaCentralCli *self, const GError *error);

/** plaza_central_role_words: the name of a role in the language of the locale. */
const char *plaza_central_role_words (const char *role);

/** plaza_central_cli_open: the central of --central. */
PlazaCentral *plaza_central_cli_open (PlazaCentralCli *self, GError **error);

/** plaza_central_cli_emit: prints @object (transfer full) as one line of JSON. */
void plaza_central_cli_emit (JsonObject *object);

/**
 * plaza_central_cli_campaign: the campaign @fingerprint names, or the only one when NULL.
 * Returns: (transfer full).
 */
PlazaCampaign *
plaza_central_cli_campaign (PlazaCentral *central, const char *fingerprint, GError **error);

G_END_DECLS

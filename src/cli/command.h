/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "store/store.h"

G_BEGIN_DECLS

/* Exit codes of plazactl; documented in plazactl(1), so they never change. */
typedef enum
{
  PLAZA_EXIT_OK = 0,
  PLAZA_EXIT_FAILED = 1,  /* anything without a number of its own */
  PLAZA_EXIT_USAGE = 2,   /* the command line is wrong */
  PLAZA_EXIT_BUSY = 3,    /* the profile is in use by another process */
  PLAZA_EXIT_LOCKED = 4,  /* no passphrase, a wrong one, or too many wrong ones lately */
  PLAZA_EXIT_OFFLINE = 5, /* the central cannot be reached; what waits keeps waiting */
  PLAZA_EXIT_LINES = 6,   /* some lines of the input were refused, the others were taken */
  PLAZA_EXIT_REFUSED = 7, /* the central, or a rule of the campaign, said no */
  PLAZA_EXIT_PORTAL = 8,  /* another machine answered in the central's place */
  PLAZA_EXIT_PARTLY = 9,  /* some was refused, left or unreadable, the rest was taken */
} PlazaExit;

/**
 * PlazaCommand: one subcommand of plazactl. @run gets the arguments from its own name on (argv[0]
 * is "respond") and returns a PlazaExit.
 */
typedef struct
{
  const char *name;
  const char *arguments; /* for the usage line */
  const char *summary;   /* N_() */
  int (*run) (int argc, char **argv);
} PlazaCommand;

/* One function a subcommand, in the file of its name. */
int plaza_command_backup (int argc, char **argv);
int plaza_command_deliver (int argc, char **argv);
int plaza_command_form (int argc, char **argv);
int plaza_command_hand_in (int argc, char **argv);
int plaza_command_join (int argc, char **argv);
int plaza_command_profile (int argc, char **argv);
int plaza_command_pull (int argc, char **argv);
int plaza_command_recovery (int argc, char **argv);
int plaza_command_rescue (int argc, char **argv);
int plaza_command_respond (int argc, char **argv);
int plaza_command_response (int argc, char **argv);
int plaza_command_session (int argc, char **argv);
int plaza_command_status (int argc, char **argv);
int plaza_command_usb (int argc, char **argv);

/**
 * PlazaCli: what every subcommand understands, and how it speaks: words for people on standard
 * output, or one JSON document with --json; trouble and progress on standard error.
 */
typedef struct
{
  const char *command;   /* "respond", static */
  gboolean json;         /* --json */
  gboolean verbose;      /* --verbose */
  char *profile;         /* --profile: id or display name, or NULL */
  char *passphrase_file; /* --passphrase-file, or NULL to prompt */
} PlazaCli;

#define PLAZA_CLI_INIT(command_name) \
  { \
    .command = (command_name) \
  }

void plaza_cli_clear (PlazaCli *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaCli, plaza_cli_clear)

/**
 * plaza_cli_parse: takes the options out of @argv: the common ones and @entries (ended by
 * G_OPTION_ENTRY_NULL, or NULL). @usage names what remains ("LINK|FILE") and is translated here.
 * What remains stays in @argv, from 1 on. Returns: FALSE after saying what is wrong; the caller
 * returns PLAZA_EXIT_USAGE.
 */
gboolean plaza_cli_parse (
    PlazaCli *self, const char *usage, const GOptionEntry *entries, int *argc, char ***argv);

/** plaza_cli_usage: says @format on standard error. Returns: PLAZA_EXIT_USAGE */
int plaza_cli_usage (PlazaCli *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * plaza_cli_fail: says in human words what @error means, and what it is about; the chain of causes,
 * which is for developers, only with --verbose. With --json {"error":{"code","message","detail"}}
 * on standard output. Returns: the exit code for it.
 */
int plaza_cli_fail (PlazaCli *self, const GError *error);

/** plaza_cli_say: @words on standard error, as plaza_cli_fail() says an error: of the command, with
 * the cause in @error (nullable) when people can read it, or with --verbose. */
void plaza_cli_say (PlazaCli *self, const char *words, const GError *error);

/** plaza_cli_exit_code: the exit code for @error, saying nothing. */
PlazaExit plaza_cli_exit_code (const GError *error);

/** plaza_cli_error_words: what @error means, for people, translated. (transfer none) */
const char *plaza_cli_error_words (const GError *error);

/** plaza_cli_error_name: the word for @error in JSON: `invalid`, `not-found`… */
const char *plaza_cli_error_name (const GError *error);

/** plaza_cli_emit: prints @root (transfer full) as one line of JSON on standard output. */
void plaza_cli_emit (JsonNode *root);

/**
 * plaza_cli_passphrase: from --passphrase-file (its first line) or asked for on the terminal
 * without echo; with @twice a second time to be sure. Returns: (transfer full): wipe it with
 * plaza_cli_wipe(); NULL with PLAZA_ERROR_LOCKED when there is neither.
 */
char *plaza_cli_passphrase (PlazaCli *self, gboolean twice, GError **error);

/**
 * plaza_cli_find_profile: the one that --profile names, by id or display name, else the only one
 * there is. PLAZA_ERROR_NOT_FOUND when there is none or the choice is not clear. Returns: (transfer
 * full): locked.
 */
PlazaProfile *plaza_cli_find_profile (PlazaCli *self, GError **error);

/** plaza_cli_open: plaza_cli_find_profile(), unlocked with plaza_cli_passphrase(). */
PlazaProfile *plaza_cli_open (PlazaCli *self, GError **error);

/**
 * plaza_cli_close: locks, which packs what is finished; a failure is said on standard error. Every
 * command that opened a profile ends so. Returns: @status, or PLAZA_EXIT_FAILED when it was OK and
 * locking failed.
 */
int plaza_cli_close (PlazaCli *self, PlazaProfile *profile, int status);

/** plaza_cli_done: GAsyncReadyCallback that keeps the result for plaza_cli_wait(). */
void plaza_cli_done (GObject *source, GAsyncResult *result, gpointer user_data);

/** plaza_cli_wait: runs the main context until *@result is set. */
void plaza_cli_wait (GAsyncResult **result);

/** plaza_cli_word: the name of a state in the language of the locale. */
const char *plaza_cli_word (const char *name);

/** plaza_cli_outcome_word: the name of an outcome in the language of the locale. */
const char *plaza_cli_outcome_word (const char *name);

/** plaza_cli_member: begins a member of the object that @builder is in. */
JsonBuilder *plaza_cli_member (JsonBuilder *builder, const char *name);

/**
 * PlazaCliProgress: a line on standard error that appears only when the work lasts more than a
 * second, rewritten in place on a terminal and printed every five seconds elsewhere.
 */
typedef struct
{
  gint64 start;
  gint64 shown;
  gboolean terminal;
} PlazaCliProgress;

void plaza_cli_progress_init (PlazaCliProgress *self);
void plaza_cli_progress_show (PlazaCliProgress *self, const char *message, double fraction);
void plaza_cli_progress_end (PlazaCliProgress *self);

G_END_DECLS

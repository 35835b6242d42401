/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "seal/secret.h"

#define MAX_PASSPHRASE 1024

void
plaza_cli_clear (PlazaCli *self)
{
  g_clear_pointer (&self->profile, g_free);
  g_clear_pointer (&self->passphrase_file, g_free);
}

/* What the floors below log is for developers; the command itself says what people need. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_MASK) > G_LOG_LEVEL_CRITICAL && g_getenv ("G_MESSAGES_DEBUG") == NULL)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

gboolean
plaza_cli_parse (
    PlazaCli *self, const char *usage, const GOptionEntry *entries, int *argc, char ***argv)
{
  const GOptionEntry common[] = {
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &self->verbose,
      N_ ("Say the technical details of what fails too, in English"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_ ("Answer in JSON"), NULL },
    { "profile", 'p', 0, G_OPTION_ARG_STRING, &self->profile, N_ ("Profile, by name or id"),
      N_ ("PROFILE") },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &self->passphrase_file,
      N_ ("Read the passphrase from this file instead of asking"), N_ ("FILE") },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (usage != NULL ? _ (usage) : NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (entries)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  /* GOptionContext prints g_get_prgname() on its usage line. */
  g_autofree char *name = g_strdup_printf ("plazactl %s", self->command);
  g_set_prgname (name);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      plaza_cli_usage (self, "%s", error->message);
      return FALSE;
    }
  if (!self->verbose)
    g_log_set_writer_func (write_log, NULL, NULL);
  return TRUE;
}

int
plaza_cli_usage (PlazaCli *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("plazactl %s: %s\n", self->command, message);
  g_printerr (_ ("“plazactl %s --help” says how it is used.\n"), self->command);
  return PLAZA_EXIT_USAGE;
}

static const struct
{
  PlazaError code;
  PlazaExit exit;
  const char *name;
  const char *words;
} failures[] = {
  { PLAZA_ERROR_FAILED, PLAZA_EXIT_FAILED, "failed", N_ ("Something went wrong") },
  { PLAZA_ERROR_INVALID, PLAZA_EXIT_FAILED, "invalid", N_ ("This is not well formed") },
  { PLAZA_ERROR_UNSUPPORTED, PLAZA_EXIT_FAILED, "unsupported",
    N_ ("This asks for something Plaza does not do") },
  { PLAZA_ERROR_LIMIT, PLAZA_EXIT_FAILED, "limit", N_ ("This is larger than allowed") },
  { PLAZA_ERROR_NOT_FOUND, PLAZA_EXIT_FAILED, "not-found", N_ ("There is no such thing here") },
  { PLAZA_ERROR_EXISTS, PLAZA_EXIT_FAILED, "exists", N_ ("It exists already") },
  { PLAZA_ERROR_BUSY, PLAZA_EXIT_BUSY, "busy",
    N_ ("The profile is open in another window or command") },
  { PLAZA_ERROR_LOCKED, PLAZA_EXIT_LOCKED, "locked", N_ ("The profile is locked") },
  { PLAZA_ERROR_PASSPHRASE, PLAZA_EXIT_LOCKED, "passphrase",
    N_ ("The passphrase is not right; or a new one is too short or too easy to guess: take four "
        "or five words that do not belong together") },
  { PLAZA_ERROR_CORRUPT, PLAZA_EXIT_FAILED, "corrupt",
    N_ ("The data on this computer is damaged; nothing was changed. “plazactl profile repair” puts "
        "together what can be read and the last copy") },
  { PLAZA_ERROR_SIGNATURE, PLAZA_EXIT_FAILED, "signature",
    N_ ("A signature does not verify; it was not believed") },
  { PLAZA_ERROR_NEWER, PLAZA_EXIT_FAILED, "newer",
    N_ ("This was written by a newer version of Plaza") },
  { PLAZA_ERROR_OFFLINE, PLAZA_EXIT_OFFLINE, "offline",
    N_ ("The central cannot be reached; what waits is safe and keeps waiting") },
  { PLAZA_ERROR_PORTAL, PLAZA_EXIT_PORTAL, "portal",
    N_ ("Another machine answered in the central's place; perhaps this network asks to log in") },
  { PLAZA_ERROR_REFUSED, PLAZA_EXIT_REFUSED, "refused", N_ ("It was refused") },
  { PLAZA_ERROR_DISK, PLAZA_EXIT_FAILED, "disk",
    N_ ("The disk is full, or refuses to be written") },
};

static gsize
failure_index (const GError *error)
{
  if (error && error->domain == PLAZA_ERROR)
    for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
      if ((int) failures[i].code == error->code)
        return i;
  return 0;
}

const char *
plaza_cli_error_name (const GError *error)
{
  return failures[failure_index (error)].name;
}

PlazaExit
plaza_cli_exit_code (const GError *error)
{
  return failures[failure_index (error)].exit;
}

const char *
plaza_cli_error_words (const GError *error)
{
  const char *told = error ? plaza_error_get_words (error) : NULL;

  return told ? told : _ (failures[failure_index (error)].words);
}

int
plaza_cli_fail (PlazaCli *self, const GError *error)
{
  gsize i = failure_index (error);
  const char *words = plaza_cli_error_words (error);
  const char *detail = error ? error->message : "";

  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "error");
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "code");
      json_builder_add_string_value (builder, failures[i].name);
      json_builder_set_member_name (builder, "message");
      json_builder_add_string_value (builder, words);
      json_builder_set_member_name (builder, "detail");
      json_builder_add_string_value (builder, detail);
      json_builder_end_object (builder);
      json_builder_end_object (builder);
      plaza_cli_emit (json_builder_get_root (builder));
    }
  plaza_cli_say (self, words, error);
  return failures[i].exit;
}

/* Where the words say all that a person can do, no details help. */
static gboolean
tells_more (const GError *error)
{
  if (error->domain != PLAZA_ERROR)
    return TRUE;
  switch ((PlazaError) error->code)
    {
    case PLAZA_ERROR_BUSY:
    case PLAZA_ERROR_LOCKED:
    case PLAZA_ERROR_PASSPHRASE:
    case PLAZA_ERROR_OFFLINE:
    case PLAZA_ERROR_PORTAL:
      return FALSE;
    default:
      return TRUE;
    }
}

void
plaza_cli_say (PlazaCli *self, const char *words, const GError *error)
{
  const char *told = error ? plaza_error_get_words (error) : NULL;
  const char *about = error && !told ? plaza_error_get_subject (error) : told;

  g_printerr ("plazactl %s: %s\n", self->command, words);
  if (about && !g_str_equal (about, words) && !(self->verbose && !told))
    g_printerr ("  (%s)\n", about);
  if (!error || told)
    return;
  if (self->verbose)
    g_printerr ("  [%s]\n", error->message);
  else if (!about && tells_more (error))
    g_printerr ("  %s\n", _ ("(--verbose says the technical details, for whoever helps you)"));
}

const char *
plaza_cli_word (const char *name)
{
  static const char *const words[] = {
    N_ ("draft"),     N_ ("waiting"),   N_ ("packed"),  N_ ("delivered"),
    N_ ("refused"),   N_ ("completed"), N_ ("partial"), N_ ("minor-without-guardian"),
    N_ ("under-age"), N_ ("withdrawn"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (words[i], name) == 0)
      return _ (words[i]);
  return name;
}

const char *
plaza_cli_outcome_word (const char *name)
{
  /* Translators: the person did not want to answer; not what the central refused. */
  return g_strcmp0 (name, "refused") == 0 ? C_ ("outcome", "refused") : plaza_cli_word (name);
}

void
plaza_cli_emit (JsonNode *root)
{
  g_autofree char *text = json_to_string (root, FALSE);

  g_print ("%s\n", text);
  json_node_unref (root);
}

/* The signal that came while a passphrase was being typed, 0 for none. */
static volatile sig_atomic_t interrupted;

static void
on_signal (int number)
{
  interrupted = number;
}

/* Reads one line of at most MAX_PASSPHRASE bytes from @fd, byte by byte, so that no buffer of stdio
 * keeps a copy. */
static char *
read_line (int fd, GError **error)
{
  g_autofree char *line = g_malloc0 (MAX_PASSPHRASE + 1);
  gsize length = 0;

  for (;;)
    {
      char byte;
      gssize got = read (fd, &byte, 1);
      if (got < 0 && errno == EINTR && !interrupted)
        continue;
      if (got < 0)
        {
          int saved = errno;
          explicit_bzero (line, MAX_PASSPHRASE);
          plaza_throw_words (error, PLAZA_ERROR_LOCKED, _ ("The passphrase cannot be read: %s"),
                             g_strerror (saved));
          return NULL;
        }
      if (got == 0 || byte == '\n')
        break;
      if (length == MAX_PASSPHRASE)
        {
          explicit_bzero (line, MAX_PASSPHRASE);
          plaza_throw_words (error, PLAZA_ERROR_LIMIT, _ ("The passphrase is longer than %d bytes"),
                             MAX_PASSPHRASE);
          return NULL;
        }
      line[length++] = byte;
    }
  if (length > 0 && line[length - 1] == '\r')
    line[--length] = '\0';
  if (length == 0)
    {
      plaza_throw_words (error, PLAZA_ERROR_LOCKED, "%s", _ ("The passphrase is empty"));
      return NULL;
    }
  return g_steal_pointer (&line);
}

static char *
ask (const char *question, GError **error)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  struct sigaction act = { .sa_handler = on_signal };
  struct sigaction old[G_N_ELEMENTS (signals)];
  struct termios before, quiet;
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

  if (fd < 0 || tcgetattr (fd, &before) != 0)
    {
      if (fd >= 0)
        close (fd);
      plaza_throw_words (error, PLAZA_ERROR_LOCKED, "%s",
                         _ ("There is no terminal to ask for the passphrase on; use "
                            "--passphrase-file"));
      return NULL;
    }
  quiet = before;
  quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);
  interrupted = 0;
  /* Whatever ends the program must find the terminal as it was. */
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &act, &old[i]);
  dprintf (fd, "%s", question);
  tcsetattr (fd, TCSAFLUSH, &quiet);
  char *answer = read_line (fd, error);
  tcsetattr (fd, TCSAFLUSH, &before);
  dprintf (fd, "\n");
  close (fd);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &old[i], NULL);
  if (interrupted)
    raise (interrupted);
  return answer;
}

char *
plaza_cli_passphrase (PlazaCli *self, gboolean twice, GError **error)
{
  if (self->passphrase_file)
    {
      int fd = g_open (self->passphrase_file, O_RDONLY | O_CLOEXEC, 0);
      if (fd < 0)
        {
          plaza_throw_words (error, PLAZA_ERROR_LOCKED,
                             _ ("The file with the passphrase cannot be opened: %s: %s"),
                             self->passphrase_file, g_strerror (errno));
          return NULL;
        }
      char *line = read_line (fd, error);
      close (fd);
      return line;
    }

  char *first = ask (_ ("Passphrase: "), error);
  if (!first || !twice)
    return first;
  char *second = ask (_ ("Once more: "), error);
  gboolean same = second && g_str_equal (first, second);
  if (second && !same)
    plaza_throw_words (error, PLAZA_ERROR_PASSPHRASE, "%s", _ ("The two passphrases differ"));
  plaza_secret_wipe_string (second);
  if (!same)
    g_clear_pointer (&first, plaza_secret_wipe_string);
  return first;
}

void
plaza_cli_progress_init (PlazaCliProgress *self)
{
  self->start = g_get_monotonic_time ();
  self->shown = 0;
  self->terminal = isatty (STDERR_FILENO);
}

void
plaza_cli_progress_show (PlazaCliProgress *self, const char *message, double fraction)
{
  gint64 now = g_get_monotonic_time ();
  gint64 pause = self->terminal ? G_USEC_PER_SEC / 10 : 5 * G_USEC_PER_SEC;

  if (now - self->start < G_USEC_PER_SEC || (self->shown && now - self->shown < pause))
    return;
  self->shown = now;
  int percent = (int) (CLAMP (fraction, 0.0, 1.0) * 100);
  if (self->terminal)
    g_printerr ("\r\033[K%3d %%  %s", percent, message);
  else
    g_printerr ("%3d %%  %s\n", percent, message);
}

void
plaza_cli_progress_end (PlazaCliProgress *self)
{
  if (self->shown && self->terminal)
    g_printerr ("\r\033[K");
}

JsonBuilder *
plaza_cli_member (JsonBuilder *builder, const char *name)
{
  return json_builder_set_member_name (builder, name);
}

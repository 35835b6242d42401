/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "central/command.h"
#include "central/log.h"
#include "central/server.h"

#define STOP_SECONDS 20

/* Tells the service manager, when there is one, where we are. */
static void
notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || path[0] == '\0')
    return;
  address = path[0] == '@'
                ? g_unix_socket_address_new_with_type (path + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT)
                : g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT,
                         &error);
  if (socket == NULL || g_socket_send_to (socket, address, state, strlen (state), NULL, &error) < 0)
    g_warning ("telling the service manager: %s", error->message);
}

/* How often the service manager wants to hear of us, in ms; 0: never. */
static gint64
watchdog_ms (void)
{
  const char *text = g_getenv ("WATCHDOG_USEC");
  const char *pid = g_getenv ("WATCHDOG_PID");
  guint64 wanted, microseconds;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &microseconds, NULL))
    return 0;
  if (pid != NULL && (!g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT32, &wanted, NULL) ||
                      wanted != (guint64) getpid ()))
    return 0;
  return (gint64) MAX (microseconds / 1000 / 3, 100);
}

static void
reload (PlazaCentral *central)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *state =
      g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());

  notify (state);
  if (plaza_central_reload (central, &error))
    plaza_log (G_LOG_LEVEL_MESSAGE, "reloaded", NULL);
  else
    g_warning ("campaigns not read again: %s", error->message);
  notify ("READY=1");
}

/* Waits for a signal; a second one to stop ends the process at once. */
static void
wait_for_signals (PlazaCentral *central, PlazaServer *server, const sigset_t *signals)
{
  gint64 period = watchdog_ms ();
  struct timespec wait = { period / 1000, period % 1000 * 1000000 };

  for (;;)
    {
      int number = period > 0 ? sigtimedwait (signals, NULL, &wait) : sigwaitinfo (signals, NULL);

      if (number < 0 && errno == EAGAIN && plaza_server_is_alive (server))
        notify ("WATCHDOG=1");
      if (number == SIGHUP)
        reload (central);
      else if (number >= 0)
        break;
    }
  signal (SIGHUP, SIG_IGN);
  signal (SIGTERM, SIG_DFL);
  signal (SIGINT, SIG_DFL);
  sigprocmask (SIG_UNBLOCK, signals, NULL);
}

/* The level of a name of --log-level. */
static gboolean
find_level (const char *name, GLogLevelFlags *out)
{
  static const struct
  {
    const char *name;
    GLogLevelFlags level;
  } levels[] = {
    { "error", G_LOG_LEVEL_CRITICAL }, { "warning", G_LOG_LEVEL_WARNING },
    { "notice", G_LOG_LEVEL_MESSAGE }, { "info", G_LOG_LEVEL_INFO },
    { "debug", G_LOG_LEVEL_DEBUG },
  };

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (levels[i].name, name) == 0)
      {
        *out = levels[i].level;
        return TRUE;
      }
  return FALSE;
}

typedef struct
{
  char *listen;
  char *socket;
  char *operations;
  char *log;
  char *log_level;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->listen);
  g_free (options->socket);
  g_free (options->operations);
  g_free (options->log);
  g_free (options->log_level);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static PlazaServer *
start (PlazaCentral *central, Options *options, GError **error)
{
  PlazaServer *server;

  if (options->listen == NULL && options->socket == NULL)
    {
      g_autoptr (GUri) uri = g_uri_parse (central->url, G_URI_FLAGS_NONE, NULL);
      int port = uri != NULL ? g_uri_get_port (uri) : -1;

      options->listen = g_strdup_printf ("127.0.0.1:%d", port > 0 ? port : 443);
    }
  server = plaza_server_start (central, options->listen, options->socket, error);
  if (server == NULL)
    return NULL;
  if (options->operations != NULL && !plaza_server_operate (server, options->operations, error))
    {
      plaza_server_stop (server, 0);
      return NULL;
    }
  if (options->listen != NULL)
    g_print ("listening on port %u\n", plaza_server_port (server));
  if (options->socket != NULL)
    g_print ("listening on %s\n", options->socket);
  if (options->operations != NULL && plaza_server_operations_port (server) != 0)
    g_print ("operations on port %u\n", plaza_server_operations_port (server));
  else if (options->operations != NULL)
    g_print ("operations on %s\n", options->operations);
  fflush (stdout);
  return server;
}

int
plaza_central_command_serve (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  GLogLevelFlags level = G_LOG_LEVEL_INFO;
  PlazaServer *server;
  sigset_t signals;
  const GOptionEntry entries[] = {
    { "listen", 0, 0, G_OPTION_ARG_STRING, &options.listen,
      N_ ("Address and port for TLS (default 127.0.0.1 and the port of the URL; port 0: a free "
          "one)"),
      N_ ("ADDRESS:PORT") },
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &options.socket,
      N_ ("Serve without TLS on this Unix socket, for a proxy in front"), "PATH" },
    { "operations", 0, 0, G_OPTION_ARG_FILENAME, &options.operations,
      N_ ("Answer /healthz, /readyz and /metrics here and nowhere else"),
      N_ ("PATH|127.0.0.1:PORT") },
    { "log", 0, 0, G_OPTION_ARG_STRING, &options.log, N_ ("How events are written to the log"),
      "logfmt|json" },
    { "log-level", 0, 0, G_OPTION_ARG_STRING, &options.log_level,
      N_ ("The least that is logged; info (default) shows every request"),
      "error|warning|notice|info|debug" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1)
    return plaza_central_cli_usage (_ ("serve takes no arguments"));
  if (options.log != NULL && strcmp (options.log, "logfmt") != 0 &&
      strcmp (options.log, "json") != 0)
    return plaza_central_cli_usage (_ ("--log is logfmt or json"));
  if (options.log_level != NULL && !find_level (options.log_level, &level))
    return plaza_central_cli_usage (_ ("--log-level is error, warning, notice, info or debug"));

  /* blocked before any thread begins, so that all inherit it */
  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  plaza_log_open (g_strcmp0 (options.log, "json") == 0 ? PLAZA_LOG_JSON : PLAZA_LOG_LOGFMT, level);

  central = plaza_central_cli_open (&cli, &error);
  server = central != NULL ? start (central, &options, &error) : NULL;
  if (server == NULL)
    return plaza_central_cli_fail (&cli, error);
  plaza_log (G_LOG_LEVEL_MESSAGE, "started", "version", PLAZA_VERSION, NULL);
  notify ("READY=1");

  wait_for_signals (central, server, &signals);
  notify ("STOPPING=1");
  plaza_log (G_LOG_LEVEL_MESSAGE, "stopping", NULL);
  plaza_server_stop (server, STOP_SECONDS);
  plaza_log (G_LOG_LEVEL_MESSAGE, "stopped", NULL);
  return PLAZA_CENTRAL_EXIT_OK;
}

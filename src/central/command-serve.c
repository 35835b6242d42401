/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "central/command.h"
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

/* One line an event: time, level, text; foreign bytes were escaped where they came in. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autofree char *time = plaza_clock_format_utc (plaza_clock_now_ms ());
  const char *message = "";
  const char *word = "info";

  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0 &&
      g_getenv ("G_MESSAGES_DEBUG") == NULL)
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
    word = "error";
  else if ((level & G_LOG_LEVEL_WARNING) != 0)
    word = "warning";
  g_printerr ("%s %s %s\n", time, word, message);
  return G_LOG_WRITER_HANDLED;
}

/* Waits for a signal; a second one to stop ends the process at once. */
static void
wait_for_signals (PlazaCentral *central, const sigset_t *signals)
{
  int number = 0;

  for (;;)
    {
      g_autoptr (GError) error = NULL;

      if (sigwait (signals, &number) != 0 || number != SIGHUP)
        break;
      if (plaza_central_reload (central, &error))
        g_message ("campaigns read again");
      else
        g_warning ("campaigns not read again: %s", error->message);
    }
  signal (SIGTERM, SIG_DFL);
  signal (SIGINT, SIG_DFL);
  sigprocmask (SIG_UNBLOCK, signals, NULL);
}

int
plaza_central_command_serve (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  g_autofree char *listen = NULL;
  g_autofree char *socket = NULL;
  PlazaServer *server;
  sigset_t signals;
  const GOptionEntry entries[] = {
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen,
      N_ ("Address and port for TLS (default 127.0.0.1 and the port of the URL; port 0: a free "
          "one)"),
      "ADDRESS:PORT" },
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &socket,
      N_ ("Serve without TLS on this Unix socket, for a proxy in front"), "PATH" },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1)
    return plaza_central_cli_usage (_ ("serve takes no arguments"));

  /* blocked before any thread begins, so that all inherit it */
  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);

  central = plaza_central_cli_open (&cli, &error);
  if (central == NULL)
    return plaza_central_cli_fail (&cli, error);
  if (listen == NULL && socket == NULL)
    {
      g_autoptr (GUri) uri = g_uri_parse (central->url, G_URI_FLAGS_NONE, NULL);
      int port = uri != NULL ? g_uri_get_port (uri) : -1;

      listen = g_strdup_printf ("127.0.0.1:%d", port > 0 ? port : 443);
    }
  server = plaza_server_start (central, listen, socket, &error);
  if (server == NULL)
    return plaza_central_cli_fail (&cli, error);
  if (listen != NULL)
    g_print ("listening on port %u\n", plaza_server_port (server));
  if (socket != NULL)
    g_print ("listening on %s\n", socket);
  fflush (stdout);
  notify ("READY=1");

  wait_for_signals (central, &signals);
  notify ("STOPPING=1");
  g_message ("stopping");
  plaza_server_stop (server, STOP_SECONDS);
  return PLAZA_CENTRAL_EXIT_OK;
}

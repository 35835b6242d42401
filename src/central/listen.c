/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "central/listen.h"

gboolean
plaza_listen_parse (const char *text, struct sockaddr_storage *out, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  guint64 port;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is not ADDRESS:PORT"), text);
  host = text[0] == '[' && colon > text + 2 && colon[-1] == ']'
             ? g_strndup (text + 1, (gsize) (colon - text - 2))
             : g_strndup (text, (gsize) (colon - text));
  address = g_inet_socket_address_new_from_string (host, (guint) port);
  if (address == NULL)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is no IP address"), host);
  return g_socket_address_to_native (address, out, sizeof *out, error);
}

static gboolean
is_answered (const struct sockaddr_un *address)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean answered;

  if (fd < 0)
    return FALSE;
  answered = connect (fd, (const struct sockaddr *) address, sizeof *address) == 0;
  close (fd);
  return answered;
}

int
plaza_listen_unix (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (strlen (path) >= sizeof address.sun_path)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("the path of the socket is too long"));
      return -1;
    }
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (is_answered (&address))
    {
      plaza_throw_words (error, PLAZA_ERROR_BUSY, _ ("another server listens on %s"), path);
      return -1;
    }
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && unlink (path) != 0 && errno != ENOENT)
    g_warning ("removing %s: %s", path, g_strerror (errno));
  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
      chmod (path, 0660) == 0 && listen (fd, SOMAXCONN) == 0)
    return fd;
  plaza_throw_words (
      error, PLAZA_ERROR_FAILED,
      _ ("cannot listen on %s: %s. See whether another program uses it, or choose another"), path,
      g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

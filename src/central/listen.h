/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/** plaza_listen_parse: "ADDRESS:PORT", of IPv6 "[ADDRESS]:PORT". PLAZA_ERROR_INVALID. */
gboolean plaza_listen_parse (const char *text, struct sockaddr_storage *out, GError **error);

/**
 * plaza_listen_unix: a listening Unix socket at @path, which owner and group may use. One that was
 * left behind is replaced; PLAZA_ERROR_BUSY when somebody still listens there.
 * Returns: the file descriptor, or -1.
 */
int plaza_listen_unix (const char *path, GError **error);

G_END_DECLS

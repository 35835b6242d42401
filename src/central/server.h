/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"

G_BEGIN_DECLS

/**
 * PlazaServer: the HTTP interface of a central. Each connection is read and written by
 * libmicrohttpd's threads (POLL; EPOLL stalls at multiples of 128 connections), envelopes are
 * opened by a small pool, and one writer commits. A request waits, suspended, for its commit.
 */
typedef struct _PlazaServer PlazaServer;

/**
 * plaza_server_start: serves @central, which must outlive it.
 * @listen: (nullable): "ADDRESS:PORT" for TLS; port 0 takes a free one
 * @socket_path: (nullable): a Unix socket without TLS, for a proxy in front; only there the
 *   proxy's X-Real-IP counts
 * Errors: PLAZA_ERROR_INVALID (@listen), PLAZA_ERROR_BUSY (another server runs on this directory,
 * or the database does not answer), PLAZA_ERROR_FAILED (the address is taken).
 */
PlazaServer *plaza_server_start (PlazaCentral *central,
                                 const char *listen,
                                 const char *socket_path,
                                 GError **error);

/**
 * plaza_server_operate: opens the operations socket; see central/operations.h.
 * @where: a Unix socket's path or a loopback "ADDRESS:PORT"
 */
gboolean plaza_server_operate (PlazaServer *self, const char *where, GError **error);
/** plaza_server_operations_port: 0 on a Unix socket. */
guint plaza_server_operations_port (PlazaServer *self);

/**
 * plaza_server_is_alive: whether connections still get on; for a watchdog, which tries more than
 * once before it gives up. A database that does not answer is no reason to be started anew.
 */
gboolean plaza_server_is_alive (PlazaServer *self);

/** plaza_server_port: the port of @listen. */
guint plaza_server_port (PlazaServer *self);

/**
 * plaza_server_stop: takes no new connections, finishes running requests for at most @seconds,
 * writes what waits, checkpoints, and frees.
 */
void plaza_server_stop (PlazaServer *self, guint seconds);

G_END_DECLS

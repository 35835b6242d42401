/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/request.h"

G_BEGIN_DECLS

/**
 * PlazaOperations: what whoever runs the server asks it, on a socket of its own that no proxy
 * passes on:
 *
 *   GET /healthz  200 while the process lives
 *   GET /readyz   200 when it takes envelopes in; else 503 with {"status":"waiting","reason":…}:
 *                 "stopping", "disk" (below the floor), "schema" (of another version), "database"
 *   GET /metrics  what central/metrics counts
 */
typedef struct _PlazaOperations PlazaOperations;

/**
 * plaza_operations_start: @serving must outlive it, its writer included.
 * @where: the path of a Unix socket, or a loopback "ADDRESS:PORT" (port 0 takes a free one)
 * Errors: PLAZA_ERROR_INVALID (not loopback, path too long), PLAZA_ERROR_BUSY (somebody listens
 * there), PLAZA_ERROR_FAILED.
 */
PlazaOperations *plaza_operations_start (PlazaServing *serving, const char *where, GError **error);

/** plaza_operations_port: of @where; 0 for a Unix socket. */
guint plaza_operations_port (PlazaOperations *self);

/** plaza_operations_stop: answers what was asked, closes and frees. */
void plaza_operations_stop (PlazaOperations *self);

/** plaza_operations_has_room: whether the disk is above its floor. *@free_bytes: (out) (optional).
 */
gboolean plaza_operations_has_room (PlazaCentral *central, guint64 *free_bytes);

G_END_DECLS

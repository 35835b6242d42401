/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * PostgreSQL's own programs that copy a database out and in. Where it is and its password go to
 * them through the environment, which other users cannot see, never as arguments.
 */

/** plaza_pg_dump: pg_dump of the database at @uri in its custom format, on its standard output. */
GSubprocess *plaza_pg_dump (const char *uri, GError **error);

/** plaza_pg_check: pg_restore that reads a whole dump on its standard input and throws it away. */
GSubprocess *plaza_pg_check (GError **error);

/** plaza_pg_restore: reads the dump at @path into the empty database at @uri, all or nothing. */
gboolean plaza_pg_restore (const char *uri, const char *path, GError **error);

/** plaza_pg_wait: waits for @program's end; PLAZA_ERROR_FAILED when it did not succeed. */
gboolean plaza_pg_wait (GSubprocess *program, const char *name, GError **error);

G_END_DECLS

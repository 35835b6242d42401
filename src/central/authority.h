/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * plaza_authority_create: makes the central's private certificate authority and the server
 * certificate it signs (ECDSA P-256, so that a TLS handshake stays cheap on a small machine).
 *
 * @directory is created with mode 0700 and receives ca.pem, ca.key, server.pem and server.key,
 * all of mode 0600. The server certificate names @host and 127.0.0.1. Both are backdated by one
 * day, because laptops in the field have wrong clocks more often than right ones, and last for
 * @days days.
 *
 * Errors: PLAZA_ERROR_EXISTS when an authority is there already, PLAZA_ERROR_FAILED from GnuTLS,
 * those of plaza_file_write().
 */
gboolean
plaza_authority_create (const char *directory, const char *host, guint days, GError **error);

G_END_DECLS

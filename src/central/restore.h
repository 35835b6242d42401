/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/verify.h"

G_BEGIN_DECLS

/**
 * plaza_restore: makes a central of a backup in @out, which is absent or empty, opens it, brings
 * its database to this version and verifies all of it. What was half restored has no central.conf.
 * @key: path of the secret that backup key wrote
 * @database: (nullable): another URI than the backed-up one; SQLite databases go into @out, a
 *   PostgreSQL one must be there and empty
 * Errors: PLAZA_ERROR_EXISTS, PLAZA_ERROR_SIGNATURE (another key, or changed), PLAZA_ERROR_INVALID,
 * PLAZA_ERROR_CORRUPT.
 */
gboolean plaza_restore (const char *backup,
                        const char *key,
                        const char *out,
                        const char *database,
                        PlazaVerified *verified,
                        GError **error);

G_END_DECLS

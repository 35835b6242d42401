/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/database.h"

G_BEGIN_DECLS

/** plaza_migration_latest: the newest schema this program knows (user_version). */
guint plaza_migration_latest (void);

/**
 * plaza_migration_run: brings @db to the newest schema: each numbered step of data/sql/laptop is
 * one transaction with its user_version. When there is something to do in a database that is not
 * new, a copy goes to @backup_path first.
 * Errors: PLAZA_ERROR_NEWER (written by a newer Plaza; nothing is touched), the database's.
 */
gboolean plaza_migration_run (PlazaDatabase *db, const char *backup_path, GError **error);

G_END_DECLS

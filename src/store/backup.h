/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/database.h"

G_BEGIN_DECLS

/** Copies kept, and the least time between two of them. */
#define PLAZA_BACKUP_KEEP 4u
#define PLAZA_BACKUP_INTERVAL_MS (60 * 60 * 1000)

/** plaza_backup_is_due: whether the newest copy in @folder is older than the interval. */
gboolean plaza_backup_is_due (const char *folder);

/** plaza_backup_holds: whether a copy, or a damaged store put aside, has or may have @response. */
gboolean plaza_backup_holds (const char *folder, const char *response);

/** What the name of a damaged store put aside begins with, before the time in ms. */
#define PLAZA_BACKUP_DAMAGED "plaza.db.damaged-"

/**
 * What a copy leaves out: the contact keys of drafts, so that destroying one destroys it
 * everywhere.
 */
#define PLAZA_BACKUP_STRIP "UPDATE draft SET contact_key = x''"

/**
 * plaza_backup_make: a new copy of @db in @folder (what is sealed in it stays sealed), then the
 * oldest go. @only: this copy replaces all others and damaged stores put aside, because something
 * was destroyed for good.
 */
gboolean plaza_backup_make (PlazaDatabase *db, const char *folder, gboolean only, GError **error);

/** PlazaRepair: what a repair could do. */
typedef struct
{
  guint rows_kept;     /* read from the damaged file */
  guint rows_restored; /* only in the backup */
  guint tables_lost;   /* tables that could not be read to their end */
  guint pools_lost;    /* contact pools that are gone or cannot be read, as far as it shows without
                          the key: plaza_unreadable_look() tells the rest */
  gint64 backup_ms;    /* when the backup used was made, 0 when none was good */
} PlazaRepair;

/**
 * plaza_backup_repair: makes a sound database out of a damaged one: every row that can still be
 * read by key range, and what only the newest good backup has. The damaged file is kept beside it
 * as `plaza.db.damaged-<UTC>`. Numbers that must never come twice (folio serials) jump ahead.
 * Nobody may have @path open. PLAZA_ERROR_CORRUPT when neither file nor backups give anything.
 */
gboolean
plaza_backup_repair (const char *path, const char *folder, PlazaRepair *out, GError **error);

G_END_DECLS

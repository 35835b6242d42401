/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fault-vfs.h"

G_BEGIN_DECLS

/*
 * What fault-vfs.h is for databases, for every other file below one folder: envelopes, receipts,
 * key files, packages, finished backups. Linked into a program it stands before the C library's
 * write(), fsync(), rename(), renameat2(), link() and unlink(), so the program's own code runs
 * unchanged; SQLite's files (names with ".db") are left to the VFS, except when they are renamed or
 * removed.
 *
 * A power cut leaves of a file that was never synced any beginning of it, with sectors missing. Of
 * the names that were made, moved and removed in a folder since it was last synced, some of the
 * first are kept and the others undone.
 *
 * The two are armed apart: each counts its own operations, FAULT_WRITE, FAULT_SYNC, FAULT_DELETE
 * (unlink) and FAULT_RENAME (rename and link). A power cut of one does not stop the other:
 * the plan's `fired` does, by arming the other's with nth 1 and persistent.
 */

/**
 * fault_files_arm: from now on @plan below @root; the counts begin again.
 * @root: (nullable): NULL ends it all: what was not synced stays as it is
 * @plan: (nullable): NULL ends every fault, not a power cut
 */
void fault_files_arm (const char *root, const FaultPlan *plan);

guint64 fault_files_count (void);
guint64 fault_files_fired (void);

/** fault_files_restore: the power is back: leaves what the cut left, forgets all, ends the plan. */
void fault_files_restore (void);

G_END_DECLS

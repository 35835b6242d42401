/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * An SQLite VFS between a program under test and the disk: makes the N-th operation fail, fills the
 * disk, slows its syncs, or cuts the power. It is the default VFS of the process once registered,
 * so the program's own code runs unchanged. Everything here may be called by any thread.
 *
 * A power cut leaves of each file what was synced, and of every write since then nothing, all, or
 * any of its 512-byte sectors, each write by itself: torn, dropped and in any order. A file that
 * was created and never synced may be gone, one that was deleted without a sync of its directory
 * may be back. Writes are followed from the first fault_vfs_arm() with FAULT_POWER on; what is on
 * disk by then counts as synced.
 */

typedef enum
{
  FAULT_READ = 1 << 0,
  FAULT_WRITE = 1 << 1,
  FAULT_SYNC = 1 << 2,
  FAULT_TRUNCATE = 1 << 3,
  FAULT_OPEN = 1 << 4,
  FAULT_DELETE = 1 << 5,
  FAULT_RENAME = 1 << 6, /* of other files only, see fault-files.h */
  FAULT_CHANGES = FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE | FAULT_DELETE | FAULT_RENAME,
  FAULT_ALL = (1 << 7) - 1,
} FaultOperations;

typedef enum
{
  FAULT_NONE,  /* counts only */
  FAULT_ERROR, /* an I/O error */
  FAULT_FULL,  /* no room: a write is cut in half and fails, other operations go on */
  FAULT_POWER, /* nothing works any more until fault_vfs_restore() */
} FaultKind;

typedef struct
{
  FaultKind kind;
  FaultOperations operations; /* which count */
  guint64 nth;                /* the one that fails, from 1 */
  gboolean persistent;        /* and all later ones */
  guint32 seed;               /* of what a power cut leaves */
  gulong sync_delay;          /* µs added to each sync */
  void (*fired) (void);       /* (nullable): called once, at the fault, in its thread */
} FaultPlan;

/** fault_vfs_register: makes it the default VFS. Before the first database is opened. */
void fault_vfs_register (void);

/**
 * fault_vfs_arm: from now on @plan; the counts begin again.
 * @plan: (nullable): NULL ends every fault, not a power cut
 */
void fault_vfs_arm (const FaultPlan *plan);

/** fault_vfs_count: how many operations of the plan there were since it was armed. */
guint64 fault_vfs_count (void);

/** fault_vfs_fired: how many of them failed by the plan. */
guint64 fault_vfs_fired (void);

/**
 * fault_vfs_settle_folder: others than SQLite synced @folder: what was deleted there does not come
 * back.
 */
void fault_vfs_settle_folder (const char *folder);

/**
 * fault_vfs_restore: the power is back: writes to disk what the cut left (without one: as if it
 * were cut now), forgets all files, and ends the plan. Every connection must be closed before, or
 * never used again (as from @fired, followed by _exit()).
 */
void fault_vfs_restore (void);

G_END_DECLS

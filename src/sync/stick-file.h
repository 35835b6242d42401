/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/stick.h"

G_BEGIN_DECLS

/*
 * Files of a folder that somebody else filled, on a device that may vanish. Folders are held open
 * by descriptors and names are single, so that no link leads anywhere; only regular files are
 * opened, and looked at before they are read. Every failure says in a PlazaStickTrouble whether it
 * is of this file alone or of the whole stick.
 */

typedef struct
{
  PlazaStickProblem problem; /* of the stick: the work ends */
  PlazaStickReason reason;   /* of this file: the others go on */
} PlazaStickTrouble;

/** plaza_stick_open_root: the folder a person chose; here a link is followed. Returns: a
 * descriptor, -1 with @trouble. */
int plaza_stick_open_root (const char *path, PlazaStickTrouble *trouble, GError **error);

/** plaza_stick_open_folder: a folder in @parent, no link. @make: makes it when it is not there.
 * Returns: a descriptor, -1 with @trouble. */
int plaza_stick_open_folder (
    int parent, const char *name, gboolean make, PlazaStickTrouble *trouble, GError **error);

/**
 * plaza_stick_read_file: a regular file of @folder, of at most @max_bytes.
 * @past_cache: from the medium itself, as far as the system can
 */
GBytes *plaza_stick_read_file (int folder,
                               const char *name,
                               gsize max_bytes,
                               gboolean past_cache,
                               PlazaStickTrouble *trouble,
                               GError **error);

/** plaza_stick_read_head: the first @size bytes of a regular file of @folder. Returns: FALSE with
 * errno when it is none, is larger than @max_bytes (EFBIG), shorter (ENODATA) or cannot be read. */
gboolean
plaza_stick_read_head (int folder, const char *name, gsize max_bytes, guint8 *head, gsize size);

/** plaza_stick_is_leftover: whether @name is one that a batch gives what is not whole yet. */
gboolean plaza_stick_is_leftover (const char *name);

/**
 * PlazaStickBatch: files on their way into one folder. Written and synced under temporary names,
 * then renamed, the folder synced, and each read back past the cache and compared: a batch, because
 * a stick pays for each sync as much as for the bytes.
 */
typedef struct _PlazaStickBatch PlazaStickBatch;

/** plaza_stick_batch_new: @folder stays the caller's. Leftovers of an earlier, cut batch go. */
PlazaStickBatch *plaza_stick_batch_new (int folder);
/** plaza_stick_batch_free: what was not finished is taken away again. */
void plaza_stick_batch_free (PlazaStickBatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaStickBatch, plaza_stick_batch_free)

/** plaza_stick_batch_add: writes @bytes under a temporary name. */
gboolean plaza_stick_batch_add (PlazaStickBatch *self,
                                const char *name,
                                GBytes *bytes,
                                PlazaStickTrouble *trouble,
                                GError **error);

/** plaza_stick_batch_is_full: enough to finish. */
gboolean plaza_stick_batch_is_full (PlazaStickBatch *self);

/** plaza_stick_batch_finish: all that was added is on the medium, under its name, compared. */
gboolean
plaza_stick_batch_finish (PlazaStickBatch *self, PlazaStickTrouble *trouble, GError **error);

/** plaza_stick_file_is_there: whether a regular file of @size bytes has this name. */
gboolean plaza_stick_file_is_there (int folder, const char *name, gsize size);

/** plaza_stick_is_gone: whether the folder behind @root answers no more. */
gboolean plaza_stick_is_gone (int root);

G_END_DECLS

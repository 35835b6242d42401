/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"

G_BEGIN_DECLS

/**
 * PlazaWriter: the one thread that writes. It takes whatever waits into one transaction (one sync
 * of the disk for many requests) and tells each job only after the commit. A job that comes alone
 * waits for nobody; under load the next ones gather while the disk syncs.
 */
typedef struct _PlazaWriter PlazaWriter;

/**
 * PlazaWriterFunc: a job, in the writer's thread, inside its transaction. It may be run again from
 * the start when the database asks for it, or when another job of its transaction failed. FALSE
 * with
 * @error undoes this job alone.
 */
typedef gboolean (*PlazaWriterFunc) (PlazaStorage *storage, gpointer data, GError **error);

/**
 * PlazaWriterDone: called once a job, in the writer's thread: after the commit with @error NULL, or
 * with what went wrong.
 */
typedef void (*PlazaWriterDone) (gpointer data, const GError *error);

/**
 * PlazaWriterLook: adds to @keys what the job will look up, so that an engine can fetch it for many
 * jobs at once. In the writer's thread.
 */
typedef void (*PlazaWriterLook) (gpointer data, PlazaLookahead *keys);

/** plaza_writer_new: takes over @storage, which is open to write. */
PlazaWriter *plaza_writer_new (PlazaStorage *storage);

/** plaza_writer_submit: any thread. @done: (nullable). Not after plaza_writer_stop(). */
void
plaza_writer_submit (PlazaWriter *self, PlazaWriterFunc func, PlazaWriterDone done, gpointer data);

/** plaza_writer_submit_looking: as plaza_writer_submit(). @look: (nullable). */
void plaza_writer_submit_looking (PlazaWriter *self,
                                  PlazaWriterLook look,
                                  PlazaWriterFunc func,
                                  PlazaWriterDone done,
                                  gpointer data);

/** plaza_writer_run: submits and waits. */
gboolean plaza_writer_run (PlazaWriter *self, PlazaWriterFunc func, gpointer data, GError **error);

/**
 * plaza_writer_want_checkpoint: after the transaction that runs now, leave nothing of it in the
 * write-ahead log. For jobs.
 */
void plaza_writer_want_checkpoint (PlazaWriter *self);

/**
 * plaza_writer_wait_idle: for work that should not take time from others: waits until no job that
 * looks ahead was written for @quiet µs, but no longer than @longest. Any thread.
 */
void plaza_writer_wait_idle (PlazaWriter *self, gint64 quiet, gint64 longest);

/** plaza_writer_stop: finishes what waits, checkpoints, closes the database and frees. */
void plaza_writer_stop (PlazaWriter *self);

G_END_DECLS

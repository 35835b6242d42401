/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"

G_BEGIN_DECLS

/**
 * PlazaWriter: the one thread that writes. It takes whatever waits into one transaction (one sync
 * of the disk for many requests) and tells each job only after the commit.
 */
typedef struct _PlazaWriter PlazaWriter;

/**
 * PlazaWriterFunc: a job, in the writer's thread, inside its transaction. It may be run again from
 * the start when the database asks for it. FALSE with @error undoes this job alone.
 */
typedef gboolean (*PlazaWriterFunc) (PlazaStorage *storage, gpointer data, GError **error);

/**
 * PlazaWriterDone: called once a job, in the writer's thread: after the commit with @error NULL, or
 * with what went wrong.
 */
typedef void (*PlazaWriterDone) (gpointer data, const GError *error);

/** plaza_writer_new: takes over @storage, which is open to write. */
PlazaWriter *plaza_writer_new (PlazaStorage *storage);

/** plaza_writer_submit: any thread. @done: (nullable). Not after plaza_writer_stop(). */
void
plaza_writer_submit (PlazaWriter *self, PlazaWriterFunc func, PlazaWriterDone done, gpointer data);

/** plaza_writer_run: submits and waits. */
gboolean plaza_writer_run (PlazaWriter *self, PlazaWriterFunc func, gpointer data, GError **error);

/**
 * plaza_writer_want_checkpoint: after the transaction that runs now, leave nothing of it in the
 * write-ahead log. For jobs.
 */
void plaza_writer_want_checkpoint (PlazaWriter *self);

/** plaza_writer_stop: finishes what waits, checkpoints, closes the database and frees. */
void plaza_writer_stop (PlazaWriter *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/carried.h"
#include "sync/stick-file.h"

G_BEGIN_DECLS

/** What a piece of work is doing, for its message. */
typedef enum
{
  PLAZA_STICK_RESTING,
  PLAZA_STICK_PACKING,
  PLAZA_STICK_LOOKING, /* what is there, what has to go */
  PLAZA_STICK_WRITING,
  PLAZA_STICK_READING,
} PlazaStickPhase;

/**
 * PlazaStickWork: one piece of work in its thread. phase, done and total are read by the main
 * thread meanwhile, the rest when the thread has ended.
 */
typedef struct
{
  char *data_root;
  char *own; /* fingerprint of the profile's campaign, or NULL */
  GStrv folders;
  GCancellable *cancellable;

  int phase;  /* PlazaStickPhase; atomic */
  guint done; /* files; atomic */
  guint total;

  GPtrArray *items;
  PlazaStickTrouble trouble;
  guint64 missing;
  gboolean left_out;
} PlazaStickWork;

/** plaza_stick_save_work, plaza_stick_read_work: FALSE with work->trouble.problem and @error when
 * the stick or this laptop ends it. */
gboolean plaza_stick_save_work (PlazaStickWork *work, GError **error);
gboolean plaza_stick_read_work (PlazaStickWork *work, GError **error);

/** plaza_stick_work_goes_on: FALSE with @error when the person cancelled. */
gboolean plaza_stick_work_goes_on (PlazaStickWork *work, GError **error);

/** plaza_stick_work_add: takes @path and @id. */
PlazaStickItem *
plaza_stick_work_add (PlazaStickWork *work, PlazaStickKind kind, char *path, char *id, gsize size);

/** plaza_stick_kind_of_name: what a file says that it is. */
gboolean plaza_stick_kind_of_name (const char *name, PlazaStickKind *out);
/** plaza_stick_kind_of_content: what it is. @head: PLAZA_STICK_STEM_SIZE bytes */
#define PLAZA_STICK_STEM_SIZE 6
gboolean plaza_stick_kind_of_content (const guint8 *head, PlazaStickKind *out);
/** plaza_stick_kind_suffix: ".plz"… */
const char *plaza_stick_kind_suffix (PlazaStickKind kind);
/** plaza_stick_kind_max: bytes of the largest file of that kind. */
gsize plaza_stick_kind_max (PlazaStickKind kind);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/form-shelf.h"
#include "store/store-private.h"

G_BEGIN_DECLS

/* For the store's own files alone. */

struct _PlazaStore
{
  GObject parent_instance;
  PlazaProfile *profile;   /* weak: the profile owns the store */
  PlazaCampaign *campaign; /* atomic */
  GPtrArray *replaced;     /* campaigns before it: somebody may still read them */
  GMainContext *context;
  char *folder;

  PlazaSecret *values_key;
  PlazaSecret *wrapping_key;
  PlazaSecret *device_secret;
  PlazaEnrolment enrolment;
  gboolean enrolled;

  PlazaFormShelf *forms;

  GThread *worker;
  GAsyncQueue *jobs;
  gboolean closed;

  /* The worker's own. */
  PlazaDatabase *db;
  GPtrArray *touched;
  gboolean touched_many;
  gboolean shredded;
  GPtrArray *shredded_responses; /* ids that no backup may have, or PLAZA_SHRED_ALL */
  gboolean dirty;                /* since the last backup */
  gint64 looked;                 /* monotonic µs: when the worker last looked for a due backup */
};

/** plaza_store_start_worker: the database belongs to the worker from now on. */
void plaza_store_start_worker (PlazaStore *self);

/** plaza_store_stop_worker: after what is queued; closes the database. */
gboolean plaza_store_stop_worker (PlazaStore *self, GError **error);

/** plaza_store_announce: worker only: signals, in the store's context, what was touched. */
void plaza_store_announce (PlazaStore *self);

/** plaza_store_backup_folder: (transfer full): of the profile. */
char *plaza_store_backup_folder (PlazaStore *self);

/** plaza_store_look_for_backup: worker only: makes one when it is due. */
void plaza_store_look_for_backup (PlazaStore *self);

/** plaza_store_recall_shredding: while opening: what was destroyed before a power cut or on a full
 * disk is still to be finished. */
gboolean plaza_store_recall_shredding (PlazaStore *self, GError **error);

/** plaza_store_finish_shredding: worker only: what was destroyed leaves the log and older copies.
 */
void plaza_store_finish_shredding (PlazaStore *self);

/** plaza_store_remove_aside: a copy on its way to a stick, or of one that was cut. */
void plaza_store_remove_aside (PlazaStore *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "central/metrics.h"
#include "central/writer.h"

#define MAX_GROUP 512
#define LOOK_AHEAD 1000 /* entries looked up at once */
/* No job is begun later in its transaction: as long as several commits take, so that these weigh
 * little, and no longer, so that who was served first need not wait for the rest. */
#define MIN_ROUND_US (10 * 1000)
#define MAX_ROUND_US (100 * 1000)
#define COMMITS_A_ROUND 4
#define REST_US G_USEC_PER_SEC /* so long after the last job nobody waits */
#define MAX_TRIES 5
#define RETRY_US (50 * 1000)

typedef struct
{
  PlazaWriterLook look;
  PlazaWriterFunc func;
  PlazaWriterDone done;
  gpointer data;
  GError *error;
} Job;

struct _PlazaWriter
{
  PlazaStorage *storage;
  GAsyncQueue *jobs;
  GThread *thread;
  gint64 commit_us; /* the last one took */
  gint checkpoint;  /* atomic */
  GMutex lock;      /* of what follows */
  GCond quiet;
  gboolean busy;
  gint64 ended; /* monotonic: when the last transaction was */
};

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_error (&job->error);
  g_free (job);
}

static gboolean
is_retryable (const GError *error)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_BUSY);
}

/* One job, between marks when @careful. FALSE: the transaction cannot go on. */
static gboolean
run_job (PlazaWriter *self, Job *job, gboolean careful, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;

  g_clear_error (&job->error);
  if (!careful)
    return job->func (self->storage, job->data, error);
  if (!table->mark (self->storage, error))
    return FALSE;
  if (job->func (self->storage, job->data, &job->error) &&
      table->unmark (self->storage, &job->error))
    return TRUE;
  if (!is_retryable (job->error))
    return table->back (self->storage, error);
  g_propagate_error (error, g_error_copy (job->error));
  return FALSE;
}

/* Fetches at once what the jobs from @first on will ask for. *@next: the first one left out. */
static gboolean
look_ahead (PlazaWriter *self, GPtrArray *group, guint first, guint *next, GError **error)
{
  g_autoptr (PlazaLookahead) keys = plaza_lookahead_new ();
  guint i = first;

  for (; i < group->len && keys->entries->len < LOOK_AHEAD; i++)
    {
      Job *job = g_ptr_array_index (group, i);

      if (job->look != NULL)
        job->look (job->data, keys);
    }
  *next = i;
  return self->storage->table->look_ahead (self->storage, keys, error);
}

/* *@n: so many jobs of the group were written; the others wait for the next transaction. */
static gboolean
run_group (PlazaWriter *self, GPtrArray *group, gboolean careful, guint *n, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;
  gint64 round = CLAMP (COMMITS_A_ROUND * self->commit_us, MIN_ROUND_US, MAX_ROUND_US);
  gint64 begun = g_get_monotonic_time ();
  guint looked = 0, i = 0;

  if (!table->begin (self->storage, error))
    return FALSE;
  do
    {
      if ((i == looked && table->look_ahead != NULL &&
           !look_ahead (self, group, i, &looked, error)) ||
          !run_job (self, g_ptr_array_index (group, i), careful, error))
        {
          table->rollback (self->storage);
          return FALSE;
        }
      i++;
    }
  while (i < group->len && g_get_monotonic_time () - begun < round);
  *n = i;
  begun = g_get_monotonic_time ();
  if (!table->commit (self->storage, error))
    return FALSE;
  self->commit_us = g_get_monotonic_time () - begun;
  return TRUE;
}

/*
 * Jobs hardly ever fail, so a group goes without marks at first. When something fails, it all goes
 * once more with a mark around each job, and only the one at fault is undone.
 */
static gboolean
try_group (PlazaWriter *self, GPtrArray *group, guint *n, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (run_group (self, group, FALSE, n, &local))
    return TRUE;
  if (is_retryable (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return run_group (self, group, TRUE, n, error);
}

static void
set_busy (PlazaWriter *self, gboolean busy)
{
  g_mutex_lock (&self->lock);
  self->busy = busy;
  self->ended = g_get_monotonic_time ();
  g_cond_broadcast (&self->quiet);
  g_mutex_unlock (&self->lock);
}

/* Whether somebody at the other end waits for one of them with an envelope. */
static gboolean
has_foreground (GPtrArray *group)
{
  for (guint i = 0; i < group->len; i++)
    if (((Job *) g_ptr_array_index (group, i))->look != NULL)
      return TRUE;
  return FALSE;
}

/* Writes the first jobs of @group and takes them out. */
static void
write_group (PlazaWriter *self, GPtrArray *group)
{
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();
  guint n = group->len; /* all of them fail together */

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_clear_error (&error);
      if (i > 0)
        plaza_metrics_add (PLAZA_METRIC_DATABASE_RETRIES, 1);
      if (try_group (self, group, &n, &error) || !is_retryable (error))
        break;
      g_usleep (RETRY_US << i);
    }
  plaza_metrics_observe (PLAZA_HISTOGRAM_GROUP_JOBS, n);
  plaza_metrics_observe (PLAZA_HISTOGRAM_GROUP_SECONDS,
                         (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  if (error != NULL)
    {
      plaza_metrics_add (PLAZA_METRIC_DATABASE_ERRORS, 1);
      g_warning ("writing: %s", error->message);
    }
  if (g_atomic_int_compare_and_exchange (&self->checkpoint, 1, 0) && error == NULL)
    {
      g_autoptr (GError) late = NULL;

      if (!self->storage->table->checkpoint (self->storage, &late))
        g_warning ("checkpoint: %s", late->message);
    }
  for (guint i = 0; i < n; i++)
    {
      Job *job = g_ptr_array_index (group, i);

      if (job->done != NULL)
        job->done (job->data, error != NULL ? error : job->error);
    }
  g_ptr_array_remove_range (group, 0, n);
}

/* Waits for a job, and uses the time. */
static Job *
next_job (PlazaWriter *self)
{
  g_autoptr (GError) error = NULL;
  Job *job = g_async_queue_timeout_pop (self->jobs, REST_US);

  if (job != NULL)
    return job;
  if (self->storage->table->rest != NULL && !self->storage->table->rest (self->storage, &error))
    g_warning ("resting: %s", error->message);
  return g_async_queue_pop (self->jobs);
}

static gpointer
write_all (gpointer data)
{
  PlazaWriter *self = data;
  g_autoptr (GPtrArray) group = g_ptr_array_new_with_free_func (job_free);
  gboolean last = FALSE;

  while (!last || group->len > 0)
    {
      Job *job = NULL;

      if (group->len == 0)
        job = next_job (self);
      else if (!last)
        job = g_async_queue_try_pop (self->jobs);
      for (; job != NULL; job = group->len < MAX_GROUP ? g_async_queue_try_pop (self->jobs) : NULL)
        {
          last = job->func == NULL; /* the mark of plaza_writer_stop() */
          if (last)
            {
              job_free (job);
              break;
            }
          g_ptr_array_add (group, job);
        }
      if (group->len > 0)
        {
          gboolean foreground = has_foreground (group);

          if (foreground)
            set_busy (self, TRUE);
          write_group (self, group);
          if (foreground)
            set_busy (self, FALSE);
        }
    }
  return NULL;
}

PlazaWriter *
plaza_writer_new (PlazaStorage *storage)
{
  PlazaWriter *self = g_new0 (PlazaWriter, 1);

  self->storage = storage;
  self->jobs = g_async_queue_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->quiet);
  self->thread = g_thread_new ("writer", write_all, self);
  return self;
}

void
plaza_writer_submit_looking (PlazaWriter *self,
                             PlazaWriterLook look,
                             PlazaWriterFunc func,
                             PlazaWriterDone done,
                             gpointer data)
{
  Job *job = g_new0 (Job, 1);

  job->look = look;
  job->func = func;
  job->done = done;
  job->data = data;
  g_async_queue_push (self->jobs, job);
}

void
plaza_writer_submit (PlazaWriter *self, PlazaWriterFunc func, PlazaWriterDone done, gpointer data)
{
  plaza_writer_submit_looking (self, NULL, func, done, data);
}

typedef struct
{
  PlazaWriterFunc func;
  gpointer data;
  GMutex lock;
  GCond ended;
  gboolean over;
  GError *error;
} Wait;

static gboolean
wait_func (PlazaStorage *storage, gpointer data, GError **error)
{
  Wait *wait = data;

  return wait->func (storage, wait->data, error);
}

static void
wait_done (gpointer data, const GError *error)
{
  Wait *wait = data;

  g_mutex_lock (&wait->lock);
  wait->over = TRUE;
  wait->error = error != NULL ? g_error_copy (error) : NULL;
  g_cond_signal (&wait->ended);
  g_mutex_unlock (&wait->lock);
}

gboolean
plaza_writer_run (PlazaWriter *self, PlazaWriterFunc func, gpointer data, GError **error)
{
  Wait wait = { func, data };

  g_mutex_init (&wait.lock);
  g_cond_init (&wait.ended);
  plaza_writer_submit (self, wait_func, wait_done, &wait);
  g_mutex_lock (&wait.lock);
  while (!wait.over)
    g_cond_wait (&wait.ended, &wait.lock);
  g_mutex_unlock (&wait.lock);
  g_mutex_clear (&wait.lock);
  g_cond_clear (&wait.ended);
  if (wait.error == NULL)
    return TRUE;
  g_propagate_error (error, wait.error);
  return FALSE;
}

void
plaza_writer_want_checkpoint (PlazaWriter *self)
{
  g_atomic_int_set (&self->checkpoint, 1);
}

void
plaza_writer_wait_idle (PlazaWriter *self, gint64 quiet, gint64 longest)
{
  gint64 until = g_get_monotonic_time () + longest;

  g_mutex_lock (&self->lock);
  for (;;)
    {
      gint64 now = g_get_monotonic_time ();

      if (now >= until || (!self->busy && now - self->ended >= quiet))
        break;
      g_cond_wait_until (&self->quiet, &self->lock,
                         self->busy ? until : MIN (until, self->ended + quiet));
    }
  g_mutex_unlock (&self->lock);
}

void
plaza_writer_stop (PlazaWriter *self)
{
  g_autoptr (GError) error = NULL;

  if (self == NULL)
    return;
  plaza_writer_submit (self, NULL, NULL, NULL);
  g_thread_join (self->thread);
  if (!self->storage->table->checkpoint (self->storage, &error))
    g_warning ("checkpoint: %s", error->message);
  plaza_storage_close (self->storage);
  g_async_queue_unref (self->jobs);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->quiet);
  g_free (self);
}

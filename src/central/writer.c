/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "central/metrics.h"
#include "central/writer.h"

#define MAX_GROUP 64
#define MAX_TRIES 5
#define RETRY_US (50 * 1000)

typedef struct
{
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
  gint checkpoint; /* atomic */
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

/* One job between its marks. FALSE: the whole transaction cannot go on. */
static gboolean
run_job (PlazaWriter *self, Job *job, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;

  g_clear_error (&job->error);
  if (!table->mark (self->storage, error))
    return FALSE;
  if (job->func (self->storage, job->data, &job->error))
    return table->unmark (self->storage, error);
  if (!is_retryable (job->error))
    return table->back (self->storage, error);
  g_propagate_error (error, g_error_copy (job->error));
  return FALSE;
}

static gboolean
run_group (PlazaWriter *self, GPtrArray *group, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;

  if (!table->begin (self->storage, error))
    return FALSE;
  for (guint i = 0; i < group->len; i++)
    if (!run_job (self, g_ptr_array_index (group, i), error))
      {
        table->rollback (self->storage);
        return FALSE;
      }
  return table->commit (self->storage, error);
}

static void
write_group (PlazaWriter *self, GPtrArray *group)
{
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_clear_error (&error);
      if (i > 0)
        plaza_metrics_add (PLAZA_METRIC_DATABASE_RETRIES, 1);
      if (run_group (self, group, &error) || !is_retryable (error))
        break;
      g_usleep (RETRY_US << i);
    }
  plaza_metrics_observe (PLAZA_HISTOGRAM_GROUP_JOBS, group->len);
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
  for (guint i = 0; i < group->len; i++)
    {
      Job *job = g_ptr_array_index (group, i);

      if (job->done != NULL)
        job->done (job->data, error != NULL ? error : job->error);
    }
}

static gpointer
write_all (gpointer data)
{
  PlazaWriter *self = data;
  gboolean last = FALSE;

  while (!last)
    {
      g_autoptr (GPtrArray) group = g_ptr_array_new_with_free_func (job_free);
      Job *job = g_async_queue_pop (self->jobs);

      while (job != NULL && group->len < MAX_GROUP)
        {
          last = job->func == NULL; /* the mark of plaza_writer_stop() */
          if (last)
            {
              job_free (job);
              break;
            }
          g_ptr_array_add (group, job);
          job = group->len < MAX_GROUP ? g_async_queue_try_pop (self->jobs) : NULL;
        }
      if (group->len > 0)
        write_group (self, group);
    }
  return NULL;
}

PlazaWriter *
plaza_writer_new (PlazaStorage *storage)
{
  PlazaWriter *self = g_new0 (PlazaWriter, 1);

  self->storage = storage;
  self->jobs = g_async_queue_new ();
  self->thread = g_thread_new ("writer", write_all, self);
  return self;
}

void
plaza_writer_submit (PlazaWriter *self, PlazaWriterFunc func, PlazaWriterDone done, gpointer data)
{
  Job *job = g_new0 (Job, 1);

  job->func = func;
  job->done = done;
  job->data = data;
  g_async_queue_push (self->jobs, job);
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
  g_free (self);
}

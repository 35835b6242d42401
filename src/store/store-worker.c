/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/store-worker-private.h"

#include "base/error.h"

/* How often the worker looks whether a backup is due: when idle, and when it never is. It looks
 * when closing too, so that a short visit leaves one. */
#define IDLE_SECONDS 60
#define BUSY_SECONDS 600

/* A job on its way. The worker either wakes the caller that waits or returns through the task. */
typedef struct
{
  PlazaStoreMode mode;
  PlazaStoreJob run; /* NULL ends the worker */
  gpointer data;
  GTask *task;
  GMutex *lock;
  GCond *done_cond;
  gboolean *done;
  gboolean ok;
  GError *error;
} Work;

static void
forget_notes (PlazaStore *self)
{
  g_ptr_array_set_size (self->touched, 0);
  self->touched_many = FALSE;
}

static void
run_work (PlazaStore *self, Work *work)
{
  gboolean shredded = self->shredded;
  guint n_shredded = self->shredded_responses->len;

  if (work->mode == PLAZA_STORE_WRITE)
    {
      work->ok = plaza_database_begin (self->db, &work->error);
      if (work->ok && !(work->ok = work->run (self, self->db, work->data, &work->error)))
        plaza_database_rollback (self->db);
      work->ok = work->ok && plaza_database_commit (self->db, &work->error);
    }
  else
    work->ok = work->run (self, self->db, work->data, &work->error);
  g_assert (work->ok == (work->error == NULL));
  if (!work->ok) /* it destroyed nothing; what an earlier one did may still wait */
    {
      self->shredded = shredded;
      g_ptr_array_set_size (self->shredded_responses, (gint) n_shredded);
    }

  if (work->ok)
    {
      self->dirty = self->dirty || work->mode != PLAZA_STORE_READ;
      plaza_store_announce (self);
    }
}

static void
return_work (Work *work)
{
  if (work->task == NULL)
    {
      g_mutex_lock (work->lock);
      *work->done = TRUE;
      g_cond_signal (work->done_cond);
      g_mutex_unlock (work->lock);
      return;
    }
  if (work->ok)
    g_task_return_boolean (work->task, TRUE);
  else
    g_task_return_error (work->task, g_steal_pointer (&work->error));
  g_object_unref (work->task);
  g_free (work);
}

static gpointer
run_worker (gpointer data)
{
  PlazaStore *self = data;

  self->looked = g_get_monotonic_time ();
  for (;;)
    {
      Work *work = g_async_queue_timeout_pop (self->jobs, IDLE_SECONDS * G_USEC_PER_SEC);

      if (work == NULL)
        {
          plaza_store_look_for_backup (self);
          continue;
        }
      if (work->run == NULL)
        {
          plaza_store_look_for_backup (self);
          work->ok = plaza_database_close (g_steal_pointer (&self->db), &work->error);
          return_work (work);
          return NULL;
        }
      run_work (self, work);
      if (self->shredded)
        plaza_store_finish_shredding (self);
      forget_notes (self);
      return_work (work);
      if (g_get_monotonic_time () - self->looked > BUSY_SECONDS * G_USEC_PER_SEC)
        plaza_store_look_for_backup (self);
    }
}

static gboolean
call_worker (PlazaStore *self, Work *work, GError **error)
{
  GMutex lock;
  GCond done_cond;
  gboolean done = FALSE;

  g_assert (g_thread_self () != self->worker);
  g_mutex_init (&lock);
  g_cond_init (&done_cond);
  work->lock = &lock;
  work->done_cond = &done_cond;
  work->done = &done;
  g_async_queue_push (self->jobs, work);
  g_mutex_lock (&lock);
  while (!done)
    g_cond_wait (&done_cond, &lock);
  g_mutex_unlock (&lock);
  g_cond_clear (&done_cond);
  g_mutex_clear (&lock);
  if (!work->ok)
    g_propagate_error (error, g_steal_pointer (&work->error));
  return work->ok;
}

gboolean
plaza_store_call (
    PlazaStore *self, PlazaStoreMode mode, PlazaStoreJob job, gpointer data, GError **error)
{
  Work work = { .mode = mode, .run = job, .data = data };

  if (self->closed)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  return call_worker (self, &work, error);
}

void
plaza_store_queue (
    PlazaStore *self, PlazaStoreMode mode, PlazaStoreJob job, gpointer data, GTask *task)
{
  Work *work;

  if (self->closed)
    {
      g_task_return_new_error (task, PLAZA_ERROR, PLAZA_ERROR_LOCKED, "the profile is locked");
      g_object_unref (task);
      return;
    }
  work = g_new0 (Work, 1);
  work->mode = mode;
  work->run = job;
  work->data = data;
  work->task = task;
  g_async_queue_push (self->jobs, work);
}

void
plaza_store_start_worker (PlazaStore *self)
{
  self->worker = g_thread_new ("plaza-store", run_worker, self);
}

gboolean
plaza_store_stop_worker (PlazaStore *self, GError **error)
{
  Work work = { .run = NULL };
  gboolean ok = call_worker (self, &work, error);

  g_thread_join (g_steal_pointer (&self->worker));
  return ok;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/store-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/backup.h"
#include "store/form-shelf.h"
#include "store/migration.h"
#include "store/safe-copy-private.h"
#include "store/unreadable-private.h"
#include "store/vault.h"

/* How often the worker looks whether a backup is due: when idle, and when it never is. It looks
 * when closing too, so that a short visit leaves one. */
#define IDLE_SECONDS 60
#define BUSY_SECONDS 600

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

enum
{
  SIGNAL_RESPONSES_CHANGED,
  SIGNAL_COUNTS_CHANGED,
  SIGNAL_CAMPAIGN_CHANGED,
  SIGNAL_LOCKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaStore, plaza_store, G_TYPE_OBJECT)

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

typedef struct
{
  PlazaStore *self;
  GStrv responses;
} Change;

static gboolean
on_change_idle (gpointer data)
{
  Change *change = data;

  if (!change->self->closed)
    {
      g_signal_emit (change->self, signals[SIGNAL_RESPONSES_CHANGED], 0, change->responses);
      g_signal_emit (change->self, signals[SIGNAL_COUNTS_CHANGED], 0);
    }
  return G_SOURCE_REMOVE;
}

static void
change_free (gpointer data)
{
  Change *change = data;

  g_object_unref (change->self);
  g_strfreev (change->responses);
  g_free (change);
}

static void
announce (PlazaStore *self)
{
  Change *change;
  g_autoptr (GSource) source = NULL;

  if (self->touched->len == 0 && !self->touched_many)
    return;
  change = g_new0 (Change, 1);
  change->self = g_object_ref (self);
  if (!self->touched_many)
    {
      GPtrArray *ids = g_ptr_array_new ();

      for (guint i = 0; i < self->touched->len; i++)
        g_ptr_array_add (ids, g_strdup (g_ptr_array_index (self->touched, i)));
      g_ptr_array_add (ids, NULL);
      change->responses = (GStrv) g_ptr_array_free (ids, FALSE);
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_change_idle, change, change_free);
  g_source_attach (source, self->context);
}

static char *
backup_folder (PlazaStore *self)
{
  return g_build_filename (self->folder, "backups", NULL);
}

static gboolean
make_backup (PlazaStore *self, gboolean only)
{
  g_autofree char *folder = backup_folder (self);
  g_autoptr (GError) error = NULL;

  if (plaza_backup_make (self->db, folder, only, &error))
    self->dirty = FALSE;
  else
    g_warning ("no backup was made: %s", error->message);
  return error == NULL;
}

static gboolean
backups_hold (PlazaStore *self, const char *folder)
{
  for (guint i = 0; i < self->shredded_responses->len; i++)
    {
      const char *response = g_ptr_array_index (self->shredded_responses, i);

      if (strcmp (response, PLAZA_SHRED_ALL) == 0 || plaza_backup_holds (folder, response))
        return TRUE;
    }
  return FALSE;
}

static gboolean
forget_note_of_shredding (PlazaStore *self)
{
  g_autoptr (GError) error = NULL;

  if (plaza_database_run (self->db, &error, "DELETE FROM counter WHERE name = ?", "t",
                          PLAZA_COUNTER_SHREDDING))
    return TRUE;
  g_warning ("the note of what was destroyed stays: %s", error->message);
  return FALSE;
}

/* Something was destroyed, and then the power failed or the disk was full. */
static gboolean
recall_shredding (PlazaStore *self, GError **error)
{
  gint64 noted;

  if (!plaza_database_get_int (self->db, 0, &noted, error,
                               "SELECT value FROM counter WHERE name = ?", "t",
                               PLAZA_COUNTER_SHREDDING))
    return FALSE;
  self->shredded = noted != 0;
  if (self->shredded)
    g_ptr_array_add (self->shredded_responses, g_strdup (PLAZA_SHRED_ALL));
  return TRUE;
}

/* A copy on its way to a stick, or of one that was cut; whoever is writing it has it open. */
static void
remove_aside (PlazaStore *self)
{
  g_autofree char *aside = g_build_filename (self->folder, PLAZA_SAFE_COPY_ASIDE, NULL);
  g_autofree char *part = g_strconcat (aside, ".part", NULL);
  g_autoptr (GError) error = NULL;

  if (!plaza_file_remove (aside, &error) || !plaza_file_remove (part, &error))
    g_warning ("a copy stays: %s", error->message);
}

/* What was destroyed must not live on in the log or in an older copy. What the disk refuses now is
 * done after the next job. */
static void
finish_shredding (PlazaStore *self)
{
  g_autofree char *folder = backup_folder (self);
  g_autoptr (GError) error = NULL;

  if (!plaza_database_checkpoint (self->db, &error))
    {
      g_warning ("the log could not be emptied: %s", error->message);
      return;
    }
  remove_aside (self);
  if (self->shredded_responses->len > 0 &&
      ((backups_hold (self, folder) && !make_backup (self, TRUE)) ||
       !forget_note_of_shredding (self)))
    return;
  self->shredded = FALSE;
  g_ptr_array_set_size (self->shredded_responses, 0);
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
      announce (self);
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

static void
look_for_backup (PlazaStore *self)
{
  g_autofree char *folder = backup_folder (self);

  self->looked = g_get_monotonic_time ();
  if (self->dirty && plaza_backup_is_due (folder))
    make_backup (self, FALSE);
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
          look_for_backup (self);
          continue;
        }
      if (work->run == NULL)
        {
          look_for_backup (self);
          work->ok = plaza_database_close (g_steal_pointer (&self->db), &work->error);
          return_work (work);
          return NULL;
        }
      run_work (self, work);
      if (self->shredded)
        finish_shredding (self);
      forget_notes (self);
      return_work (work);
      if (g_get_monotonic_time () - self->looked > BUSY_SECONDS * G_USEC_PER_SEC)
        look_for_backup (self);
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
plaza_store_touch (PlazaStore *self, const char *response)
{
  if (response == NULL || self->touched->len >= 50)
    self->touched_many = TRUE;
  else
    g_ptr_array_add (self->touched, g_strdup (response));
}

void
plaza_store_shred (PlazaStore *self, const char *response)
{
  g_autoptr (GError) error = NULL;

  self->shredded = TRUE;
  if (response == NULL)
    return;
  g_ptr_array_add (self->shredded_responses, g_strdup (response));
  if (!plaza_store_count (self->db, PLAZA_COUNTER_SHREDDING, 1, NULL, &error))
    g_warning ("what is destroyed could not be noted: %s", error->message);
}

static gboolean
close_job (PlazaStore *self, GError **error)
{
  Work work = { .run = NULL };
  gboolean ok = call_worker (self, &work, error);

  g_thread_join (g_steal_pointer (&self->worker));
  return ok;
}

gboolean
plaza_store_close (PlazaStore *self, GError **error)
{
  gboolean ok = TRUE;

  if (self->closed)
    return TRUE;
  self->closed = TRUE;
  if (self->worker != NULL)
    ok = close_job (self, error);
  /* Only now: a job that was queued may still have sealed with a capture's key. */
  g_signal_emit (self, signals[SIGNAL_LOCKED], 0);
  g_clear_pointer (&self->values_key, plaza_secret_unref);
  g_clear_pointer (&self->wrapping_key, plaza_secret_unref);
  g_clear_pointer (&self->device_secret, plaza_secret_unref);
  plaza_enrolment_clear (&self->enrolment);
  self->enrolled = FALSE;
  self->profile = NULL;
  return ok;
}

static void
plaza_store_dispose (GObject *object)
{
  plaza_store_close (PLAZA_STORE (object), NULL);
  G_OBJECT_CLASS (plaza_store_parent_class)->dispose (object);
}

static void
plaza_store_finalize (GObject *object)
{
  PlazaStore *self = PLAZA_STORE (object);

  g_clear_pointer (&self->db, plaza_database_free);
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  g_clear_pointer (&self->replaced, g_ptr_array_unref);
  g_clear_pointer (&self->forms, plaza_form_shelf_free);
  g_clear_pointer (&self->jobs, g_async_queue_unref);
  g_clear_pointer (&self->touched, g_ptr_array_unref);
  g_clear_pointer (&self->shredded_responses, g_ptr_array_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->folder);
  G_OBJECT_CLASS (plaza_store_parent_class)->finalize (object);
}

static void
plaza_store_class_init (PlazaStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = plaza_store_dispose;
  G_OBJECT_CLASS (klass)->finalize = plaza_store_finalize;

  signals[SIGNAL_RESPONSES_CHANGED] =
      g_signal_new ("responses-changed", PLAZA_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, G_TYPE_STRV);
  signals[SIGNAL_COUNTS_CHANGED] = g_signal_new (
      "counts-changed", PLAZA_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CAMPAIGN_CHANGED] = g_signal_new (
      "campaign-changed", PLAZA_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LOCKED] = g_signal_new ("locked", PLAZA_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
plaza_store_init (PlazaStore *self)
{
  self->jobs = g_async_queue_new ();
  self->replaced = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_campaign_unref);
  self->shredded_responses = g_ptr_array_new_with_free_func (g_free);
  self->touched = g_ptr_array_new_with_free_func (g_free);
}

/* Opening */

static GBytes *
secret_to_bytes (const PlazaSecret *secret)
{
  return g_bytes_new (plaza_secret_bytes (secret), plaza_secret_length (secret));
}

static gboolean
read_device_secret (PlazaStore *self, gboolean fresh, GError **error)
{
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GError) local = NULL;
  PlazaPublicKey ignored;

  stored = plaza_store_read_value (self, self->db, "device-secret", &local);
  if (stored != NULL)
    {
      self->device_secret =
          plaza_secret_new_copy (g_bytes_get_data (stored, NULL), g_bytes_get_size (stored));
      return TRUE;
    }
  /* A store that opens with this key otherwise is damaged, and a copy may have what it lacks. */
  if (plaza_unreadable_is_damage (local) && plaza_unreadable_knows_key (self, self->db))
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the device key cannot be read: %s",
                        local->message);
  if (local != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "not this profile's store: ");
      return FALSE;
    }
  if (!fresh)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the store has lost its device key");
  plaza_sign_keypair (&ignored, &self->device_secret);
  stored = secret_to_bytes (self->device_secret);
  return plaza_store_write_value (self, self->db, "device-secret", stored, error);
}

static gboolean
read_enrolment (PlazaStore *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) json = plaza_store_read_value (self, self->db, "enrolment", &local);

  if (json != NULL)
    self->enrolled = plaza_enrolment_parse (json, &self->enrolment, &local);
  if (local == NULL)
    return TRUE;
  if (plaza_unreadable_is_damage (local))
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the enrolment cannot be read: %s",
                        local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
open_database (PlazaStore *self, gboolean fresh, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "plaza.db", NULL);
  g_autofree char *before = g_build_filename (self->folder, "backups", "before-migration.db", NULL);

  if (!fresh && !g_file_test (path, G_FILE_TEST_EXISTS))
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the store's file is gone");
  self->db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, error);
  return self->db != NULL && (fresh || plaza_database_check (self->db, error)) &&
         plaza_migration_run (self->db, before, error) && recall_shredding (self, error) &&
         read_device_secret (self, fresh, error) && read_enrolment (self, error) &&
         plaza_unreadable_settle_values (self, self->db, error);
}

PlazaStore *
plaza_store_open (PlazaProfile *profile,
                  PlazaCampaign *campaign,
                  GMainContext *context,
                  const PlazaSecret *key,
                  gboolean fresh,
                  GError **error)
{
  g_autoptr (PlazaStore) self = g_object_new (PLAZA_TYPE_STORE, NULL);
  g_autofree char *folder = NULL;

  self->profile = profile;
  self->campaign = plaza_campaign_ref (campaign);
  self->forms = plaza_form_shelf_new (plaza_profile_get_data_root (profile), campaign);
  self->context = g_main_context_ref (context);
  self->folder = g_strdup (plaza_profile_get_folder (profile));
  self->values_key = plaza_key_derive (key, PLAZA_STORE_VALUES);
  self->wrapping_key = plaza_key_derive (key, PLAZA_STORE_WRAPPING);
  /* Opened here, used by the worker alone from then on: one thread at a time. */
  if (!open_database (self, fresh, error))
    {
      g_clear_pointer (&self->db, plaza_database_free);
      return NULL;
    }
  folder = backup_folder (self);
  self->dirty = !fresh && plaza_backup_is_due (folder);
  remove_aside (self);
  self->worker = g_thread_new ("plaza-store", run_worker, self);
  return g_steal_pointer (&self);
}

gboolean
plaza_store_is_closed (PlazaStore *self)
{
  return self->closed;
}

PlazaProfile *
plaza_store_get_profile (PlazaStore *self)
{
  return self->profile;
}

PlazaCampaign *
plaza_store_get_campaign (PlazaStore *self)
{
  return g_atomic_pointer_get (&self->campaign);
}

void
plaza_store_set_campaign (PlazaStore *self, PlazaCampaign *campaign)
{
  g_ptr_array_add (self->replaced, self->campaign);
  plaza_form_shelf_set_campaign (self->forms, campaign);
  g_atomic_pointer_set (&self->campaign, plaza_campaign_ref (campaign));
  g_signal_emit (self, signals[SIGNAL_CAMPAIGN_CHANGED], 0);
}

const char *
plaza_store_get_folder (PlazaStore *self)
{
  return self->folder;
}

const PlazaSecret *
plaza_store_get_device_secret (PlazaStore *self)
{
  return self->device_secret;
}

const PlazaSecret *
plaza_store_get_values_key (PlazaStore *self)
{
  return self->values_key;
}

const PlazaSecret *
plaza_store_get_wrapping_key (PlazaStore *self)
{
  return self->wrapping_key;
}

/* Enrolment */

const PlazaEnrolment *
plaza_store_get_enrolment (PlazaStore *self)
{
  return self->enrolled ? &self->enrolment : NULL;
}

const PlazaEnrolment *
plaza_store_require_enrolment (PlazaStore *self, GError **error)
{
  if (self->enrolled)
    return &self->enrolment;
  if (self->closed)
    {
      plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
      return NULL;
    }
  plaza_throw (error, PLAZA_ERROR_REFUSED, "the profile has not joined the campaign yet");
  return NULL;
}

/* What joining leaves; registration NULL: as it is. */
typedef struct
{
  GBytes *enrolment;
  GBytes *registration;
} Joining;

static gboolean
write_enrolment_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  const Joining *joining = data;

  return plaza_store_write_value (self, db, "enrolment", joining->enrolment, error) &&
         (joining->registration == NULL ||
          plaza_store_write_value (self, db, "registration", joining->registration, error));
}

gboolean
plaza_store_set_invited (PlazaStore *self,
                         const PlazaEnrolment *enrolment,
                         GBytes *registration,
                         GError **error)
{
  g_autoptr (GBytes) json = plaza_enrolment_to_json (enrolment);
  Joining joining = { json, registration };

  if (self->enrolled && strcmp (self->enrolment.device, enrolment->device) != 0)
    return plaza_throw (error, PLAZA_ERROR_EXISTS, "the profile is enrolled as another device");
  if (!plaza_store_call (self, PLAZA_STORE_WRITE, write_enrolment_job, &joining, error))
    return FALSE;
  plaza_enrolment_clear (&self->enrolment);
  self->enrolled = plaza_enrolment_parse (json, &self->enrolment, error);
  return self->enrolled;
}

gboolean
plaza_store_set_enrolment (PlazaStore *self, const PlazaEnrolment *enrolment, GError **error)
{
  return plaza_store_set_invited (self, enrolment, NULL, error);
}

static gboolean
read_registration_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  GBytes **out = data;
  g_autoptr (GError) local = NULL;

  *out = plaza_store_read_value (self, db, "registration", &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GBytes *
plaza_store_read_registration (PlazaStore *self, GError **error)
{
  GBytes *registration = NULL;

  if (!plaza_store_call (self, PLAZA_STORE_READ, read_registration_job, &registration, error))
    return NULL;
  if (registration == NULL)
    plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the store has no registration");
  return registration;
}

PlazaForm *
plaza_store_find_form (PlazaStore *self,
                       const char *form_id,
                       const char *version,
                       PlazaCampaign **out_campaign,
                       GError **error)
{
  if (!self->closed)
    return plaza_form_shelf_get (self->forms, form_id, version, out_campaign, error);
  plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  return NULL;
}

PlazaForm *
plaza_store_get_form (PlazaStore *self, const char *form_id, const char *version, GError **error)
{
  return plaza_store_find_form (self, form_id, version, NULL, error);
}

/* Backup */

static gboolean
backup_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  g_autofree char *folder = backup_folder (self);

  return plaza_backup_make (db, folder, FALSE, error);
}

gboolean
plaza_store_backup (PlazaStore *self, GError **error)
{
  return plaza_store_call (self, PLAZA_STORE_PLAIN, backup_job, NULL, error);
}

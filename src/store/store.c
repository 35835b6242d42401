/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/store-worker-private.h"

#include "base/error.h"
#include "seal/aead.h"
#include "store/backup.h"
#include "store/migration.h"
#include "store/unreadable-private.h"

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

void
plaza_store_announce (PlazaStore *self)
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

void
plaza_store_touch (PlazaStore *self, const char *response)
{
  if (response == NULL || self->touched->len >= 50)
    self->touched_many = TRUE;
  else
    g_ptr_array_add (self->touched, g_strdup (response));
}

gboolean
plaza_store_close (PlazaStore *self, GError **error)
{
  gboolean ok = TRUE;

  if (self->closed)
    return TRUE;
  self->closed = TRUE;
  if (self->worker != NULL)
    ok = plaza_store_stop_worker (self, error);
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
         plaza_migration_run (self->db, before, error) &&
         plaza_store_recall_shredding (self, error) && read_device_secret (self, fresh, error) &&
         read_enrolment (self, error) && plaza_unreadable_settle_values (self, self->db, error);
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
  folder = plaza_store_backup_folder (self);
  self->dirty = !fresh && plaza_backup_is_due (folder);
  plaza_store_remove_aside (self);
  plaza_store_start_worker (self);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/outbox.h"
#include "store/replica.h"
#include "store/rotation.h"
#include "store/tries.h"

/* Passphrases */

guint
plaza_profile_get_wait (PlazaProfile *self)
{
  return plaza_tries_get_wait (self->folder);
}

/* The profile's key when @passphrase opens it; counts the try. */
static PlazaSecret *
try_passphrase (PlazaProfile *self, const char *passphrase, PlazaKeyfile **out, GError **error)
{
  g_autoptr (PlazaKeyfile) keyfile = plaza_profile_key_load (self->folder, error);
  g_autoptr (PlazaSecret) key = NULL;

  if (keyfile == NULL || !plaza_tries_begin (self->folder, error))
    return NULL;
  key = plaza_keyfile_unlock (keyfile, passphrase, error);
  if (key == NULL || !plaza_tries_forget (self->folder, error))
    return NULL;
  plaza_profile_key_mend (self->folder, keyfile);
  if (out != NULL)
    *out = g_steal_pointer (&keyfile);
  return g_steal_pointer (&key);
}

gboolean
plaza_profile_check_passphrase (PlazaProfile *self, const char *passphrase, GError **error)
{
  g_autoptr (PlazaSecret) key = try_passphrase (self, passphrase, NULL, error);

  return key != NULL;
}

gboolean
plaza_profile_change_passphrase (PlazaProfile *self,
                                 const char *old_passphrase,
                                 const char *new_passphrase,
                                 GError **error)
{
  g_autoptr (PlazaKeyfile) keyfile = NULL;
  g_autoptr (PlazaKeyfile) changed = NULL;
  g_autoptr (PlazaSecret) key = try_passphrase (self, old_passphrase, &keyfile, error);

  if (key == NULL)
    return FALSE;
  /* Both keyfiles are under one passphrase until there is one of them again. */
  if (plaza_rotation_is_pending (self->folder))
    return plaza_throw (error, PLAZA_ERROR_BUSY, "the profile key is being exchanged");
  changed = plaza_keyfile_rewrap (keyfile, key, new_passphrase, error);
  return changed != NULL && plaza_profile_key_save (self->folder, changed, error);
}

/* Opening: what may run in a thread gives a PlazaOpened, what follows belongs to the main thread.
 */

void
plaza_opened_free (PlazaOpened *opened)
{
  if (opened->store != NULL)
    plaza_store_close (opened->store, NULL);
  g_clear_object (&opened->store);
  g_free (opened);
}

PlazaOpened *
plaza_profile_open_store (PlazaProfile *self,
                          const PlazaSecret *key,
                          GMainContext *context,
                          GError **error)
{
  g_autoptr (PlazaOpened) opened = g_new0 (PlazaOpened, 1);
  g_autoptr (PlazaCampaign) campaign = NULL;

  campaign = plaza_data_find_campaign (self->data_root, self->fingerprint,
                                       &opened->campaign_damaged, error);
  if (campaign == NULL)
    {
      g_prefix_error (error, "the campaign of the profile: ");
      return NULL;
    }
  opened->store = plaza_store_open (self, campaign, context, key, FALSE, error);
  return opened->store ? g_steal_pointer (&opened) : NULL;
}

/* A failure keeps nobody out: the next unlock goes on with it. */
static void
exchange_key (PlazaProfile *self, const char *passphrase, PlazaSecret **key)
{
  g_autoptr (PlazaCampaign) campaign = NULL;
  g_autoptr (GError) error = NULL;
  PlazaSecret *fresh;

  if (!plaza_rotation_is_pending (self->folder))
    return;
  campaign = plaza_data_load_campaign (self->data_root, self->fingerprint, &error);
  if (campaign == NULL)
    {
      g_warning ("the profile key is not exchanged yet: %s", error->message);
      return;
    }
  fresh = plaza_rotation_run (self, &campaign->key_recovery, passphrase, *key, &error);
  if (error != NULL)
    g_warning ("the profile key is not exchanged yet: %s", error->message);
  plaza_secret_unref (*key);
  *key = fresh;
}

static PlazaOpened *
open_profile (PlazaProfile *self, const char *passphrase, GMainContext *context, GError **error)
{
  g_autoptr (PlazaOpened) opened = NULL;
  g_autoptr (PlazaSecret) key = NULL;
  g_autoptr (GError) local = NULL;

  if (!plaza_profile_take_lock (self, error))
    return NULL;
  key = try_passphrase (self, passphrase, NULL, error);
  g_debug ("Key derived");
  if (key != NULL)
    exchange_key (self, passphrase, &key);
  if (key != NULL)
    opened = plaza_profile_open_store (self, key, context, error);
  if (opened == NULL)
    {
      plaza_profile_release_lock (self);
      return NULL;
    }
  plaza_profile_note_device (self, plaza_store_get_enrolment (opened->store));
  /* What others delivered for this profile; a failure here keeps nobody out. */
  if (!plaza_outbox_absorb (opened->store, NULL, &local))
    g_warning ("receipts were not taken in: %s", local->message);
  g_clear_error (&local);
  if (!plaza_profile_mend_registration (self, opened->store, &local))
    g_warning ("the registration was not written again: %s", local->message);
  g_clear_error (&local);
  if (!plaza_replica_expire (opened->store, plaza_clock_now_ms (), NULL, &local))
    g_warning ("the replica was not looked at: %s", local->message);
  return g_steal_pointer (&opened);
}

gboolean
plaza_profile_unlock (PlazaProfile *self, const char *passphrase, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  PlazaOpened *opened;

  if (self->store != NULL)
    return plaza_profile_check_passphrase (self, passphrase, error);
  opened = open_profile (self, passphrase, context, error);
  if (opened == NULL)
    return FALSE;
  plaza_profile_adopt (self, opened);
  return TRUE;
}

static void
unlock_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  PlazaOpened *opened = open_profile (source, data, g_task_get_context (task), &error);

  if (opened != NULL)
    g_task_return_pointer (task, opened, (GDestroyNotify) plaza_opened_free);
  else
    g_task_return_error (task, error);
}

static void
wipe_string (gpointer text)
{
  plaza_secret_wipe_string (text);
}

void
plaza_profile_unlock_async (PlazaProfile *self,
                            const char *passphrase,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, plaza_profile_unlock_async);
  g_task_set_check_cancellable (task, FALSE);
  if (self->store != NULL)
    {
      g_task_return_new_error (task, PLAZA_ERROR, PLAZA_ERROR_EXISTS,
                               "the profile is unlocked already");
      return;
    }
  g_task_set_task_data (task, g_strdup (passphrase), wipe_string);
  g_task_run_in_thread (task, unlock_thread);
}

gboolean
plaza_profile_unlock_finish (PlazaProfile *self, GAsyncResult *result, GError **error)
{
  PlazaOpened *opened = g_task_propagate_pointer (G_TASK (result), error);

  if (opened == NULL)
    return FALSE;
  plaza_profile_adopt (self, opened);
  return TRUE;
}

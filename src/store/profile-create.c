/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/uuid.h"
#include "seal/passphrase.h"

/* Creating: everything below a hidden name, which becomes the profile's in one rename. */

static gboolean
check_new_passphrase (PlazaCampaign *campaign,
                      const char *name,
                      const char *passphrase,
                      GError **error)
{
  const char *context[] = { campaign->title, name, NULL };

  return plaza_passphrase_check (passphrase, context, error);
}

static gboolean
make_folder (PlazaProfile *self, PlazaKeyfile *keyfile, GError **error)
{
  const char *const folders[] = { "backups", "outbox", "receipts" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (self->folder, folders[i], NULL);

      if (!plaza_dir_make (folder, error))
        return FALSE;
    }
  return plaza_profile_key_save (self->folder, keyfile, error);
}

static gboolean
make_store (PlazaProfile *self,
            PlazaCampaign *campaign,
            const PlazaSecret *key,
            GMainContext *context,
            GError **error)
{
  g_autoptr (PlazaStore) store = plaza_store_open (self, campaign, context, key, TRUE, error);

  return store != NULL && plaza_store_close (store, error);
}

static gboolean
reveal_folder (PlazaProfile *self, GError **error)
{
  g_autofree char *profiles = g_build_filename (self->data_root, "profiles", NULL);
  g_autofree char *folder = g_build_filename (profiles, self->id, NULL);
  gboolean ok;
  int fd;

  if (g_rename (self->folder, folder) != 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "naming the profile: %s", g_strerror (errno));
  g_free (self->folder);
  self->folder = g_steal_pointer (&folder);
  fd = g_open (profiles, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ok = (fd >= 0 && fsync (fd) == 0) ||
       plaza_throw (error, PLAZA_ERROR_DISK, "keeping the profile: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

/* A profile that is whole on disk, and its opened store. */
static PlazaProfile *
create (const char *data_root,
        PlazaCampaign *campaign,
        const char *name,
        const char *passphrase,
        GMainContext *context,
        PlazaOpened **out,
        GError **error)
{
  g_autofree char *id = plaza_uuid_random ();
  g_autofree char *profiles = g_build_filename (data_root, "profiles", NULL);
  g_autofree char *hidden = g_strconcat (".", id, NULL);
  g_autofree char *folder = g_build_filename (profiles, hidden, NULL);
  g_autoptr (PlazaKeyfile) keyfile = NULL;
  g_autoptr (PlazaSecret) key = NULL;
  g_autoptr (PlazaProfile) self = NULL;

  if (!check_new_passphrase (campaign, name, passphrase, error) ||
      !plaza_data_save_campaign (data_root, campaign, error))
    return NULL;
  keyfile = plaza_keyfile_new (id, name, campaign->fingerprint, &campaign->key_recovery, passphrase,
                               &key, error);
  if (keyfile == NULL)
    return NULL;
  self = plaza_profile_new (data_root, folder, keyfile);
  if (!make_folder (self, keyfile, error) || !make_store (self, campaign, key, context, error) ||
      !reveal_folder (self, error) || !plaza_profile_take_lock (self, error))
    return NULL;
  *out = plaza_profile_open_store (self, key, context, error);
  return *out ? g_steal_pointer (&self) : NULL;
}

PlazaProfile *
plaza_profile_create (const char *data_root,
                      PlazaCampaign *campaign,
                      const char *name,
                      const char *passphrase,
                      GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  PlazaOpened *opened = NULL;
  PlazaProfile *self;

  self = create (data_root, campaign, name, passphrase, context, &opened, error);
  if (self != NULL)
    plaza_profile_adopt (self, opened);
  return self;
}

typedef struct
{
  char *data_root;
  PlazaCampaign *campaign;
  char *name;
  char *passphrase;
} Creation;

static void
creation_free (gpointer data)
{
  Creation *creation = data;

  g_free (creation->data_root);
  plaza_campaign_unref (creation->campaign);
  g_free (creation->name);
  plaza_secret_wipe_string (creation->passphrase);
  g_free (creation);
}

static void
create_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Creation *creation = data;
  GError *error = NULL;
  PlazaOpened *opened = NULL;
  PlazaProfile *self = create (creation->data_root, creation->campaign, creation->name,
                               creation->passphrase, g_task_get_context (task), &opened, &error);

  if (self == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  /* Nobody else has the new profile yet, so this thread may finish it. */
  plaza_profile_adopt (self, opened);
  g_task_return_pointer (task, self, g_object_unref);
}

void
plaza_profile_create_async (const char *data_root,
                            PlazaCampaign *campaign,
                            const char *name,
                            const char *passphrase,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Creation *creation = g_new0 (Creation, 1);

  creation->data_root = g_strdup (data_root);
  creation->campaign = plaza_campaign_ref (campaign);
  creation->name = g_strdup (name);
  creation->passphrase = g_strdup (passphrase);
  g_task_set_source_tag (task, plaza_profile_create_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, creation, creation_free);
  g_task_run_in_thread (task, create_thread);
}

PlazaProfile *
plaza_profile_create_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

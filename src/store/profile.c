/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/uuid.h"
#include "seal/keyfile.h"
#include "seal/passphrase.h"
#include "store/outbox.h"
#include "store/store-private.h"

/* Wrong tries that cost nothing, and the longest wait. */
#define FREE_TRIES 3
#define MAX_WAIT_SECONDS 300

struct _PlazaProfile
{
  GObject parent_instance;
  char *data_root;
  char *folder;
  char *id;
  char *name;
  char *fingerprint;

  PlazaCampaign *campaign;
  PlazaStore *store;
  int lock_fd;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_NAME,
  PROP_CAMPAIGN_FINGERPRINT,
  PROP_UNLOCKED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PlazaProfile, plaza_profile, G_TYPE_OBJECT)

static char *
path_in (PlazaProfile *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static void
release_lock (PlazaProfile *self)
{
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  self->lock_fd = -1;
}

static gboolean
take_lock (PlazaProfile *self, GError **error)
{
  g_autofree char *path = path_in (self, "plaza.lock");
  int saved;

  self->lock_fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock_fd >= 0 && flock (self->lock_fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  saved = errno;
  release_lock (self);
  return plaza_throw (error, saved == EWOULDBLOCK ? PLAZA_ERROR_BUSY : PLAZA_ERROR_DISK,
                      "taking the profile: %s",
                      saved == EWOULDBLOCK ? "another process has it open" : g_strerror (saved));
}

static void
plaza_profile_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaProfile *self = PLAZA_PROFILE (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CAMPAIGN_FINGERPRINT:
      g_value_set_string (value, self->fingerprint);
      break;
    case PROP_UNLOCKED:
      g_value_set_boolean (value, self->store != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
drop_store (PlazaProfile *self)
{
  if (self->store != NULL)
    plaza_store_close (self->store, NULL);
  g_clear_object (&self->store);
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  release_lock (self);
}

static void
plaza_profile_finalize (GObject *object)
{
  PlazaProfile *self = PLAZA_PROFILE (object);

  drop_store (self);
  g_free (self->data_root);
  g_free (self->folder);
  g_free (self->id);
  g_free (self->name);
  g_free (self->fingerprint);
  G_OBJECT_CLASS (plaza_profile_parent_class)->finalize (object);
}

static void
plaza_profile_class_init (PlazaProfileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = plaza_profile_get_property;
  object_class->finalize = plaza_profile_finalize;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_CAMPAIGN_FINGERPRINT] =
      g_param_spec_string ("campaign-fingerprint", NULL, NULL, NULL, flags);
  properties[PROP_UNLOCKED] = g_param_spec_boolean ("unlocked", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_profile_init (PlazaProfile *self)
{
  self->lock_fd = -1;
}

/* Finding profiles */

static char *
profiles_folder (const char *data_root)
{
  return g_build_filename (data_root, "profiles", NULL);
}

static PlazaKeyfile *
load_keyfile (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "profile.key", NULL);

  return plaza_keyfile_load (path, error);
}

static PlazaProfile *
profile_new (const char *data_root, const char *folder, PlazaKeyfile *keyfile)
{
  PlazaProfile *self = g_object_new (PLAZA_TYPE_PROFILE, NULL);

  self->data_root = g_strdup (data_root);
  self->folder = g_strdup (folder);
  self->id = g_strdup (plaza_keyfile_profile_id (keyfile));
  self->name = g_strdup (plaza_keyfile_display_name (keyfile));
  self->fingerprint = g_strdup (plaza_keyfile_campaign (keyfile));
  return self;
}

PlazaProfile *
plaza_profile_load (const char *data_root, const char *id, GError **error)
{
  g_autofree char *profiles = profiles_folder (data_root);
  g_autofree char *folder = NULL;
  g_autoptr (PlazaKeyfile) keyfile = NULL;

  if (!plaza_uuid_is_valid (id))
    {
      plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "there is no profile %s", id);
      return NULL;
    }
  folder = g_build_filename (profiles, id, NULL);
  keyfile = load_keyfile (folder, error);
  if (keyfile == NULL)
    return NULL;
  if (strcmp (plaza_keyfile_profile_id (keyfile), id) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "the keyfile of %s is another profile's", id);
      return NULL;
    }
  return profile_new (data_root, folder, keyfile);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const PlazaProfile *first = *(const PlazaProfile *const *) a;
  const PlazaProfile *second = *(const PlazaProfile *const *) b;
  int order = g_utf8_collate (first->name, second->name);

  return order != 0 ? order : strcmp (first->id, second->id);
}

GPtrArray *
plaza_profile_list (const char *data_root, GError **error)
{
  g_autofree char *profiles = profiles_folder (data_root);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) local = NULL;
  const char *name;

  dir = g_dir_open (profiles, 0, &local);
  if (dir == NULL)
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&list);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (GError) unreadable = NULL;
      PlazaProfile *profile;

      if (!plaza_uuid_is_valid (name))
        continue;
      profile = plaza_profile_load (data_root, name, &unreadable);
      if (profile != NULL)
        g_ptr_array_add (list, profile);
      else
        g_warning ("profile %s is left out: %s", name, unreadable->message);
    }
  g_ptr_array_sort (list, compare_names);
  return g_steal_pointer (&list);
}

/* Wrong tries: counted on disk before the passphrase is tried, so that killing the program does not
 * take one back. */

typedef struct
{
  gint64 wrong;
  gint64 last_ms;
} Tries;

static void
tries_read (PlazaProfile *self, Tries *out)
{
  g_autofree char *path = path_in (self, "tries");
  g_autoptr (GBytes) bytes = plaza_file_read (path, 1024, NULL);
  g_autoptr (JsonObject) object = NULL;

  *out = (Tries){ 0 };
  if (bytes != NULL)
    object = plaza_json_parse_object (bytes, NULL, NULL);
  if (object == NULL || !plaza_json_get_int (object, "wrong", 0, G_MAXINT, &out->wrong, NULL) ||
      !plaza_json_get_int (object, "last_ms", 0, G_MAXINT64, &out->last_ms, NULL))
    *out = (Tries){ 0 };
}

static gboolean
tries_write (PlazaProfile *self, const Tries *tries, GError **error)
{
  g_autofree char *path = path_in (self, "tries");
  g_autofree char *text =
      g_strdup_printf ("{\"last_ms\":%" G_GINT64_FORMAT ",\"wrong\":%" G_GINT64_FORMAT "}",
                       tries->last_ms, tries->wrong);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return plaza_file_write (path, bytes, error);
}

static gboolean
tries_forget (PlazaProfile *self, GError **error)
{
  g_autofree char *path = path_in (self, "tries");

  return plaza_file_remove (path, error);
}

static guint
wait_after (const Tries *tries)
{
  gint64 wait, passed;

  if (tries->wrong < FREE_TRIES)
    return 0;
  wait = G_GINT64_CONSTANT (1) << MIN (tries->wrong - FREE_TRIES, 16);
  wait = MIN (wait, MAX_WAIT_SECONDS) * 1000;
  passed = plaza_clock_now_ms () - tries->last_ms;
  /* A clock that was set back starts the wait anew rather than making it endless. */
  return passed < 0 ? (guint) (wait / 1000) : (guint) (MAX (wait - passed, 0) + 999) / 1000;
}

guint
plaza_profile_get_wait (PlazaProfile *self)
{
  Tries tries;

  tries_read (self, &tries);
  return wait_after (&tries);
}

/* The profile's key when @passphrase opens it; counts the try. */
static PlazaSecret *
try_passphrase (PlazaProfile *self, const char *passphrase, PlazaKeyfile **out, GError **error)
{
  g_autoptr (PlazaKeyfile) keyfile = NULL;
  g_autoptr (PlazaSecret) key = NULL;
  Tries tries;
  guint wait;

  tries_read (self, &tries);
  wait = wait_after (&tries);
  if (wait > 0)
    {
      plaza_throw (error, PLAZA_ERROR_REFUSED, "too many wrong passphrases: wait %u s", wait);
      return NULL;
    }
  tries.wrong++;
  tries.last_ms = plaza_clock_now_ms ();
  keyfile = load_keyfile (self->folder, error);
  if (keyfile == NULL || !tries_write (self, &tries, error))
    return NULL;
  key = plaza_keyfile_unlock (keyfile, passphrase, error);
  if (key == NULL || !tries_forget (self, error))
    return NULL;
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
  g_autofree char *path = path_in (self, "profile.key");
  g_autoptr (PlazaKeyfile) keyfile = NULL;
  g_autoptr (PlazaKeyfile) changed = NULL;
  g_autoptr (PlazaSecret) key = try_passphrase (self, old_passphrase, &keyfile, error);

  if (key == NULL)
    return FALSE;
  changed = plaza_keyfile_rewrap (keyfile, key, new_passphrase, error);
  return changed != NULL && plaza_keyfile_save (changed, path, error);
}

/* Opening: what may run in a thread gives an Opened, what follows belongs to the main thread. */

typedef struct
{
  PlazaCampaign *campaign;
  PlazaStore *store;
} Opened;

static void
opened_free (Opened *opened)
{
  if (opened->store != NULL)
    plaza_store_close (opened->store, NULL);
  g_clear_object (&opened->store);
  g_clear_pointer (&opened->campaign, plaza_campaign_unref);
  g_free (opened);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opened, opened_free)

static Opened *
open_store (PlazaProfile *self, const PlazaSecret *key, GMainContext *context, GError **error)
{
  g_autoptr (Opened) opened = g_new0 (Opened, 1);

  opened->campaign = plaza_data_load_campaign (self->data_root, self->fingerprint, error);
  if (opened->campaign == NULL)
    {
      g_prefix_error (error, "the campaign of the profile: ");
      return NULL;
    }
  opened->store = plaza_store_open (self, opened->campaign, context, key, FALSE, error);
  return opened->store ? g_steal_pointer (&opened) : NULL;
}

static Opened *
open_profile (PlazaProfile *self, const char *passphrase, GMainContext *context, GError **error)
{
  g_autoptr (Opened) opened = NULL;
  g_autoptr (PlazaSecret) key = NULL;
  g_autoptr (GError) local = NULL;

  if (!take_lock (self, error))
    return NULL;
  key = try_passphrase (self, passphrase, NULL, error);
  if (key != NULL)
    opened = open_store (self, key, context, error);
  if (opened == NULL)
    {
      release_lock (self);
      return NULL;
    }
  /* What others delivered for this profile; a failure here keeps nobody out. */
  if (!plaza_outbox_absorb (opened->store, NULL, &local))
    g_warning ("receipts were not taken in: %s", local->message);
  return g_steal_pointer (&opened);
}

static void
adopt (PlazaProfile *self, Opened *opened)
{
  self->campaign = g_steal_pointer (&opened->campaign);
  self->store = g_steal_pointer (&opened->store);
  opened_free (opened);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNLOCKED]);
}

gboolean
plaza_profile_unlock (PlazaProfile *self, const char *passphrase, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  Opened *opened;

  if (self->store != NULL)
    return plaza_profile_check_passphrase (self, passphrase, error);
  opened = open_profile (self, passphrase, context, error);
  if (opened == NULL)
    return FALSE;
  adopt (self, opened);
  return TRUE;
}

static void
unlock_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  Opened *opened = open_profile (source, data, g_task_get_context (task), &error);

  if (opened != NULL)
    g_task_return_pointer (task, opened, (GDestroyNotify) opened_free);
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
  Opened *opened = g_task_propagate_pointer (G_TASK (result), error);

  if (opened == NULL)
    return FALSE;
  adopt (self, opened);
  return TRUE;
}

gboolean
plaza_profile_lock (PlazaProfile *self, GError **error)
{
  g_autoptr (GError) pack_error = NULL;
  g_autoptr (GError) close_error = NULL;

  if (self->store == NULL)
    return TRUE;
  if (plaza_store_get_enrolment (self->store) != NULL)
    plaza_outbox_pack (self->store, PLAZA_PACK_NONE, NULL, &pack_error);
  plaza_store_close (self->store, &close_error);
  drop_store (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNLOCKED]);
  if (pack_error != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&pack_error),
                                  "sealing what waits, it is kept: ");
      return FALSE;
    }
  if (close_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&close_error));
      return FALSE;
    }
  return TRUE;
}

gboolean
plaza_profile_repair (PlazaProfile *self, PlazaRepair *out, GError **error)
{
  g_autofree char *path = path_in (self, "plaza.db");
  g_autofree char *folder = path_in (self, "backups");
  gboolean ok;

  if (self->store != NULL)
    return plaza_throw (error, PLAZA_ERROR_BUSY, "the profile is unlocked");
  if (!take_lock (self, error))
    return FALSE;
  ok = plaza_backup_repair (path, folder, out, error);
  release_lock (self);
  return ok;
}

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
  g_autofree char *key_path = path_in (self, "profile.key");
  const char *const folders[] = { "backups", "outbox", "receipts" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = path_in (self, folders[i]);

      if (!plaza_dir_make (folder, error))
        return FALSE;
    }
  return plaza_keyfile_save (keyfile, key_path, error);
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
  g_autofree char *profiles = profiles_folder (self->data_root);
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
        Opened **out,
        GError **error)
{
  g_autofree char *id = plaza_uuid_random ();
  g_autofree char *profiles = profiles_folder (data_root);
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
  self = profile_new (data_root, folder, keyfile);
  if (!make_folder (self, keyfile, error) || !make_store (self, campaign, key, context, error) ||
      !reveal_folder (self, error) || !take_lock (self, error))
    return NULL;
  *out = open_store (self, key, context, error);
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
  Opened *opened = NULL;
  PlazaProfile *self;

  self = create (data_root, campaign, name, passphrase, context, &opened, error);
  if (self != NULL)
    adopt (self, opened);
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
  Opened *opened = NULL;
  PlazaProfile *self = create (creation->data_root, creation->campaign, creation->name,
                               creation->passphrase, g_task_get_context (task), &opened, &error);

  if (self == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  /* Nobody else has the new profile yet, so this thread may finish it. */
  adopt (self, opened);
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

/* Facts */

gboolean
plaza_profile_set_enrolment (PlazaProfile *self, const PlazaEnrolment *enrolment, GError **error)
{
  if (self->store == NULL)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  return plaza_store_set_enrolment (self->store, enrolment, error);
}

const char *
plaza_profile_get_id (PlazaProfile *self)
{
  return self->id;
}

const char *
plaza_profile_get_name (PlazaProfile *self)
{
  return self->name;
}

const char *
plaza_profile_get_campaign_fingerprint (PlazaProfile *self)
{
  return self->fingerprint;
}

const char *
plaza_profile_get_data_root (PlazaProfile *self)
{
  return self->data_root;
}

const char *
plaza_profile_get_folder (PlazaProfile *self)
{
  return self->folder;
}

gboolean
plaza_profile_is_unlocked (PlazaProfile *self)
{
  return self->store != NULL;
}

PlazaStore *
plaza_profile_get_store (PlazaProfile *self)
{
  return self->store;
}

PlazaCampaign *
plaza_profile_get_campaign (PlazaProfile *self)
{
  return self->campaign;
}

const PlazaEnrolment *
plaza_profile_get_enrolment (PlazaProfile *self)
{
  return self->store ? plaza_store_get_enrolment (self->store) : NULL;
}

gboolean
plaza_profile_get_device_key (PlazaProfile *self, PlazaPublicKey *out)
{
  return self->store != NULL &&
         plaza_sign_public (plaza_store_get_device_secret (self->store), out, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/uuid.h"
#include "store/hand-in.h"
#include "store/outbox.h"

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

void
plaza_profile_release_lock (PlazaProfile *self)
{
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  self->lock_fd = -1;
}

gboolean
plaza_profile_take_lock (PlazaProfile *self, GError **error)
{
  g_autofree char *path = path_in (self, "plaza.lock");
  int saved;

  if (self->lock_fd >= 0)
    return plaza_throw (error, PLAZA_ERROR_BUSY, "taking the profile: it is unlocked");
  self->lock_fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock_fd >= 0 && flock (self->lock_fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  saved = errno;
  plaza_profile_release_lock (self);
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
  plaza_profile_release_lock (self);
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

PlazaProfile *
plaza_profile_new (const char *data_root, const char *folder, PlazaKeyfile *keyfile)
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
  if (plaza_hand_in_is_erasing (folder))
    {
      plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the profile %s was handed in", id);
      return NULL;
    }
  keyfile = plaza_profile_key_load (folder, error);
  if (keyfile == NULL)
    return NULL;
  if (strcmp (plaza_keyfile_profile_id (keyfile), id) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_CORRUPT, "the keyfile of %s is another profile's", id);
      return NULL;
    }
  return plaza_profile_new (data_root, folder, keyfile);
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
      g_autofree char *folder = g_build_filename (profiles, name, NULL);
      g_autoptr (GError) unreadable = NULL;
      PlazaProfile *profile;

      if (!plaza_uuid_is_valid (name) || plaza_hand_in_is_erasing (folder))
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

/* Open and shut */

void
plaza_profile_adopt (PlazaProfile *self, PlazaOpened *opened)
{
  self->campaign_damaged = opened->campaign_damaged;
  self->store = g_steal_pointer (&opened->store);
  plaza_opened_free (opened);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNLOCKED]);
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
  if (!plaza_profile_take_lock (self, error))
    return FALSE;
  ok = plaza_backup_repair (path, folder, out, error);
  plaza_profile_release_lock (self);
  return ok;
}

/* Facts */

gboolean
plaza_profile_set_enrolment (PlazaProfile *self, const PlazaEnrolment *enrolment, GError **error)
{
  if (self->store == NULL)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  if (!plaza_store_set_enrolment (self->store, enrolment, error))
    return FALSE;
  /* What was given may have been the one that is gone now. */
  plaza_profile_note_device (self, plaza_store_get_enrolment (self->store));
  return TRUE;
}

gboolean
plaza_profile_sign_challenge (PlazaProfile *self,
                              GBytes *challenge,
                              PlazaTokenRequest *out,
                              GError **error)
{
  const PlazaEnrolment *enrolment;

  if (self->store == NULL)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  enrolment = plaza_store_require_enrolment (self->store, error);
  return enrolment != NULL &&
         plaza_token_request_sign (out, self->fingerprint, enrolment->device, challenge,
                                   plaza_store_get_device_secret (self->store), error);
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
  return self->store ? plaza_store_get_campaign (self->store) : NULL;
}

gboolean
plaza_profile_is_campaign_damaged (PlazaProfile *self)
{
  return self->store != NULL && self->campaign_damaged;
}

gboolean
plaza_profile_refresh_campaign (PlazaProfile *self, GError **error)
{
  g_autoptr (PlazaCampaign) campaign = NULL;
  gboolean damaged;

  if (self->store == NULL)
    return TRUE;
  campaign = plaza_data_find_campaign (self->data_root, self->fingerprint, &damaged, error);
  if (campaign == NULL)
    return FALSE;
  self->campaign_damaged = damaged;
  if (campaign->serial > plaza_store_get_campaign (self->store)->serial)
    plaza_store_set_campaign (self->store, campaign);
  return TRUE;
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/keyfile.h"
#include "store/profile.h"
#include "store/store-private.h"

G_BEGIN_DECLS

struct _PlazaProfile
{
  GObject parent_instance;
  char *data_root;
  char *folder;
  char *id;
  char *name;
  char *fingerprint;

  PlazaStore *store;
  gboolean campaign_damaged;
  int lock_fd;
};

/** plaza_profile_new: a locked profile whose files are in @folder. */
PlazaProfile *plaza_profile_new (const char *data_root, const char *folder, PlazaKeyfile *keyfile);

/**
 * plaza_profile_key_load: the keyfile in the profile's @folder, or its copy when it is damaged or
 * gone.
 */
PlazaKeyfile *plaza_profile_key_load (const char *folder, GError **error);

/** plaza_profile_key_save: replaces the keyfile and its copy. */
gboolean plaza_profile_key_save (const char *folder, PlazaKeyfile *keyfile, GError **error);

/** plaza_profile_key_mend: what is not @keyfile, which a passphrase has just opened, becomes it. */
void plaza_profile_key_mend (const char *folder, PlazaKeyfile *keyfile);

/** plaza_profile_remove_tree: folders at most @depth deep; no link is followed. */
gboolean plaza_profile_remove_tree (const char *folder, int depth, GError **error);

/** plaza_profile_destroy_keys: overwrites, as far as a disk lets anybody, and removes every keyfile
 * in a profile's folder. */
gboolean plaza_profile_destroy_keys (const char *folder, GError **error);

/** plaza_profile_remove_folder: a folder with files and folders of files in it; no link is
 * followed. Keys are overwritten first. */
gboolean plaza_profile_remove_folder (const char *folder, GError **error);

/** plaza_profile_take_lock: for this process alone; PLAZA_ERROR_BUSY. */
gboolean plaza_profile_take_lock (PlazaProfile *self, GError **error);
void plaza_profile_release_lock (PlazaProfile *self);

/** plaza_profile_read_device: (transfer full) (nullable): the device's UUID, which is no secret, as
 * it was noted when the profile was open last. */
char *plaza_profile_read_device (PlazaProfile *self);
/** plaza_profile_note_device: any thread; a failure is only logged. */
void plaza_profile_note_device (PlazaProfile *self, const PlazaEnrolment *enrolment);

/** plaza_profile_mend_registration: a registration that waits and whose file is gone is written
 * again. @store: of the profile, which is being opened. */
gboolean plaza_profile_mend_registration (PlazaProfile *self, PlazaStore *store, GError **error);

/** PlazaOpened: an opened store on its way from a thread to its profile. */
typedef struct
{
  PlazaStore *store;
  gboolean campaign_damaged; /* its package was read from the copy */
} PlazaOpened;

void plaza_opened_free (PlazaOpened *opened);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaOpened, plaza_opened_free)

/** plaza_profile_open_store: any thread. */
PlazaOpened *plaza_profile_open_store (PlazaProfile *self,
                                       const PlazaSecret *key,
                                       GMainContext *context,
                                       GError **error);

/** plaza_profile_adopt: takes @opened: the profile is unlocked. */
void plaza_profile_adopt (PlazaProfile *self, PlazaOpened *opened);

G_END_DECLS

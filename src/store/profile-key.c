/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/profile-private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/uuid.h"

/* The keyfile is the only thing that nothing else can give back: without it every answer on the
 * laptop stays sealed. So a copy of it lies among the backups, and either mends the other. */

static char *
main_path (const char *folder)
{
  return g_build_filename (folder, "profile.key", NULL);
}

static char *
copy_path (const char *folder)
{
  return g_build_filename (folder, "backups", "profile.key", NULL);
}

PlazaKeyfile *
plaza_profile_key_load (const char *folder, GError **error)
{
  g_autofree char *path = main_path (folder);
  g_autofree char *copy = copy_path (folder);
  g_autoptr (GError) local = NULL;
  PlazaKeyfile *keyfile = plaza_keyfile_load (path, &local);

  if (keyfile != NULL)
    return keyfile;
  if (g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_CORRUPT) ||
      g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
    keyfile = plaza_keyfile_load (copy, NULL);
  if (keyfile != NULL)
    g_warning ("the keyfile's copy is used: %s", local->message);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return keyfile;
}

gboolean
plaza_profile_key_save (const char *folder, PlazaKeyfile *keyfile, GError **error)
{
  g_autofree char *path = main_path (folder);
  g_autofree char *copy = copy_path (folder);
  g_autofree char *backups = g_path_get_dirname (copy);

  return plaza_keyfile_save (keyfile, path, error) && plaza_dir_make (backups, error) &&
         plaza_keyfile_save (keyfile, copy, error);
}

static gboolean
is_as (const char *path, GBytes *bytes)
{
  g_autoptr (GBytes) found = plaza_file_read (path, g_bytes_get_size (bytes), NULL);

  return found != NULL && g_bytes_equal (found, bytes);
}

void
plaza_profile_key_mend (const char *folder, PlazaKeyfile *keyfile)
{
  g_autofree char *path = main_path (folder);
  g_autofree char *copy = copy_path (folder);
  g_autoptr (GBytes) bytes = plaza_keyfile_to_bytes (keyfile);
  g_autoptr (GError) error = NULL;

  if ((!is_as (path, bytes) || !is_as (copy, bytes)) &&
      !plaza_profile_key_save (folder, keyfile, &error))
    g_warning ("the keyfile was not kept twice: %s", error->message);
}

static char *
device_path (PlazaProfile *self)
{
  return g_build_filename (self->folder, "device", NULL);
}

char *
plaza_profile_read_device (PlazaProfile *self)
{
  g_autofree char *path = device_path (self);
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_UUID_TEXT_SIZE, NULL);
  g_autofree char *device = NULL;

  if (bytes == NULL)
    return NULL;
  device = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return plaza_uuid_is_valid (device) ? g_steal_pointer (&device) : NULL;
}

void
plaza_profile_note_device (PlazaProfile *self, const PlazaEnrolment *enrolment)
{
  g_autofree char *path = device_path (self);
  g_autofree char *known = plaza_profile_read_device (self);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (enrolment == NULL || g_strcmp0 (known, enrolment->device) == 0)
    return;
  bytes = g_bytes_new (enrolment->device, strlen (enrolment->device));
  if (!plaza_file_write (path, bytes, &error))
    g_warning ("the device was not noted: %s", error->message);
}

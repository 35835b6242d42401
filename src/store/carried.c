/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/carried-private.h"

#include <glib/gstdio.h>
#include <sys/statvfs.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/file.h"
#include "store/data.h"
#include "store/joining.h"
#include "store/store-private.h"
#include "wire/envelope.h"
#include "wire/invitation.h"
#include "wire/registration.h"

/* What is brought never takes the last of this disk: people still save answers here. */
#define DISK_FLOOR (64u << 20)
/* After the name of a registration that the central answered about. */
#define ENDED ".ended"
#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

struct _PlazaCarried
{
  char *data_root;
  GPtrArray *profiles;   /* folders */
  GHashTable *campaigns; /* fingerprint → PlazaCampaign */
};

/* Places */

char *
plaza_carried_folder (const char *data_root, const char *fingerprint, const char *what)
{
  return g_build_filename (data_root, "carried", fingerprint, what, NULL);
}

static gboolean
is_fingerprint (const char *name)
{
  g_autoptr (GBytes) hash = plaza_base32_decode (name, PLAZA_HASH_SIZE, NULL);
  g_autofree char *canonical = NULL;

  if (hash == NULL)
    return FALSE;
  canonical = plaza_base32_encode (g_bytes_get_data (hash, NULL), PLAZA_HASH_SIZE);
  return strcmp (canonical, name) == 0;
}

GStrv
plaza_carried_campaigns (const char *data_root, const char *fingerprint)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *folder = g_build_filename (data_root, "carried", NULL);
  g_autoptr (GDir) dir = fingerprint == NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  if (fingerprint != NULL)
    g_strv_builder_add (builder, fingerprint);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_fingerprint (name))
      g_strv_builder_add (builder, name);
  return g_strv_builder_end (builder);
}

static char *
path_of (const char *data_root,
         const char *fingerprint,
         const char *what,
         const char *id,
         const char *suffix)
{
  g_autofree char *folder = plaza_carried_folder (data_root, fingerprint, what);
  g_autofree char *name = g_strconcat (id, suffix, NULL);

  return g_build_filename (folder, name, NULL);
}

char *
plaza_carried_receipt_of (PlazaStore *store, const char *envelope)
{
  g_autofree char *profiles = g_path_get_dirname (plaza_store_get_folder (store));
  g_autofree char *data_root = g_path_get_dirname (profiles);

  return path_of (data_root, plaza_store_get_campaign (store)->fingerprint, PLAZA_CARRIED_RECEIPTS,
                  envelope, ".rcp");
}

static char *
profile_file (const char *profile, const char *what, const char *id, const char *suffix)
{
  g_autofree char *name = g_strconcat (id, suffix, NULL);

  return g_build_filename (profile, what, name, NULL);
}

/* What the laptop knows */

static void
add_campaign (PlazaCarried *self, const char *fingerprint)
{
  g_autoptr (GError) error = NULL;
  PlazaCampaign *campaign;

  if (g_hash_table_contains (self->campaigns, fingerprint))
    return;
  campaign = plaza_data_load_campaign (self->data_root, fingerprint, &error);
  if (campaign == NULL)
    g_warning ("a campaign package is left out: %s", error->message);
  else
    g_hash_table_insert (self->campaigns, campaign->fingerprint, campaign);
}

PlazaCarried *
plaza_carried_new (const char *data_root, GError **error)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (data_root, error);
  PlazaCarried *self;

  if (profiles == NULL)
    return NULL;
  self = g_new0 (PlazaCarried, 1);
  self->data_root = g_strdup (data_root);
  self->profiles = g_ptr_array_new_with_free_func (g_free);
  self->campaigns =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) plaza_campaign_unref);
  for (guint i = 0; i < profiles->len; i++)
    {
      PlazaProfile *profile = g_ptr_array_index (profiles, i);

      g_ptr_array_add (self->profiles, g_strdup (plaza_profile_get_folder (profile)));
      add_campaign (self, plaza_profile_get_campaign_fingerprint (profile));
    }
  return self;
}

void
plaza_carried_know (PlazaCarried *self, const char *fingerprint)
{
  add_campaign (self, fingerprint);
}

PlazaCampaign *
plaza_carried_campaign (PlazaCarried *self, const char *fingerprint)
{
  return g_hash_table_lookup (self->campaigns, fingerprint);
}

void
plaza_carried_free (PlazaCarried *self)
{
  g_hash_table_unref (self->campaigns);
  g_ptr_array_unref (self->profiles);
  g_free (self->data_root);
  g_free (self);
}

/* The folder of the profile whose @what holds the file, or NULL. */
static const char *
find_profile (PlazaCarried *self, const char *what, const char *id, const char *suffix)
{
  for (guint i = 0; i < self->profiles->len; i++)
    {
      const char *profile = g_ptr_array_index (self->profiles, i);
      g_autofree char *path = profile_file (profile, what, id, suffix);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return profile;
    }
  return NULL;
}

/* (transfer full) (nullable) */
static char *
find_receipt (PlazaCarried *self, const char *id)
{
  const char *profile = find_profile (self, "receipts", id, ".rcp");
  GHashTableIter iter;
  gpointer fingerprint;

  if (profile != NULL)
    return profile_file (profile, "receipts", id, ".rcp");
  g_hash_table_iter_init (&iter, self->campaigns);
  while (g_hash_table_iter_next (&iter, &fingerprint, NULL))
    {
      g_autofree char *path =
          path_of (self->data_root, fingerprint, PLAZA_CARRIED_RECEIPTS, id, ".rcp");

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

GBytes *
plaza_carried_find_receipt (PlazaCarried *self, const char *envelope, GError **error)
{
  g_autofree char *path = find_receipt (self, envelope);

  return path != NULL ? plaza_file_read (path, PLAZA_RECEIPT_MAX_BYTES, error) : NULL;
}

gboolean
plaza_carried_knows_envelope (PlazaCarried *self, const char *fingerprint, const char *id)
{
  g_autofree char *path =
      path_of (self->data_root, fingerprint, PLAZA_CARRIED_ENVELOPES, id, ".plz");
  g_autofree char *receipt = find_receipt (self, id);

  return receipt != NULL || g_file_test (path, G_FILE_TEST_EXISTS) ||
         find_profile (self, "outbox", id, ".plz") != NULL;
}

/* Taking in */

static gboolean
check_room (PlazaCarried *self, gsize size, GError **error)
{
  struct statvfs room;

  if (statvfs (self->data_root, &room) < 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "asking for room: %s", g_strerror (errno));
  return (guint64) room.f_bavail * room.f_frsize >= DISK_FLOOR + (guint64) size ||
         plaza_throw (error, PLAZA_ERROR_DISK, "the disk of this laptop is nearly full");
}

static gboolean
keep (PlazaCarried *self, const char *path, GBytes *bytes, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return check_room (self, g_bytes_get_size (bytes), error) && plaza_dir_make (folder, error) &&
         plaza_file_write (path, bytes, error);
}

static gboolean
is_known (PlazaCarried *self, const char *fingerprint, GError **error)
{
  return g_hash_table_contains (self->campaigns, fingerprint) ||
         plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "of a campaign that this laptop does not have");
}

static gboolean
is_envelope (GBytes *bytes, const PlazaHash *id)
{
  PlazaEnvelopeInfo info;

  return plaza_envelope_peek (bytes, &info, NULL) && memcmp (&info.id, id, sizeof *id) == 0;
}

/* A copy that is broken, or that the central refused while @bytes are signed otherwise. */
static gboolean
gives_way (const char *path, const char *refused, const PlazaHash *id, GBytes *bytes)
{
  g_autoptr (GBytes) present = plaza_file_read (path, PLAZA_ENVELOPE_MAX_BYTES, NULL);

  return present == NULL || !is_envelope (present, id) ||
         (g_file_test (refused, G_FILE_TEST_EXISTS) && !g_bytes_equal (present, bytes));
}

gboolean
plaza_carried_take_envelope (PlazaCarried *self,
                             const char *named,
                             GBytes *bytes,
                             PlazaCarriedFate *out,
                             char **out_id,
                             GError **error)
{
  g_autofree char *id = NULL;
  g_autofree char *fingerprint = NULL;
  g_autofree char *receipt = NULL;
  g_autofree char *path = NULL;
  g_autofree char *refused = NULL;
  PlazaEnvelopeInfo info;

  if (!plaza_envelope_peek (bytes, &info, error))
    return FALSE;
  id = plaza_hash_to_string (&info.id);
  if (named != NULL && strcmp (named, id) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the envelope is not the one of its name");
  fingerprint = plaza_base32_encode (info.campaign.bytes, PLAZA_HASH_SIZE);
  if (!is_known (self, fingerprint, error))
    return FALSE;
  receipt = find_receipt (self, id);
  path = path_of (self->data_root, fingerprint, PLAZA_CARRIED_ENVELOPES, id, ".plz");
  refused = path_of (self->data_root, fingerprint, PLAZA_CARRIED_ENVELOPES, id, ".refused");
  if (receipt != NULL)
    *out = PLAZA_CARRIED_DELIVERED;
  else if (find_profile (self, "outbox", id, ".plz") != NULL ||
           (g_file_test (path, G_FILE_TEST_EXISTS) && !gives_way (path, refused, &info.id, bytes)))
    *out = PLAZA_CARRIED_HERE;
  else if (keep (self, path, bytes, error) && plaza_file_remove (refused, error))
    *out = PLAZA_CARRIED_NEW;
  else
    return FALSE;
  if (out_id != NULL)
    *out_id = g_steal_pointer (&id);
  return TRUE;
}

/* @out_campaign: (nullable): whose central signed it. */
static PlazaReceipt *
verify_receipt (PlazaCarried *self,
                GBytes *bytes,
                const PlazaHash *envelope,
                PlazaCampaign **out_campaign,
                GError **error)
{
  GHashTableIter iter;
  gpointer campaign;

  g_hash_table_iter_init (&iter, self->campaigns);
  while (g_hash_table_iter_next (&iter, NULL, &campaign))
    {
      const PlazaCampaign *keys = campaign;
      g_autoptr (GError) local = NULL;
      PlazaReceipt *receipt;

      if (out_campaign != NULL)
        *out_campaign = campaign;
      receipt = plaza_receipt_verify (bytes, envelope, 0, &keys->key_central_sign,
                                      &keys->key_central_sign_spare, &local);
      if (receipt != NULL)
        return receipt;
      if (!g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the receipt is signed by no central known here");
  return NULL;
}

PlazaReceipt *
plaza_carried_open_receipt (PlazaCarried *self, const char *envelope, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_carried_find_receipt (self, envelope, error);
  PlazaHash hash;

  if (bytes == NULL || !plaza_hash_parse (envelope, &hash, error))
    return NULL;
  return verify_receipt (self, bytes, &hash, NULL, error);
}

static gboolean
remove_envelope (PlazaCarried *self, const char *fingerprint, const char *id, GError **error)
{
  static const char *const suffixes[] = { ".plz", ".refused" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path =
          path_of (self->data_root, fingerprint, PLAZA_CARRIED_ENVELOPES, id, suffixes[i]);

      if (g_file_test (path, G_FILE_TEST_EXISTS) && !plaza_file_remove (path, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_carried_take_receipt (
    PlazaCarried *self, GBytes *bytes, PlazaCarriedFate *out, char **out_id, GError **error)
{
  g_autoptr (PlazaReceipt) receipt = NULL;
  PlazaHash envelope;
  PlazaCampaign *campaign;
  const char *profile;
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;

  if (!plaza_receipt_peek (bytes, &envelope, error) ||
      (receipt = verify_receipt (self, bytes, &envelope, &campaign, error)) == NULL)
    return FALSE;
  id = plaza_hash_to_string (&envelope);
  profile = find_profile (self, "outbox", id, ".plz");
  path = profile != NULL
             ? profile_file (profile, "receipts", id, ".rcp")
             : path_of (self->data_root, campaign->fingerprint, PLAZA_CARRIED_RECEIPTS, id, ".rcp");
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    *out = PLAZA_CARRIED_HERE;
  else if (keep (self, path, bytes, error))
    *out = profile != NULL ? PLAZA_CARRIED_OURS : PLAZA_CARRIED_NEW;
  else
    return FALSE;
  if (!remove_envelope (self, campaign->fingerprint, id, error))
    return FALSE;
  if (out_id != NULL)
    *out_id = g_steal_pointer (&id);
  return TRUE;
}

/* Whether it is the one of a profile of this laptop, come back. */
static gboolean
is_own_registration (PlazaCarried *self, GBytes *bytes)
{
  for (guint i = 0; i < self->profiles->len; i++)
    {
      g_autofree char *path = g_build_filename (g_ptr_array_index (self->profiles, i),
                                                PLAZA_PROFILE_REGISTRATION, NULL);
      g_autoptr (GBytes) own = plaza_file_read (path, PLAZA_REGISTRATION_SIZE, NULL);

      if (own != NULL && g_bytes_equal (own, bytes))
        return TRUE;
    }
  return FALSE;
}

gboolean
plaza_carried_take_registration (
    PlazaCarried *self, GBytes *bytes, PlazaCarriedFate *out, char **out_device, GError **error)
{
  g_auto (PlazaRegistration) registration = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *ended = NULL;
  GStatBuf info;

  if (!plaza_registration_check (bytes, &registration, error) ||
      !is_known (self, registration.campaign, error))
    return FALSE;
  path = path_of (self->data_root, registration.campaign, PLAZA_CARRIED_REGISTRATIONS,
                  registration.device, PLAZA_REGISTRATION_SUFFIX);
  ended = g_strconcat (path, ENDED, NULL);
  if (g_stat (ended, &info) == 0)
    *out = info.st_size == 0 ? PLAZA_CARRIED_DELIVERED : PLAZA_CARRIED_HERE;
  else if (g_file_test (path, G_FILE_TEST_EXISTS) || is_own_registration (self, bytes))
    *out = PLAZA_CARRIED_HERE;
  else if (keep (self, path, bytes, error))
    *out = PLAZA_CARRIED_NEW;
  else
    return FALSE;
  if (out_device != NULL)
    *out_device = g_strdup (registration.device);
  return TRUE;
}

gboolean
plaza_carried_end_registration (const PlazaCarriedFile *file, const char *reason, GError **error)
{
  g_autofree char *path = g_strconcat (file->path, ENDED, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (reason, reason != NULL ? strlen (reason) : 0);

  return plaza_file_write (path, bytes, error) && plaza_file_remove (file->path, error);
}

char *
plaza_carried_invitations (const char *data_root, const char *fingerprint)
{
  return g_build_filename (data_root, "carried", fingerprint, "invitations.plzinv", NULL);
}

static PlazaInvitations *
load_invitations (const char *path, PlazaCampaign *campaign)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_INVITATIONS_MAX_BYTES, NULL);

  return bytes != NULL ? plaza_invitations_parse (bytes, campaign, NULL) : NULL;
}

/* The campaign that the list says it is of, by the signature that it bears. */
static PlazaInvitations *
parse_invitations (PlazaCarried *self, GBytes *bytes, PlazaCampaign **out, GError **error)
{
  GHashTableIter iter;
  gpointer campaign;

  g_hash_table_iter_init (&iter, self->campaigns);
  while (g_hash_table_iter_next (&iter, NULL, &campaign))
    {
      g_autoptr (GError) local = NULL;
      PlazaInvitations *list = plaza_invitations_parse (bytes, campaign, &local);

      *out = campaign;
      if (list != NULL)
        return list;
      if (!g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "invitations of a campaign that is not known here");
  return NULL;
}

gboolean
plaza_carried_take_invitations (PlazaCarried *self,
                                GBytes *bytes,
                                PlazaCarriedFate *out,
                                GError **error)
{
  PlazaCampaign *campaign;
  g_autoptr (PlazaInvitations) list = parse_invitations (self, bytes, &campaign, error);
  g_autoptr (PlazaInvitations) present = NULL;
  g_autofree char *path = NULL;

  if (list == NULL)
    return FALSE;
  path = plaza_carried_invitations (self->data_root, campaign->fingerprint);
  present = load_invitations (path, campaign);
  *out = PLAZA_CARRIED_HERE;
  if (present != NULL && plaza_invitations_get_size (present) >= plaza_invitations_get_size (list))
    return TRUE;
  *out = PLAZA_CARRIED_NEW;
  return keep (self, path, bytes, error);
}

/* Listing */

void
plaza_carried_file_free (PlazaCarriedFile *self)
{
  g_free (self->fingerprint);
  g_free (self->id);
  g_free (self->path);
  g_free (self);
}

static GPtrArray *
list_files (const char *data_root, const char *fingerprint, const char *what, const char *suffix)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_carried_file_free);
  g_auto (GStrv) campaigns = plaza_carried_campaigns (data_root, fingerprint);

  for (guint i = 0; campaigns[i] != NULL; i++)
    {
      g_autofree char *folder = plaza_carried_folder (data_root, campaigns[i], what);
      g_auto (GStrv) names = plaza_dir_list (folder, suffix, NULL);

      for (guint j = 0; names != NULL && names[j] != NULL; j++)
        {
          PlazaCarriedFile *file = g_new0 (PlazaCarriedFile, 1);

          file->fingerprint = g_strdup (campaigns[i]);
          file->id = g_strndup (names[j], strlen (names[j]) - strlen (suffix));
          file->path = g_build_filename (folder, names[j], NULL);
          g_ptr_array_add (files, file);
        }
    }
  return files;
}

GPtrArray *
plaza_carried_list_receipts (const char *data_root, const char *fingerprint)
{
  return list_files (data_root, fingerprint, PLAZA_CARRIED_RECEIPTS, ".rcp");
}

GPtrArray *
plaza_carried_list_registrations (const char *data_root, const char *fingerprint)
{
  return list_files (data_root, fingerprint, PLAZA_CARRIED_REGISTRATIONS,
                     PLAZA_REGISTRATION_SUFFIX);
}

static gboolean
expire_files (GPtrArray *files, gint64 now_ms, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      const PlazaCarriedFile *file = g_ptr_array_index (files, i);
      GStatBuf info;

      if (g_stat (file->path, &info) == 0 &&
          (gint64) info.st_mtime * 1000 < now_ms - PLAZA_CARRIED_DAYS * DAY_MS &&
          !plaza_file_remove (file->path, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
plaza_carried_expire (const char *data_root, gint64 now_ms, GError **error)
{
  g_autoptr (GPtrArray) receipts = plaza_carried_list_receipts (data_root, NULL);
  g_autoptr (GPtrArray) ended =
      list_files (data_root, NULL, PLAZA_CARRIED_REGISTRATIONS, PLAZA_REGISTRATION_SUFFIX ENDED);

  return expire_files (receipts, now_ms, error) && expire_files (ended, now_ms, error);
}

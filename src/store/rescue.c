/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/rescue-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "seal/passphrase.h"
#include "store/profile-private.h"
#include "wire/envelope.h"
#include "wire/receipt.h"
#include "wire/registration.h"

/* Below a scratch folder: profiles, a profile, its folders, their files. */
#define SCRATCH_DEPTH 6
#define MAX_ENTRIES 500000u

static void
profile_free (gpointer data)
{
  PlazaRescueProfile *profile = data;

  g_free (profile->path);
  g_free (profile->id);
  g_free (profile->name);
  g_free (profile->problem);
  g_clear_pointer (&profile->folios, g_ptr_array_unref);
  g_free (profile);
}

void
plaza_rescue_report_clear (PlazaRescueReport *self)
{
  g_clear_pointer (&self->profiles, g_ptr_array_unref);
}

/* Looking: only names and kinds, nothing is opened yet. */
typedef struct
{
  GPtrArray *envelopes;
  GPtrArray *receipts;
  GPtrArray *registrations;
  GPtrArray *packages;
  GPtrArray *profiles; /* folders, or database files */
  const char *skip;    /* our own scratch */
  dev_t device;
  guint entries;
} Finds;

static GPtrArray *
new_paths (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
finds_clear (Finds *self)
{
  g_clear_pointer (&self->envelopes, g_ptr_array_unref);
  g_clear_pointer (&self->receipts, g_ptr_array_unref);
  g_clear_pointer (&self->registrations, g_ptr_array_unref);
  g_clear_pointer (&self->packages, g_ptr_array_unref);
  g_clear_pointer (&self->profiles, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Finds, finds_clear)

static gboolean
is_database (const char *name)
{
  return g_str_equal (name, "plaza.db") || g_str_has_prefix (name, PLAZA_BACKUP_DAMAGED) ||
         (g_str_has_prefix (name, "plaza-") && g_str_has_suffix (name, ".db"));
}

/* TRUE when the folder holding it is a profile's, or the backups of one. */
static gboolean
sort_file (Finds *finds, const char *name, const char *path)
{
  GPtrArray *list = NULL;

  if (g_str_has_suffix (name, ".plz"))
    list = finds->envelopes;
  else if (g_str_has_suffix (name, ".rcp"))
    list = finds->receipts;
  else if (g_str_has_suffix (name, ".plzreg"))
    list = finds->registrations;
  else if (g_str_has_suffix (name, ".plzcmp"))
    list = finds->packages;
  if (list != NULL)
    g_ptr_array_add (list, g_strdup (path));
  return g_str_equal (name, "profile.key") || is_database (name);
}

static void
look_below (Finds *finds, const char *folder, guint depth, gboolean in_profile)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) folders = new_paths ();
  gboolean is_profile = FALSE;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && finds->entries++ < MAX_ENTRIES)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      if (g_lstat (path, &info) != 0)
        continue;
      if (S_ISREG (info.st_mode))
        is_profile = sort_file (finds, name, path) || is_profile;
      else if (S_ISDIR (info.st_mode) && info.st_dev == finds->device && depth > 1 &&
               strcmp (path, finds->skip) != 0)
        g_ptr_array_add (folders, g_steal_pointer (&path));
    }
  /* A profile's own backups belong to it; a folder of backups alone stands for a profile. */
  is_profile = is_profile && !in_profile;
  if (is_profile)
    g_ptr_array_add (finds->profiles, g_strdup (folder));
  for (guint i = 0; i < folders->len; i++)
    look_below (finds, g_ptr_array_index (folders, i), depth - 1, is_profile);
}

/* Of a profile's folder alone: its campaign lies beside the profiles. */
static void
look_beside (Finds *finds, const char *from)
{
  g_autofree char *profiles = g_path_get_dirname (from);
  g_autofree char *root = g_path_get_dirname (profiles);
  g_autofree char *folder = g_build_filename (root, "campaigns", NULL);

  if (g_str_has_suffix (profiles, G_DIR_SEPARATOR_S "profiles"))
    look_below (finds, folder, 1, FALSE);
}

static gboolean
look (Finds *finds, const char *from, const char *skip, GError **error)
{
  g_autofree char *name = g_path_get_basename (from);
  GStatBuf info;

  finds->envelopes = new_paths ();
  finds->receipts = new_paths ();
  finds->registrations = new_paths ();
  finds->packages = new_paths ();
  finds->profiles = new_paths ();
  finds->skip = skip;
  if (g_stat (from, &info) != 0)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "%s: %s", from, g_strerror (errno));
  finds->device = info.st_dev;
  if (S_ISDIR (info.st_mode))
    {
      look_below (finds, from, PLAZA_RESCUE_DEPTH, FALSE);
      look_beside (finds, from);
    }
  else if (S_ISREG (info.st_mode))
    {
      sort_file (finds, name, from);
      /* Whatever a copied database is called. */
      if (finds->envelopes->len + finds->receipts->len + finds->packages->len +
              finds->registrations->len ==
          0)
        g_ptr_array_add (finds->profiles, g_strdup (from));
    }
  return TRUE;
}

/* Taking along */

static gboolean
is_ours (const GError *error)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
}

gboolean
plaza_rescue_take_envelope (PlazaRescue *self, const char *named, GBytes *bytes, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *id = NULL;
  PlazaEnvelopeInfo info;
  PlazaCarriedFate fate;

  if (!plaza_envelope_peek (bytes, &info, &local))
    {
      g_warning ("an envelope is left: %s", local->message);
      self->report->found++;
      self->report->refused++;
      return TRUE;
    }
  id = plaza_hash_to_string (&info.id);
  if (named != NULL && strcmp (named, id) != 0)
    {
      g_warning ("an envelope is left: its bytes are not those of its name");
      if (g_hash_table_add (self->seen, g_strdup (named)))
        {
          self->report->found++;
          self->report->refused++;
        }
      return TRUE;
    }
  if (!g_hash_table_add (self->seen, g_strdup (id)))
    return TRUE;
  self->report->found++;
  if (!plaza_carried_take_envelope (self->carried, named, bytes, &fate, NULL, &local))
    {
      if (is_ours (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_warning ("an envelope is left: %s", local->message);
      self->report->refused++;
      if (g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
        self->report->foreign++;
      return TRUE;
    }
  if (fate == PLAZA_CARRIED_NEW)
    self->report->taken++;
  else if (fate == PLAZA_CARRIED_DELIVERED)
    self->report->delivered++;
  else
    self->report->here++;
  return TRUE;
}

/* What a broken disk cannot read is left, what it can is taken. */
static GBytes *
read_or_leave (const char *path, gsize max_bytes)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = plaza_file_read (path, max_bytes, &error);

  if (bytes == NULL)
    g_warning ("%s is left: %s", path, error->message);
  return bytes;
}

/* The id that the file's name says, or NULL when somebody named it otherwise. */
static char *
name_of (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  PlazaHash hash;

  if (g_str_has_suffix (name, ".plz"))
    name[strlen (name) - strlen (".plz")] = '\0';
  return plaza_hash_parse (name, &hash, NULL) ? g_steal_pointer (&name) : NULL;
}

static gboolean
take_envelopes (PlazaRescue *self, GPtrArray *paths, GError **error)
{
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *named = name_of (path);
      g_autoptr (GBytes) bytes = read_or_leave (path, PLAZA_ENVELOPE_MAX_BYTES);

      if (bytes == NULL)
        {
          self->report->found++;
          self->report->refused++;
        }
      else if (!plaza_rescue_take_envelope (self, named, bytes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_receipts (PlazaRescue *self, GPtrArray *paths, GError **error)
{
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (GBytes) bytes =
          read_or_leave (g_ptr_array_index (paths, i), PLAZA_RECEIPT_MAX_BYTES);
      g_autoptr (GError) local = NULL;
      PlazaCarriedFate fate;

      if (bytes == NULL)
        continue;
      if (plaza_carried_take_receipt (self->carried, bytes, &fate, NULL, &local))
        self->report->receipts++;
      else if (is_ours (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
take_registrations (PlazaRescue *self, GPtrArray *paths, GError **error)
{
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (GBytes) bytes =
          read_or_leave (g_ptr_array_index (paths, i), PLAZA_REGISTRATION_SIZE);
      g_autoptr (GError) local = NULL;
      PlazaCarriedFate fate;

      if (bytes == NULL)
        continue;
      if (plaza_carried_take_registration (self->carried, bytes, &fate, NULL, &local))
        self->report->registrations++;
      else if (is_ours (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

/* A package says by its fingerprint which campaign it is; whoever joins compares that. */
static gboolean
take_packages (PlazaRescue *self, GError **error)
{
  for (guint i = 0; i < self->packages->len; i++)
    {
      g_autoptr (GBytes) bytes =
          read_or_leave (g_ptr_array_index (self->packages, i), PLAZA_CAMPAIGN_MAX_BYTES);
      g_autoptr (PlazaCampaign) campaign =
          bytes != NULL ? plaza_campaign_parse (bytes, NULL, NULL) : NULL;
      g_autoptr (PlazaCampaign) known = NULL;

      if (campaign == NULL)
        continue;
      known = plaza_data_load_campaign (self->data_root, campaign->fingerprint, NULL);
      if (known == NULL && !plaza_data_save_campaign (self->data_root, campaign, error))
        return FALSE;
    }
  return TRUE;
}

/* Envelopes of every campaign whose package is here, or was found, are taken. */
static void
know_campaigns (PlazaRescue *self)
{
  g_autofree char *folder = g_build_filename (self->data_root, "campaigns", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".plzcmp", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *fingerprint = g_strndup (names[i], strlen (names[i]) - strlen (".plzcmp"));

      /* Earlier packages have a longer name. */
      if (strchr (fingerprint, '-') == NULL)
        plaza_carried_know (self->carried, fingerprint);
    }
}

static gboolean
run (PlazaRescue *self, Finds *finds, GError **error)
{
  if (!take_packages (self, error))
    return FALSE;
  self->carried = plaza_carried_new (self->data_root, error);
  if (self->carried != NULL)
    know_campaigns (self);
  /* Receipts first: what the central has need not be taken along. */
  if (self->carried == NULL || !take_receipts (self, finds->receipts, error) ||
      !take_registrations (self, finds->registrations, error) ||
      !take_envelopes (self, finds->envelopes, error))
    return FALSE;
  for (guint i = 0; i < finds->profiles->len; i++)
    if (!plaza_rescue_profile (self, g_ptr_array_index (finds->profiles, i), error))
      return FALSE;
  return TRUE;
}

/* Of a rescue that was cut. */
static void
remove_scratches (const char *data_root)
{
  g_autoptr (GDir) dir = g_dir_open (data_root, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (data_root, name, NULL);

      if (g_str_has_prefix (name, PLAZA_RESCUE_SCRATCH) && g_file_test (path, G_FILE_TEST_IS_DIR))
        plaza_profile_remove_tree (path, SCRATCH_DEPTH, NULL);
    }
}

gboolean
plaza_rescue_run (const char *data_root,
                  const char *from,
                  const PlazaRescueOptions *options,
                  PlazaRescueReport *out,
                  GError **error)
{
  g_autofree char *where = g_canonicalize_filename (from, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (Finds) finds = { 0 };
  PlazaRescue self = { .data_root = data_root, .options = options, .report = out, .seen = seen };
  gboolean ok;

  *out = (PlazaRescueReport){ 0 };
  if (options->drafts == PLAZA_RESCUE_BRING_PROFILE &&
      !plaza_passphrase_check (options->passphrase, NULL, error))
    return FALSE;
  out->profiles = g_ptr_array_new_with_free_func (profile_free);
  if (!plaza_dir_make (data_root, error))
    return FALSE;
  remove_scratches (data_root);
  self.scratch = g_build_filename (data_root, PLAZA_RESCUE_SCRATCH "XXXXXX", NULL);
  if (g_mkdtemp_full (self.scratch, 0700) == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_DISK, "a place for copies: %s", g_strerror (errno));
      g_free (self.scratch);
      return FALSE;
    }
  ok = look (&finds, where, self.scratch, error);
  self.packages = finds.packages;
  ok = ok && run (&self, &finds, error);
  plaza_profile_remove_tree (self.scratch, SCRATCH_DEPTH, NULL);
  g_clear_pointer (&self.carried, plaza_carried_free);
  g_free (self.scratch);
  return ok;
}

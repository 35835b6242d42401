/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/rescue-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/uuid.h"
#include "store/contact-pool.h"
#include "store/folio-mark.h"
#include "store/joining.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/profile-private.h"
#include "store/rescue-ledger.h"
#include "store/rotation.h"

#define CHUNK 65536u

/* Copying: a disk that gives half a file gives half a file, and the repair makes the best of it. */

static gboolean
throw_errno (GError **error, const char *doing)
{
  return plaza_throw (error, PLAZA_ERROR_DISK, "%s: %s", doing, g_strerror (errno));
}

static gboolean
pump (int from, int to, GError **error)
{
  g_autofree guint8 *chunk = g_malloc0 (CHUNK);

  for (;;)
    {
      ssize_t n = read (from, chunk, CHUNK);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_warning ("a file is read only in part: %s", g_strerror (errno));
          return TRUE;
        }
      if (n == 0)
        return TRUE;
      if (write (to, chunk, (size_t) n) != n)
        return throw_errno (error, "copying to this laptop");
    }
}

/* What is not there is no error. */
static gboolean
copy (const char *from_path, const char *to_path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (to_path);
  int from = g_open (from_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  int to = -1;
  GStatBuf info;
  gboolean ok = TRUE;

  if (from >= 0 && fstat (from, &info) == 0 && S_ISREG (info.st_mode))
    {
      ok = plaza_dir_make (folder, error);
      if (ok)
        to = g_open (to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      ok = ok && (to >= 0 || throw_errno (error, "copying to this laptop")) &&
           pump (from, to, error);
    }
  if (to >= 0)
    close (to);
  if (from >= 0)
    close (from);
  return ok;
}

static gboolean
copy_in (const char *from_folder, const char *to_folder, const char *name, GError **error)
{
  g_autofree char *from = g_build_filename (from_folder, name, NULL);
  g_autofree char *to = g_build_filename (to_folder, name, NULL);

  return copy (from, to, error);
}

static gboolean
copy_all (const char *from, const char *to, const char *suffix, GError **error)
{
  g_auto (GStrv) names = plaza_dir_list (from, suffix, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!copy_in (from, to, names[i], error))
      return FALSE;
  return TRUE;
}

/* A profile in scratch: its folder's content by the names that a profile uses, wherever they lay.
 */
typedef struct
{
  PlazaRescue *rescue;
  PlazaRescueProfile *report;
  char *folder;
  gint64 serials;        /* folios that it may have given out */
  PlazaKeyfile *keyfile; /* the one that names the profile, or that was opened */
} Found;

static void
found_clear (Found *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->keyfile, plaza_keyfile_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static char *
in_folder (const Found *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static gboolean
gather_folder (Found *self, const char *from, GError **error)
{
  static const char *const names[] = { "plaza.db",          "plaza.db-wal",  "profile.key",
                                       PLAZA_ROTATION_NEXT, "device",        "registration.plzreg",
                                       PLAZA_PROFILE_CODE,  PLAZA_FOLIO_MARK };
  g_autofree char *from_backups = g_build_filename (from, "backups", NULL);
  g_autofree char *backups = in_folder (self, "backups");
  g_autofree char *from_receipts = g_build_filename (from, "receipts", NULL);
  g_autofree char *receipts = in_folder (self, "receipts");
  g_auto (GStrv) files = plaza_dir_list (from, "", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!copy_in (from, self->folder, names[i], error))
      return FALSE;
  if (!plaza_dir_make (backups, error) || !copy_all (from_backups, backups, "", error) ||
      !copy_all (from_receipts, receipts, ".rcp", error))
    return FALSE;
  /* Backups that lie in the folder itself, and stores that a repair put aside, which may have what
   * the repaired one lost. */
  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    if (g_str_has_prefix (files[i], "plaza-") && g_str_has_suffix (files[i], ".db") &&
        !copy_in (from, backups, files[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
gather (Found *self, const char *path, GError **error)
{
  g_autofree char *database = in_folder (self, "plaza.db");
  g_autofree char *log = in_folder (self, "plaza.db-wal");
  g_autofree char *from_log = g_strconcat (path, "-wal", NULL);

  if (!plaza_dir_make (self->folder, error))
    return FALSE;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return gather_folder (self, path, error);
  return copy (path, database, error) && copy (from_log, log, error);
}

/* The database */

static gboolean
is_sound (const char *path)
{
  g_autoptr (PlazaDatabase) db = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, NULL);
  return db != NULL && plaza_database_check (db, NULL);
}

/* A database that can be read, out of what there is. */
static gboolean
mend (Found *self)
{
  g_autofree char *path = in_folder (self, "plaza.db");
  g_autofree char *backups = in_folder (self, "backups");
  g_autoptr (GError) error = NULL;

  if (is_sound (path))
    return TRUE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_set_contents (path, "", 0, NULL))
    return FALSE;
  if (plaza_backup_repair (path, backups, &self->report->repair, &error))
    {
      self->report->repaired = TRUE;
      return TRUE;
    }
  self->report->problem = g_strdup (error->message);
  return FALSE;
}

static gboolean
take_rows (Found *self, PlazaDatabase *db, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (
      db, &local, "SELECT bytes, id FROM envelope WHERE bytes IS NOT NULL AND state <> 3", "");
  while (rows != NULL && plaza_rows_next (rows, &local))
    {
      g_autoptr (GBytes) bytes = plaza_rows_bytes (rows, 0);

      if (!plaza_rescue_take_envelope (self->rescue, plaza_rows_text (rows, 1), bytes, error))
        return FALSE;
    }
  if (local != NULL)
    g_warning ("envelopes of %s: %s", self->report->path, local->message);
  return TRUE;
}

static void
count (PlazaDatabase *db, const char *sql, guint *out)
{
  gint64 value = 0;

  if (plaza_database_get_int (db, 0, &value, NULL, sql, ""))
    *out = (guint) value;
}

static gboolean
read_database (Found *self, GError **error)
{
  g_autofree char *path = in_folder (self, "plaza.db");
  g_autoptr (PlazaDatabase) db = NULL;
  g_autoptr (GError) local = NULL;
  guint serials = 0;

  self->report->has_database = mend (self);
  if (!self->report->has_database)
    return TRUE;
  db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, &local);
  if (db == NULL)
    {
      self->report->problem = g_strdup (local->message);
      return TRUE;
    }
  count (db, "SELECT count (*) FROM draft", &self->report->drafts);
  count (db, "SELECT value FROM counter WHERE name = '" PLAZA_COUNTER_FOLIO "'", &serials);
  self->serials = MAX (serials, plaza_folio_mark_read (self->folder));
  count (db, "SELECT count (*) FROM entry WHERE state = 1", &self->report->unsealed);
  count (db, "SELECT count (*) > 0 FROM sealed_value WHERE name LIKE '" PLAZA_CONTACT_POOL "%'",
         &self->report->contacts);
  return take_rows (self, db, error);
}

/* The keyfile */

static PlazaKeyfile *
load_key (const Found *self, const char *name)
{
  g_autofree char *path = in_folder (self, name);

  return plaza_keyfile_load (path, NULL);
}

static const char *const key_names[] = { "profile.key", "backups/profile.key",
                                         PLAZA_ROTATION_NEXT };

static void
find_keyfile (Found *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (key_names) && self->keyfile == NULL; i++)
    self->keyfile = load_key (self, key_names[i]);
  if (self->keyfile == NULL)
    return;
  self->report->has_keyfile = TRUE;
  g_free (self->report->id);
  g_free (self->report->name);
  self->report->id = g_strdup (plaza_keyfile_profile_id (self->keyfile));
  self->report->name = g_strdup (plaza_keyfile_display_name (self->keyfile));
}

/* The folder gets the name that the keyfile says, since values are sealed to it. */
static gboolean
name_folder (Found *self, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (self->folder);
  g_autofree char *folder = g_build_filename (parent, self->report->id, NULL);

  if (strcmp (folder, self->folder) == 0)
    return TRUE;
  /* The same profile twice: a laptop and its copy. */
  if (g_file_test (folder, G_FILE_TEST_EXISTS) && !plaza_profile_remove_tree (folder, 3, error))
    return FALSE;
  if (g_rename (self->folder, folder) != 0)
    return throw_errno (error, "naming a copy");
  g_free (self->folder);
  self->folder = g_steal_pointer (&folder);
  return TRUE;
}

/* The key that opens this store, of whichever keyfile. */
static PlazaSecret *
recover (Found *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (key_names); i++)
    {
      g_autoptr (PlazaKeyfile) keyfile = load_key (self, key_names[i]);
      g_autoptr (PlazaSecret) key = NULL;

      if (keyfile != NULL)
        key = plaza_keyfile_recover (keyfile, self->rescue->options->recovery, NULL);
      if (key == NULL || !plaza_rotation_opens (self->folder, self->report->id, key))
        continue;
      plaza_keyfile_unref (self->keyfile);
      self->keyfile = g_steal_pointer (&keyfile);
      return g_steal_pointer (&key);
    }
  return NULL;
}

static gboolean
copy_campaign (Found *self, GError **error)
{
  const char *fingerprint = plaza_keyfile_campaign (self->keyfile);
  g_autofree char *from = g_build_filename (self->rescue->data_root, "campaigns", NULL);
  g_autofree char *to = g_build_filename (self->rescue->scratch, "campaigns", NULL);
  g_auto (GStrv) names = plaza_dir_list (from, "", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], fingerprint) && !copy_in (from, to, names[i], error))
      return FALSE;
  return TRUE;
}

/* Whether there is a package for it, of this laptop or of the folder. */
static gboolean
knows_campaign (const Found *self)
{
  g_autofree char *folder = g_build_filename (self->rescue->scratch, "campaigns", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, "", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], plaza_keyfile_campaign (self->keyfile)))
      return TRUE;
  return FALSE;
}

static gboolean
set_passphrase (Found *self, const PlazaSecret *key, const char *passphrase, GError **error)
{
  g_autoptr (PlazaKeyfile) changed = plaza_keyfile_rewrap (self->keyfile, key, passphrase, error);
  g_autofree char *next = in_folder (self, PLAZA_ROTATION_NEXT);

  return changed != NULL && plaza_profile_key_save (self->folder, changed, error) &&
         plaza_file_remove (next, error);
}

/* With the key */

static void
end_drafts (Found *self, PlazaRescueLedger *ledger, GPtrArray *drafts)
{
  for (guint i = 0; i < drafts->len; i++)
    {
      const PlazaHandInDraft *draft = g_ptr_array_index (drafts, i);
      g_autoptr (GError) error = NULL;

      if (draft->correction)
        continue;
      if (plaza_rescue_ledger_end_draft (ledger, draft->response, &error))
        self->report->ended++;
      else
        g_warning ("draft %s stays: %s", draft->response, error->message);
    }
}

static gboolean
take_outbox (Found *self, GError **error)
{
  g_autoptr (GPtrArray) items = plaza_outbox_list (self->rescue->scratch, NULL, error);

  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GBytes) bytes = plaza_outbox_read (g_ptr_array_index (items, i), NULL);

      if (bytes != NULL &&
          !plaza_rescue_take_envelope (self->rescue,
                                       ((PlazaOutboxItem *) g_ptr_array_index (items, i))->envelope,
                                       bytes, error))
        return FALSE;
    }
  return TRUE;
}

/* What waits goes into envelopes, but for what an earlier rescue has put into some. */
static gboolean
seal_waiting (Found *self, PlazaStore *store, GPtrArray *drafts, GError **error)
{
  g_autoptr (PlazaRescueLedger) ledger = plaza_rescue_ledger_open (
      self->rescue->data_root, self->rescue->carried, store, self->report->id);
  g_autoptr (GError) local = NULL;

  if (!plaza_rescue_ledger_apply (ledger, &local))
    {
      self->report->problem = g_strdup (local->message);
      return TRUE;
    }
  if (self->rescue->options->drafts == PLAZA_RESCUE_END_DRAFTS)
    end_drafts (self, ledger, drafts);
  if (!plaza_outbox_pack (store, PLAZA_PACK_HAND_IN, &self->report->sealed, &local))
    {
      self->report->problem = g_strdup (local->message);
      return TRUE;
    }
  self->report->unsealed = self->report->contacts = 0;
  return take_outbox (self, error) && plaza_rescue_ledger_keep (ledger, error);
}

static gboolean
work_opened (Found *self, PlazaProfile *profile, GError **error)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_auto (PlazaHandInState) state = { 0 };
  g_autoptr (GError) local = NULL;

  if (!plaza_hand_in_look (store, &state, &local))
    {
      self->report->problem = g_strdup (local->message);
      return TRUE;
    }
  for (guint i = 0; i < state.drafts->len; i++)
    g_ptr_array_add (self->report->folios,
                     g_strdup (((PlazaHandInDraft *) g_ptr_array_index (state.drafts, i))->folio));
  self->report->unreadable = state.unreadable;
  if (self->rescue->options->drafts == PLAZA_RESCUE_BRING_PROFILE)
    return TRUE;
  return seal_waiting (self, store, state.drafts, error);
}

/* Under the new passphrase the copy becomes a profile of this laptop. */
static gboolean
bring (Found *self, const PlazaSecret *key, GError **error)
{
  g_autofree char *profiles = g_build_filename (self->rescue->data_root, "profiles", NULL);
  g_autofree char *target = g_build_filename (profiles, self->report->id, NULL);
  g_autoptr (GError) local = NULL;

  if (g_file_test (target, G_FILE_TEST_EXISTS))
    {
      self->report->problem = g_strdup ("the profile is on this laptop already");
      self->report->problem_code = PLAZA_ERROR_EXISTS;
      return TRUE;
    }
  /* What was asked since a copy was made is not known here. */
  if (!set_passphrase (self, key, self->rescue->options->passphrase, &local) ||
      !plaza_folio_mark_raise (self->folder, self->serials + PLAZA_FOLIO_MARGIN, &local) ||
      !plaza_rotation_want (self->folder, &local))
    {
      self->report->problem = g_strdup (local->message);
      return TRUE;
    }
  if (!plaza_dir_make (profiles, error))
    return FALSE;
  if (g_rename (self->folder, target) != 0)
    return throw_errno (error, "bringing the profile");
  self->report->brought = TRUE;
  return plaza_journal_add (self->rescue->data_root, "profile-rescued", error, "profile",
                            self->report->id, NULL);
}

static gboolean
open_profile (Found *self, GError **error)
{
  g_autoptr (PlazaSecret) key = recover (self);
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *passphrase = NULL;
  guint8 noise[25];
  gboolean ok;

  if (key == NULL)
    {
      self->report->problem = g_strdup ("no keyfile opens this store with the recovery key");
      self->report->problem_code = PLAZA_ERROR_PASSPHRASE;
      return TRUE;
    }
  plaza_random_fill (noise, sizeof noise);
  passphrase = plaza_base32_encode (noise, sizeof noise);
  if (!copy_campaign (self, error) || !set_passphrase (self, key, passphrase, error))
    return FALSE;
  profile = plaza_profile_load (self->rescue->scratch, self->report->id, &local);
  if (profile == NULL || !plaza_profile_unlock (profile, passphrase, &local))
    {
      self->report->problem = g_strdup (local->message);
      if (!knows_campaign (self))
        self->report->problem_code = PLAZA_ERROR_NOT_FOUND;
      return TRUE;
    }
  self->report->opened = TRUE;
  ok = work_opened (self, profile, error);
  /* Locking packs what is finished, which in a profile that is brought it does with its own keys
   * as well. */
  if (!plaza_profile_lock (profile, &local))
    g_warning ("closing a rescued profile: %s", local->message);
  if (ok && self->rescue->options->drafts == PLAZA_RESCUE_BRING_PROFILE)
    return bring (self, key, error);
  return ok;
}

gboolean
plaza_rescue_profile (PlazaRescue *rescue, const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *place = plaza_uuid_random ();
  PlazaRescueProfile *report = g_new0 (PlazaRescueProfile, 1);
  g_auto (Found) self = {
    .rescue = rescue,
    .report = report,
    .folder = g_build_filename (rescue->scratch, "profiles", place, NULL),
  };

  report->path = g_strdup (path);
  report->id = g_strdup (plaza_uuid_is_valid (name) ? name : "");
  report->name = g_strdup ("");
  report->folios = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (rescue->report->profiles, report);
  if (!gather (&self, path, error))
    return FALSE;
  find_keyfile (&self);
  if (report->has_keyfile && !name_folder (&self, error))
    return FALSE;
  if (!read_database (&self, error))
    return FALSE;
  if (rescue->options->recovery != NULL && report->has_database && report->has_keyfile &&
      !open_profile (&self, error))
    return FALSE;
  /* The next one must not find this one's envelopes and drafts. */
  return report->brought || plaza_profile_remove_tree (self.folder, 3, error);
}

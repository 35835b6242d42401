/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "store/backup.h"
#include "store/migration.h"
#include "store/profile-private.h"
#include "store/steps.h"
#include "store/vault.h"

#define WANTED "rotate"
#define ROWS 200

/* The subkeys that a store uses, as plaza_store_open() derives them. */
typedef struct
{
  PlazaSecret *values;
  PlazaSecret *wrapping;
} Keys;

static void
keys_derive (Keys *keys, const PlazaSecret *key)
{
  keys->values = plaza_key_derive (key, PLAZA_STORE_VALUES);
  keys->wrapping = plaza_key_derive (key, PLAZA_STORE_WRAPPING);
}

static void
keys_clear (Keys *keys)
{
  g_clear_pointer (&keys->values, plaza_secret_unref);
  g_clear_pointer (&keys->wrapping, plaza_secret_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, keys_clear)

static char *
path_in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

gboolean
plaza_rotation_want (const char *folder, GError **error)
{
  g_autofree char *path = path_in (folder, WANTED);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  return plaza_file_write (path, nothing, error);
}

gboolean
plaza_rotation_is_pending (const char *folder)
{
  g_autofree char *wanted = path_in (folder, WANTED);
  g_autofree char *next = path_in (folder, PLAZA_ROTATION_NEXT);

  return g_file_test (wanted, G_FILE_TEST_EXISTS) || g_file_test (next, G_FILE_TEST_EXISTS);
}

/* Which key the store has */

static gboolean
database_opens (PlazaDatabase *db, const char *profile_id, const PlazaSecret *key)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GBytes) place = plaza_vault_place ("value", profile_id, "device-secret", NULL);
  g_auto (Keys) keys = { 0 };

  keys_derive (&keys, key);
  rows = plaza_database_query (
      db, NULL, "SELECT sealed FROM sealed_value WHERE name LIKE 'device-secret%'", "");
  while (rows != NULL && plaza_rows_next (rows, NULL))
    {
      g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 0);
      g_autoptr (GBytes) plain = NULL;

      if (sealed != NULL)
        plain = plaza_vault_open (keys.values, sealed, place, NULL);
      if (plain != NULL)
        return TRUE;
    }
  return FALSE;
}

gboolean
plaza_rotation_opens (const char *folder, const char *profile_id, const PlazaSecret *key)
{
  g_autofree char *path = path_in (folder, "plaza.db");
  g_autofree char *backups = path_in (folder, "backups");
  g_auto (GStrv) names = NULL;
  g_autoptr (PlazaDatabase) db = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, NULL);
  if (db != NULL && database_opens (db, profile_id, key))
    return TRUE;
  /* The file may be damaged; then its copies know. */
  if (db != NULL && plaza_database_check (db, NULL))
    return FALSE;
  names = plaza_dir_list (backups, ".db", NULL);
  for (guint i = names != NULL ? g_strv_length (names) : 0; i > 0; i--)
    {
      g_autofree char *copy = path_in (backups, names[i - 1]);
      g_autoptr (PlazaDatabase) old = plaza_database_open_copy (copy, NULL);

      if (old != NULL && database_opens (old, profile_id, key))
        return TRUE;
    }
  return FALSE;
}

/* Sealing everything anew */

typedef struct
{
  const char *column; /* what plaza_rotation_columns() calls it */
  const char *kind;   /* of the vault's place */
  gboolean wrapped;   /* a key, not a value */
  const char *select; /* number, id, bytes of the next rows after a number */
  const char *update;
} Column;

#define SELECT_PLAIN(table, column, id, condition) \
  "SELECT rowid, " id ", " column " FROM " table " WHERE rowid > ? AND " condition \
  " ORDER BY rowid LIMIT ?"
#define SELECT_DRAFT(column) \
  "SELECT d.number, r.id, d." column " FROM draft AS d JOIN response AS r ON r.number = " \
  "d.response WHERE d.number > ? AND length (d." column ") > 0 ORDER BY d.number LIMIT ?"
#define SELECT_CONTENT(column, condition) \
  "SELECT c.number, e.id, c." column " FROM content AS c JOIN entry AS e ON e.number = c.number " \
  "WHERE c.number > ? AND " condition " ORDER BY c.number LIMIT ?"
#define UPDATE(table, column) "UPDATE " table " SET " column " = ? WHERE rowid = ?"

static const Column columns[] = {
  { "sealed_value.sealed", "value", FALSE, SELECT_PLAIN ("sealed_value", "sealed", "name", "TRUE"),
    UPDATE ("sealed_value", "sealed") },
  { "session.sealed", "session", FALSE, SELECT_PLAIN ("session", "sealed", "id", "TRUE"),
    UPDATE ("session", "sealed") },
  { "response.summary", "response", FALSE, SELECT_PLAIN ("response", "summary", "id", "TRUE"),
    UPDATE ("response", "summary") },
  { "draft.key", "draft", TRUE, SELECT_DRAFT ("key"), UPDATE ("draft", "key") },
  { "draft.contact_key", "contact", TRUE, SELECT_DRAFT ("contact_key"),
    UPDATE ("draft", "contact_key") },
  { "content.key", "entry", TRUE, SELECT_CONTENT ("key", "c.key IS NOT NULL"),
    UPDATE ("content", "key") },
  { "content.sealed", "entry", FALSE, SELECT_CONTENT ("sealed", "c.key IS NULL"),
    UPDATE ("content", "sealed") },
  { "replica_revision.sealed", "replica", FALSE,
    SELECT_PLAIN ("replica_revision", "sealed", "id", "TRUE"),
    UPDATE ("replica_revision", "sealed") },
};

const char *const *
plaza_rotation_columns (void)
{
  static const char *names[G_N_ELEMENTS (columns) + 1];

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    names[i] = columns[i].column;
  return names;
}

typedef struct
{
  gint64 number;
  char *id;
  GBytes *bytes;
} Row;

static void
row_clear (gpointer data)
{
  Row *row = data;

  g_free (row->id);
  g_clear_pointer (&row->bytes, g_bytes_unref);
}

static GArray *
read_rows (PlazaDatabase *db, const Column *column, gint64 after, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Row));
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  g_array_set_clear_func (found, row_clear);
  rows = plaza_database_query (db, error, column->select, "ii", after, (gint64) ROWS);
  if (rows == NULL)
    return NULL;
  while (plaza_rows_next (rows, &local))
    {
      Row row = { plaza_rows_int (rows, 0), g_strdup (plaza_rows_text (rows, 1)),
                  plaza_rows_bytes (rows, 2) };

      g_array_append_val (found, row);
    }
  if (local == NULL)
    return g_steal_pointer (&found);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static GBytes *
row_place (const Column *column, const char *profile_id, const char *id)
{
  g_autofree char *name = NULL;

  if (strcmp (column->kind, "value") != 0)
    return plaza_vault_place (column->kind, id, NULL);
  /* What a repair put beside a value was sealed as that value. */
  name = g_str_has_suffix (id, ".backup") ? g_strndup (id, strlen (id) - strlen (".backup"))
                                          : g_strdup (id);
  return plaza_vault_place ("value", profile_id, name, NULL);
}

/* NULL when the old key does not open it: what damage took stays as it is. */
static GBytes *
seal_anew (const Column *column, const Keys *from, const Keys *to, GBytes *bytes, GBytes *place)
{
  g_autoptr (PlazaSecret) key = NULL;
  g_autoptr (GBytes) plain = NULL;

  if (!column->wrapped)
    {
      plain = plaza_vault_open (from->values, bytes, place, NULL);
      return plain != NULL ? plaza_vault_seal (to->values, plain, place) : NULL;
    }
  key = plaza_key_unwrap (from->wrapping, bytes, place, NULL);
  return key != NULL ? plaza_key_wrap (to->wrapping, key, place) : NULL;
}

static gboolean
rotate_column (PlazaDatabase *db,
               const Column *column,
               const char *profile_id,
               const Keys *from,
               const Keys *to,
               GError **error)
{
  gint64 after = -1;

  for (;;)
    {
      g_autoptr (GArray) rows = read_rows (db, column, after, error);

      if (rows == NULL)
        return FALSE;
      for (guint i = 0; i < rows->len; i++)
        {
          const Row *row = &g_array_index (rows, Row, i);
          g_autoptr (GBytes) place = row_place (column, profile_id, row->id);
          g_autoptr (GBytes) sealed = seal_anew (column, from, to, row->bytes, place);

          after = row->number;
          if (sealed == NULL)
            g_warning ("%s %" G_GINT64_FORMAT " cannot be read and stays", column->column, after);
          else if (!plaza_database_run (db, error, column->update, "bi", sealed, row->number))
            return FALSE;
        }
      if (rows->len < ROWS)
        return TRUE;
    }
}

static gboolean
rotate_database (PlazaDatabase *db,
                 const char *profile_id,
                 const PlazaSecret *from_key,
                 const PlazaSecret *to_key,
                 GError **error)
{
  g_auto (Keys) from = { 0 };
  g_auto (Keys) to = { 0 };

  keys_derive (&from, from_key);
  keys_derive (&to, to_key);
  if (!plaza_database_begin (db, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (!rotate_column (db, &columns[i], profile_id, &from, &to, error))
      {
        plaza_database_rollback (db);
        return FALSE;
      }
  return plaza_database_commit (db, error);
}

/* The steps */

typedef struct
{
  PlazaProfile *profile;
  const char *folder;
  const char *passphrase;
  const PlazaPublicKey *recovery;
  char *next_path;
  PlazaKeyfile *next;
  PlazaSecret *next_key;
} Rotation;

static void
rotation_clear (Rotation *self)
{
  g_free (self->next_path);
  g_clear_pointer (&self->next, plaza_keyfile_unref);
  g_clear_pointer (&self->next_key, plaza_secret_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rotation, rotation_clear)

static void
load_next (Rotation *self)
{
  self->next = plaza_keyfile_load (self->next_path, NULL);
  if (self->next != NULL)
    self->next_key = plaza_keyfile_unlock (self->next, self->passphrase, NULL);
}

static gboolean
make_next (Rotation *self, GError **error)
{
  if (self->next_key != NULL)
    return TRUE;
  g_clear_pointer (&self->next, plaza_keyfile_unref);
  self->next = plaza_keyfile_new (plaza_profile_get_id (self->profile),
                                  plaza_profile_get_name (self->profile),
                                  plaza_profile_get_campaign_fingerprint (self->profile),
                                  self->recovery, self->passphrase, &self->next_key, error);
  if (self->next == NULL || !plaza_keyfile_save (self->next, self->next_path, error))
    return FALSE;
  plaza_step ("rotation-next");
  return TRUE;
}

static gboolean
sync_folder (const char *folder, GError **error)
{
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync (fd) == 0;

  if (!ok)
    plaza_throw (error, PLAZA_ERROR_DISK, "keeping the new key: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

/* The database has the new key: now the keyfile, its copy and the backups. */
static gboolean
settle (Rotation *self, PlazaDatabase *db, GError **error)
{
  g_autofree char *key = path_in (self->folder, "profile.key");
  g_autofree char *backups = path_in (self->folder, "backups");
  g_autofree char *wanted = path_in (self->folder, WANTED);

  if (g_rename (self->next_path, key) != 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "taking the new key: %s", g_strerror (errno));
  if (!sync_folder (self->folder, error))
    return FALSE;
  plaza_step ("rotation-key");
  if (!plaza_profile_key_save (self->folder, self->next, error))
    return FALSE;
  plaza_step ("rotation-copy");
  if (!plaza_database_checkpoint (db, error) || !plaza_backup_make (db, backups, TRUE, error))
    return FALSE;
  plaza_step ("rotation-backups");
  if (!plaza_file_remove (wanted, error))
    return FALSE;
  plaza_step ("rotation-done");
  return TRUE;
}

static gboolean
run (Rotation *self, const PlazaSecret *key, gboolean *out_rotated, GError **error)
{
  const char *id = plaza_profile_get_id (self->profile);
  g_autofree char *path = path_in (self->folder, "plaza.db");
  g_autofree char *before = g_build_filename (self->folder, "backups", "before-migration.db", NULL);
  g_autoptr (PlazaDatabase) db = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the store's file is gone");
  db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, error);
  if (db == NULL)
    return FALSE;
  load_next (self);
  *out_rotated = self->next_key != NULL && database_opens (db, id, self->next_key);
  if (!*out_rotated)
    {
      if (!plaza_database_check (db, error))
        return FALSE;
      if (!database_opens (db, id, key))
        return plaza_throw (error, PLAZA_ERROR_CORRUPT, "the store opens with no key of its own");
      if (!plaza_migration_run (db, before, error) || !make_next (self, error) ||
          !rotate_database (db, id, key, self->next_key, error))
        return FALSE;
      *out_rotated = TRUE;
      plaza_step ("rotation-commit");
    }
  return settle (self, db, error) && plaza_database_close (g_steal_pointer (&db), error);
}

PlazaSecret *
plaza_rotation_run (PlazaProfile *profile,
                    const PlazaPublicKey *recovery,
                    const char *passphrase,
                    const PlazaSecret *key,
                    GError **error)
{
  const char *folder = plaza_profile_get_folder (profile);
  g_auto (Rotation) self = {
    .profile = profile,
    .folder = folder,
    .passphrase = passphrase,
    .recovery = recovery,
    .next_path = path_in (folder, PLAZA_ROTATION_NEXT),
  };
  gboolean rotated = FALSE;

  if (!run (&self, key, &rotated, error))
    g_prefix_error (error, "a new profile key: ");
  return rotated ? plaza_secret_ref (self.next_key) : plaza_secret_ref ((PlazaSecret *) key);
}

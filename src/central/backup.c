/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "central/archive.h"
#include "central/backup.h"
#include "central/pgtools.h"
#include "central/verify.h"

#define PREFIX "plaza-central-"
#define MAX_NOTE_BYTES 4096

typedef struct
{
  PlazaCentral *central;
  PlazaPublicKey recipient;
  char *copy;          /* (nullable): of an SQLite database, below the central's directory */
  GHashTable *digests; /* name → SHA-256 of what was put in */
  PlazaSecret *session;
  GSubprocess *checker; /* (nullable): reads the dump again */
} Backup;

void
plaza_backup_info_clear (PlazaBackupInfo *info)
{
  g_free (info->file);
  memset (info, 0, sizeof *info);
}

/* The key */

static char *
public_path (PlazaCentral *central)
{
  return g_build_filename (central->directory, "keys", "backup.pub", NULL);
}

gboolean
plaza_backup_new_key (PlazaCentral *central, const char *path, GError **error)
{
  g_autofree char *place = public_path (central);
  g_autofree char *text = NULL;
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (GBytes) bytes = NULL;
  PlazaPublicKey key;

  plaza_sealbox_keypair (&key, &secret);
  text = plaza_public_key_to_string (&key);
  bytes = g_bytes_new (text, strlen (text));
  return plaza_central_secret_save (path, secret, error) && plaza_file_write (place, bytes, error);
}

static gboolean
load_key (Backup *self, GError **error)
{
  g_autofree char *place = public_path (self->central);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  if (!g_file_test (place, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND,
                              _ ("there is no backup key yet: see plaza-central backup key"));
  bytes = plaza_file_read (place, 1024, error);
  if (bytes == NULL)
    return FALSE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return plaza_public_key_parse (g_strstrip (text), &self->recipient, error);
}

/* Putting in */

static gboolean
add_stream (
    Backup *self, PlazaStreamSealer *sealer, const char *name, GInputStream *in, GError **error)
{
  char *digest = NULL;

  if (!plaza_archive_add (sealer, name, in, &digest, error))
    {
      plaza_error_name_subject (error, name);
      return FALSE;
    }
  g_hash_table_insert (self->digests, g_strdup (name), digest);
  return TRUE;
}

static gboolean
add_file (
    Backup *self, PlazaStreamSealer *sealer, const char *name, const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  g_autoptr (GInputStream) in = NULL;

  if (fd < 0)
    return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  in = g_unix_input_stream_new (fd, TRUE);
  return add_stream (self, sealer, name, in, error);
}

static gboolean
add_folder (Backup *self, PlazaStreamSealer *sealer, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (self->central->directory, folder, NULL);
  g_auto (GStrv) names = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  names = plaza_dir_list (path, "", error);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", folder, names[i]);
      g_autofree char *file = g_build_filename (path, names[i], NULL);

      if (!add_file (self, sealer, name, file, error))
        return FALSE;
    }
  return names != NULL;
}

static gboolean
add_database (Backup *self, PlazaStreamSealer *sealer, GError **error)
{
  g_autoptr (GSubprocess) program = NULL;

  if (self->copy != NULL)
    return add_file (self, sealer, "database.sqlite", self->copy, error);
  program = plaza_pg_dump (self->central->database, error);
  return program != NULL &&
         add_stream (self, sealer, "database.pgdump", g_subprocess_get_stdout_pipe (program),
                     error) &&
         plaza_pg_wait (program, "pg_dump", error);
}

static gboolean
add_all (Backup *self, PlazaStreamSealer *sealer, GError **error)
{
  static const char *const folders[] = { "keys",         "tls",         "campaigns",
                                         "dictionaries", "invitations", "replaced" };
  g_autofree char *config = g_build_filename (self->central->directory, "central.conf", NULL);

  if (!add_file (self, sealer, "central.conf", config, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!add_folder (self, sealer, folders[i], error))
      return FALSE;
  return add_database (self, sealer, error) && plaza_archive_finish (sealer, error);
}

static gboolean
write_file (Backup *self, const char *path, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  g_autoptr (GOutputStream) out = NULL;
  g_autoptr (PlazaStreamSealer) sealer = NULL;

  if (fd < 0)
    return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  out = g_unix_output_stream_new (fd, TRUE);
  sealer = plaza_stream_sealer_new (out, &self->recipient, error);
  if (sealer == NULL || !add_all (self, sealer, error))
    return FALSE;
  self->session = plaza_secret_ref ((PlazaSecret *) plaza_stream_sealer_session (sealer));
  if (fsync (fd) != 0)
    return plaza_throw_about (error, PLAZA_ERROR_DISK, "%s: %s", path, g_strerror (errno));
  /* what is read back comes from the disk and not from memory */
  posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return g_output_stream_close (out, NULL, error);
}

/* Reading back */

static GOutputStream *
begin_check (const char *name, gpointer data, GError **error)
{
  Backup *self = data;
  int fd;

  if (strcmp (name, "database.pgdump") == 0)
    {
      self->checker = plaza_pg_check (error);
      return self->checker != NULL ? g_object_ref (g_subprocess_get_stdin_pipe (self->checker))
                                   : NULL;
    }
  fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  if (fd >= 0)
    return g_unix_output_stream_new (fd, TRUE);
  plaza_throw_about (error, PLAZA_ERROR_FAILED, "/dev/null: %s", g_strerror (errno));
  return NULL;
}

static gboolean
end_check (const char *name, const char *digest, gpointer data, GError **error)
{
  Backup *self = data;
  const char *wanted = g_hash_table_lookup (self->digests, name);
  gboolean same = wanted != NULL && strcmp (wanted, digest) == 0;

  if (!same)
    return plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("the disk gives back something else"));
  g_hash_table_remove (self->digests, name);
  return self->checker == NULL || plaza_pg_wait (self->checker, "pg_restore", error);
}

static gboolean
check_file (Backup *self, const char *path, guint *n_files, GError **error)
{
  static const PlazaArchiveSink sink = { begin_check, end_check };
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) in = g_file_read (file, NULL, error);
  g_autoptr (PlazaStreamOpener) opener =
      in != NULL ? plaza_stream_opener_new (G_INPUT_STREAM (in), NULL, self->session, error) : NULL;

  *n_files = g_hash_table_size (self->digests);
  if (opener == NULL || !plaza_archive_read (opener, &sink, self, error))
    {
      g_prefix_error (error, "reading the backup back: ");
      return FALSE;
    }
  return g_hash_table_size (self->digests) == 0 ||
         plaza_throw_words (error, PLAZA_ERROR_CORRUPT, _ ("a file is missing in the backup"));
}

/* Around it */

static gboolean
copy_database (Backup *self, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_central_storage (self->central, FALSE, error);
  g_autoptr (PlazaStorage) copy = NULL;
  g_autofree char *uri = NULL;
  PlazaVerified verified;

  if (storage == NULL)
    return FALSE;
  if (storage->table->copy_to == NULL)
    return TRUE;
  self->copy = g_build_filename (self->central->directory, "backup.db", NULL);
  if (g_unlink (self->copy) != 0 && errno != ENOENT)
    return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", self->copy, g_strerror (errno));
  if (!storage->table->copy_to (storage, self->copy, error))
    return FALSE;
  uri = g_strconcat ("sqlite:", self->copy, NULL);
  copy = plaza_storage_open (uri, self->central->directory, FALSE, error);
  return copy != NULL && plaza_verify (copy, &verified, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The names say when: those that sort first are the oldest. */
static gboolean
remove_older (const char *directory, guint keep, guint *removed, GError **error)
{
  g_auto (GStrv) names = plaza_dir_list (directory, PLAZA_BACKUP_SUFFIX, error);
  g_autoptr (GPtrArray) ours = g_ptr_array_new ();

  if (names == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], PREFIX))
      g_ptr_array_add (ours, names[i]);
  g_ptr_array_sort (ours, compare_names);
  for (*removed = 0; ours->len - *removed > keep; (*removed)++)
    {
      g_autofree char *path =
          g_build_filename (directory, g_ptr_array_index (ours, *removed), NULL);

      if (!plaza_file_remove (path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
note (Backup *self, const PlazaBackupInfo *info, GError **error)
{
  g_autofree char *path = g_build_filename (self->central->directory, "backup.json", NULL);
  g_autofree char *time = plaza_clock_format_utc (plaza_clock_now_ms ());
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) bytes = NULL;

  json_object_set_string_member (object, "file", info->file);
  json_object_set_string_member (object, "time", time);
  json_object_set_int_member (object, "bytes", (gint64) info->bytes);
  bytes = plaza_json_write_object (object);
  return plaza_file_write (path, bytes, error);
}

static gboolean
put_in_place (const char *part, const char *path, PlazaBackupInfo *out, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  GStatBuf status;
  gboolean done = fd >= 0 && g_rename (part, path) == 0 && fsync (fd) == 0;
  int saved = errno;

  if (fd >= 0)
    close (fd);
  if (!done)
    return plaza_throw_about (error, PLAZA_ERROR_DISK, "%s: %s", path, g_strerror (saved));
  if (g_stat (path, &status) == 0)
    out->bytes = (guint64) status.st_size;
  out->file = g_path_get_basename (path);
  return TRUE;
}

static gboolean
back_up (Backup *self, const char *directory, guint keep, PlazaBackupInfo *out, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (plaza_clock_now_ms () / 1000);
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *name = g_strconcat (PREFIX, stamp, PLAZA_BACKUP_SUFFIX, NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  gboolean done;

  if (!load_key (self, error) || !plaza_dir_make (directory, error))
    return FALSE;
  done = copy_database (self, error) && write_file (self, part, error) &&
         check_file (self, part, &out->files, error) && put_in_place (part, path, out, error);
  if (self->copy != NULL)
    g_unlink (self->copy);
  if (!done)
    g_unlink (part);
  return done && remove_older (directory, keep, &out->removed, error) && note (self, out, error);
}

gboolean
plaza_backup_write (
    PlazaCentral *central, const char *directory, guint keep, PlazaBackupInfo *out, GError **error)
{
  g_autofree char *lock_path = g_build_filename (central->directory, "backup.lock", NULL);
  int lock = open (lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  Backup self = { .central = central };
  gboolean done;

  memset (out, 0, sizeof *out);
  if (lock < 0)
    return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", lock_path, g_strerror (errno));
  self.digests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (flock (lock, LOCK_EX | LOCK_NB) != 0)
    done = plaza_throw_words (error, PLAZA_ERROR_BUSY, _ ("another backup runs: wait for it"));
  else
    done = back_up (&self, directory, keep, out, error);
  close (lock);
  g_hash_table_unref (self.digests);
  g_clear_pointer (&self.session, plaza_secret_unref);
  g_clear_object (&self.checker);
  g_free (self.copy);
  return done;
}

JsonObject *
plaza_backup_last (PlazaCentral *central)
{
  g_autofree char *path = g_build_filename (central->directory, "backup.json", NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_NOTE_BYTES, NULL);
  g_autoptr (JsonObject) object =
      bytes != NULL ? plaza_json_parse_object (bytes, NULL, NULL) : NULL;

  if (object == NULL || plaza_json_get_string (object, "file", 200, NULL) == NULL ||
      plaza_json_get_string (object, "time", 40, NULL) == NULL)
    return NULL;
  return g_steal_pointer (&object);
}

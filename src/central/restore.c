/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "central/archive.h"
#include "central/pgtools.h"
#include "central/restore.h"

#define KEY_SIZE 32
#define MAX_CONFIG_BYTES (64 * 1024)
#define CONFIG "central.conf.restored"

typedef struct
{
  const char *out;
  const char *database; /* (nullable) */
  gboolean sqlite;
  gboolean postgresql;
} Restore;

/* Where a file of the archive goes; NULL for one that is none of ours. */
static char *
find_place (Restore *self, const char *name)
{
  static const char *const folders[] = { "keys/",         "tls/",         "campaigns/",
                                         "dictionaries/", "invitations/", "replaced/" };

  if (strcmp (name, "central.conf") == 0)
    return g_build_filename (self->out, CONFIG, NULL);
  if (strcmp (name, "database.sqlite") == 0)
    {
      self->sqlite = TRUE;
      return g_build_filename (self->out, "central.db", NULL);
    }
  if (strcmp (name, "database.pgdump") == 0)
    {
      self->postgresql = TRUE;
      return g_build_filename (self->out, "database.pgdump", NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (g_str_has_prefix (name, folders[i]))
      return g_build_filename (self->out, name, NULL);
  return NULL;
}

static GOutputStream *
begin_file (const char *name, gpointer data, GError **error)
{
  g_autofree char *path = find_place (data, name);
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
  int fd;

  if (path == NULL)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("not a file of a central"));
      return NULL;
    }
  if (!plaza_dir_make (folder, error))
    return NULL;
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    return g_unix_output_stream_new (fd, TRUE);
  plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  return NULL;
}

static gboolean
end_file (const char *name, const char *digest, gpointer data, GError **error)
{
  (void) name;
  (void) digest;
  (void) data;
  (void) error;
  return TRUE;
}

static gboolean
extract (Restore *self, const char *backup, const char *key, GError **error)
{
  static const PlazaArchiveSink sink = { begin_file, end_file };
  g_autoptr (PlazaSecret) secret = plaza_central_secret_load (key, KEY_SIZE, error);
  g_autoptr (GFile) file = g_file_new_for_path (backup);
  g_autoptr (GFileInputStream) in = secret != NULL ? g_file_read (file, NULL, error) : NULL;
  g_autoptr (PlazaStreamOpener) opener =
      in != NULL ? plaza_stream_opener_new (G_INPUT_STREAM (in), secret, NULL, error) : NULL;

  return opener != NULL && plaza_archive_read (opener, &sink, self, error) &&
         (self->sqlite != self->postgresql ||
          plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("the backup holds no database")));
}

/* The configuration comes last: where it is, everything else is. */
static gboolean
place_config (Restore *self, GError **error)
{
  g_autofree char *from = g_build_filename (self->out, CONFIG, NULL);
  g_autofree char *to = g_build_filename (self->out, "central.conf", NULL);
  g_autofree char *dump = g_build_filename (self->out, "database.pgdump", NULL);
  g_autofree char *uri = NULL;
  g_autoptr (GKeyFile) config = g_key_file_new ();
  g_autoptr (GBytes) bytes = NULL;
  char *text;
  gsize length;

  if (!g_key_file_load_from_file (config, from, G_KEY_FILE_NONE, error))
    return FALSE;
  uri = self->database != NULL ? g_strdup (self->database)
        : self->sqlite         ? g_strdup ("sqlite:central.db")
                               : g_key_file_get_string (config, "central", "database", error);
  if (uri == NULL)
    return FALSE;
  if (self->postgresql != g_str_has_prefix (uri, "postgres"))
    return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                              _ ("the backup holds a database of the other engine"));
  if (self->postgresql &&
      (!plaza_pg_restore (uri, dump, error) || !plaza_file_remove (dump, error)))
    return FALSE;
  g_key_file_set_string (config, "central", "database", uri);
  text = g_key_file_to_data (config, &length, NULL);
  bytes = g_bytes_new_take (text, length);
  return plaza_file_write_new (to, bytes, error) && plaza_file_remove (from, error);
}

static gboolean
check (const char *out, PlazaVerified *verified, GError **error)
{
  g_autoptr (PlazaCentral) central = plaza_central_open (out, error);
  g_autoptr (PlazaStorage) storage =
      central != NULL ? plaza_central_storage (central, TRUE, error) : NULL;

  return storage != NULL && storage->table->migrate (storage, error) &&
         plaza_verify (storage, verified, error);
}

gboolean
plaza_restore (const char *backup,
               const char *key,
               const char *out,
               const char *database,
               PlazaVerified *verified,
               GError **error)
{
  Restore self = { .out = out, .database = database };
  g_autoptr (GDir) there = g_dir_open (out, 0, NULL);

  if (there != NULL && g_dir_read_name (there) != NULL)
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS, _ ("%s is not empty"), out);
  if (database != NULL && g_str_has_prefix (database, "sqlite:") &&
      strcmp (database, "sqlite:central.db") != 0)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                              _ ("an SQLite database is restored as sqlite:central.db"));
  return plaza_dir_make (out, error) && extract (&self, backup, key, error) &&
         place_config (&self, error) && check (out, verified, error);
}

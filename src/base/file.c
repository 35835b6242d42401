/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/uuid.h"

/* Sets @error from errno as it was when the call failed. */
static gboolean
throw_errno (GError **error, int saved, const char *path)
{
  const char *reason = g_strerror (saved);

  if (saved == ENOSPC || saved == EDQUOT || saved == EIO || saved == EROFS)
    return plaza_throw_about (error, PLAZA_ERROR_DISK, "%s: %s", path, reason);
  if (saved == ENOENT)
    return plaza_throw_about (error, PLAZA_ERROR_NOT_FOUND, "%s: %s", path, reason);
  if (saved == EEXIST)
    return plaza_throw_about (error, PLAZA_ERROR_EXISTS, "%s: %s", path, reason);
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved), "%s: %s", path, reason);
  return FALSE;
}

gboolean
plaza_dir_sync (const char *folder, GError **error)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int saved;

  if (fd < 0)
    return throw_errno (error, errno, folder);
  saved = fsync (fd) < 0 ? errno : 0;
  close (fd);
  /* Some file systems of USB sticks cannot sync a folder and say so. */
  if (saved != 0 && saved != EINVAL && saved != ENOTSUP)
    return throw_errno (error, saved, folder);
  return TRUE;
}

static gboolean
sync_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return plaza_dir_sync (folder, error);
}

static gboolean
write_all (int fd, const guint8 *data, gsize length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
write_temporary (const char *temporary, const char *path, GBytes *bytes, GError **error)
{
  int fd = open (temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  int saved = 0;

  if (fd < 0)
    return throw_errno (error, errno, path);
  if (!write_all (fd, data, length) || fsync (fd) < 0)
    saved = errno;
  if (close (fd) < 0 && saved == 0)
    saved = errno;
  if (saved == 0)
    return TRUE;
  g_unlink (temporary);
  return throw_errno (error, saved, path);
}

static gboolean
write_durably (const char *path, GBytes *bytes, gboolean replace, GError **error)
{
  g_autofree char *unique = plaza_uuid_random ();
  g_autofree char *temporary = g_strdup_printf ("%s.%.8s.tmp", path, unique);
  int saved = 0;

  if (!write_temporary (temporary, path, bytes, error))
    return FALSE;
  if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE) < 0)
    saved = errno;
  /* File systems without RENAME_NOREPLACE: a link refuses to replace too. */
  if (saved == EINVAL && !replace)
    saved = link (temporary, path) < 0 ? errno : 0;
  if (saved != 0 || !replace)
    g_unlink (temporary);
  if (saved != 0)
    return throw_errno (error, saved, path);
  return sync_folder (path, error);
}

gboolean
plaza_file_write (const char *path, GBytes *bytes, GError **error)
{
  return write_durably (path, bytes, TRUE, error);
}

gboolean
plaza_file_write_new (const char *path, GBytes *bytes, GError **error)
{
  return write_durably (path, bytes, FALSE, error);
}

static void
throw_too_large (GError **error, const char *path)
{
  plaza_throw (error, PLAZA_ERROR_LIMIT, "larger than allowed");
  plaza_error_name_subject (error, path);
}

/* Reads at most @max_bytes; the size that fstat told may have changed since. */
static GBytes *
read_all (int fd, gsize expected, gsize max_bytes, const char *path, GError **error)
{
  g_autoptr (GByteArray) buffer = g_byte_array_sized_new ((guint) MIN (expected, 1u << 30) + 1);
  guint8 chunk[16384];

  for (;;)
    {
      ssize_t n = read (fd, chunk, sizeof chunk);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          throw_errno (error, errno, path);
          return NULL;
        }
      if (n == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&buffer));
      if ((gsize) n > max_bytes - buffer->len)
        {
          throw_too_large (error, path);
          return NULL;
        }
      g_byte_array_append (buffer, chunk, (guint) n);
    }
}

GBytes *
plaza_file_read (const char *path, gsize max_bytes, GError **error)
{
  GBytes *bytes = NULL;
  struct stat status;
  int fd;

  /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
  fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ELOOP)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "a symbolic link");
      plaza_error_name_subject (error, path);
      return NULL;
    }
  if (fd < 0)
    {
      throw_errno (error, errno, path);
      return NULL;
    }
  if (fstat (fd, &status) < 0)
    throw_errno (error, errno, path);
  else if (!S_ISREG (status.st_mode))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "not a regular file");
      plaza_error_name_subject (error, path);
    }
  else if ((guint64) status.st_size > max_bytes || status.st_size > G_MAXINT)
    throw_too_large (error, path);
  else
    bytes = read_all (fd, (gsize) status.st_size, MIN (max_bytes, G_MAXINT), path, error);
  close (fd);
  return bytes;
}

gboolean
plaza_file_remove (const char *path, GError **error)
{
  if (g_unlink (path) < 0)
    return errno == ENOENT ? TRUE : throw_errno (error, errno, path);
  return sync_folder (path, error);
}

gboolean
plaza_dir_make (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) < 0)
    return throw_errno (error, errno, path);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
plaza_dir_list (const char *path, const char *suffix, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);
      struct stat status;

      if (g_str_has_suffix (name, suffix) && lstat (full, &status) == 0 && S_ISREG (status.st_mode))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

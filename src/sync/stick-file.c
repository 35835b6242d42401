/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/stick-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/uuid.h"

/* What O_DIRECT asks of buffers and lengths; more than any sector of a stick. */
#define ALIGNMENT 4096u
#define PIECE (256u * 1024)
#define BATCH_FILES 64u
#define BATCH_BYTES (16u << 20)
/* Of putting a file in place. */
#define MAX_TRIES 5u
#define DAY_SECONDS (24 * 60 * 60)

/* What errno says of the stick */

static PlazaStickProblem
problem_of (int saved)
{
  switch (saved)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return PLAZA_STICK_FULL;
    case ENODEV:
    case ENXIO:
    case ENOMEDIUM:
    case ESTALE:
    case ENOTCONN:
    case ESHUTDOWN:
      return PLAZA_STICK_GONE;
    case EROFS:
    case EACCES:
    case EPERM:
      return PLAZA_STICK_READ_ONLY;
    case ELOOP:
    case ENOTDIR:
      return PLAZA_STICK_NO_FOLDER;
    case EIO:
      return PLAZA_STICK_FAULTY;
    default:
      return PLAZA_STICK_NO_PROBLEM;
    }
}

static gboolean
throw_errno (
    PlazaStickTrouble *trouble, GError **error, int saved, const char *doing, const char *name)
{
  g_autofree char *shown = g_filename_display_name (name);

  g_debug ("%s %s", doing, shown);
  return plaza_throw_about (
      error, trouble->problem == PLAZA_STICK_NO_FOLDER ? PLAZA_ERROR_NOT_FOUND : PLAZA_ERROR_DISK,
      "%s: %s", shown, g_strerror (saved));
}

/* While reading a failure is the file's, unless the device is gone. */
static gboolean
throw_reading (PlazaStickTrouble *trouble, GError **error, int saved, const char *name)
{
  if (problem_of (saved) == PLAZA_STICK_GONE)
    trouble->problem = PLAZA_STICK_GONE;
  trouble->reason = PLAZA_STICK_UNREADABLE;
  return throw_errno (trouble, error, saved, "Reading", name);
}

/* While writing it is the stick's. */
static gboolean
throw_writing (
    PlazaStickTrouble *trouble, GError **error, int saved, const char *doing, const char *name)
{
  trouble->problem = problem_of (saved);
  if (trouble->problem == PLAZA_STICK_NO_PROBLEM)
    trouble->problem = PLAZA_STICK_FAULTY;
  return throw_errno (trouble, error, saved, doing, name);
}

gboolean
plaza_stick_is_gone (int root)
{
  int again = openat (root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = again >= 0 ? fdopendir (again) : NULL;
  gboolean gone;

  if (dir == NULL)
    {
      if (again >= 0)
        close (again);
      return TRUE;
    }
  errno = 0;
  gone = readdir (dir) == NULL && errno != 0;
  closedir (dir);
  return gone;
}

/* Folders */

int
plaza_stick_open_root (const char *path, PlazaStickTrouble *trouble, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    {
      trouble->problem = PLAZA_STICK_NO_FOLDER;
      throw_errno (trouble, error, errno, "Opening", path);
    }
  return fd;
}

/* On a stick whose file system has owners, another person on another laptop must read what is
 * written here, and add to it. All of it is sealed or signed. */
static void
share (int fd, mode_t mode)
{
  if (fchmod (fd, mode) < 0)
    g_debug ("the stick keeps its own modes: %s", g_strerror (errno));
}

int
plaza_stick_open_folder (
    int parent, const char *name, gboolean make, PlazaStickTrouble *trouble, GError **error)
{
  gboolean made = make && mkdirat (parent, name, 0777) == 0;
  int fd;

  if (make && !made && errno != EEXIST)
    {
      throw_writing (trouble, error, errno, "Making the folder", name);
      return -1;
    }
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && make)
    throw_writing (trouble, error, errno, "Opening", name);
  else if (fd < 0)
    throw_reading (trouble, error, errno, name);
  else if (made)
    share (fd, 0777);
  return fd;
}

/* Reading */

static ssize_t
read_some (int fd, guint8 *buffer, gsize length)
{
  ssize_t n;

  do
    n = read (fd, buffer, length);
  while (n < 0 && errno == EINTR);
  return n;
}

static GBytes *
read_all (int fd, const char *name, gsize max_bytes, PlazaStickTrouble *trouble, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 *piece = g_aligned_alloc (1, PIECE, ALIGNMENT);
  ssize_t n;
  int saved;

  while ((n = read_some (fd, piece, PIECE)) > 0 && (gsize) n <= max_bytes - bytes->len)
    {
      g_byte_array_append (bytes, piece, (guint) n);
      /* Only the end of a file is not aligned, and from there nobody may read directly. */
      if (n % ALIGNMENT != 0)
        n = 0;
      if (n == 0)
        break;
    }
  saved = errno;
  g_aligned_free (piece);
  if (n == 0)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  if (n < 0)
    throw_reading (trouble, error, saved, name);
  else
    {
      trouble->reason = PLAZA_STICK_TOO_LARGE;
      plaza_throw (error, PLAZA_ERROR_LIMIT, "the file grew while it was read");
    }
  return NULL;
}

static gboolean
check_file (int fd, const char *name, gsize max_bytes, PlazaStickTrouble *trouble, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) < 0)
    return throw_reading (trouble, error, errno, name);
  if (!S_ISREG (info.st_mode))
    {
      trouble->reason = PLAZA_STICK_NOT_A_FILE;
      return plaza_throw (error, PLAZA_ERROR_INVALID, "not a regular file");
    }
  if ((guint64) info.st_size > max_bytes)
    {
      trouble->reason = PLAZA_STICK_TOO_LARGE;
      return plaza_throw (error, PLAZA_ERROR_LIMIT, "the file is larger than allowed");
    }
  return TRUE;
}

/* Whether the file system reads directly; @fd goes on doing so. */
static gboolean
try_direct (int fd)
{
  int flags = fcntl (fd, F_GETFL);

  return flags >= 0 && fcntl (fd, F_SETFL, flags | O_DIRECT) == 0;
}

GBytes *
plaza_stick_read_file (int folder,
                       const char *name,
                       gsize max_bytes,
                       gboolean past_cache,
                       PlazaStickTrouble *trouble,
                       GError **error)
{
  GBytes *bytes = NULL;
  /* O_NONBLOCK: opening a pipe must not wait for a writer. */
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0 && (errno == ELOOP || errno == ENXIO))
    {
      trouble->reason = PLAZA_STICK_NOT_A_FILE;
      throw_errno (trouble, error, errno, "Reading", name);
      return NULL;
    }
  if (fd < 0)
    {
      throw_reading (trouble, error, errno, name);
      return NULL;
    }
  if (past_cache && !try_direct (fd))
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  if (check_file (fd, name, max_bytes, trouble, error))
    bytes = read_all (fd, name, max_bytes, trouble, error);
  close (fd);
  return bytes;
}

gboolean
plaza_stick_read_head (int folder, const char *name, gsize max_bytes, guint8 *head, gsize size)
{
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat info;
  int saved = 0;
  ssize_t n;

  if (fd < 0)
    return FALSE;
  if (fstat (fd, &info) < 0)
    saved = errno;
  else if (!S_ISREG (info.st_mode))
    saved = EINVAL;
  else if ((guint64) info.st_size > max_bytes)
    saved = EFBIG;
  else if ((n = read_some (fd, head, size)) < 0)
    saved = errno;
  else if ((gsize) n < size)
    saved = ENODATA;
  close (fd);
  errno = saved;
  return saved == 0;
}

gboolean
plaza_stick_file_is_there (int folder, const char *name, gsize size)
{
  struct stat info;

  return fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode) &&
         (gsize) info.st_size == size;
}

/* Writing */

typedef struct
{
  char *name;
  char *temporary; /* NULL once renamed */
  GBytes *bytes;
} Pending;

struct _PlazaStickBatch
{
  int folder;
  GPtrArray *pending; /* Pending */
  gsize size;
};

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_free (pending->name);
  g_free (pending->temporary);
  g_bytes_unref (pending->bytes);
  g_free (pending);
}

gboolean
plaza_stick_is_leftover (const char *name)
{
  const char *end = strlen (name) > 20 ? g_strrstr (name, ".tmp") : NULL;
  const char *unique = end != NULL ? end - 9 : NULL;

  if (end == NULL || end[4] != '\0' || unique <= name || *unique != '.')
    return FALSE;
  for (guint i = 1; i <= 8; i++)
    if (!g_ascii_isxdigit (unique[i]))
      return FALSE;
  return g_str_has_prefix (unique - 4, ".plz") || g_str_has_prefix (unique - 4, ".rcp") ||
         g_str_has_prefix (unique - 7, ".plzcmp") || g_str_has_prefix (unique - 7, ".plzreg") ||
         g_str_has_prefix (unique - 7, ".plzinv");
}

static void
remove_leftovers (int folder)
{
  int again = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = again >= 0 ? fdopendir (again) : NULL;
  const struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (plaza_stick_is_leftover (entry->d_name))
      unlinkat (folder, entry->d_name, 0);
  if (dir != NULL)
    closedir (dir);
  else if (again >= 0)
    close (again);
}

PlazaStickBatch *
plaza_stick_batch_new (int folder)
{
  PlazaStickBatch *self = g_new0 (PlazaStickBatch, 1);

  self->folder = folder;
  self->pending = g_ptr_array_new_with_free_func (pending_free);
  remove_leftovers (folder);
  return self;
}

void
plaza_stick_batch_free (PlazaStickBatch *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    {
      const Pending *pending = g_ptr_array_index (self->pending, i);

      if (pending->temporary != NULL)
        unlinkat (self->folder, pending->temporary, 0);
    }
  g_ptr_array_unref (self->pending);
  g_free (self);
}

static gboolean
write_all (int fd, GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

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

/* The time of day on a file would tell when something was answered. */
static void
set_midnight (int fd)
{
  gint64 today = g_get_real_time () / G_USEC_PER_SEC / DAY_SECONDS * DAY_SECONDS;
  const struct timespec times[2] = { { .tv_sec = today }, { .tv_sec = today } };

  if (futimens (fd, times) < 0)
    g_debug ("a file on the stick keeps its time: %s", g_strerror (errno));
}

static gboolean
write_temporary (PlazaStickBatch *self,
                 Pending *pending,
                 PlazaStickTrouble *trouble,
                 GError **error)
{
  g_autofree char *unique = plaza_uuid_random ();
  int saved = 0;
  int fd;

  g_free (pending->temporary);
  pending->temporary = g_strdup_printf ("%s.%.8s.tmp", pending->name, unique);
  fd = openat (self->folder, pending->temporary,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd < 0)
    return throw_writing (trouble, error, errno, "Creating", pending->temporary);
  if (!write_all (fd, pending->bytes))
    saved = errno;
  else
    {
      share (fd, 0644);
      set_midnight (fd);
    }
  if (saved == 0 && fsync (fd) < 0)
    saved = errno;
  if (close (fd) < 0 && saved == 0)
    saved = errno;
  return saved == 0 || throw_writing (trouble, error, saved, "Writing", pending->temporary);
}

gboolean
plaza_stick_batch_add (PlazaStickBatch *self,
                       const char *name,
                       GBytes *bytes,
                       PlazaStickTrouble *trouble,
                       GError **error)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->name = g_strdup (name);
  pending->bytes = g_bytes_ref (bytes);
  g_ptr_array_add (self->pending, pending);
  self->size += g_bytes_get_size (bytes);
  return write_temporary (self, pending, trouble, error);
}

gboolean
plaza_stick_batch_is_full (PlazaStickBatch *self)
{
  return self->pending->len >= BATCH_FILES || self->size >= BATCH_BYTES;
}

static gboolean
rename_one (PlazaStickBatch *self, Pending *pending, PlazaStickTrouble *trouble, GError **error)
{
  for (guint tries = 1;
       renameat (self->folder, pending->temporary, self->folder, pending->name) < 0; tries++)
    {
      /* Another laptop that began to write here took it for a leftover. */
      if (errno != ENOENT || tries == MAX_TRIES)
        return throw_writing (trouble, error, errno, "Putting in place", pending->name);
      if (!write_temporary (self, pending, trouble, error))
        return FALSE;
    }
  g_clear_pointer (&pending->temporary, g_free);
  return TRUE;
}

/* A stick that lies about what it keeps is found out here, while there is another copy. */
static gboolean
compare_one (PlazaStickBatch *self,
             const Pending *pending,
             PlazaStickTrouble *trouble,
             GError **error)
{
  g_autoptr (GBytes) back = plaza_stick_read_file (
      self->folder, pending->name, g_bytes_get_size (pending->bytes), TRUE, trouble, error);

  if (back != NULL && g_bytes_equal (back, pending->bytes))
    return TRUE;
  unlinkat (self->folder, pending->name, 0);
  if (trouble->problem == PLAZA_STICK_NO_PROBLEM)
    trouble->problem = PLAZA_STICK_FAULTY;
  if (back != NULL)
    plaza_throw (error, PLAZA_ERROR_CORRUPT, "%s reads back other bytes", pending->name);
  return FALSE;
}

gboolean
plaza_stick_batch_finish (PlazaStickBatch *self, PlazaStickTrouble *trouble, GError **error)
{
  for (guint i = 0; i < self->pending->len; i++)
    if (!rename_one (self, g_ptr_array_index (self->pending, i), trouble, error))
      return FALSE;
  /* Some file systems of sticks cannot sync a folder and say so. */
  if (self->pending->len > 0 && fsync (self->folder) < 0 && errno != EINVAL && errno != ENOTSUP)
    return throw_writing (trouble, error, errno, "Syncing", "the folder");
  for (guint i = 0; i < self->pending->len; i++)
    if (!compare_one (self, g_ptr_array_index (self->pending, i), trouble, error))
      return FALSE;
  g_ptr_array_set_size (self->pending, 0);
  self->size = 0;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The C library's calls with another answer for one folder: what is linked here finds these first.
 */

#include "bad-stick.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static struct
{
  char folder[512];
  BadStick how;
  guint calls;
  gboolean failed;
} stick;
static GMutex lock;

void
bad_stick_set (const char *folder, BadStick how, guint calls)
{
  g_mutex_lock (&lock);
  g_strlcpy (stick.folder, folder != NULL ? folder : "", sizeof stick.folder);
  stick.how = how;
  stick.calls = calls;
  stick.failed = FALSE;
  g_mutex_unlock (&lock);
}

gboolean
bad_stick_failed (void)
{
  gboolean failed;

  g_mutex_lock (&lock);
  failed = stick.failed;
  g_mutex_unlock (&lock);
  return failed;
}

static gboolean
is_on_stick (int fd)
{
  char link[64], path[512];
  ssize_t n;

  if (stick.folder[0] == '\0')
    return FALSE;
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink (link, path, sizeof path - 1);
  if (n < 0)
    return FALSE;
  path[n] = '\0';
  return g_str_has_prefix (path, stick.folder);
}

/* TRUE with errno when this call of the stick fails. @reads, @writes: what kind it is. */
static gboolean
fails (int fd, gboolean reads, gboolean writes)
{
  int answer = 0;

  if (!is_on_stick (fd) || (stick.how == BAD_STICK_SECTOR && !reads) ||
      (stick.how == BAD_STICK_FULL && !writes))
    return FALSE;
  g_mutex_lock (&lock);
  if (stick.calls > 0)
    stick.calls--;
  else
    switch (stick.how)
      {
      case BAD_STICK_PULLED:
        answer = EIO;
        break;
      case BAD_STICK_NO_DEVICE:
        answer = ENODEV;
        break;
      case BAD_STICK_SECTOR:
        answer = stick.failed ? 0 : EIO;
        break;
      case BAD_STICK_FULL:
        answer = ENOSPC;
        break;
      case BAD_STICK_KILLED:
        raise (SIGKILL);
        break;
      case BAD_STICK_SOUND:
      case BAD_STICK_NO_ROOM:
      case BAD_STICK_LIES:
      default:
        break;
      }
  if (answer != 0)
    stick.failed = TRUE;
  g_mutex_unlock (&lock);
  errno = answer;
  return answer != 0;
}

#define REAL(name) ((__typeof__ (&(name))) dlsym (RTLD_NEXT, #name))

ssize_t
read (int fd, void *buffer, size_t length)
{
  return fails (fd, TRUE, FALSE) ? -1 : REAL (read) (fd, buffer, length);
}

ssize_t
write (int fd, const void *buffer, size_t length)
{
  g_autofree guint8 *changed = NULL;

  if (stick.how != BAD_STICK_LIES || length == 0 || !is_on_stick (fd))
    return fails (fd, FALSE, TRUE) ? -1 : REAL (write) (fd, buffer, length);
  changed = g_memdup2 (buffer, length);
  changed[length / 2] ^= 1;
  return REAL (write) (fd, changed, length);
}

int
fsync (int fd)
{
  return fails (fd, FALSE, FALSE) ? -1 : REAL (fsync) (fd);
}

int
renameat (int from, const char *name, int to, const char *new_name)
{
  return fails (from, FALSE, FALSE) ? -1 : REAL (renameat) (from, name, to, new_name);
}

int
mkdirat (int folder, const char *name, mode_t mode)
{
  return fails (folder, FALSE, TRUE) ? -1 : REAL (mkdirat) (folder, name, mode);
}

int
openat (int folder, const char *name, int flags, ...)
{
  gboolean creates = (flags & O_CREAT) != 0;
  va_list rest;
  mode_t mode;

  va_start (rest, flags);
  mode = creates ? va_arg (rest, mode_t) : 0;
  va_end (rest);
  return fails (folder, FALSE, creates) ? -1 : REAL (openat) (folder, name, flags, mode);
}

struct dirent *
readdir (DIR *dir)
{
  return fails (dirfd (dir), TRUE, FALSE) ? NULL : REAL (readdir) (dir);
}

int
fstatvfs (int fd, struct statvfs *out)
{
  int result = fails (fd, FALSE, FALSE) ? -1 : REAL (fstatvfs) (fd, out);

  if (result == 0 && stick.how == BAD_STICK_NO_ROOM && is_on_stick (fd))
    {
      out->f_frsize = 1000;
      out->f_bavail = 100;
    }
  return result;
}

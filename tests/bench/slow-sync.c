/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Preloaded into a server: each sync of the disk takes so many µs more as PLAZA_SLOW_SYNC says. */

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void
wait_more (void)
{
  const char *said = getenv ("PLAZA_SLOW_SYNC");

  if (said != NULL)
    usleep ((useconds_t) atoi (said));
}

typedef int (*Sync) (int fd);

int
fsync (int fd)
{
  Sync real = (Sync) dlsym (RTLD_NEXT, "fsync");

  wait_more ();
  return real (fd);
}

int
fdatasync (int fd)
{
  Sync real = (Sync) dlsym (RTLD_NEXT, "fdatasync");

  wait_more ();
  return real (fd);
}

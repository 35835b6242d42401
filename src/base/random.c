/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

void
plaza_random_fill (void *bytes, gsize length)
{
  guint8 *p = bytes;

  while (length > 0)
    {
      ssize_t n = getrandom (p, length, 0);

      if (n < 0)
        {
          if (errno == EINTR)
            continue;
          g_error ("The kernel gives no randomness: %s", g_strerror (errno));
        }
      p += n;
      length -= (gsize) n;
    }
}

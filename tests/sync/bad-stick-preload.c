/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "bad-stick.h"

/* The bad stick for a program of ours that is not linked with it: loaded before the C library with
 * LD_PRELOAD, it reads PLAZA_BAD_STICK=HOW:CALLS:FOLDER, the arguments of bad_stick_set(). */

__attribute__ ((constructor)) static void
set_from_environment (void)
{
  const char *text = getenv ("PLAZA_BAD_STICK");
  char *end;
  unsigned long how, calls;

  if (text == NULL)
    return;
  how = strtoul (text, &end, 10);
  calls = *end == ':' ? strtoul (end + 1, &end, 10) : 0;
  if (*end == ':')
    bad_stick_set (end + 1, (BadStick) how, (guint) calls);
}

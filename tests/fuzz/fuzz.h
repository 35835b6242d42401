/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* A finding: abort(), since libFuzzer does not catch the trap that g_error() raises. */
G_NORETURN static inline void
fuzz_fail (const char *what)
{
  g_printerr ("%s\n", what);
  abort ();
}

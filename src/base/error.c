/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/error.h"

G_DEFINE_QUARK (plaza_error, plaza_error)

gboolean
plaza_throw (GError **error, PlazaError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    {
      g_assert (*error == NULL);
      *error = g_error_new_valist (PLAZA_ERROR, code, format, args);
    }
  va_end (args);
  return FALSE;
}

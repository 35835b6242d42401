/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-base"

#include "base/error.h"

/* What an error of ours knows beside its message. */
typedef struct
{
  gboolean for_people;
  char *subject;
} PlazaErrorPrivate;

static void
plaza_error_private_init (PlazaErrorPrivate *priv)
{
}

static void
plaza_error_private_copy (const PlazaErrorPrivate *from, PlazaErrorPrivate *to)
{
  to->for_people = from->for_people;
  to->subject = g_strdup (from->subject);
}

static void
plaza_error_private_clear (PlazaErrorPrivate *priv)
{
  g_free (priv->subject);
}

G_DEFINE_EXTENDED_ERROR (PlazaError, plaza_error)

static void
throw_valist (
    GError **error, gboolean for_people, PlazaError code, const char *format, va_list args)
{
  if (error == NULL)
    return;
  g_assert (*error == NULL);
  *error = g_error_new_valist (PLAZA_ERROR, code, format, args);
  plaza_error_get_private (*error)->for_people = for_people;
}

gboolean
plaza_throw (GError **error, PlazaError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  throw_valist (error, FALSE, code, format, args);
  va_end (args);
  return FALSE;
}

gboolean
plaza_throw_words (GError **error, PlazaError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  throw_valist (error, TRUE, code, format, args);
  va_end (args);
  return FALSE;
}

gboolean
plaza_throw_about (GError **error, PlazaError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  throw_valist (error, FALSE, code, format, args);
  va_end (args);
  if (error != NULL)
    plaza_error_get_private (*error)->subject = g_strdup ((*error)->message);
  return FALSE;
}

void
plaza_error_name_subject (GError **error, const char *subject)
{
  if (error == NULL || *error == NULL || plaza_error_get_subject (*error) != NULL)
    return;
  g_prefix_error (error, "%s: ", subject);
  if ((*error)->domain == PLAZA_ERROR)
    plaza_error_get_private (*error)->subject = g_strdup (subject);
}

const char *
plaza_error_get_words (const GError *error)
{
  if (error->domain == PLAZA_ERROR)
    return plaza_error_get_private (error)->for_people ? error->message : NULL;
  return error->domain == G_IO_ERROR || error->domain == G_FILE_ERROR ? error->message : NULL;
}

const char *
plaza_error_get_subject (const GError *error)
{
  return error->domain == PLAZA_ERROR ? plaza_error_get_private (error)->subject : NULL;
}

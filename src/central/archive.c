/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "central/archive.h"

#define PIECE (64u * 1024)
#define MAX_NAME 200u
#define MAX_FILES 10000u

static gboolean
write_u32 (PlazaStreamSealer *sealer, guint32 value, GError **error)
{
  guint32 little = GUINT32_TO_LE (value);

  return plaza_stream_sealer_write (sealer, &little, sizeof little, error);
}

static gboolean
write_name (PlazaStreamSealer *sealer, const char *name, GError **error)
{
  guint16 length = GUINT16_TO_LE ((guint16) strlen (name));

  return plaza_stream_sealer_write (sealer, &length, sizeof length, error) &&
         plaza_stream_sealer_write (sealer, name, strlen (name), error);
}

gboolean
plaza_archive_add (
    PlazaStreamSealer *sealer, const char *name, GInputStream *in, char **digest, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *piece = g_malloc (PIECE);
  gssize n;

  if (!write_name (sealer, name, error))
    return FALSE;
  while ((n = g_input_stream_read (in, piece, PIECE, NULL, error)) > 0)
    {
      g_checksum_update (sum, piece, n);
      if (!write_u32 (sealer, (guint32) n, error) ||
          !plaza_stream_sealer_write (sealer, piece, (gsize) n, error))
        return FALSE;
    }
  if (n < 0 || !write_u32 (sealer, 0, error))
    return FALSE;
  *digest = g_strdup (g_checksum_get_string (sum));
  return TRUE;
}

gboolean
plaza_archive_finish (PlazaStreamSealer *sealer, GError **error)
{
  return write_name (sealer, "", error) && plaza_stream_sealer_finish (sealer, error);
}

static gboolean
is_plain_name (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);

  if (g_strv_length (parts) > 2)
    return FALSE;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (parts[i][0] == '\0' || parts[i][0] == '.')
        return FALSE;
      for (const char *p = parts[i]; *p != '\0'; p++)
        if (!g_ascii_isalnum (*p) && strchr ("-_.", *p) == NULL)
          return FALSE;
    }
  return TRUE;
}

/* The next name; "" after the last. */
static char *
read_name (PlazaStreamOpener *opener, GError **error)
{
  char name[MAX_NAME + 1] = "";
  guint16 length;

  if (!plaza_stream_opener_read (opener, &length, sizeof length, error))
    return NULL;
  length = GUINT16_FROM_LE (length);
  if (length > MAX_NAME)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("a file name in the archive is too long"));
      return NULL;
    }
  if (!plaza_stream_opener_read (opener, name, length, error))
    return NULL;
  if (length > 0 && (strlen (name) != length || !is_plain_name (name)))
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("a file name in the archive is not plain"));
      return NULL;
    }
  return g_strdup (name);
}

static char *
copy_file (PlazaStreamOpener *opener, GOutputStream *out, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint32 length;

  for (;;)
    {
      if (!plaza_stream_opener_read (opener, &length, sizeof length, error))
        return NULL;
      length = GUINT32_FROM_LE (length);
      if (length == 0)
        return g_strdup (g_checksum_get_string (sum));
      if (length > PIECE)
        {
          plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("a piece of the archive is too long"));
          return NULL;
        }
      if (!plaza_stream_opener_read (opener, piece, length, error) ||
          !g_output_stream_write_all (out, piece, length, NULL, NULL, error))
        return NULL;
      g_checksum_update (sum, piece, length);
    }
}

gboolean
plaza_archive_read (PlazaStreamOpener *opener,
                    const PlazaArchiveSink *sink,
                    gpointer data,
                    GError **error)
{
  for (guint i = 0; i <= MAX_FILES; i++)
    {
      g_autofree char *name = read_name (opener, error);
      g_autofree char *digest = NULL;
      g_autoptr (GOutputStream) out = NULL;

      if (name == NULL)
        return FALSE;
      if (name[0] == '\0')
        return plaza_stream_opener_finish (opener, error);
      out = sink->begin (name, data, error);
      if (out == NULL || (digest = copy_file (opener, out, error)) == NULL ||
          !g_output_stream_close (out, NULL, error) || !sink->end (name, digest, data, error))
        {
          plaza_error_name_subject (error, name);
          return FALSE;
        }
    }
  return plaza_throw_words (error, PLAZA_ERROR_LIMIT, _ ("the archive holds too many files"));
}

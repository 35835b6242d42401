/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/folio-mark.h"

#include "base/file.h"
#include "base/folio.h"

static char *
path_in (const char *folder)
{
  return g_build_filename (folder, PLAZA_FOLIO_MARK, NULL);
}

/* FALSE when there is one that says nothing. */
static gboolean
read_mark (const char *folder, gint64 *out)
{
  g_autofree char *path = path_in (folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, 32, &error);
  g_autofree char *text = NULL;
  guint64 serial = 0;

  *out = 0;
  if (bytes == NULL)
    return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_strchomp (text);
  if (!g_ascii_string_to_unsigned (text, 10, 0, PLAZA_FOLIO_MAX_SERIAL + 1, &serial, NULL))
    return FALSE;
  *out = (gint64) serial;
  return TRUE;
}

static gboolean
write_mark (const char *folder, gint64 serial, GError **error)
{
  g_autofree char *path = path_in (folder);
  char *text = g_strdup_printf ("%" G_GINT64_FORMAT "\n", serial);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  return plaza_file_write (path, bytes, error);
}

gboolean
plaza_folio_mark_take (const char *folder, gint64 counted, gint64 *out_serial, GError **error)
{
  gint64 mark;

  if (!read_mark (folder, &mark))
    counted += PLAZA_FOLIO_MARGIN;
  *out_serial = MAX (counted, mark + 1);
  /* Beyond the last there is nothing to note; the caller says so. */
  return write_mark (folder, MIN (*out_serial, PLAZA_FOLIO_MAX_SERIAL + 1), error);
}

gboolean
plaza_folio_mark_raise (const char *folder, gint64 serial, GError **error)
{
  gint64 mark;

  if (!read_mark (folder, &mark))
    mark = PLAZA_FOLIO_MARGIN;
  return write_mark (folder, MIN (MAX (serial, mark), PLAZA_FOLIO_MAX_SERIAL + 1), error);
}

gint64
plaza_folio_mark_read (const char *folder)
{
  gint64 mark;

  return read_mark (folder, &mark) ? mark : PLAZA_FOLIO_MARGIN + 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/csv.h"
#include "central/csv-writer.h"

struct _PlazaCsvWriter
{
  FILE *file;
  char *path;
  GPtrArray *cells; /* of the current row */
  GString *row;
};

static gboolean
throw_errno (PlazaCsvWriter *self, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "writing %s: %s", self->path,
               g_strerror (code));
  return FALSE;
}

PlazaCsvWriter *
plaza_csv_writer_new (const char *path, GError **error)
{
  g_autoptr (PlazaCsvWriter) self = g_new0 (PlazaCsvWriter, 1);
  int fd;

  self->path = g_strdup (path);
  self->cells = g_ptr_array_new_with_free_func (g_free);
  self->row = g_string_new (NULL);
  fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0)
    self->file = fdopen (fd, "w");
  if (self->file == NULL)
    {
      throw_errno (self, error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
plaza_csv_writer_free (PlazaCsvWriter *self)
{
  if (self == NULL)
    return;
  if (self->file != NULL)
    fclose (self->file);
  g_ptr_array_unref (self->cells);
  g_string_free (self->row, TRUE);
  g_free (self->path);
  g_free (self);
}

void
plaza_csv_writer_add (PlazaCsvWriter *self, const char *text)
{
  g_ptr_array_add (self->cells, text != NULL ? g_utf8_make_valid (text, -1) : NULL);
}

void
plaza_csv_writer_add_number (PlazaCsvWriter *self, gint64 number)
{
  g_ptr_array_add (self->cells, g_strdup_printf ("%" G_GINT64_FORMAT, number));
}

gboolean
plaza_csv_writer_end_row (PlazaCsvWriter *self, GError **error)
{
  g_string_truncate (self->row, 0);
  plaza_csv_append_row (self->row, (const char *const *) self->cells->pdata, self->cells->len,
                        TRUE);
  g_ptr_array_set_size (self->cells, 0);
  return fwrite (self->row->str, 1, self->row->len, self->file) == self->row->len ||
         throw_errno (self, error);
}

gboolean
plaza_csv_writer_close (PlazaCsvWriter *self, GError **error)
{
  FILE *file = g_steal_pointer (&self->file);
  gboolean done = fflush (file) == 0 && fsync (fileno (file)) == 0;

  if (!done)
    throw_errno (self, error);
  if (fclose (file) != 0 && done)
    return throw_errno (self, error);
  return done;
}

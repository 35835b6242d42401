/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "cli/line-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

struct _PlazaLineReader
{
  int fd;
  guint64 size;
  guint64 passed;
  gboolean at_end;
  gsize start;
  gsize end;
  char buffer[64 * 1024];
};

PlazaLineReader *
plaza_line_reader_new (const char *path, GError **error)
{
  int fd = g_str_equal (path, "-") ? dup (STDIN_FILENO) : g_open (path, O_RDONLY | O_CLOEXEC, 0);
  struct stat info;

  if (fd < 0)
    {
      plaza_throw_about (error, errno == ENOENT ? PLAZA_ERROR_NOT_FOUND : PLAZA_ERROR_FAILED,
                         "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  PlazaLineReader *self = g_new0 (PlazaLineReader, 1);
  self->fd = fd;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    self->size = (guint64) info.st_size;
  return self;
}

void
plaza_line_reader_free (PlazaLineReader *self)
{
  close (self->fd);
  explicit_bzero (self->buffer, sizeof self->buffer);
  g_free (self);
}

static gboolean
fill (PlazaLineReader *self, GError **error)
{
  gssize got;

  do
    got = read (self->fd, self->buffer, sizeof self->buffer);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s", g_strerror (errno));
  self->start = 0;
  self->end = (gsize) got;
  self->passed += (guint64) got;
  self->at_end = got == 0;
  return TRUE;
}

PlazaLine
plaza_line_reader_next (PlazaLineReader *self, GBytes **out, GError **error)
{
  g_autoptr (GByteArray) line = g_byte_array_new ();
  gboolean too_long = FALSE;
  gboolean any = FALSE;

  for (;;)
    {
      if (self->start == self->end && !fill (self, error))
        return PLAZA_LINE_ERROR;
      if (self->at_end)
        break;
      any = TRUE;
      const char *from = self->buffer + self->start;
      const char *newline = memchr (from, '\n', self->end - self->start);
      gsize length = newline ? (gsize) (newline - from) : self->end - self->start;

      too_long = too_long || line->len + length > PLAZA_LINE_MAX_BYTES;
      if (!too_long)
        g_byte_array_append (line, (const guint8 *) from, (guint) length);
      self->start += length + (newline ? 1 : 0);
      if (newline)
        break;
    }
  if (!any)
    return PLAZA_LINE_END;
  if (too_long)
    return PLAZA_LINE_TOO_LONG;
  if (line->len > 0 && line->data[line->len - 1] == '\r')
    g_byte_array_set_size (line, line->len - 1);
  for (guint i = 0; i < line->len; i++)
    if (!g_ascii_isspace (line->data[i]))
      {
        *out = g_byte_array_free_to_bytes (g_steal_pointer (&line));
        return PLAZA_LINE_TEXT;
      }
  return PLAZA_LINE_BLANK;
}

double
plaza_line_reader_get_fraction (PlazaLineReader *self)
{
  return self->size > 0 ? (double) self->passed / (double) self->size : 0;
}

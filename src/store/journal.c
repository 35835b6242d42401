/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "store/steps.h"

void (*plaza_steps_hook) (const char *step);

void
plaza_step (const char *step)
{
  if (plaza_steps_hook != NULL)
    plaza_steps_hook (step);
}

static gboolean
append_line (const char *path, GBytes *line, GError **error)
{
  int fd = g_open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  gsize size;
  const void *data = g_bytes_get_data (line, &size);
  gboolean ok = fd >= 0 && write (fd, data, size) == (gssize) size && fsync (fd) == 0;

  if (!ok)
    plaza_throw (error, PLAZA_ERROR_DISK, "writing the journal: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

gboolean
plaza_journal_add (const char *data_root, const char *event, GError **error, ...)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *path = g_build_filename (data_root, PLAZA_JOURNAL_FILE, NULL);
  g_autofree char *at = plaza_clock_format_utc (plaza_clock_now_ms ());
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GBytes) line = NULL;
  const char *name;
  GString *text;
  va_list args;

  json_object_set_string_member (object, "at", at);
  json_object_set_string_member (object, "event", event);
  va_start (args, error);
  while ((name = va_arg (args, const char *)) != NULL)
    json_object_set_string_member (object, name, va_arg (args, const char *));
  va_end (args);
  json = plaza_json_write_object (object);
  text = g_string_new_len (g_bytes_get_data (json, NULL), (gssize) g_bytes_get_size (json));
  g_string_append_c (text, '\n');
  line = g_string_free_to_bytes (text);
  return plaza_dir_make (data_root, error) && append_line (path, line, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "central/log.h"

#define MAX_VALUE 300

/* Set once by plaza_log_open(), before threads begin. */
static PlazaLogFormat log_format = PLAZA_LOG_LOGFMT;
static GLogLevelFlags log_least = G_LOG_LEVEL_MESSAGE;
/* What must not be in free text, whoever wrote it: tokens, join codes, addresses. */
static GRegex *secrets;

#define SECRETS \
  "ccd_[A-Za-z0-9_-]+|plaza://" \
  "\\S+|\\b[0-9A-HJKMNP-TV-Z*~$=U]{4}(-[0-9A-HJKMNP-TV-Z*~$=U]{1,5}){3,}" \
  "|\\b\\d{1,3}(\\.\\d{1,3}){3}\\b|\\b[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{0,4}){3,7}"

static const char *
level_word (GLogLevelFlags level)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
    return "error";
  if ((level & G_LOG_LEVEL_WARNING) != 0)
    return "warning";
  if ((level & G_LOG_LEVEL_MESSAGE) != 0)
    return "notice";
  return (level & G_LOG_LEVEL_DEBUG) != 0 ? "debug" : "info";
}

static gboolean
is_wanted (GLogLevelFlags level)
{
  /* GLib numbers its levels from the gravest up */
  return (level & G_LOG_LEVEL_MASK) <= log_least;
}

static gboolean
is_number (const char *value)
{
  gsize digits = strspn (value, "0123456789");

  return digits > 0 && digits < 16 && value[digits] == '\0' && (value[0] != '0' || digits == 1);
}

static void
append_quoted (GString *line, const char *value)
{
  g_string_append_c (line, '"');
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (line, '\\');
      g_string_append_c (line, *p);
    }
  g_string_append_c (line, '"');
}

/* The value has only printable ASCII by now. */
static void
append (GString *line, const char *name, const char *value)
{
  g_autofree char *safe = plaza_text_escape_log (value, -1, MAX_VALUE);

  if (log_format == PLAZA_LOG_JSON)
    {
      g_string_append_printf (line, "%c\"%s\":", line->len == 0 ? '{' : ',', name);
      if (is_number (safe))
        g_string_append (line, safe);
      else
        append_quoted (line, safe);
      return;
    }
  g_string_append_printf (line, "%s%s=", line->len == 0 ? "" : " ", name);
  if (safe[0] == '\0' || strpbrk (safe, " \"=\\") != NULL)
    append_quoted (line, safe);
  else
    g_string_append (line, safe);
}

static GString *
begin_line (GLogLevelFlags level, const char *event)
{
  g_autofree char *time = plaza_clock_format_utc (plaza_clock_now_ms ());
  GString *line = g_string_sized_new (160);

  append (line, "time", time);
  append (line, "level", level_word (level));
  append (line, "event", event);
  return line;
}

/* One write a line, so that lines of several threads and processes do not mix. */
static void
end_line (GString *line)
{
  gssize written;

  g_string_append (line, log_format == PLAZA_LOG_JSON ? "}\n" : "\n");
  written = write (STDERR_FILENO, line->str, line->len);
  (void) written; /* there is nowhere left to say that the log is gone */
  g_string_free (line, TRUE);
}

void
plaza_log (GLogLevelFlags level, const char *event, ...)
{
  GString *line;
  const char *name;
  va_list args;

  if (!is_wanted (level))
    return;
  line = begin_line (level, event);
  va_start (args, event);
  while ((name = va_arg (args, const char *)) != NULL)
    {
      const char *value = va_arg (args, const char *);

      if (value != NULL)
        append (line, name, value);
    }
  va_end (args);
  end_line (line);
}

static GLogWriterOutput
write_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *domain = NULL;
  const char *message = "";
  g_autofree char *clean = NULL;
  GString *line;

  (void) data;
  if (!is_wanted (level))
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < n_fields; i++)
    {
      if (strcmp (fields[i].key, "MESSAGE") == 0)
        message = fields[i].value;
      else if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
        domain = fields[i].value;
    }
  clean = g_regex_replace_literal (secrets, message, -1, 0, "[...]", 0, NULL);
  line = begin_line (level, "message");
  append (line, "domain", domain != NULL ? domain : "-");
  /* what is no UTF-8 is not looked through, and so not shown */
  append (line, "text", clean != NULL ? clean : "[...]");
  end_line (line);
  return G_LOG_WRITER_HANDLED;
}

void
plaza_log_open (PlazaLogFormat format, GLogLevelFlags level)
{
  static gsize once = 0;

  log_format = format;
  log_least = level;
  if (g_once_init_enter (&once))
    {
      secrets = g_regex_new (SECRETS, 0, 0, NULL);
      g_assert (secrets != NULL);
      g_log_set_writer_func (write_message, NULL, NULL);
      g_once_init_leave (&once, 1);
    }
}

char *
plaza_log_network (const char *address)
{
  struct in_addr v4;
  struct in6_addr v6;
  char text[INET6_ADDRSTRLEN];

  if (address != NULL && inet_pton (AF_INET, address, &v4) == 1)
    {
      v4.s_addr &= htonl (0xffffff00u);
      return g_strdup_printf ("%s/24", inet_ntop (AF_INET, &v4, text, sizeof text));
    }
  if (address != NULL && inet_pton (AF_INET6, address, &v6) == 1)
    {
      memset (v6.s6_addr + 6, 0, 10);
      return g_strdup_printf ("%s/48", inet_ntop (AF_INET6, &v6, text, sizeof text));
    }
  return g_strdup ("-");
}

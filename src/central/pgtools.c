/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <libpq-fe.h>

#include "base/error.h"
#include "central/pgtools.h"

/* What a connection string says, as libpq's environment variables. */
static gboolean
tell_where (GSubprocessLauncher *launcher, const char *uri, char **database, GError **error)
{
  char *message = NULL;
  PQconninfoOption *options = PQconninfoParse (uri, &message);
  gboolean named = FALSE;

  PQfreemem (message);
  if (options == NULL)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                              _ ("this is no address of a PostgreSQL database"));
  for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
    {
      if (option->val == NULL || option->val[0] == '\0')
        continue;
      if (option->envvar != NULL)
        g_subprocess_launcher_setenv (launcher, option->envvar, option->val, TRUE);
      if (strcmp (option->keyword, "dbname") == 0)
        {
          named = TRUE;
          if (database != NULL)
            *database = g_strdup (option->val);
        }
    }
  PQconninfoFree (options);
  return named ||
         plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("the address names no database"));
}

GSubprocess *
plaza_pg_dump (const char *uri, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  if (!tell_where (launcher, uri, NULL, error))
    return NULL;
  return g_subprocess_launcher_spawn (launcher, error, "pg_dump", "--format=custom", "--no-owner",
                                      "--no-privileges", "--no-password", NULL);
}

GSubprocess *
plaza_pg_check (GError **error)
{
  return g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, error,
                           "pg_restore", "--format=custom", "--file=-", NULL);
}

gboolean
plaza_pg_wait (GSubprocess *program, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;

  return g_subprocess_wait_check (program, NULL, &local) ||
         plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", name, local->message);
}

gboolean
plaza_pg_restore (const char *uri, const char *path, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) program = NULL;
  g_autofree char *database = NULL;

  if (!tell_where (launcher, uri, &database, error))
    return FALSE;
  program = g_subprocess_launcher_spawn (launcher, error, "pg_restore", "--single-transaction",
                                         "--exit-on-error", "--no-owner", "--no-privileges",
                                         "--no-password", "--dbname", database, path, NULL);
  return program != NULL && plaza_pg_wait (program, "pg_restore", error);
}

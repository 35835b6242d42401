/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/command.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "seal/secret.h"

/* Which there are to choose from, one a line. */
static void
throw_several (const GPtrArray *profiles, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < profiles->len; i++)
    g_string_append_printf (list, "\n  %s  %s", plaza_profile_get_id (profiles->pdata[i]),
                            plaza_profile_get_name (profiles->pdata[i]));
  plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND,
                     _ ("There are several profiles; say which with --profile:%s"), list->str);
}

PlazaProfile *
plaza_cli_find_profile (PlazaCli *self, GError **error)
{
  g_autofree char *root = plaza_data_root ();
  g_autoptr (GPtrArray) profiles = plaza_profile_list (root, error);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  if (!profiles)
    return NULL;
  for (guint i = 0; i < profiles->len; i++)
    {
      PlazaProfile *profile = profiles->pdata[i];
      if (self->profile && g_str_equal (plaza_profile_get_id (profile), self->profile))
        return g_object_ref (profile);
      if (!self->profile || g_str_equal (plaza_profile_get_name (profile), self->profile))
        g_ptr_array_add (found, profile);
    }
  if (found->len == 1)
    return g_object_ref (found->pdata[0]);
  if (found->len > 1)
    throw_several (found, error);
  else if (self->profile)
    plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND,
                       _ ("No profile is called “%s”; “plazactl profile list” says which there "
                          "are"),
                       self->profile);
  else
    plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, "%s",
                       _ ("There is no profile yet; “plazactl join” makes one"));
  return NULL;
}

PlazaProfile *
plaza_cli_open (PlazaCli *self, GError **error)
{
  g_autoptr (PlazaProfile) profile = plaza_cli_find_profile (self, error);

  if (!profile)
    return NULL;
  char *passphrase = plaza_cli_passphrase (self, FALSE, error);
  if (!passphrase)
    return NULL;
  gboolean ok = plaza_profile_unlock (profile, passphrase, error);
  plaza_secret_wipe_string (passphrase);
  guint wait = ok ? 0 : plaza_profile_get_wait (profile);
  if (wait > 0 && error && g_error_matches (*error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    {
      g_clear_error (error);
      plaza_throw_words (error, PLAZA_ERROR_LOCKED,
                         ngettext ("There were too many wrong passphrases; try again in %u second",
                                   "There were too many wrong passphrases; try again in %u seconds",
                                   wait),
                         wait);
    }
  return ok ? g_steal_pointer (&profile) : NULL;
}

int
plaza_cli_close (PlazaCli *self, PlazaProfile *profile, int status)
{
  g_autoptr (GError) error = NULL;

  if (!profile || plaza_profile_lock (profile, &error))
    return status;
  int failed = plaza_cli_fail (self, error);
  return status == PLAZA_EXIT_OK ? failed : status;
}

void
plaza_cli_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

void
plaza_cli_wait (GAsyncResult **result)
{
  while (!*result)
    g_main_context_iteration (NULL, TRUE);
}

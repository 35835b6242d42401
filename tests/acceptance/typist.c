/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>

#include "store/capture.h"
#include "store/profile.h"

/*
 * Types into an interview as the window does.
 *
 *   typist lock|die|finish DATA-ROOT PASSPHRASE-FILE WHAT=VALUE…
 *
 * WHAT: team, place or host of the session; text:REF for text in progress; else the REF of an
 * answer. A backup is made on the way. In the end the profile is locked, or the process killed; or
 * the database is copied as it lies there, to plaza.db and plaza.db-wal in the working directory,
 * and then the interview finished and the profile locked.
 */

static void
check (gboolean ok, const char *what, GError *const *error)
{
  if (!ok)
    g_error ("%s: %s", what, error && *error ? (*error)->message : "no");
}

static const char *
given (char **words, const char *what)
{
  for (; *words != NULL; words++)
    if (g_str_has_prefix (*words, what) && (*words)[strlen (what)] == '=')
      return *words + strlen (what) + 1;
  return "";
}

static PlazaProfile *
unlock (const char *root, const char *passphrase_file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) profiles = plaza_profile_list (root, &error);
  g_autofree char *passphrase = NULL;
  PlazaProfile *profile;

  check (profiles != NULL && profiles->len == 1, root, &error);
  check (g_file_get_contents (passphrase_file, &passphrase, NULL, &error), passphrase_file, &error);
  profile = g_object_ref (profiles->pdata[0]);
  check (plaza_profile_unlock (profile, g_strchomp (passphrase), &error), "unlocking", &error);
  return profile;
}

static PlazaField *
find (PlazaCapture *capture, const char *ref)
{
  PlazaField *field = plaza_interview_find (plaza_capture_get_interview (capture), ref);

  check (field != NULL, ref, NULL);
  return field;
}

static void
type (PlazaCapture *capture, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);
  g_autoptr (GError) error = NULL;

  if (g_str_has_prefix (word, "text:"))
    plaza_capture_save_text (capture, find (capture, parts[0] + strlen ("text:")), parts[1]);
  else if (*word == '/')
    check (plaza_capture_set_answer (capture, find (capture, parts[0]), parts[1], &error), word,
           &error);
}

static void
copy (PlazaProfile *profile, const char *name)
{
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), name, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  check (g_file_get_contents (path, &bytes, &size, &error), name, &error);
  check (g_file_set_contents (name, bytes, (gssize) size, &error), name, &error);
}

static void
finish (PlazaProfile *profile, PlazaCapture *capture)
{
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };

  copy (profile, "plaza.db");
  copy (profile, "plaza.db-wal");
  check (plaza_capture_finish (capture, &ending, &error), "finishing", &error);
  check (ending.contact_number != NULL, "the contact", NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;
  PlazaSessionFields fields = { .state = "20", .date = "2019-06-04", .attendance = 12 };
  PlazaStore *store;

  if (argc < 4)
    return 2;
  profile = unlock (argv[2], argv[3]);
  store = plaza_profile_get_store (profile);
  fields.team = given (argv + 4, "team");
  fields.place = given (argv + 4, "place");
  fields.host_contact = given (argv + 4, "host");
  session = plaza_session_create (store, &fields, &error);
  check (session != NULL, "the session", &error);
  capture = plaza_capture_start (store, session, NULL, NULL, NULL, &error);
  check (capture != NULL, "the interview", &error);
  for (char **word = argv + 4; *word != NULL; word++)
    type (capture, *word);
  check (plaza_capture_save (capture, &error), "saving", &error);
  check (plaza_store_backup (store, &error), "the backup", &error);
  if (strcmp (argv[1], "die") == 0)
    raise (SIGKILL);
  if (strcmp (argv[1], "finish") == 0)
    finish (profile, capture);
  check (plaza_profile_lock (profile, &error), "locking", &error);
  return 0;
}
